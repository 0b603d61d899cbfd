"""The class that the benchmark grades: the solution, the blank release, every other exercise."""

import nbformat

from bench.grading import half_solved, measured
from grading.release import build_release
from tests.grading.small_course import small_notebook, write_course


def test_half_solved_has_the_first_exercise_and_not_the_second(tmp_path):
    release = build_release(write_course(tmp_path))
    blank = nbformat.reads(
        next(data for path, data in release.items() if path.suffix == ".ipynb").decode(), 4
    )
    half = half_solved(blank, small_notebook())
    assert "twice = x + x" in half.cells[1].source and "NotImplementedError" in half.cells[4].source
    assert half.cells[0].source == blank.cells[0].source and len(half.cells) == len(blank.cells)


def test_core_seconds_are_those_of_the_block():
    with measured() as cost:
        sum(range(3_000_000))
    assert cost.cores > 0 and cost.memory > 0
