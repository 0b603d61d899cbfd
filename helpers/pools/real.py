"""Samples of a model that was not made for this course, on problems that it is neither lost nor perfect at.

SmolLM2-135M-Instruct; recorded by `make real-pools`, and read with the functions of the notebooks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config import ROOT
from helpers.models import LanguageModel, Message, Sample
from helpers.pools.pool import Pool
from helpers.problems import Problem, word_problems
from helpers.prompts import FINAL_FORMAT, make_prompt

REAL = ROOT / "prebuilt" / "real_pools"
NAME = "smollm2"
STEPS, MOST, EACH = (1, 2), 16, 16  # problems of each number of steps that there are, and are recorded
SAMPLES, TEMPERATURE, MAX_TOKENS = 32, 0.7, 160
CHUNK = 128  # samples that a killed run loses at most
SYSTEM = "Reason step by step. " + FINAL_FORMAT  # the prompt of the notebooks


@dataclass(frozen=True)
class RealPool:
    """`samples`: SAMPLES for each of `problems`, drawn at TEMPERATURE; `greedy`: one chain for each."""

    problems: list[Problem]
    samples: list[list[Sample]]
    greedy: list[Sample]


def real_problems(each: int = EACH) -> list[Problem]:
    """The first `each` problems of one step and of two, in turn; their numbers are below 100."""
    by_steps = [word_problems(steps, MOST, small=True)[:each] for steps in STEPS]
    return [problem for pair in zip(*by_steps, strict=True) for problem in pair]


def real_pool(
    model: LanguageModel | str = NAME,
    problems: Sequence[Problem] | None = None,
    folder: str | Path = REAL,
    *,
    live: bool = False,
) -> RealPool:
    """What is recorded in `folder`; with `live` and a model what is missing there is drawn first.

    Raises NotRecorded where something is missing and nothing is drawn.
    """
    problems = list(problems or real_problems())
    prompts: list[list[Message]] = [make_prompt(SYSTEM, problem.question) for problem in problems]
    pool, options = Pool(folder, CHUNK), {"live": live, "max_tokens": MAX_TOKENS, "progress": live}
    once = pool.sample(model, prompts, 1, temperature=0.0, **options)
    drawn = pool.sample(model, prompts, SAMPLES, temperature=TEMPERATURE, **options)
    return RealPool(problems, drawn, [sample for [sample] in once])
