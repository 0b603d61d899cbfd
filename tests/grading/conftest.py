"""Warm desks, shared by the tests: starting one costs seconds."""

import pytest

from grading import sandbox
from grading.calibrate import calibrate
from grading.desk import Desk
from grading.pack import build
from tests.grading.class_course import ASSIGNMENT, write_course


def desk_for(root, kind: str, assignment: str = ASSIGNMENT, **limits: float):
    """A calibrated desk, its pack, and the notes on it; by default on the tiny course."""
    fresh = build(root, assignment, sandbox.Limits(**limits), kind)
    desk = Desk(fresh)

    def grade(pack, submission, learn):
        desk.take(pack)
        return desk.grade(submission, learn)

    try:
        pack, notes = calibrate(fresh, grade)
    except BaseException:
        desk.close()
        raise
    desk.take(pack)
    return desk, pack, notes


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A course folder, with a gradebook whose text must not be seen."""
    root = write_course(tmp_path_factory.mktemp("class"))
    (root / "gradebook.db").write_bytes(b"SQLite format 3\0 gradebook_wombat_3")
    return root


@pytest.fixture(scope="session")
def calibrated(course):
    """The calibrated pack of the tiny course and the notes on it, with the best sandbox that works here."""
    desk, pack, notes = desk_for(course, sandbox.choose(), memory=1 << 30, cell_seconds=120.0, processes=64)
    yield desk, pack, notes
    desk.close()


@pytest.fixture(scope="session")
def desk(calibrated):
    """A warm desk."""
    return calibrated[0]


@pytest.fixture(scope="session")
def pack(calibrated):
    """The calibrated pack."""
    return calibrated[1]
