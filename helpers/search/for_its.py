"""The bridge for its_hub's searches: our step scores as its process reward model, and an instruction for its
steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.models import LanguageModel, Message, Sample
from helpers.prompts import make_prompt

if TYPE_CHECKING:
    from helpers.rewards import StepReward


class ProcessReward:
    """A `StepReward` as its_hub's AbstractProcessRewardModel: for each partial solution the score of its last
    line.

    Scores lie in [0, 1], as its particle filtering needs them. `read` counts the solutions that were scored.
    """

    def __init__(self, reward: StepReward):
        from its_hub import AbstractProcessRewardModel

        AbstractProcessRewardModel.register(ProcessReward)
        self.reward, self.read = reward, 0

    def score(self, prompt_or_messages, steps: str | Sequence[str]) -> float | list[float]:
        """One score for a text, a list of scores for a list of texts; the question is a plain text."""
        texts = [steps] if isinstance(steps, str) else list(steps)
        asked = make_prompt("", str(prompt_or_messages))
        rows = self.reward.score([[*asked, {"role": "assistant", "content": text}] for text in texts])
        self.read += len(texts)
        scores = [row[-1] if row else 0.0 for row in rows]
        return scores[0] if isinstance(steps, str) else scores

    async def ascore(self, prompt_or_messages, steps: str | Sequence[str]) -> float | list[float]:
        """The same, for its_hub's own loop."""
        return self.score(prompt_or_messages, steps)


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
