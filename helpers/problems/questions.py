"""Problems to ask a model, with their answers."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from config import ROOT
from helpers.problems.stored import draw, pair_held_out, read_rows

DOCUMENTS = ROOT / "prebuilt" / "documents"
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

PEOPLE = ("Tom", "Anna", "Ben", "Lisa", "Max", "Nina", "Paul", "Rosa")
THINGS = ("apples", "marbles", "books", "pens", "cookies", "stamps", "shells", "cards")
ADDED = (
    "{who} has {a} {what} and gets {b} more. How many {what} does {who} have now?",
    "{who} finds {a} {what} in the morning and {b} {what} in the evening. How many {what} is that in all?",
    "There are {a} {what} on the table. {who} puts {b} more there. How many {what} are on the table now?",
)
TAKEN = (
    "{who} has {a} {what} and gives {b} away. How many {what} are left?",
    "{who} had {a} {what} and lost {b} of them. How many {what} does {who} still have?",
    "There are {a} {what} in a box. {who} takes {b} out. How many {what} are still in the box?",
)


@dataclass(frozen=True)
class Problem:
    """One question with its answer. `kind`: seed, word, one step, multiplication, context, math, or that of a
    handbook question; `steps` 0: unknown.
    """

    id: str
    question: str
    answer: str
    kind: str
    steps: int = 0
    context: str = ""


def seed_problems() -> list[Problem]:
    """Four stories with two to four steps and words that lead astray: apples, notebooks, flour, bus."""
    return [
        Problem(name, question, answer, "seed", steps) for name, (question, answer, steps) in SEEDS.items()
    ]


def word_problems(steps: int | Sequence[int], n: int, seed: int = 0, *, small: bool = False) -> list[Problem]:
    """`n` word problems for each number of arithmetic steps (1 to 8), in the order of `steps`; the `small`
    ones have numbers below 100 and one to three steps.

    Raises ValueError where fewer are stored.
    """
    wanted = [steps] if isinstance(steps, int) else list(steps)
    stored = [Problem(**row) for row in read_rows("small" if small else "word")]
    return [
        problem
        for s in wanted
        for problem in draw([p for p in stored if p.steps == s], n, seed, f"word problems of {s} steps")
    ]


def one_step_problems(below: int, n: int, seed: int = 0) -> list[Problem]:
    """`n` different stories of one addition or subtraction, in turn, of two numbers from 2 to below `below`.

    For models that were not made for this course and are lost with longer ones. Raises ValueError where there
    are fewer.
    """
    if n > 100 * (below - 2):
        raise ValueError(f"Ask for at most {100 * (below - 2)} stories with numbers below {below}.")
    rng, found = random.Random(f"{seed} {below}"), {}
    while len(found) < n:
        a, b = rng.randrange(2, below), rng.randrange(2, below)
        stories, a, b = (TAKEN, max(a, b), min(a, b)) if len(found) % 2 else (ADDED, a, b)
        text = rng.choice(stories).format(who=rng.choice(PEOPLE), what=rng.choice(THINGS), a=a, b=b)
        answer = str(a - b if stories is TAKEN else a + b)
        found.setdefault(text, Problem(f"one-step-{below}-{len(found)}", text, answer, "one step", 1))
    return list(found.values())


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
    return [Problem(**row) for row in draw(read_rows("context"), n, seed, "context questions")]


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
