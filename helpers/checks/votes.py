"""Votes that the checks of notebook 02 hand to a learner's functions: the one of exercise 2, and other rules.

A function that ignores the vote handed to it passes with the first and fails with the others.
"""

from collections import Counter
from collections.abc import Callable, Sequence

Answers = Sequence[str | None]
Vote = Callable[[Answers], str | None]


def first_of_leaders(answers: Answers) -> str | None:
    """The vote of exercise 2."""
    votes = Counter(answer for answer in answers if answer is not None)
    return max(votes, key=votes.get, default=None)


def first_answer(answers: Answers) -> str | None:
    """The first answer that could be read."""
    return next((answer for answer in answers if answer is not None), None)


def last_answer(answers: Answers) -> str | None:
    """The last answer that could be read."""
    return first_answer(list(answers)[::-1])


def recording(outcomes: Sequence[str | None]) -> tuple[list[list[str | None]], Vote]:
    """A vote that has these outcomes, again and again, and the list in which it keeps its elections.

    A second look at the same election is none of its own.
    """
    seen: list[list[str | None]] = []

    def vote(answers: Answers) -> str | None:
        if not seen or seen[-1] != list(answers):
            seen.append(list(answers))
        return outcomes[(len(seen) - 1) % len(outcomes)]

    return seen, vote


def truth(verdict: object) -> object:
    """numpy's True is as good as Python's; anything else stays what it is."""
    return bool(verdict) if type(verdict).__name__ in ("bool", "bool_") else verdict
