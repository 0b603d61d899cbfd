"""What the command line says by its exit status, and which pages it writes."""

from contextlib import nullcontext
from types import SimpleNamespace

import nbformat
import pytest

from grading import run
from grading.__main__ import main
from grading.merge import Book
from grading.pack import build
from grading.submissions import ATTENTION, GRADED, Result
from tests.grading.class_course import ASSIGNMENT, FULL, notebook, submit, write_course


@pytest.fixture
def root(tmp_path):
    """A course where s01 is graded, points of it are withheld, and s02 needs attention."""
    root = write_course(tmp_path)
    pack = build(root, ASSIGNMENT)
    book = Book(f"sqlite:///{root}/gradebook.db", "inference-scaling")
    book.keep_pack(pack)
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


@pytest.fixture
def unchanged(root, monkeypatch):
    """The course with what s01 handed in, and workers who find it graded already."""
    submit(root, "s01", notebook())
    client = SimpleNamespace(run=lambda *_, **__: {"worker": ""})
    monkeypatch.setattr(run, "workers", lambda *_: nullcontext(client))
    monkeypatch.setattr(run, "prepare", lambda course, name, client: (None, []))
    monkeypatch.setattr(run, "grade_class", lambda *_: iter(()))
    return root


def test_a_page_that_an_interrupted_run_left_out_is_written_by_the_next(unchanged):
    page = unchanged / "feedback" / "s01" / ASSIGNMENT / f"{ASSIGNMENT}.html"
    assert main(["grade"], unchanged) == 1  # s02 needs attention
    written = page.stat().st_mtime_ns
    main(["grade"], unchanged)
    assert page.stat().st_mtime_ns == written
    page.unlink()
    main(["grade"], unchanged)
    assert page.is_file()


def test_an_assignment_that_cannot_be_graded_stops_no_other(unchanged, capsys, monkeypatch):
    def prepare(course, name, client):
        if name != ASSIGNMENT:
            raise ValueError("its solution fails")
        return None, []

    monkeypatch.setattr(run, "prepare", prepare)
    for name in ("another", "last"):
        (unchanged / "solutions" / name).mkdir()
        nbformat.write(notebook(), unchanged / "solutions" / name / f"{name}.ipynb")
        (unchanged / "submitted" / "s01" / name).mkdir()
    assert main(["grade"], unchanged) == 1
    said = capsys.readouterr()
    assert "Not graded: another: its solution fails" in said.err and "Written: feedback/" in said.out
    assert main(["grade", "last"], unchanged) == 2
    assert "Nothing was done: last: its solution fails" in capsys.readouterr().err
