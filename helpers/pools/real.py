"""Samples of a model that was not made for this course, on problems that it is neither lost nor perfect at.

SmolLM2-135M-Instruct, recorded by `make real-pools` and read with the functions of the notebooks. Those that
ship were drawn on a GPU, in float32. The course's own stories are too hard for it, even those of one step.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from config import ROOT
from helpers.models import LanguageModel, Message, Sample
from helpers.pools.pool import Pool
from helpers.problems import Problem, one_step_problems
from helpers.prompts import FINAL_FORMAT, make_prompt

REAL = ROOT / "prebuilt" / "real_pools"
SCORES = "scores"  # the folder below, of what the course's reward model says of the samples
NAME = "smollm2"
BELOW, EACH = (10, 20), 64  # levels: numbers below so many; problems of each
SAMPLES, TEMPERATURE, MAX_TOKENS = 32, 0.7, 160
CHUNK = 128  # samples that a killed run loses at most
SYSTEM = "Reason step by step. " + FINAL_FORMAT  # the prompt of the notebooks


@dataclass(frozen=True)
class RealPool:
    """`problems`, and the level of each; `samples`: SAMPLES for each, drawn at TEMPERATURE; `greedy`: one
    chain for each.
    """

    problems: list[Problem]
    levels: list[str]
    samples: list[list[Sample]]
    greedy: list[Sample]


def real_pool(
    model: LanguageModel | str = NAME, folder: str | Path = REAL, *, each: int = EACH, live: bool = False
) -> RealPool:
    """What is recorded in `folder` for the first `each` problems of every level; with `live` and a model what
    is missing there is drawn first.

    Raises NotRecorded where something is missing and nothing is drawn.
    """
    problems = [problem for below in BELOW for problem in one_step_problems(below, each)]
    levels = [f"numbers below {below}" for below in BELOW for _ in range(each)]
    prompts: list[list[Message]] = [make_prompt(SYSTEM, problem.question) for problem in problems]
    pool, options = Pool(folder, CHUNK), {"live": live, "max_tokens": MAX_TOKENS, "progress": live}
    once = pool.sample(model, prompts, 1, temperature=0.0, **options)
    drawn = pool.sample(model, prompts, SAMPLES, temperature=TEMPERATURE, **options)
    return RealPool(problems, levels, drawn, [sample for [sample] in once])
