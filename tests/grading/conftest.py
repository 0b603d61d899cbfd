"""Warm graders, shared by the tests: starting one costs seconds."""

import pytest

from grading import sandbox
from grading.calibrate import calibrate
from grading.grading_process import GradingProcess
from grading.pack import build
from tests.grading.class_course import ASSIGNMENT, write_course


def grader_for(root, kind: str, assignment: str = ASSIGNMENT, **limits: float):
    """A calibrated grader, its pack, and the notes on it; by default on the tiny course."""
    fresh = build(root, assignment, sandbox.Limits(**limits), kind)
    grader = GradingProcess(fresh)

    def grade(pack, submission, learn):
        grader.take(pack)
        return grader.grade(submission, learn)

    try:
        pack, notes = calibrate(fresh, grade)
    except BaseException:
        grader.close()
        raise
    grader.take(pack)
    return grader, pack, notes


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A course folder, with a gradebook whose text must not be seen."""
    root = write_course(tmp_path_factory.mktemp("class"))
    (root / "gradebook.db").write_bytes(b"SQLite format 3\0 gradebook_wombat_3")
    return root


@pytest.fixture(scope="session")
def calibrated(course):
    """The calibrated pack of the tiny course and the notes on it, with the best sandbox that works here."""
    grader, pack, notes = grader_for(
        course, sandbox.choose(), memory=1 << 30, cell_seconds=120.0, processes=64
    )
    yield grader, pack, notes
    grader.close()


@pytest.fixture(scope="session")
def grader(calibrated):
    """A warm grader."""
    return calibrated[0]


@pytest.fixture(scope="session")
def pack(calibrated):
    """The calibrated pack."""
    return calibrated[1]
