"""What an endpoint was asked for: requests, repeats, tokens, and what they cost.

Promises: every answer counts once, from any number of threads; answers whose tokens the endpoint did not count are
counted apart, so that no sum looks complete that is not. Knows nothing of HTTP and of prices other than those given.
"""

from __future__ import annotations

import threading
from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Usage:
    """Answers had, tries that were repeated, tokens read and written, and answers without a count of tokens."""

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


class Meter:
    """Adds up; `usage` is the sum so far."""

    def __init__(self):
        self._lock, self._usage = threading.Lock(), Usage()

    @property
    def usage(self) -> Usage:
        """What was counted up to now; subtract two of them to measure what lies between."""
        return self._usage

    def answered(self, answer: dict) -> None:
        """Count one answer of the endpoint."""
        counted = answer.get("usage") or {}
        prompt, output = counted.get("prompt_tokens"), counted.get("completion_tokens")
        missing = int(prompt is None or output is None)
        self._add(Usage(1, 0, prompt or 0, output or 0, missing))

    def repeated(self) -> None:
        """Count one try that has to be repeated."""
        self._add(Usage(repeats=1))

    def _add(self, usage: Usage) -> None:
        with self._lock:
            self._usage += usage
