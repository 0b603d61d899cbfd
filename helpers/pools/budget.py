"""Recorded questions on which a policy spends, for notebook 09: no model runs, so all machines agree.

A policy is told a question's kind and length. An answer is a letter, and the same letter wherever the
same number was given. So nothing that a policy sees leads to the right answer but the replies that it
pays for. What each reply says was recorded by `training/budget.py`. The held-out questions are sealed
with a key that no learner's notebook holds.
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from config import ROOT
from helpers.endpoint.usage import Usage

FOLDER = ROOT / "prebuilt" / "budget"
PRICES, PRACTICE = FOLDER / "prices.csv", FOLDER / "practice.json"
HELD_OUT, SNAPSHOTS = FOLDER / "held_out.sealed", FOLDER / "snapshots.json"


class OutOfBudget(RuntimeError):
    """A call would cost more than is left for this question; it was not made."""


@dataclass(frozen=True)
class Price:
    """A row of the price table.

    `read`, `cached` and `write`: dollars for a million tokens, `cached` for prompt tokens that the server
    has read before; `reading` and `writing`: tokens a second of one request.
    """

    role: str
    billed_as: str
    parameters: float
    read: float
    cached: float
    write: float
    reading: float
    writing: float
    looked_up: str
    price_source: str


@dataclass(frozen=True)
class Terms:
    """What an answer is worth. A right one is worth `worth` dollars; a wrong one costs `wrong` times as
    much; no answer costs nothing. `limit`: dollars that may be spent on one question.
    """

    worth: float = 0.001
    wrong: float = 1.0
    limit: float = 0.0006


TERMS = Terms()
BARS = (0.05, 0.30)  # mean utility of a held-out question for the first, the second half of the points
ORDERS = 5  # in which a graded policy is replayed


@dataclass(frozen=True)
class Question:
    """What a policy is told: the kind ("word" or "multiplication") and the tokens of the prompt."""

    kind: str
    tokens: int


@dataclass(frozen=True)
class Reply:
    """Reply number `number` of a model to the question at hand.

    `answer` is a letter, None where none could be read; `logprob` the sum over its `tokens`; `sums_hold`
    is what the calculator of notebook 05 says of the written sums.
    """

    model: str
    number: int
    answer: str | None
    tokens: int
    logprob: float
    sums_hold: bool


@dataclass(frozen=True)
class Recorded:
    """A question with its replies by model ("small", "large"), and the rewards of those that a policy may
    draw. `greedy`: the reply of each model at temperature 0. `right` is the letter of the right answer,
    empty where no reply gave it.
    """

    id: str
    steps: int
    question: Question
    right: str
    replies: dict[str, tuple[Reply, ...]]
    rewards: dict[str, tuple[float, ...]]
    greedy: dict[str, Reply]


@dataclass(frozen=True)
class Outcome:
    """What became of a question: answered or not, right or not, dollars spent, and the utility (1: a
    right answer).
    """

    id: str
    answered: bool
    right: bool
    spent: float
    utility: float


AS_GRADED = {  # of `prices.csv` as it came with the course, what a bill in dollars needs
    role: Price(role, "", 0.0, read, cached, write, 1.0, 1.0, "2026-11-27", "")
    for role, read, cached, write in (
        ("small", 0.10, 0.02, 0.15),
        ("large", 0.30, 0.06, 0.50),
        ("reward", 0.10, 0.02, 0.15),
    )
}

Policy = Callable[[Question, "Tools"], str | None]


class Tools:
    """What a policy may buy for one question. The replies come in the order in which they were recorded."""

    def __init__(self, recorded: Recorded, terms: Terms, table: dict[str, Price]) -> None:
        self._replies, self._rewards, self._question = recorded.replies, recorded.rewards, recorded.question
        self._terms, self._table = terms, table
        self._drawn = {"small": 0, "large": 0}
        self.spent = 0.0
        self.seen: set[str] = set()

    @property
    def left(self) -> float:
        """Dollars that may still be spent on this question."""
        return self._terms.limit - self.spent

    def small(self, n: int = 1) -> list[Reply]:
        """`n` further replies of the small model, drawn side by side: the prompt is paid once for each
        call.
        """
        return self._ask("small", n)

    def large(self, n: int = 1) -> list[Reply]:
        """The same of the large model."""
        return self._ask("large", n)

    def reward(self, reply: Reply) -> float:
        """The reward model's score for a reply; the question and the reply are read, and paid."""
        if not 0 <= reply.number < self._drawn.get(reply.model, 0):
            raise ValueError("This reply was not drawn: score one that a tool has returned.")
        bought = self._replies[reply.model][reply.number]  # what it says, not what a changed copy says
        self._pay("reward", self._question.tokens + bought.tokens, 0)
        return self._rewards[reply.model][reply.number]

    def _ask(self, model: str, n: int) -> list[Reply]:
        start, held = self._drawn[model], self._replies[model][: len(self._rewards[model])]
        if n < 1:
            raise ValueError(f"n must be 1 or more, not {n}.")
        if start + n > len(held):
            raise OutOfBudget(f"there are {len(held)} replies of the {model} model, not {start + n}")
        found = held[start : start + n]
        self._pay(model, self._question.tokens, sum(reply.tokens for reply in found))
        self._drawn[model] = start + n
        self.seen |= {reply.answer for reply in found if reply.answer is not None}
        return list(found)

    def _pay(self, role: str, read: int, written: int) -> None:
        price = self._table[role]
        bill = Usage(1, 0, read, written).cost(price.read, price.write)
        if bill > self.left:
            raise OutOfBudget(f"the call costs {bill:.6f} dollars, and {self.left:.6f} are left")
        self.spent += bill


