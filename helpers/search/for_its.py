"""The bridge for its_hub's searches: our step scores as its process reward model, an instruction for its
steps, and an account for each of several searches.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.models import LanguageModel, Message, Sample
from helpers.prompts import make_prompt
from helpers.search.reading import last_lines
from helpers.search.side_by_side import SideBySide, settle

if TYPE_CHECKING:
    from helpers.its import EndpointLM, ModelLM
    from helpers.rewards import StepReward


class ProcessReward:
    """A `StepReward` as its_hub's AbstractProcessRewardModel: for each partial solution the score of its last
    line.

    Scores lie in [0, 1], as its particle filtering needs them. What searches ask side by side is read
    together. `read` counts the solutions that were scored.
    """

    def __init__(self, reward: StepReward):
        from its_hub import AbstractProcessRewardModel

        AbstractProcessRewardModel.register(ProcessReward)
        self.reward, self.read = reward, 0
        self._last_lines, self._together = last_lines(reward), SideBySide(self._batch)

    def score(self, prompt_or_messages, steps: str | Sequence[str]) -> float | list[float]:
        """One score for a text, a list of scores for a list of texts; the question is a plain text."""
        texts = [steps] if isinstance(steps, str) else list(steps)
        [scores] = self._scores([(str(prompt_or_messages), texts)])
        return scores[0] if isinstance(steps, str) else scores

    async def ascore(self, prompt_or_messages, steps: str | Sequence[str]) -> float | list[float]:
        """The same, for its_hub's own loop."""
        texts, answer = [steps] if isinstance(steps, str) else list(steps), Future()
        self._together.add((str(prompt_or_messages), texts, answer))
        scores = await asyncio.wrap_future(answer)
        return scores[0] if isinstance(steps, str) else scores

    def _batch(self, calls: list[tuple[str, list[str], Future]]) -> None:
        try:
            outcomes = self._scores([(question, texts) for question, texts, _ in calls])
        except Exception as error:
            outcomes = [error] * len(calls)
        for (_, _, answer), outcome in zip(calls, outcomes, strict=True):
            settle(answer, outcome)

    def _scores(self, asked: list[tuple[str, list[str]]]) -> list[list[float]]:
        talks = [
            [*make_prompt("", question), {"role": "assistant", "content": text}]
            for question, texts in asked
            for text in texts
        ]
        self.read += len(talks)
        scores = iter(self._last_lines(talks))
        return [[next(scores) for _ in texts] for _, texts in asked]


class Metered:
    """`writer`, a language model of its_hub, with an account of its own: searches that run side by side are
    drawn in one batch, and `usage` says what this one of them cost.
    """

    def __init__(self, writer: EndpointLM | ModelLM):
        from its_hub.api import GenerationUsage

        self.writer, self.usage = writer, GenerationUsage()

    async def agenerate(self, messages, stop=None, **options) -> dict | list[dict]:
        """What `writer.agenerate` returns."""
        return await self.writer.agenerate(messages, stop, usage_accumulator=self.usage, **options)


@dataclass(frozen=True)
class Instructed:
    """`model`, with the system prompt `system` before every conversation: its_hub's steps send the question
    alone.
    """

    model: LanguageModel
    system: str

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    def sample(self, prompts: Sequence[list[Message]], n: int = 1, **options) -> list[list[Sample]]:
        """What `model.sample` returns."""
        opening = make_prompt(self.system, "")[:1]
        return self.model.sample([[*opening, *prompt] for prompt in prompts], n, **options)
