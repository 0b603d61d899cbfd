"""What the command line says by its exit status."""

import nbformat
import pytest

from grading.__main__ import main
from grading.merge import Book
from grading.pack import build
from grading.submissions import ATTENTION, GRADED, Result
from tests.grading.class_course import ASSIGNMENT, FULL, notebook, write_course


@pytest.fixture
def root(tmp_path):
    """A course where s01 is graded, points of it are withheld, and s02 needs attention."""
    root = write_course(tmp_path)
    book = Book(f"sqlite:///{root}/gradebook.db", "inference-scaling")
    book.keep_pack(build(root, ASSIGNMENT))
    cells = {test: {"score": 1.0, "max": most, "manual": False} for test, most in FULL.items()}
    cells["test-double"] |= {"score": 0.0, "withheld": 1.0}
    graded = Result("s01", status=GRADED, cells={ASSIGNMENT: cells})
    graded.notebooks[ASSIGNMENT] = nbformat.writes(notebook())
    for result in (graded, Result("s02", status=ATTENTION, reason="not JSON")):
        book.merge(ASSIGNMENT, result, "d", root / "autograded")
    book.close()
    return root


@pytest.mark.parametrize("command", [["report"], ["report", ASSIGNMENT], ["accept", ASSIGNMENT, "s01"]])
@pytest.mark.parametrize("broken", [False, True])
def test_a_page_that_could_not_be_written_is_no_success(root, capsys, command, broken):
    if broken:
        (root / "feedback").write_text("a file where the folder should be")
    assert main(command, root) == (1 if broken else 0)
    assert ("s01: the feedback page could not be written" in capsys.readouterr().err) == broken
    assert "s01,graded" in (root / "reports" / "grades.csv").read_text()


def test_nothing_to_accept_is_said(root, capsys):
    assert main(["accept", ASSIGNMENT, "s09"], root) == 2
    assert "held back" in capsys.readouterr().err
