"""A language model whose replies are written by hand: for tests, and for exercises that must be checked
exactly.

Promises: the same interface as every other model, no randomness, and a record of every call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from helpers.models import Message, Sample


class ScriptedModel:
    """Answers every prompt with `reply(messages, i)`, where i = 0 … n - 1 is the number of the sample.

    `calls` holds one dict for each call of `sample`: prompts, n, temperature, top_p, max_tokens, stop, seed,
    progress. A reply ends before its first stop string, as a real model's would; it is never cut for length.
    """

    def __init__(self, reply: Callable[[list[Message], int], str], name: str = "scripted"):
        self.name = name
        self.calls: list[dict] = []
        self._reply = reply

    def sample(
        self,
        prompts: Sequence[list[Message]],
        n: int = 1,
        *,
        temperature: float = 1.0,
        top_p: float = 1.0,
        max_tokens: int = 256,
        stop: Sequence[str] = (),
        seed: int = 0,
        progress: bool = False,
    ) -> list[list[Sample]]:
        """One list of n samples for each prompt. A token is a word, and the end of the text is one more."""
        options = {"temperature": temperature, "top_p": top_p, "max_tokens": max_tokens, "stop": stop}
        self.calls.append({"prompts": prompts, "n": n, **options, "seed": seed, "progress": progress})
        return [[self._sample(messages, i, stop) for i in range(n)] for messages in prompts]

    def _sample(self, messages: list[Message], i: int, stop: Sequence[str]) -> Sample:
        text = self._reply(messages, i)
        for end in stop:
            text = text.split(end)[0]
        read = sum(len(message["content"].split()) for message in messages)
        return Sample(
            text, tokens=len(text.split()) + 1, logprob=0.0, finish_reason="stop", prompt_tokens=read
        )
