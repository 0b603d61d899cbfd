"""Puzzles, of which every step can be checked exactly; all of them are held out from training."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

from helpers.problems.stored import held_out

LARGEST_NUMBER, LARGEST_TARGET = 13, 100
NUMBER = r"-?\d{1,9}(?:/\d{1,9})?"
STEP = re.compile(
    rf"({NUMBER}) ([-+*/]) ({NUMBER}) = ({NUMBER}) \(left: ({NUMBER}(?: {NUMBER})*)\)", re.ASCII
)


@dataclass(frozen=True)
class Puzzle:
    """Each of `numbers` is to be used once, with + - * /, to make `target`.

    A step combines two of the numbers left and writes the result and what is left then, for example
    `8 + 8 = 16 (left: 3 16)`.
    """

    numbers: tuple[int, ...]
    target: int

    @property
    def question(self) -> str:
        """What the model is asked."""
        return f"Use each of the numbers {', '.join(map(str, self.numbers))} once to make {self.target}."


def make_puzzles(count: int | Sequence[int], n: int, seed: int = 0) -> list[Puzzle]:
    """`n` different puzzles for each `count` of numbers: the more numbers, the harder.

    Every puzzle has a solution with whole numbers from 0 on, and a target from 1 to 100. Raises ValueError
    for a count below 2.
    """
    counts = [count] if isinstance(count, int) else list(count)
    if min(counts, default=2) < 2:
        raise ValueError("A puzzle needs at least 2 numbers: ask for a count of 2 or more.")
    return [puzzle for size in counts for puzzle in _draw_puzzles(size, n, random.Random(f"{seed} {size}"))]


def numbers_left(puzzle: Puzzle, lines: Sequence[str]) -> tuple[Fraction, ...] | None:
    """The numbers that are left after the steps `lines`, sorted; None when one of the steps is wrong.

    A step is right when it combines two numbers that were there, its result is exact, and what it says is
    left is left. A line `Final: ...` is no step: it is right when one number is left and it names that
    number.
    """
    left = sorted(map(Fraction, puzzle.numbers))
    for line in lines:
        if line.startswith("Final:"):
            if len(left) != 1 or line.removeprefix("Final:").strip() != str(left[0]):
                return None
            continue
        left = _after(left, line)
        if left is None:
            return None
    return tuple(left)


def is_solved(puzzle: Puzzle, lines: Sequence[str]) -> bool:
    """True when every step is right and the target alone is left: an outcome reward that cannot err."""
    return numbers_left(puzzle, lines) == (puzzle.target,)


def can_reach(left: Sequence[Fraction], target: int) -> bool:
    """True when the numbers `left` can still make `target`, found by trying everything. For judging a search
    afterwards: a search that could ask this would need no language model.
    """
    return _reaches(tuple(sorted(map(Fraction, left))), Fraction(target), set())


def _after(left: list[Fraction], line: str) -> list[Fraction] | None:
    match = STEP.fullmatch(line.strip())
    if match is None:
        return None
    a, op, b, result, said = match.groups()
    rest = list(left)
    try:
        for used in (a, b):
            rest.remove(Fraction(used))
        value = _combine(Fraction(a), op, Fraction(b))
        rest = sorted([*rest, value])
        right = value == Fraction(result) and rest == sorted(map(Fraction, said.split(" ")))
    except (ValueError, ZeroDivisionError):  # a number that is not there; a division by zero
        return None
    return rest if right else None


def _combine(a: Fraction, op: str, b: Fraction) -> Fraction:
    match op:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
    return a / b


def _reaches(left: tuple[Fraction, ...], target: Fraction, dead: set[tuple[Fraction, ...]]) -> bool:
    if len(left) == 1:
        return left[0] == target
    if left in dead:
        return False
    for i, j in permutations(range(len(left)), 2):
        rest = [number for at, number in enumerate(left) if at not in (i, j)]
        for op in "+-*/" if left[j] else "+-*":
            if _reaches(tuple(sorted([*rest, _combine(left[i], op, left[j])])), target, dead):
                return True
    dead.add(left)
    return False


def _draw_puzzles(count: int, n: int, rng: random.Random) -> list[Puzzle]:
    """Numbers first, then a random way to combine them: what comes out is the target."""
    found: dict[tuple, Puzzle] = {}
    while len(found) < n:
        numbers = tuple(rng.randint(1, LARGEST_NUMBER) for _ in range(count))
        left = list(numbers)
        while len(left) > 1:
            rng.shuffle(left)
            a, b, *rest = left
            a, b = max(a, b), min(a, b)
            op = rng.choice("+-*/" if b and a % b == 0 else "+-*")
            left = [int(_combine(Fraction(a), op, Fraction(b))), *rest]
        key = f"{sorted(numbers)} {left[0]}"
        if 1 <= left[0] <= LARGEST_TARGET and held_out(key):
            found.setdefault(key, Puzzle(numbers, left[0]))
    return list(found.values())
