"""The real gradebook: transactions, manual grades, resubmissions, two graders at once. No kernel runs."""

import shutil
import sqlite3
import threading
from dataclasses import replace

import pytest
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment

from grading.course import course_directory, settings
from grading.merge import Book
from grading.pack import DIGEST, build
from grading.submissions import ATTENTION, GRADED, Result
from tests.grading.class_course import ASSIGNMENT, notebook, write_course


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """The tiny assignment's pack, not calibrated."""
    return build(write_course(tmp_path_factory.mktemp("course")), ASSIGNMENT)


@pytest.fixture(scope="module")
def template(packed, tmp_path_factory):
    """A gradebook that holds the assignment and nobody's grades."""
    path = tmp_path_factory.mktemp("template") / "gradebook.db"
    book = Book(f"sqlite:///{path}")
    book.keep_pack(packed)
    book.close()
    return path


@pytest.fixture
def book(template, tmp_path):
    """A fresh copy of it."""
    shutil.copy(template, tmp_path / "gradebook.db")
    book = Book(f"sqlite:///{tmp_path}/gradebook.db")
    yield book
    book.close()


def result(student="s01", double=3.0, answer=1, status=GRADED, **changes) -> Result:
    """A result with the given points for `test-double`."""
    cells = {
        "test-double": {"score": double, "max": 3.0, "manual": False, "answer": 7, "error": ""},
        "test-solve": {"score": 2.0, "max": 2.0, "manual": False, "answer": 7, "error": ""},
        "test-scaled": {"score": 0.0, "max": 2.0, "manual": False, "answer": 7, "error": "AssertionError: "},
        "why": {"score": None, "max": 4.0, "manual": True, "answer": answer, "error": ""},
    }
    comments = {ASSIGNMENT: {"double": None, "solve": "No response.", "why": None}}
    made = Result(
        student, status=status, cells={ASSIGNMENT: cells}, comments=comments, late={ASSIGNMENT: None}
    )
    return replace(made, notebooks={ASSIGNMENT: "{}"}, **changes)


def reopened(tmp_path) -> Gradebook:
    return Gradebook(f"sqlite:///{tmp_path}/gradebook.db")


def test_grades_comments_and_notebooks_are_there(book, tmp_path):
    assert book.merge(ASSIGNMENT, result(timestamp="2026-01-02 03:04:05 UTC"), "d1", tmp_path / "autograded")
    with reopened(tmp_path) as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "s01")
        assert (submission.score, submission.max_score, submission.needs_manual_grade) == (5.0, 13.0, True)
        assert submission.timestamp.year == 2026
        assert gradebook.find_comment("solve", ASSIGNMENT, ASSIGNMENT, "s01").auto_comment == "No response."
    assert (tmp_path / "autograded" / "s01" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text() == "{}"
    assert book.digests(ASSIGNMENT) == {"s01": "d1"}


def test_the_gradebook_holds_the_cells_that_nbgrader_enters_itself(template, packed, tmp_path):
    root = write_course(tmp_path / "own")
    step = GenerateAssignment(
        coursedir=course_directory(root, ASSIGNMENT, db_url=f"sqlite:///{tmp_path}/own.db"),
        config=settings(root),
    )
    step.start()
    books = [sqlite3.connect(path) for path in (template, tmp_path / "own.db")]
    for table, fields in {
        "notebook": "name, kernelspec",
        "base_cell": "name, type",
        "grade_cells": "max_score, cell_type",
        "solution_cells": "count(*)",
        "source_cell": "cell_type, locked, source, checksum",
    }.items():
        ours, theirs = (sorted(book.execute(f"select {fields} from {table}"), key=str) for book in books)
        assert ours == theirs and ours, table


def test_merging_twice_changes_nothing(book, tmp_path):
    book.merge(ASSIGNMENT, result(), "d1", tmp_path)
    assert not book.merge(ASSIGNMENT, result(double=0.0), "d1", tmp_path)
    with reopened(tmp_path) as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "s01").score == 5.0


def test_a_manual_grade_and_comment_survive_and_are_looked_at_again_only_for_another_answer(book, tmp_path):
    book.merge(ASSIGNMENT, result(), "d1", tmp_path)
    with reopened(tmp_path) as gradebook:
        grade = gradebook.find_grade("why", ASSIGNMENT, ASSIGNMENT, "s01")
        grade.manual_score, grade.needs_manual_grade, grade.extra_credit = 3.5, False, 0.5
        gradebook.find_comment("why", ASSIGNMENT, ASSIGNMENT, "s01").manual_comment = "Well said."
        gradebook.db.commit()
    for answer, again in ((1, False), (2, True)):
        book.merge(ASSIGNMENT, result(double=0.0, answer=answer), f"d{answer + 1}", tmp_path)
        with reopened(tmp_path) as gradebook:
            grade = gradebook.find_grade("why", ASSIGNMENT, ASSIGNMENT, "s01")
            assert (grade.manual_score, grade.extra_credit, grade.needs_manual_grade) == (3.5, 0.5, again)
            assert gradebook.find_comment("why", ASSIGNMENT, ASSIGNMENT, "s01").comment == "Well said."
            assert gradebook.find_submission(ASSIGNMENT, "s01").score == 6.0


