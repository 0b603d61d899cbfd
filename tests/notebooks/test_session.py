"""The harness itself, on a small notebook: what it scores is what nbgrader's own cycle scores."""

import pytest
from nbformat.v4 import new_code_cell

from tests.grading.small_course import ASSIGNMENT, small_notebook, write_course
from tests.notebooks.cycle import real_scores
from tests.notebooks.reading import exercises, needed, secret_lines
from tests.notebooks.session import open_session

TRIALS = {
    "solution": {},
    "other style": {"double": "double = lambda x: 2 * x"},
    "wrong double": {"double": "def double(x):\n    return x * x"},
    "wrong total": {"total": "def total(values):\n    return 6"},
    "both wrong": {"double": "double = abs", "total": "total = None"},
    "syntax error": {"double": "def double(x:"},
    "undone": {"total": "raise NotImplementedError()"},
    "warns": {"double": "import warnings\ndef double(x):\n    warnings.warn('slow')\n    return 2 * x"},
    "hides a builtin": {"double": "sum = None\ndef double(x):\n    return x + x"},
    "uses what comes later": {"double": "def double(x):\n    return sum([x, x], start=type(total)(0))"},
}


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    with open_session(small_notebook(), tmp_path_factory.mktemp("session")) as session:
        yield session


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    return real_scores(write_course(tmp_path_factory.mktemp("course")), ASSIGNMENT, ASSIGNMENT, TRIALS)


@pytest.mark.parametrize("trial", TRIALS)
def test_the_fast_way_scores_as_nbgrader_does(session, real, trial):
    assert session.score(TRIALS[trial]).items() <= real[trial].items()


def test_a_trial_leaves_no_trace(session):
    session.score(TRIALS["both wrong"])
    assert session.control() == {"test-double": 3, "test-total": 2}
    assert session.score({"total": "def total(values):\n    return double(2) / undefined"})["test-total"] == 0


def test_control_tells_when_a_trial_changed_what_lies_outside_its_names(tmp_path):
    with open_session(small_notebook(), tmp_path) as session:
        session.score({"double": "import math\nmath.isclose = None\ndef double(x): return 2 * x"})
        assert session.control()["test-total"] == 0


def test_cells_that_a_trial_cannot_touch_are_not_run_again(session):
    before = session._client.code_cells_executed
    session.score({"total": "def total(values):\n    return 2 * sum(values)"})
    assert session._client.code_cells_executed == before + 2
    session.score({"double": "def double(x):\n    return 2 * x"})
    assert session._client.code_cells_executed == before + 2 + 4


def test_exercises_are_the_cells_that_tests_grade():
    found = exercises(small_notebook())
    assert [(e.cell, e.tests, e.points) for e in found.values()] == [(1, (2,), 3), (4, (5,), 2)]


def test_only_cells_that_tests_depend_on_are_needed():
    notebook = small_notebook()
    notebook.cells.insert(0, new_code_cell("from os.path import *"))
    notebook.cells.insert(1, new_code_cell("start = 0\nprint(start)"))
    notebook.cells.insert(2, new_code_cell("scale = [1]"))
    notebook.cells.insert(3, new_code_cell("scale.append(2)\n%matplotlib inline"))
    notebook.cells[5].source = "def double(x):\n    return scale[-1] * x"
    assert needed(notebook) == [0, 2, 3, 5, 6, 8, 9]
    notebook.cells[3].metadata.tags = ["live"]
    assert needed(notebook) == [0, 2, 5, 6, 8, 9]


def test_secret_lines_are_those_of_no_open_cell():
    notebook = small_notebook()
    assert "twice = x + x" in secret_lines(notebook) and "Doubling is cheap." in secret_lines(notebook)
    assert "assert double(2) == 4" not in secret_lines(notebook)
    notebook.cells.append(new_code_cell("twice = x + x"))
    assert "twice = x + x" not in secret_lines(notebook)
