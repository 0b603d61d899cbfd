"""Searches over puzzles, and texts of searches read back: for stream of search (Gandhi et al. 2024, arXiv
2404.03683).
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from fractions import Fraction

from helpers.problems.puzzles import LARGEST_NUMBER, LARGEST_TARGET, Puzzle, is_solved, numbers_left
from helpers.problems.stored import held_out

Lines = tuple[str, ...]
BACK = "Back to: "


def depth_first(puzzle: Puzzle, seed: int, width: int = 3, limit: int = 30) -> list[Lines]:
    """The states that a depth-first search visits, up to the solution or to `limit` states.

    From each state it goes on with the `width` steps whose result, or a number left, comes closest to the
    target; `seed` orders equals. It looks no further ahead, so it errs.
    """
    rng, visited = random.Random(f"{seed} {puzzle.question}"), []
    waiting = [()]
    while waiting and len(visited) < limit:
        lines = waiting.pop()
        if lines:
            visited.append(lines)
        if is_solved(puzzle, lines):
            break
        options = list(dict.fromkeys(_steps(puzzle, lines)))
        rng.shuffle(options)
        options.sort(key=lambda step: min(abs(number - puzzle.target) for number in step[1]))
        waiting += [(*lines, step) for step, _ in options[:width][::-1]]
    return visited


def final_path(puzzle: Puzzle, text: str) -> Lines | None:
    """The lines that still stand at the end of a stream; None where it goes back to what was never there.

    A text without dead ends is its own path.
    """
    states: list[Lines] = [()]
    here: Lines = ()
    for line in filter(str.strip, text.split("\n")):
        if line.startswith(BACK):
            wanted = sorted(line.removeprefix(BACK).split())
            known = [state for state in states if sorted(map(str, numbers_left(puzzle, state))) == wanted]
            if not known:
                return None
            here = known[-1]
        else:
            here = (*here, line)
            if numbers_left(puzzle, here) is None:
                return None
            states.append(here)
    return here


def _steps(puzzle: Puzzle, lines: Lines) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Steps with whole results from 0 on, and the numbers left after each."""
    left = [int(number) for number in numbers_left(puzzle, lines)]
    for i, j in itertools.combinations(range(len(left)), 2):
        a, b = max(left[i], left[j]), min(left[i], left[j])
        rest = [number for at, number in enumerate(left) if at not in (i, j)]
        for op, value in (("+", a + b), ("-", a - b), ("*", a * b), ("/", Fraction(a, b) if b else None)):
            if value is not None and value == int(value):
                after = tuple(sorted([*rest, int(value)]))
                yield f"{a} {op} {b} = {int(value)} (left: {' '.join(map(str, after))})", after


def practice_puzzles(count: int, n: int, seed: int = 0) -> dict[Puzzle, Lines]:
    """`n` different puzzles of `count` numbers, none of them held out, each with the lines of a solution."""
    rng, found = random.Random(f"puzzles {seed} {count}"), {}
    while len(found) < n:
        numbers, lines = tuple(rng.randint(1, LARGEST_NUMBER) for _ in range(count)), ()
        while len(lines) < count - 1:
            lines = (*lines, rng.choice(list(_steps(Puzzle(numbers, 0), lines)))[0])
        target = int(numbers_left(Puzzle(numbers, 0), lines)[0])
        if 1 <= target <= LARGEST_TARGET and not held_out(f"{sorted(numbers)} {target}"):
            found.setdefault(Puzzle(numbers, target), lines)
    return found
