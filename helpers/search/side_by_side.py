"""Calls that are made side by side in an event loop, done together in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

QUIET_PASSES = 3  # passes of the event loop without a new call, after which those that wait are one batch


class SideBySide:
    """`work` gets a list of all calls that wait, one batch after the other.

    What comes while a batch is worked on waits for the next one, so searches that run side by side stay
    together. `work` sets the futures of its calls, best all at its end.
    """

    def __init__(self, work: Callable[[list], None]):
        self._work, self._pool = work, ThreadPoolExecutor(1, thread_name_prefix="its")
        self._waiting: dict[asyncio.AbstractEventLoop, list] = {}
        self._lock = threading.Lock()

    def add(self, call) -> None:
        """Have `call` worked on soon; for code that runs in an event loop."""
        loop = asyncio.get_running_loop()
        with self._lock:
            waiting = self._waiting.setdefault(loop, [])
            waiting.append(call)
        if len(waiting) == 1:
            loop.call_soon(self._send, loop, waiting, 0, QUIET_PASSES)

    def _send(self, loop: asyncio.AbstractEventLoop, waiting: list, seen: int, passes: int) -> None:
        came = len(waiting)
        if came > seen or passes:
            left = QUIET_PASSES if came > seen else passes - 1
            loop.call_soon(self._send, loop, waiting, came, left)
        else:
            self._pool.submit(self._take, loop)

    def _take(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            calls = self._waiting.pop(loop)
        self._work(calls)


def settle(future: Future, outcome) -> None:
    """Hand over the outcome, unless whoever asked has stopped waiting."""
    if not future.set_running_or_notify_cancel():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
