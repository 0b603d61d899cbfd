"""Training that a notebook can wait for: small, on a copy of the model, in a folder that the caller names.

Importing it loads no torch. A call that was interrupted goes on where it was; the same call gives the same
weights.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from config import ROOT
from helpers.engine.local import LocalModel, locate
from helpers.models import Message
from helpers.problems import Problem, held_out
from training.data.tasks import Conversation
from training.data.word_problems import word_problem
from training.data.worked import Worked, large_sizes
from training.reward.data import label_steps

DEFAULT = ROOT / "prebuilt" / "models" / "course-lm"
ROW, ROWS, PASSES = 512, 4, 2
WIDEST, RANK = 384, 16  # from wider models on adapters of that rank are trained
MATRIX_RATE, OTHER_RATE = 1e-3, 8e-4
Weights = Callable[[list[list[float]], list[list[float]], list[float]], list[list[float]]]


@dataclass(frozen=True)
class Practice:
    """A problem to learn from, which is not held out, and its reference by all ways."""

    problem: Problem
    worked: Worked

    def right_lines(self, text: str) -> list[bool]:
        """Whether the solution is right up to the end of each of its lines that is not blank. Exact."""
        return list(label_steps(text, self.worked))


def trainable(name: str) -> Path:
    """The folder of the model called `name`; that of course-lm where it has no weights here, or where it is
    larger than the course's models and lacks a GPU or `peft`.
    """
    try:
        folder = Path(locate(name)[0])
    except FileNotFoundError:
        return DEFAULT
    if not (folder / "model.safetensors").is_file():
        return DEFAULT
    return DEFAULT if _rank(folder) and not _adapters() else folder


def practice(steps: Sequence[int], n: int, seed: int = 0) -> list[Practice]:
    """`n` word problems for each number of steps, as the held-out ones are drawn, and none of them."""
    found: dict[str, Practice] = {}
    for count in steps:
        rng, before = random.Random(f"practice {seed} {count}"), len(found)
        while len(found) < before + n:
            worked = word_problem(count, rng, large_sizes)
            if not held_out(worked.question) and worked.question not in found:
                problem = Problem(
                    f"practice-{len(found)}", worked.question, str(worked.answer), "word", count
                )
                found[worked.question] = Practice(problem, worked)
    return list(found.values())


def conversations(prompts: Sequence[list[Message]], kept: Sequence[Sequence[str]]) -> list[Conversation]:
    """What there is to learn: the kept texts of a prompt as replies to it; prompts without any are left
    out.
    """
    return [
        Conversation((*prompt, {"role": "assistant", "content": texts[0]}), others=tuple(texts[1:]))
        for prompt, texts in zip(prompts, kept, strict=True)
        if texts
    ]


def fine_tune(
    lm: Path, prompts: Sequence[list[Message]], kept: Sequence[Sequence[str]], folder: Path
) -> LocalModel:
    """A copy of the model in `lm` that was trained to write the `kept` texts of each prompt.

    Raises ValueError where they do not fill one batch.
    """
    if rank := _rank(lm):
        ones = [[1.0] * len(texts) for texts in kept]
        return _improved(lm, prompts, kept, ones, _as_they_are, folder, rank)
    from training.finetune import FineTuning, finetune

    recipe = FineTuning(
        row=ROW, rows=ROWS, matrix_rate=MATRIX_RATE, other_rate=OTHER_RATE, warm_up=0.1, compiled=False
    )
    return LocalModel.load(finetune(conversations(prompts, kept) * PASSES, lm, recipe, folder))


def follow_policy(
    lm: Path,
    prompts: Sequence[list[Message]],
    texts: Sequence[Sequence[str]],
    advantages: Sequence[Sequence[float]],
    weights: Weights,
    folder: Path,
) -> LocalModel:
    """A copy of the model in `lm` after one pass over its own samples, each token weighed by
    `weights(new, old, advantages)`; see `training.policy`.
    """
    return _improved(lm, prompts, texts, advantages, weights, folder, _rank(lm))


def _improved(lm, prompts, texts, advantages, weights: Weights, folder: Path, rank: int) -> LocalModel:
    from training.policy import Drawn, PolicyTuning, improve

    drawn = [
        Drawn(prompt, text, advantage)
        for prompt, row, own in zip(prompts, texts, advantages, strict=True)
        for text, advantage in zip(row, own, strict=True)
        if advantage
    ]
    recipe = PolicyTuning(rank=rank, rows=4) if rank else PolicyTuning()
    return LocalModel.load(improve(drawn, lm, weights, recipe, folder))


def _as_they_are(new: list[list[float]], old: object, advantages: Sequence[float]) -> list[list[float]]:
    return [[weight] * len(row) for row, weight in zip(new, advantages, strict=True)]


def _adapters() -> bool:
    """Whether adapters can be trained here in minutes."""
    import torch

    return find_spec("peft") is not None and torch.cuda.is_available()


def _rank(lm: Path) -> int:
    """0 for a model of the course, which is trained whole; else the rank of adapters."""
    settings = json.loads((lm / "config.json").read_text(encoding="utf-8"))
    return 0 if settings["hidden_size"] <= WIDEST else RANK