def test_what_needs_attention_changes_no_grade_until_it_is_accepted(book, tmp_path):
    book.merge(ASSIGNMENT, result(), "d1", tmp_path)
    broken = result(double=0.0, status=ATTENTION, reason="cell 3 did not end")
    book.merge(ASSIGNMENT, broken, "d2", tmp_path)
    with reopened(tmp_path) as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "s01").score == 5.0
    assert book.results(ASSIGNMENT)["s01"].reason == "cell 3 did not end"
    assert "cell 3" in book.accept(ASSIGNMENT, "s01", tmp_path)
    with reopened(tmp_path) as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "s01").score == 2.0


def test_a_first_submission_that_needs_attention_has_no_grade_at_all(book, tmp_path):
    book.merge(ASSIGNMENT, Result("s09", status=ATTENTION, reason="not JSON"), "d1", tmp_path)
    with reopened(tmp_path) as gradebook:
        assert not [each for each in gradebook.assignment_submissions(ASSIGNMENT) if each.student_id == "s09"]
    with pytest.raises(ValueError, match="held back"):
        book.accept(ASSIGNMENT, "s09", tmp_path)


def test_withheld_points_can_be_granted(book, tmp_path):
    edited = result(double=0.0, flags={f"{ASSIGNMENT}/test-double": "the test cell was edited"})
    edited.cells[ASSIGNMENT]["test-double"]["withheld"] = 3.0
    book.merge(ASSIGNMENT, edited, "d1", tmp_path)
    with reopened(tmp_path) as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "s01").notebooks[0].flagged
    assert "3 points" in book.accept(ASSIGNMENT, "s01", tmp_path)
    with pytest.raises(ValueError, match="held back"):
        book.accept(ASSIGNMENT, "s01", tmp_path)
    with reopened(tmp_path) as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "s01").score == 5.0


@pytest.mark.parametrize(("handed_in", "score"), [("s" * DIGEST, 5.0), ("t" * DIGEST, 2.0)])
def test_granted_points_stay_as_long_as_the_work_is_the_same(book, tmp_path, handed_in, score):
    def edited():
        made = result(double=0.0)
        made.cells[ASSIGNMENT]["test-double"]["withheld"] = 3.0
        return made

    book.merge(ASSIGNMENT, edited(), "p" * DIGEST + "s" * DIGEST, tmp_path)
    book.accept(ASSIGNMENT, "s01", tmp_path)
    for pack in "qr":  # the course changes, and the same or another submission is graded anew
        book.merge(ASSIGNMENT, edited(), pack * DIGEST + handed_in, tmp_path)
        with reopened(tmp_path) as gradebook:
            assert gradebook.find_submission(ASSIGNMENT, "s01").score == score
    assert bool(book.results(ASSIGNMENT)["s01"].notes) == (score == 5.0)


def test_an_error_in_the_middle_leaves_no_trace(book, tmp_path):
    damaged = result()
    damaged.cells[ASSIGNMENT]["test-solve"] = {"score": object(), "max": 2.0, "manual": False}
    with pytest.raises(Exception, match="object"):
        book.merge(ASSIGNMENT, damaged, "d1", tmp_path)
    assert book.digests(ASSIGNMENT) == {}
    with reopened(tmp_path) as gradebook:
        assert gradebook.students == []


def test_two_graders_at_once_leave_one_grade_each(packed, book, tmp_path):
    other = Book(f"sqlite:///{tmp_path}/gradebook.db")
    names = [f"s{number:02}" for number in range(12)]
    trouble = []

    def work(through: Book) -> None:
        try:
            for name in names:
                through.merge(ASSIGNMENT, result(name), "d1", tmp_path)
        except Exception as error:
            trouble.append(error)

    threads = [threading.Thread(target=work, args=(each,)) for each in (book, other)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    other.close()
    assert not trouble, repr(trouble)
    with reopened(tmp_path) as gradebook:
        assert [each.score for each in gradebook.assignment_submissions(ASSIGNMENT)] == [5.0] * len(names)
    (count,) = sqlite3.connect(tmp_path / "gradebook.db").execute("select count(*) from grade").fetchone()
    assert count == 5 * len(names)


def test_a_changed_notebook_updates_the_gradebook_and_keeps_manual_grades(book, tmp_path):
    book.merge(ASSIGNMENT, result(), "d1", tmp_path)
    root = tmp_path / "changed"
    folder = root / "solutions" / ASSIGNMENT
    folder.mkdir(parents=True)
    nb = notebook()
    nb.cells[3].metadata.nbgrader.points = 10
    del nb.cells[6:8]  # the exercise `scaled` and its test
    import nbformat

    nbformat.write(nb, folder / f"{ASSIGNMENT}.ipynb")
    smaller = build(root, ASSIGNMENT)
    book.keep_pack(smaller)
    with reopened(tmp_path) as gradebook:
        assert gradebook.find_assignment(ASSIGNMENT).max_score == 18.0
        assert gradebook.find_submission(ASSIGNMENT, "s01").score == 5.0
        gradebook.find_grade("why", ASSIGNMENT, ASSIGNMENT, "s01").manual_score = 1.0
        gradebook.db.commit()
    del nb.cells[6]  # the answer that was graded by hand
    nbformat.write(nb, folder / f"{ASSIGNMENT}.ipynb")
    with pytest.raises(ValueError, match="why is gone"):
        book.keep_pack(build(root, ASSIGNMENT))
    assert book.pack(ASSIGNMENT, smaller.digest).digest == smaller.digest
