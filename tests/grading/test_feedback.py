"""Feedback pages: no hidden test in a cell, an output, an error or a comment."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.preprocessors import ClearHiddenTests

from config import ROOT
from grading.course import settings
from grading.feedback import LEFT_OUT, HideTests, hidden_text, write_feedback
from grading.pack import build
from grading.run import Course
from grading.submissions import GRADED, Result
from tests.grading.class_course import ASSIGNMENT, FULL, RUBRIC, SECRET, notebook, write_course
from tests.grading.small_course import graded

HIDDEN = hidden_text(notebook())
SOURCE = "assert f(2) == 4, 'twice two is four'\nassert f(3)"
LINE = 'for hidden_quokka_7 in (-5, 0, 0.5, "ab", [1]):'


def shown(output, test=False):
    """What a learner sees of an output."""
    meta = graded("t", grade=True, locked=True, points=1) if test else {}
    hide = HideTests()
    hide.hidden = HIDDEN
    cell = new_code_cell(SOURCE if test else "x", metadata=meta, outputs=[nbformat.from_dict(output)])
    return hide.preprocess(new_notebook(cells=[cell]), {})[0].cells[0].outputs


def error(name="ValueError", value="no", trace=()):
    return new_output("error", ename=name, evalue=value, traceback=list(trace))


def text(content):
    return new_output("stream", name="stdout", text=content)


def test_the_lines_of_hidden_tests_are_known():
    assert "hidden_quokka_7=[scaled(2),scaled(5)]" in HIDDEN
    assert all("BEGIN" not in line and len(line) >= 12 for line in HIDDEN)


def test_an_error_is_one_line():
    (seen,) = shown(error(trace=["secret code", "ValueError: no"]), test=True)
    assert seen.traceback == ["ValueError: no"]


@pytest.mark.parametrize(
    "message", [LINE, LINE.replace(" ", ""), f"['assert True', {LINE!r}]", f"a\n  {LINE}\n"]
)
def test_a_message_or_an_output_that_quotes_a_hidden_line_is_left_out(message):
    assert shown(error(value=message), test=True)[0].evalue == LEFT_OUT
    assert shown(text(message))[0].text == LEFT_OUT + "\n"
    rich = new_output("display_data", data={"text/html": message})
    assert shown(rich)[0].text == LEFT_OUT + "\n"


def test_ordinary_output_stays_and_what_a_test_prints_does_not():
    assert shown(text("for x in (1, 2)"))[0].text == "for x in (1, 2)"
    assert shown(text("anything"), test=True) == []


def test_an_error_name_that_is_none_is_replaced():
    assert shown(error(name=LINE), test=True)[0].ename == "Error"
    assert len(shown(error(value="x" * 9999), test=True)[0].evalue) == 300


def test_nbgrader_s_own_feedback_quotes_no_test_either():
    steps = settings(ROOT).GenerateFeedback.preprocessors
    assert steps.index(HideTests) < steps.index(ClearHiddenTests)
    cell = new_code_cell(SOURCE, metadata=graded("t", grade=True, locked=True, points=1))
    cell.outputs = [text("secret(3)"), error(trace=["----> assert secret(3) == 4", "ValueError: no"])]
    nb, _ = HideTests().preprocess(new_notebook(cells=[cell]), {})
    assert [each.traceback for each in nb.cells[0].outputs] == [["ValueError: no"]]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course whose pack is remembered."""
    root = write_course(tmp_path_factory.mktemp("course"))
    course = Course.open(root)
    course.book.keep_pack(build(root, ASSIGNMENT))
    yield course
    course.book.close()


@pytest.mark.parametrize(
    "student",
    [
        "s01",
        "ana [b] 1",
        "[a-z]",
        "s[0]",
        "x*y?",
        "{a,b}",
        "100% [x",
        "a]b[c",
        "jörg o'neil",
        "Жанна 李",
        "e\u0301 [\u00e9]",
        "two  blanks",
        "a.b@c-d+e",
    ],
)
def test_every_student_id_gets_its_feedback(course, student):
    graded_notebook = notebook()
    for cell in graded_notebook.cells:
        if cell.metadata.get("nbgrader"):
            cell.metadata.nbgrader["schema_version"] = 3
    cells = {test: {"score": 1.0, "max": 3.0, "manual": False} for test in FULL}
    result = Result(
        student,
        status=GRADED,
        cells={ASSIGNMENT: cells | {"why": {"score": None, "max": 4.0, "manual": True}}},
    )
    result.notebooks[ASSIGNMENT] = nbformat.writes(graded_notebook)
    course.book.merge(ASSIGNMENT, result, "d", course.folder("autograded"))
    assert write_feedback(course, ASSIGNMENT, [student]) == []
    (page,) = (course.folder("feedback") / student / ASSIGNMENT).glob("*.html")
    text = page.read_text("utf-8")
    assert "Why double?" in text and SECRET not in text and RUBRIC not in text
