"""States of a search over steps, and what a search costs.

A state is a partial solution: the lines written so far, one step a line. `helpers.plots.draw_search` draws a
search.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from helpers.models import LanguageModel, Message, Sample

# an answer; or a puzzle's step that leaves one number
LAST_LINE = re.compile(r"\W*Final:.*|.*\(left: \S+\)\s*")


@dataclass(frozen=True)
class State:
    """A partial solution of problem number `problem`: its `lines`, and how probable the model found them.

    `logprob` is the sum over all tokens of the lines (natural logarithm). A state without lines is a root.
    """

    problem: int
    lines: tuple[str, ...] = ()
    logprob: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether the last line gives the answer: `Final: 14`, or a puzzle's step after which one number is
        left.
        """
        return bool(self.lines) and LAST_LINE.fullmatch(self.lines[-1]) is not None

    def then(self, line: str, logprob: float = 0.0) -> State:
        """The state one line further on."""
        return State(self.problem, (*self.lines, line), self.logprob + logprob)


# All states that were compared at one depth, the score of each, and those that the search went on with.
Level = tuple[Sequence[State], Sequence[float], Sequence[State]]


class Meter:
    """A language model that counts, for each conversation, the tokens that `model` generates in it.

    Whatever the assistant has said already belongs to the conversation, so all of a search counts as one.
    """

    def __init__(self, model: LanguageModel):
        self.model, self.name = model, model.name
        self._tokens: Counter[tuple[str, ...]] = Counter()

    def sample(self, prompts: Sequence[list[Message]], n: int = 1, **options) -> list[list[Sample]]:
        """What `model.sample` returns."""
        drawn = self.model.sample(prompts, n, **options)
        for prompt, samples in zip(prompts, drawn, strict=True):
            self._tokens[_asked(prompt)] += sum(sample.tokens for sample in samples)
        return drawn

    def tokens(self, prompt: list[Message]) -> int:
        """Tokens generated so far in the conversation that `prompt` opened."""
        return self._tokens[_asked(prompt)]


class Remembered:
    """A language model that draws nothing twice: what one search was given, another one gets again.

    Equal calls of `model` give equal samples, and a call for fewer gives the first of them. `asked` and
    `drawn` count samples.
    """

    def __init__(self, model: LanguageModel):
        self.model, self.name, self.asked, self.drawn = model, model.name, 0, 0
        self._known: dict[str, list[Sample]] = {}

    def sample(self, prompts: Sequence[list[Message]], n: int = 1, **options) -> list[list[Sample]]:
        """What `model.sample` returns."""
        keys = [json.dumps([prompt, options], sort_keys=True) for prompt in prompts]
        new = {
            key: prompt
            for key, prompt in zip(keys, prompts, strict=True)
            if len(self._known.get(key, ())) < n
        }
        if new:
            drawn = self.model.sample(list(new.values()), n, **options)
            self._known.update(zip(new, drawn, strict=True))
        self.asked, self.drawn = self.asked + n * len(keys), self.drawn + n * len(new)
        return [list(self._known[key][:n]) for key in keys]


class RememberedScores:
    """A reward model that scores no conversation twice."""

    def __init__(self, reward):
        self.reward, self.name = reward, reward.name
        self._known: dict[str, float] = {}

    def score(self, conversations: Sequence[list[Message]]) -> list[float]:
        """What `reward.score` returns."""
        keys = [json.dumps(conversation) for conversation in conversations]
        new = {key: each for key, each in zip(keys, conversations, strict=True) if key not in self._known}
        if new:
            self._known.update(zip(new, self.reward.score(list(new.values())), strict=True))
        return [self._known[key] for key in keys]


def _asked(prompt: Sequence[Message]) -> tuple[str, ...]:
    """The conversation without what the assistant has begun to say."""
    said = prompt[:-1] if prompt[-1]["role"] == "assistant" else prompt
    return tuple(message["content"] for message in said)
