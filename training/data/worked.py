"""A question with its answer worked out, in one way or in several."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

LARGEST = 9999
Lines = tuple[str, ...]
Size = Callable[[random.Random], int]  # draws how big a number of the story is


@dataclass(frozen=True)
class Worked:
    """`lines`: the calculation in the order told, one step a line; `others`: the same by other ways, by
    name.
    """

    question: str
    lines: Lines
    expression: str
    answer: int
    family: str = ""
    others: tuple[tuple[str, Lines], ...] = ()

    @property
    def steps(self) -> int:
        """Lines of the way told."""
        return len(self.lines)

    @property
    def ways(self) -> dict[str, Lines]:
        """All ways by name; the first one is "told"."""
        return {"told": self.lines, **dict(self.others)}

    @property
    def solution(self) -> str:
        """The way told, with the answer as last line."""
        return self.written("told")

    def written(self, way: str) -> str:
        """The solution by one of the `ways`."""
        return "\n".join((*self.ways[way], f"Final: {self.answer}"))


def compute(a: int, op: str, b: int) -> int:
    """a op b in integers; a division by zero gives 0."""
    return {"+": a + b, "-": a - b, "*": a * b, "/": a // b if b else 0}[op]


def small_sizes(rng: random.Random) -> int:
    """Numbers below 100."""
    return rng.choice((rng.randint(2, 12), rng.randint(10, 49), rng.randint(10, 99)))


def mixed_sizes(rng: random.Random) -> int:
    """Numbers of one, two and three digits."""
    return rng.choice((rng.randint(2, 12), rng.randint(10, 99), rng.randint(10, 99), rng.randint(100, 600)))


def large_sizes(rng: random.Random) -> int:
    """Numbers of three digits: the same stories with harder sums, as the models are tested on."""
    return rng.randint(100, 999)
