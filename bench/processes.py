"""Processor time and memory of this process and of all below it."""

from __future__ import annotations

from collections.abc import Callable

import psutil


def core_seconds() -> float:
    """Processor seconds, of ended processes too where they were waited for."""
    return _total(lambda process: sum(process.cpu_times()[:4]))


def resident() -> int:
    """Bytes in memory."""
    return int(_total(lambda process: process.memory_info().rss))


def _total(what: Callable[[psutil.Process], float]) -> float:
    me, total = psutil.Process(), 0.0
    for process in (me, *me.children(recursive=True)):
        try:
            total += what(process)
        except psutil.Error:  # it has just ended
            continue
    return total
