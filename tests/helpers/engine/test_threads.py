"""Rows that threads share."""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, get_ident

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import ThreadpoolController

from helpers.engine import threads


@given(st.integers(1, 3000), st.integers(1, 300), st.sampled_from([1, 4]), st.integers(1, 8))
def test_parts_are_all_of_it_once_and_none_is_too_long(count, most, by, here):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "get_num_threads", lambda: here)
        parts = threads.spans(count, most, by)
    assert [x for first, last in parts for x in range(first, last)] == list(range(count))
    lengths = [last - first for first, last in parts]
    assert max(lengths) < most + by and all(length % by == 0 for length in lengths[:-1])
    assert len(parts) >= min(here, count // by) // 2


def test_threads_work_at_the_same_time_and_every_part_is_done_once(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    done, together = np.zeros(30, int), Barrier(3, timeout=60)
    seen = set()

    def work(first, last):
        if get_ident() not in seen:
            seen.add(get_ident())
            together.wait()  # goes on when all three have come
        done[first:last] += 1

    threads.share(work, [(i, i + 1) for i in range(30)])
    assert (done == 1).all() and len(seen) == 3


def test_what_goes_wrong_in_any_thread_is_raised(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    here, together = get_ident(), Barrier(2, timeout=60)

    def work(*_):
        together.wait()
        if get_ident() != here:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        threads.share(work, [(0, 1), (1, 2)])


def test_an_ended_pool_leaves_all_the_work_here(monkeypatch):
    ended, done = ThreadPoolExecutor(1), []
    ended.shutdown()
    monkeypatch.setattr(threads, "_pool", lambda: ended)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    threads.share(lambda *part: done.append((part, get_ident())), [(0, 1), (1, 2), (2, 3)])
    assert done == [((i, i + 1), get_ident()) for i in range(3)]


def test_a_child_process_has_threads_of_its_own(monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    test_what_goes_wrong_in_any_thread_is_raised(monkeypatch)  # the pool has a thread
    threads.blas_on_one_thread()._lock.acquire()  # as if another thread was just there
    child = os.fork()
    if not child:
        try:
            with threads.blas_on_one_thread():
                test_threads_work_at_the_same_time_and_every_part_is_done_once(monkeypatch)
            os._exit(0)
        finally:
            os._exit(1)
    threads.blas_on_one_thread()._lock.release()
    assert os.waitpid(child, 0)[1] == 0


def test_blas_has_its_threads_back_when_the_last_has_left():
    blas = ThreadpoolController().select(internal_api="openblas")
    if not blas.lib_controllers:
        pytest.skip("numpy computes with another library")
    before = [each.num_threads for each in blas.lib_controllers]
    one, other = threads.blas_on_one_thread(), threads.blas_on_one_thread()
    one.__enter__()
    other.__enter__()
    one.__exit__()
    assert {each.num_threads for each in blas.lib_controllers} == {1}
    other.__exit__()
    assert [each.num_threads for each in blas.lib_controllers] == before
