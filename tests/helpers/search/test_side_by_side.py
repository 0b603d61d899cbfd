"""Calls that are made side by side are one batch."""

import asyncio
from concurrent.futures import Future

from helpers.search.side_by_side import SideBySide, settle


class Recorder:
    """Answers each call, a number and a future, with the number; remembers the batches."""

    def __init__(self):
        self.batches = []
        self.together = SideBySide(self.work)

    def work(self, calls):
        self.batches.append([number for number, _ in calls])
        for number, answer in calls:
            settle(answer, number)

    async def ask(self, number):
        answer = Future()
        self.together.add((number, answer))
        return await asyncio.wrap_future(answer)


async def two_calls(recorder, number):
    """A search that takes its steps one after the other."""
    return [await recorder.ask(number), await recorder.ask(number + 10)]


def test_searches_that_run_side_by_side_stay_together():
    recorder = Recorder()

    async def all_of_them():
        return await asyncio.gather(*(two_calls(recorder, i) for i in range(3)))

    assert asyncio.run(all_of_them()) == [[0, 10], [1, 11], [2, 12]]
    assert recorder.batches[0] == [0, 1, 2]
    assert sorted(number for batch in recorder.batches for number in batch) == [0, 1, 2, 10, 11, 12]


def test_what_comes_while_a_batch_is_worked_on_is_one_batch():
    loops, recorder = [], Recorder()

    def work(calls):
        if not recorder.batches:  # a second and a third call come while the first is worked on
            for number in (1, 2):
                loops[0].call_soon_threadsafe(recorder.together.add, (number, Future()))
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loops[0]).result(10)
        recorder.batches.append([number for number, _ in calls])
        for number, answer in calls:
            settle(answer, number)

    recorder.together = SideBySide(work)

    async def ask():
        loops.append(asyncio.get_running_loop())
        await recorder.ask(0)
        return await recorder.ask(3)

    assert asyncio.run(ask()) == 3
    assert recorder.batches[0] == [0] and recorder.batches[1][:2] == [1, 2]


def test_one_loop_after_the_other():
    recorder = Recorder()
    assert [asyncio.run(recorder.ask(i)) for i in range(2)] == [0, 1]


def test_who_has_stopped_waiting_gets_nothing():
    gone, failed = Future(), Future()
    gone.cancel()
    settle(gone, 1)
    settle(failed, ValueError("no"))
    assert gone.cancelled() and isinstance(failed.exception(), ValueError)
