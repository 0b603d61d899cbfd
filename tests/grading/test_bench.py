"""The simulation of more workers: a queue, and a merger that is the limit in the end."""

import pytest

from bench.grading import simulate


@pytest.mark.parametrize(
    "durations, workers, start, merge, seconds",
    [
        ([2.0] * 4, 1, 0.0, 0.0, 8.0),
        ([2.0] * 4, 2, 1.0, 0.0, 5.0),
        ([2.0] * 4, 4, 0.0, 0.5, 4.0),
        ([5.0, 1.0, 1.0, 1.0], 2, 0.0, 0.0, 5.0),
        ([1.0], 16, 0.0, 0.1, 1.1),
    ],
)
def test_simulate(durations, workers, start, merge, seconds):
    assert simulate(durations, workers, start, merge) == pytest.approx(seconds)
