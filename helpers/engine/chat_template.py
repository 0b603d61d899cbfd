"""Between messages and token ids: the chat template, the text of generated tokens, the tokens that end a stop
string.

A system message reaches a model whose template has no place for one; an unfinished assistant message is
continued where it stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

Message = dict[str, str]


class ChatTokenizer:
    """A transformers tokenizer, seen as a way from messages to token ids and back.

    `thinking`: whether a model that can think before it answers is asked to.
    """

    def __init__(self, tokenizer, thinking: bool = False):
        self.tokenizer, self.thinking = tokenizer, thinking
        self._endings = lru_cache(maxsize=64)(self._find_endings)

    def encode(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """Token ids of the conversation, up to where the assistant speaks next.

        A last message of role "assistant" is left open: its text is the beginning of what the assistant says.
        """
        opening = ""
        if messages and messages[-1]["role"] == "assistant":
            *messages, last = messages
            opening = last["content"]
        if not messages:
            raise ValueError("A prompt needs at least one message before the assistant's.")
        return tuple(
            self.tokenizer(self._render(list(messages)) + opening, add_special_tokens=False)["input_ids"]
        )

    def decode(self, tokens: Sequence[int], before: Sequence[int] = ()) -> str:
        """Text of `tokens`, special tokens left out; `before`: tokens they directly continue, whose text is
        left out.
        """
        known = self._text(before) if before else ""
        return self._text([*before, *tokens])[len(known) :]

    def opened(self, prompt: Sequence[int]) -> str:
        """The tag of thinking that the template itself opens at the end of `prompt`, else ""."""
        end = self.tokenizer.decode(list(prompt[-12:]), skip_special_tokens=False)
        return "<think>\n" if end.rstrip().endswith("<think>") else ""

    def endings(self, stop: tuple[str, ...]):
        """Boolean numpy [tokens]: the tokens with which the text may have come to contain one of `stop`."""
        return self._endings(stop)

    def _text(self, tokens) -> str:
        return self.tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)

    def _find_endings(self, stop):
        import numpy as np

        last = {text[-1] for text in stop} | {"\ufffd"}  # half a character may be the end of any
        return np.array([not last.isdisjoint(piece) for piece in self._pieces()])

    @lru_cache(maxsize=1)  # noqa: B019 - one tokenizer lives as long as its model
    def _pieces(self) -> list[str]:
        """What each token adds to a text. An anchor stands before it, since some tokenizers drop a leading
        space.
        """
        anchor = self.tokenizer("a", add_special_tokens=False)["input_ids"][-1:]
        known = len(self._text(anchor))
        pairs = [[*anchor, token] for token in range(len(self.tokenizer))]
        texts = self.tokenizer.batch_decode(pairs, clean_up_tokenization_spaces=False)
        return [text[known:] for text in texts]

    def _render(self, messages: list[Message]) -> str:
        template = getattr(self.tokenizer, "chat_template", None)
        if not template:
            return "\n\n".join(message["content"] for message in messages) + "\n\n"
        if messages[0]["role"] != "system":
            return self._apply(messages)
        from jinja2 import TemplateError

        try:
            text = self._apply(messages)
            if messages[0]["content"].strip() in text:
                return text
        except TemplateError:
            pass
        return self._apply(_fold_system(messages))

    def _apply(self, messages: list[Message]) -> str:
        # the switch has one name in Qwen's templates and another in Granite's; others know neither
        return self.tokenizer.apply_chat_template(
            messages,
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=self.thinking,
            thinking=self.thinking,
        )


def _fold_system(messages: list[Message]) -> list[Message]:
    """The system text as the beginning of the first user message, for templates without a system turn."""
    system, *rest = messages
    if not rest or rest[0]["role"] != "user":
        return [{"role": "user", "content": system["content"]}, *rest]
    return [{"role": "user", "content": f"{system['content']}\n\n{rest[0]['content']}"}, *rest[1:]]
