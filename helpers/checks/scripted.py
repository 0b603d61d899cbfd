"""Models whose replies and scores are written by hand, with a record of every call: for checks and tests.

They have the interface of the models they stand for, and nothing in them is random.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace

from helpers.models import DEFAULT, Decoding, Message, Sample


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
        decoding: Decoding = DEFAULT,
        *,
        progress: bool = False,
        **changes,
    ) -> list[list[Sample]]:
        """One list of n samples for each prompt. A token is a word, and the end of the text is one more."""
        decoding = replace(decoding, **changes)
        self.calls.append({"prompts": prompts, "n": n, **asdict(decoding), "progress": progress})
        return [[self._sample(messages, i, decoding.stop) for i in range(n)] for messages in prompts]

    def _sample(self, messages: list[Message], i: int, stop: Sequence[str]) -> Sample:
        text = self._reply(messages, i)
        for end in stop:
            text = text.split(end)[0]
        read = sum(len(message["content"].split()) for message in messages)
        return Sample(
            text, tokens=len(text.split()) + 1, logprob=0.0, finish_reason="stop", prompt_tokens=read
        )


class ScriptedReward:
    """A reward model that scores every conversation with `mark(conversation)`.

    `calls` holds the conversations of each call of `score`.
    """

    def __init__(self, mark: Callable[[list[Message]], float], name: str = "scripted"):
        self.name = name
        self.calls: list[list[list[Message]]] = []
        self._mark = mark

    def score(self, conversations: Sequence[list[Message]]) -> list[float]:
        """One score for each conversation."""
        self.calls.append([list(conversation) for conversation in conversations])
        return [self._mark(conversation) for conversation in self.calls[-1]]


class ScriptedLogprobs:
    """A language model that finds the tokens of a text as probable as `logs(prompt, text)` says.

    `calls` holds the prompts and texts of each call of `logprobs`.
    """

    def __init__(self, logs: Callable[[list[Message], str], list[float]], name: str = "scripted"):
        self.name = name
        self.calls: list[tuple[list[list[Message]], list[str]]] = []
        self._logs = logs

    def logprobs(self, prompts: Sequence[list[Message]], texts: Sequence[str]) -> list[list[float]]:
        """For each text, the log-probability of each of its tokens as the answer to its prompt."""
        self.calls.append((list(prompts), list(texts)))
        return [self._logs(*pair) for pair in zip(*self.calls[-1], strict=True)]


@contextmanager
def stand_in(names: dict[str, object], **values: object) -> Iterator[None]:
    """For a while, `values` in place of variables in `names`: a notebook's `globals()`.

    So a function that reads the notebook's variables can be tried with others than the learner's own.
    """
    own = {name: names[name] for name in values if name in names}
    names.update(values)
    try:
        yield
    finally:
        for name in values.keys() - own.keys():
            del names[name]
        names.update(own)
