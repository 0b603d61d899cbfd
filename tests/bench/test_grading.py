"""The bench of grading: its table divides what was measured, and the class is the one that it speaks of."""

import nbformat
import pytest

from bench.grading import HEAD, KINDS, Cost, half_solved, measured, table, write_class
from config import ROOT
from grading.release import build_release
from tests.grading import small_course

NAME = "00_start_here"


def cost(seconds, cores, *each):
    return Cost(seconds, cores, each=[("student", one) for one in each])


def test_the_table_has_means_of_a_submission_and_ratios_of_what_was_measured():
    theirs = {"01": cost(90, 60), "02": cost(30, 30)}
    mine = {"01": cost(3, 6, 1, 2), "02": cost(9, 3, 0.5)}
    once = {"01": cost(10, 0), "02": cost(5, 0)}
    found = table(theirs, mine, once)
    assert all(len(row) == len(HEAD) for row in found)
    assert found == [
        ["01", "30.0", "1.0", "30", "20.0", "2.0", "10", "2.0", "10"],
        ["02", "10.0", "3.0", "3", "10.0", "1.0", "10", "0.5", "5"],
        ["all", "20.0", "2.0", "10", "15.0", "1.5", "10", "2.0", "15"],
    ]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    write_class(root, [NAME], 2)
    return root


def test_a_class_hands_in_the_solution_the_release_and_half_of_the_exercises(course):
    def handed_in(student):
        return nbformat.read(course / "submitted" / student / NAME / f"{NAME}.ipynb", 4).cells

    assert {path.name for path in (course / "submitted").iterdir()} == {
        f"{number:03}-{kind}" for kind in KINDS for number in range(2)
    }
    release = nbformat.read(course / "notebooks" / NAME / f"{NAME}.ipynb", 4).cells
    solution = nbformat.read(ROOT / "solutions" / NAME / f"{NAME}.ipynb", 4).cells
    assert [cell.source for cell in handed_in("001-blank")] == [cell.source for cell in release]
    assert [cell.source for cell in handed_in("001-solution")] == [cell.source for cell in solution]
    half = [cell.source for cell in handed_in("000-half")]
    assert half != [cell.source for cell in release]  # its first exercise is solved
    assert set(half) <= {cell.source for cell in [*release, *solution]}


def test_half_solved_has_the_first_exercise_and_not_the_second(tmp_path):
    release = build_release(small_course.write_course(tmp_path))
    blank = nbformat.reads(
        next(data for path, data in release.items() if path.suffix == ".ipynb").decode(), 4
    )
    half = half_solved(blank, small_course.small_notebook())
    assert "twice = x + x" in half.cells[1].source and "NotImplementedError" in half.cells[4].source
    assert half.cells[0].source == blank.cells[0].source and len(half.cells) == len(blank.cells)


def test_core_seconds_are_those_of_the_block():
    with measured() as cost:
        sum(range(3_000_000))
    assert cost.cores > 0 and cost.memory > 0
