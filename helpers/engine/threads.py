"""Threads of our own share the rows of a batch."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Lock

Span = tuple[int, int]


class _OneBlasThread:
    """numpy's BLAS computes on one thread, as long as anybody is inside."""

    def __init__(self):
        self._lock, self._inside, self._limit = Lock(), 0, None

    def __enter__(self):
        with self._lock:
            if not self._inside:
                self._limit = _openblas().limit(limits=1)
            self._inside += 1

    def __exit__(self, *_):
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limit.restore_original_limits()


@cache
def blas_on_one_thread() -> _OneBlasThread:
    """For `with`, where threads of our own compute side by side."""
    return _OneBlasThread()


def spans(count: int, most: int, by: int = 4) -> list[Span]:
    """(first, last) of parts of range(count): equal multiples of `by`, at most `most` or `by` long, one at
    least for every thread.
    """
    import torch

    parts = max(-(-count // most), torch.get_num_threads())
    length = -(-count // (by * parts)) * by
    return [(first, min(first + length, count)) for first in range(0, count, length)]


def share(work: Callable[[int, int], object], parts: list[Span]) -> None:
    """work(first, last) for all `parts`: each thread takes the next one when it is done with its last."""
    import torch

    left, others = iter(parts), []

    def take() -> None:
        for part in left:
            work(*part)

    for _ in range(min(torch.get_num_threads(), len(parts)) - 1):
        try:
            others.append(_pool().submit(take))
        except RuntimeError:  # the main thread has ended, and with it the pool
            break
    take()
    for other in others:
        if not other.cancel():
            other.result()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="rows")


for made in (_pool, blas_on_one_thread):  # threads, and those who hold a lock, stay behind
    os.register_at_fork(after_in_child=made.cache_clear)


@cache
def _openblas():
    import numpy as np  # noqa: F401 - brings the library that is looked for
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(internal_api="openblas")
