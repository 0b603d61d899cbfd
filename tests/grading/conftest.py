"""Warm desks, shared by the tests: starting one costs seconds."""

import pytest

from grading import sandbox
from grading.calibrate import calibrate
from grading.desk import Desk
from grading.pack import build
from tests.grading.class_course import write_course


def desk_for(root, kind: str, **limits: float):
    """A calibrated desk on the tiny course."""
    desks = []

    def grade(pack, submission, learn):
        for desk in desks:
            desk.close()
        desks[:] = [Desk(pack)]
        return desks[0].grade(submission, learn)

    fresh = build(root, "tiny", sandbox.Limits(**{"cell_seconds": 120.0, "processes": 64, **limits}), kind)
    pack, notes = calibrate(fresh, grade)
    desks[0].close()
    return Desk(pack), pack, notes


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A course folder, with a gradebook whose text must not be seen."""
    root = write_course(tmp_path_factory.mktemp("class"))
    (root / "gradebook.db").write_bytes(b"SQLite format 3\0 gradebook_wombat_3")
    return root


@pytest.fixture(scope="session")
def calibrated(course):
    """The calibrated pack of the tiny course and the notes on it, with the best sandbox that works here."""
    desk, pack, notes = desk_for(course, sandbox.choose(), memory=1 << 30)
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