def replay(
    policy: Policy, questions: Sequence[Recorded], terms: Terms = TERMS, table: dict[str, Price] | None = None
) -> list[Outcome]:
    """What the policy earns on each question.

    Raises ValueError for an answer that is neither None nor one that a tool has returned for this
    question: letters cannot be guessed.
    """
    table, found = table or prices(), []
    for recorded in questions:
        tools = Tools(recorded, terms, table)
        answer = policy(recorded.question, tools)
        if answer is not None and not (type(answer) is str and answer in tools.seen):
            raise ValueError(
                f"the policy answered {answer!r}: return the answer of a reply that you drew, or None"
            )
        right = answer == recorded.right
        earned = 0.0 if answer is None else 1.0 if right else -terms.wrong
        utility = earned - tools.spent / terms.worth
        found.append(Outcome(recorded.id, answer is not None, right, tools.spent, utility))
    return found


def steady(
    policy: Policy, questions: Sequence[Recorded], terms: Terms = TERMS, table: dict[str, Price] | None = None
) -> list[Outcome]:
    """What the policy earns, where that is the same in five orders of the questions.

    Raises ValueError where it is not: then the policy draws random numbers, or remembers something from one
    question to the next, and luck would decide.
    """
    found, places = replay(policy, questions, terms, table), list(range(len(questions)))
    for turn in range(1, ORDERS):
        order = places[::-1] if turn == 1 else random.Random(turn).sample(places, len(places))
        if replay(policy, [questions[i] for i in order], terms, table) != [found[i] for i in order]:
            raise ValueError("the same replies, and another decision: no random numbers, nothing remembered")
    return found


def graded(policy: Policy, key: str) -> float:
    """The utility of a held-out question on average, at the prices of the course, so that a price table
    which was edited changes no grade.
    """
    return fmean(each.utility for each in steady(policy, held_out_questions(key), TERMS, AS_GRADED))


def prices(path: str | Path = PRICES) -> dict[str, Price]:
    """The price table by role: small, large, reward. Edit the file where yours are others."""
    text = ("role", "billed_as", "looked_up", "price_source")
    with Path(path).open(encoding="utf-8", newline="") as file:
        rows = [
            Price(**{name: value if name in text else float(value) for name, value in row.items()})
            for row in csv.DictReader(file)
        ]
    return {row.role: row for row in rows}


def practice_questions(path: str | Path = PRACTICE) -> tuple[list[Recorded], dict]:
    """The questions to try a policy on, right answers included, and about the recording: the models'
    names and more.

    Raises FileNotFoundError where nothing is recorded.
    """
    return read_table(_bytes(Path(path)))


def held_out_questions(key: str, path: str | Path = HELD_OUT) -> list[Recorded]:
    """The sealed questions. Raises ValueError for another key than theirs."""
    return read_table(unseal(_bytes(Path(path)), key))[0]


def read_table(data: bytes) -> tuple[list[Recorded], dict]:
    """Questions from the JSON that `training/budget.py` writes, and what it says about them."""
    about = json.loads(data)
    return [_recorded(row) for row in about.pop("questions")], about


def seal(data: bytes, key: str) -> bytes:
    """`data`, packed and made unreadable without the key: the exclusive or with a stream of SHAKE-256
    (FIPS 202).

    Equal data and keys give equal bytes. It keeps a table from those who read files, no more.
    """
    packed = zlib.compress(data, 9)
    mark = hashlib.sha256(packed).digest()
    return mark + _mixed(packed, key, mark)


def unseal(data: bytes, key: str) -> bytes:
    """What was sealed with this key. Raises ValueError for another key."""
    mark, packed = data[:32], _mixed(data[32:], key, data[:32])
    if hashlib.sha256(packed).digest() != mark:
        raise ValueError("this key does not open the held-out questions")
    return zlib.decompress(packed)


def _mixed(data: bytes, key: str, mark: bytes) -> bytes:
    stream = hashlib.shake_256(key.encode() + mark).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))


def _recorded(row: dict) -> Recorded:
    replies = {
        model: tuple(
            Reply(model, number, answer, tokens, logprob, bool(holds))
            for number, (answer, tokens, logprob, holds) in enumerate(row[model])
        )
        for model in ("small", "large")
    }
    greedy = {
        model: Reply(model, 0, answer, tokens, logprob, bool(holds))
        for model, (answer, tokens, logprob, holds) in row["greedy"].items()
    }
    rewards = {model: tuple(values) for model, values in row["rewards"].items()}
    question = Question(row["kind"], row["tokens"])
    return Recorded(row["id"], row["steps"], question, row["right"], replies, rewards, greedy)


def _bytes(path: Path) -> bytes:
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is missing: run `python -m training.budget`, or clone the repository again."
        )
    return path.read_bytes()
