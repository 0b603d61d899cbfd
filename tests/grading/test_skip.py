"""Validate and grading run what the tests need; live figures are not waited for, and no verdict changes."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.validator import Validator

from config import ROOT
from grading.course import settings
from grading.skip import skippable
from tests.grading.class_course import ASSIGNMENT, FULL, PLACE, notebook, points, submission
from tests.grading.small_course import small_notebook


def validated(nb: nbformat.NotebookNode, folder) -> set[str]:
    """First lines of the test cells that fail when a learner presses Validate."""
    path = folder / "small.ipynb"
    nbformat.write(nb, path)
    found = Validator(config=settings(ROOT)).validate(str(path))
    return {each["source"].split("\n")[0] for each in found.get("failed", [])}


def live(source: str) -> nbformat.NotebookNode:
    """The small notebook with another live cell, which leaves a mark where it runs, between its exercises."""
    nb = small_notebook()
    nb.cells[3].source = f"open('mark', 'w').close()\n{source}"
    for cell in nb.cells:
        cell.metadata.get("nbgrader", {}).pop("checksum", None)
    return nb


def test_validate_leaves_live_cells_out(tmp_path):
    assert validated(live("live = double(3)"), tmp_path) == set()
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("source", ["double = lambda x: x + x", "globals()['half'] = double"])
def test_validate_runs_a_cell_that_an_exercise_may_need(tmp_path, source):
    assert validated(live(source), tmp_path) == set()
    assert (tmp_path / "mark").exists()


READ = """def read(name):
    import sys
    names = sys._getframe(1).f_globals
    if name not in names:
        raise NameError(f"name '{name}' is not defined")
    return names[name]"""


def test_validate_runs_everything_when_a_name_is_missed(tmp_path):
    nb = live("step = 2")
    nb.cells.insert(1, new_code_cell("def double(x):\n    return x * read('step')", id="before"))
    nb.cells[2].source = READ
    nb.cells.insert(5, nb.cells.pop(3))  # the tests stand after the live cell
    assert validated(nb, tmp_path) == set()
    assert (tmp_path / "mark").exists()


def test_a_wrong_exercise_fails_as_before(tmp_path):
    nb = live("live = double(3)")
    nb.cells[1].source = "def double(x):\n    return x"
    assert validated(nb, tmp_path) == {"assert double(2) == 4", "import math"}


def test_a_cell_runs_when_a_test_or_an_exercise_depends_on_it():
    assert skippable(small_notebook(), {"double"}) == {3}
    assert skippable(live("double = abs"), {"double"}) == set()
    assert skippable(live("live = double(3)"), {"live"}) == set()


def test_while_grading_a_live_cell_is_left_out_and_what_a_function_needs_runs(grader):
    nb = notebook()
    nb.cells.insert(PLACE["double"], new_code_cell("print('helper')\nplus = lambda x: x + x", id="helper"))
    nb.cells[PLACE["double"] + 1].source = "def double(x):\n    return plus(x)"
    result = grader.grade(submission(nb))
    outputs = [cell.get("outputs") for cell in nbformat.reads(result.notebooks[ASSIGNMENT], 4).cells]
    assert points(result) == FULL
    assert outputs[PLACE["double"]][0].text == "helper\n"
    assert "not run while grading" in outputs[PLACE["live"] + 1][0].text


@pytest.mark.parametrize("right, ran", [(True, True), (False, False)])
def test_while_grading_all_cells_run_where_a_name_is_missed_and_not_for_a_wrong_answer(grader, right, ran):
    nb = notebook()
    nb.cells.insert(PLACE["double"], new_code_cell("print('ran')\nstep = 2", id="before"))
    wanted = f"{READ}\ndef double(x):\n    return x * read('step')"
    nb.cells[PLACE["double"] + 1].source = wanted if right else "def double(x):\n    return x"
    result = grader.grade(submission(nb))
    shown = nbformat.reads(result.notebooks[ASSIGNMENT], 4).cells[PLACE["double"]].outputs[0].text
    assert points(result) == FULL | ({} if right else {"test-double": 0.0})
    assert (shown == "ran\n") == ran
