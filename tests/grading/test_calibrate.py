"""Limits come from what the solution took, and an assignment that grades itself wrongly is refused."""

import pytest

from grading.calibrate import Uncalibrated, calibrate
from grading.pack import build
from grading.sandbox import Limits
from grading.submissions import Result
from tests.grading.class_course import ASSIGNMENT, FULL, write_course


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A pack that was not tried."""
    return build(write_course(tmp_path_factory.mktemp("course")), ASSIGNMENT)


def grader(slowest=0.1, whole=1.0, solution=1.0, blank=0.0):
    """Grades the solution and the release with that share of the points."""

    def grade(pack, submission, learn):
        share = solution if learn else blank
        cells = {test: {"score": most * share, "max": most, "error": "no"} for test, most in FULL.items()}
        learned = {ASSIGNMENT: {"modules": ["json", "IPython.core"], "slowest": slowest, "whole": whole}}
        return Result(submission.student, status="graded", cells={ASSIGNMENT: cells}, learned=learned)

    return grade


@pytest.mark.parametrize(
    "slowest, whole, cell, notebook",
    [(0.1, 1.0, 20.0, 600.0), (3.0, 70.0, 30.0, 700.0), (50.0, 900.0, 300.0, 1800.0)],
)
def test_limits_are_ten_times_what_the_solution_took(fresh, slowest, whole, cell, notebook):
    pack, _ = calibrate(fresh, grader(slowest, whole))
    assert (pack.limits.cell_seconds, pack.limits.notebook_seconds) == (cell, notebook)
    assert pack.limits.late_seconds == Limits().late_seconds == 60 and pack.preload == ("json",)


@pytest.mark.parametrize(
    "wrong, says", [({"solution": 0.5}, "does not pass"), ({"blank": 1.0}, "earns points")]
)
def test_an_assignment_that_cannot_be_graded_is_refused(fresh, wrong, says):
    with pytest.raises(Uncalibrated, match=says):
        calibrate(fresh, grader(**wrong))
