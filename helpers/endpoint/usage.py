"""What an endpoint was asked for: requests, repeats, tokens, and what they cost.

Answers whose tokens the endpoint did not count are counted apart, so that no sum looks complete that is not.
"""

from __future__ import annotations

import re
import threading
from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Usage:
    """Answers had, tries that were repeated, tokens read and written, and answers without a count."""

    requests: int = 0
    repeats: int = 0
    prompt_tokens: int = 0
    output_tokens: int = 0
    uncounted: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: Usage) -> Usage:
        return Usage(*(a - b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __str__(self) -> str:
        missing = f"; {self.uncounted:,} answers came without a count" if self.uncounted else ""
        return (
            f"{self.requests:,} requests ({self.repeats:,} repeated), {self.prompt_tokens:,} prompt tokens, "
            f"{self.output_tokens:,} output tokens{missing}"
        )

    def cost(self, prompt: float, output: float) -> float:
        """Money, at so much for a million prompt tokens and so much for a million output tokens."""
        return (self.prompt_tokens * prompt + self.output_tokens * output) / 1e6


class UsageCounter:
    """Adds up; `usage` is the sum so far."""

    def __init__(self):
        self._lock, self._usage = threading.Lock(), Usage()

    @property
    def usage(self) -> Usage:
        """What was counted up to now; subtract two of them to measure what lies between."""
        return self._usage

    def answered(self, answer: dict) -> None:
        """Count one answer of the endpoint."""
        prompt, output = counted_tokens(answer)
        missing = int(prompt is None or output is None)
        self._add(Usage(1, 0, prompt or 0, output or 0, missing))

    def repeated(self) -> None:
        """Count one try that has to be repeated."""
        self._add(Usage(repeats=1))

    def _add(self, usage: Usage) -> None:
        with self._lock:
            self._usage += usage


def counted_tokens(answer: dict) -> tuple[int | None, int | None]:
    """The prompt and output tokens that an endpoint says it counted; None where it says nothing, or no
    number.
    """
    usage = answer.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    return _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))


def _count(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**12:
        return None
    return int(value)
