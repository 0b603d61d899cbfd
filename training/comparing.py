"""What a record keeps of values for the same problems: rows of a figure, and differences in words."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.answers import answers_match, stated_answer
from helpers.estimators import Interval, bootstrap
from helpers.problems import Problem


def accepts(problem: Problem, text: str) -> bool:
    """Whether the text states the right answer."""
    return answers_match(stated_answer(text), problem.answer)


def point(values: Sequence[float], **columns) -> dict:
    """One row of a figure."""
    found = bootstrap(values)
    return {**columns, "accuracy": found.mean, "low": found.low, "high": found.high, "n": found.n}


def in_words(gain: Interval) -> str:
    """A paired difference of shares, in points."""
    verdict = "higher" if gain.low > 0 else "lower" if gain.high < 0 else "not settled"
    return f"{100 * gain.mean:+.1f} points [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]: {verdict}"
