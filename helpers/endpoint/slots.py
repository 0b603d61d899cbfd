"""How many requests are under way at once: fewer, once an endpoint has proved too slow for so many."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

FEWER = 4  # the part that goes on after one request has waited in vain
WAKING = 0.2  # seconds after which a thread that waits for a slot looks whether it is still wanted


class Slots:
    """`count` slots for any number of threads."""

    def __init__(self, count: int):
        self._count, self._taken, self._changed = count, 0, threading.Condition()

    @contextmanager
    def one(self, stop: threading.Event) -> Iterator[int]:
        """A slot for the length of the `with`, and how many there are; `stop` ends the wait for it."""
        with self._changed:
            while self._taken >= self._count and not stop.is_set():
                self._changed.wait(WAKING)
            self._taken += 1
            count = self._count
        try:
            yield count
        finally:
            with self._changed:
                self._taken -= 1
                self._changed.notify_all()

    def were_too_many(self, count: int) -> None:
        """So many at once were too many. Said once or by each of them: it counts once."""
        with self._changed:
            self._count = min(self._count, max(1, count // FEWER))
