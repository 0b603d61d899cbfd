"""The cycle on `submitted/`: points, safe feedback, and bad submissions that harm no other."""

import pytest

from grading.cycle import describe, grade_submissions
from tests.grading.small_course import ASSIGNMENT, small_notebook, submit, write_course


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The results of one run over five submissions, by student, and the course folder."""
    root = write_course(tmp_path_factory.mktemp("course"))
    right, half = small_notebook(), small_notebook()
    half.cells[1].source = "def double(x):\n    return 2 * abs(x)"
    submit(root, "right", right)
    submit(root, "half", half)
    submit(root, "broken", right)
    (root / "submitted" / "broken" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").write_text("{ not JSON")
    (root / "submitted" / "empty" / ASSIGNMENT).mkdir(parents=True)
    (root / "submitted" / "lost" / "smal").mkdir(parents=True)
    return root, {grade.student: grade for grade in grade_submissions(root)}


def test_points_and_what_is_left_to_grade_by_hand(graded):
    _, grades = graded
    assert describe(grades["right"]) == "right  small  5 of 9, 1 to grade by hand"
    assert (grades["half"].score, grades["half"].max_score) == (2, 9)


@pytest.mark.parametrize(
    "student, reason", [("broken", "JSON"), ("empty", "No notebooks"), ("lost", "'smal'")]
)
def test_what_cannot_be_graded_needs_attention_and_is_no_zero(graded, student, reason):
    _, grades = graded
    assert reason in grades[student].problem and "needs attention" in describe(grades[student])


def test_feedback_names_the_error_and_shows_no_hidden_test(graded):
    root, _ = graded
    feedback = (root / "feedback" / "half" / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text()
    assert "AssertionError" in feedback
    assert "secret_number" not in feedback and "isclose" not in feedback
