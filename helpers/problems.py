"""Problems to ask a model, with their answers; and puzzles, of which every step can be checked exactly.

The same arguments give the same problems. Every problem and puzzle is held out from the training of the
course models. `Problem.answer` is canonical text. What stands in for a data set that cannot be had says so.
"""

from __future__ import annotations

import json
import random
import re
import socket
import urllib.request
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from math import prod
from pathlib import Path
from urllib.parse import urlsplit

from config import ROOT
from helpers.answers.canonical import canonical

FOLDER = ROOT / "prebuilt" / "problems"
DOCUMENTS = ROOT / "prebuilt" / "documents"
MATH = "HuggingFaceH4/MATH-500"  # 500 problems of Hendrycks et al. 2021, drawn by Lightman et al. 2023
SEEDS = {
    "apples": (
        "John starts the day with 12 apples in his bag. On the way to school, he gives Mary 5 apples. "
        "Later he remembers he still owes her something, but instead he goes to a shop and buys 7 more "
        "apples. "
        "Ignoring everything else that happened during the day, "
        "how many apples does John have in the end?", "14", 2),
    "notebooks": (
        "A store tracks sales poorly. In the morning it sells 18 notebooks, and in the afternoon it sells 27 "
        "more. "
        "At the end of the day, 9 notebooks are returned (meaning those should not count as sold anymore). "
        "So after fixing the messy bookkeeping, how many notebooks were actually sold in total?", "36", 2),
    "flour": (
        "A recipe says: '3 cups of flour per cake'. You decide to bake 5 cakes. "
        "You check your kitchen and find exactly 4 cups of flour already available. "
        "If you want to follow the recipe exactly, how many additional cups of flour must you get?", "11", 2),
    "bus": (
        "A bus begins with 25 passengers on board. At the first stop, 7 people leave the bus, "
        "then 12 different people enter. At the next stop, 5 more leave, and 3 enter. "
        "After all of that back-and-forth, what is the final number of passengers on the bus?", "28", 4),
}  # fmt: skip

LARGEST_NUMBER, LARGEST_TARGET = 13, 100
NUMBER = r"-?\d{1,9}(?:/\d{1,9})?"
STEP = re.compile(
    rf"({NUMBER}) ([-+*/]) ({NUMBER}) = ({NUMBER}) \(left: ({NUMBER}(?: {NUMBER})*)\)", re.ASCII
)


@dataclass(frozen=True)
class Problem:
    """One question with its answer. `kind`: seed, word, multiplication, context, math, or that of a handbook
    question; `steps` 0: unknown.
    """

    id: str
    question: str
    answer: str
    kind: str
    steps: int = 0
    context: str = ""


def held_out(text: str) -> bool:
    """True for the tenth of all texts that is reserved for tests: the recipe never trains on them."""
    return zlib.crc32(text.encode()) % 10 == 0


def pair_held_out(a: int, b: int) -> bool:
    """The same for the multiplication of `a` and `b`, whatever its wording and order."""
    return held_out(f"{max(a, b)}x{min(a, b)}")


def seed_problems() -> list[Problem]:
    """Four stories with two to four steps and words that lead astray: apples, notebooks, flour, bus."""
    return [
        Problem(name, question, answer, "seed", steps) for name, (question, answer, steps) in SEEDS.items()
    ]


def _read(name: str) -> list[Problem]:
    path = FOLDER / f"{name}.jsonl"
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing: run `python -m training.data.held_out`, or clone the repository again."
        )
    with path.open(encoding="utf-8") as file:
        return [Problem(**json.loads(line)) for line in file]


def _draw(problems: list[Problem], n: int, seed: int, what: str) -> list[Problem]:
    if n > len(problems):
        raise ValueError(f"there are {len(problems)} {what}, not {n}: ask for fewer.")
    return random.Random(seed).sample(problems, n)


def word_problems(steps: int | Sequence[int], n: int, seed: int = 0, *, small: bool = False) -> list[Problem]:
    """`n` word problems for each number of arithmetic steps (1 to 8), in the order of `steps`; the `small`
    ones have numbers below 100 and one to three steps.

    Raises ValueError where fewer are stored.
    """
    wanted = [steps] if isinstance(steps, int) else list(steps)
    stored = _read("small" if small else "word")
    return [
        problem
        for s in wanted
        for problem in _draw([p for p in stored if p.steps == s], n, seed, f"word problems of {s} steps")
    ]


