"""Generated word problems: a question, its solution one step a line and in several ways, and one expression.

Every problem is solvable with non-negative integers up to 9999, has exactly the number of arithmetic steps
asked for, and depends only on the `random.Random` passed in. Text and numbers draw from it in turn: one draw
more or less changes every problem that follows.
"""

from __future__ import annotations

import random

from training.data.comparisons_and_prices import chain_problem, price_problem, rate_problem
from training.data.stories import before_problem, story_problem
from training.data.worked import LARGEST, Size, Worked, mixed_sizes

_FAMILIES = (story_problem, before_problem, chain_problem, rate_problem, price_problem)
_WEIGHTS = (58, 8, 12, 12, 10)


def word_problem(steps: int, rng: random.Random, size: Size = mixed_sizes) -> Worked:
    """A word problem of any family with exactly `steps` steps."""
    while True:
        worked = rng.choices(_FAMILIES, _WEIGHTS)[0](steps, rng, size)
        if worked and worked.steps == steps and 0 <= worked.answer <= LARGEST:
            return worked
