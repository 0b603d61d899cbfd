"""One quantity, its changes and its expression, kept together while a word problem is composed."""

from __future__ import annotations

import random

from training.data.ways import Change, ledger_ways
from training.data.worked import LARGEST, Lines, Size, Worked, compute


class Ledger:
    """The value so far, and how it came about in words, lines and as one expression."""

    def __init__(self, value: int, expression: str = "", opening: Lines = ()):
        self.start = self.value = value
        self.opening, self.changes = opening, []
        self.expression, self._loose = expression or str(value), False

    @property
    def steps(self) -> int:
        return len(self.opening) + sum(1 + len(change.made) for change in self.changes)

    def apply(self, tag: str, op: str, n: int, term: str | None = None, made: Lines = ()) -> None:
        self.changes.append(Change(tag, op, n, made))
        left = f"({self.expression})" if op in "*/" and self._loose else self.expression
        self.expression = f"{left} {op} {term or n}"
        self._loose = op in "+-"
        self.value = compute(self.value, op, n)

    def worked(self, question: str, answer: int, family: str) -> Worked:
        """The problem with all its ways."""
        lines, value = list(self.opening), self.start
        for change in self.changes:
            lines += [
                *change.made,
                f"{change.tag}: {value} {change.op} {change.n} = {compute(value, change.op, change.n)}",
            ]
            value = compute(value, change.op, change.n)
        others = ledger_ways(self.start, self.changes, self.opening, listed=not self.opening)
        return Worked(question, tuple(lines), self.expression, answer, family, others)


def operand(op: str, value: int, rng: random.Random, size: Size) -> int | None:
    """A number that keeps the result an integer of 0 to `LARGEST`; None where the operation cannot be."""
    if op == "+":
        n = size(rng)
        return n if value + n <= LARGEST else None
    if op == "-":
        n = size(rng)
        if n >= value:
            n = rng.randint(2, max(2, value - 1))
        return n if n < value else None
    if op == "*":
        n = rng.choice((2, 3, 4, 5))
        return n if 2 <= value <= 600 else None
    divisors = [d for d in range(2, 10) if value % d == 0 and value // d >= 3]
    return rng.choice(divisors) if divisors else None