def multiplication_problems(
    digits: tuple[int, int] | Sequence[tuple[int, int]], n: int, seed: int = 0
) -> list[Problem]:
    """`n` different products of numbers with so many digits each, (3, 2); of a list of pairs `n` for each.

    The course model does (2, 1) to (3, 2); large ones need (4, 5) to (7, 5). Raises ValueError for digits
    below 1 and where fewer than `n` are reserved for tests.
    """
    if not isinstance(digits[0], int):
        return [problem for pair in digits for problem in multiplication_problems(pair, n, seed)]
    if min(digits) < 1:
        raise ValueError(f"digits must be 1 or more, not {digits}.")
    ranges = [(max(2, 10 ** (d - 1)), 10**d - 1) for d in digits]
    if n > prod(high - low + 1 for low, high in ranges) // 20:
        raise ValueError(
            f"too few products of {digits[0]} by {digits[1]} digits are reserved for tests: "
            f"ask for fewer than {n}."
        )
    rng, found = random.Random(f"{seed} {digits}"), {}
    while len(found) < n:
        a, b = (rng.randint(*r) for r in ranges)
        if pair_held_out(a, b):
            found[a, b] = Problem(
                f"mul-{a}x{b}", f"What is {a} x {b}?", str(a * b), "multiplication", min(digits)
            )
    return list(found.values())


def context_problems(n: int, seed: int = 0) -> list[Problem]:
    """`n` questions on a short report; `question` holds the report too, `context` the report alone."""
    return _draw(_read("context"), n, seed, "context questions")


def handbook_problems() -> list[Problem]:
    """Ten questions on the handbook of a firm, with answers in words; `context`: the passages for each.

    Two of each `kind`: rule stated, table look-up, term, implied, several steps. The document belongs to the
    workshop: no model has read it. `judges.classify` says whether an answer is right.
    """
    text = (DOCUMENTS / "handbook.md").read_text(encoding="utf-8")
    passages = {int(part.partition(".")[0]): part.strip() for part in text.split("\n## ")[1:]}
    lines = (DOCUMENTS / "handbook_questions.jsonl").read_text(encoding="utf-8").splitlines()
    found = []
    for row in map(json.loads, lines):
        context = "\n\n".join(passages[number] for number in row.pop("sections"))
        found.append(Problem(**row, context=context))
    return found


def math_problems(
    n: int, seed: int = 0, source: str | Path = MATH, *, digits: tuple[int, int] = (3, 2)
) -> list[Problem]:
    """`n` of the 500 problems of MATH-500: school competitions, answers in LaTeX; too hard for `course-lm`.

    Ask for the answer with `prompts.answer_format`, which wants a box. `source`: the data set on the model
    hub, which `datasets` downloads once and keeps, or a folder with a copy. Where it cannot be had a line is
    printed, and products with so many `digits` stand in for it. Raises ValueError for more than there are.
    """
    try:
        rows = _math_rows(str(source))
    except Exception as error:  # no network shows in a dozen ways, one for each layer below
        print(
            f"{source} could not be loaded ({type(error).__name__}: no network, and no copy in the cache): "
            f"{n} multiplication problems of the workshop stand in for it."
        )
        return multiplication_problems(digits, n, seed)
    return _draw(
        [_math_problem(row, number) for number, row in enumerate(rows)], n, seed, f"problems in {source}"
    )


def _math_rows(source: str) -> list[dict]:
    import datasets

    shown = not datasets.are_progress_bars_disabled()
    offline, level = datasets.config.HF_HUB_OFFLINE, datasets.logging.get_verbosity()
    datasets.disable_progress_bars()  # half a megabyte
    datasets.logging.set_verbosity_error()
    # without a network it would try for half a minute before it looks into its cache
    datasets.config.HF_HUB_OFFLINE = offline or not (Path(source).is_dir() or _hub_answers())
    try:
        return list(datasets.load_dataset(source, split="test"))
    finally:
        datasets.config.HF_HUB_OFFLINE = offline
        datasets.logging.set_verbosity(level)
        if shown:
            datasets.enable_progress_bars()


def _hub_answers() -> bool:
    import datasets

    if urllib.request.getproxies():
        return True
    try:
        socket.create_connection((urlsplit(datasets.config.HF_ENDPOINT).hostname, 443), timeout=5).close()
    except OSError:
        return False
    return True


def _math_problem(row: dict, number: int) -> Problem:
    return Problem(row.get("unique_id") or f"math-{number}", row["problem"], canonical(row["answer"]), "math")


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
