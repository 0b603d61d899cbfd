"""The checks of notebook 08 agree with its graded tests: what is right passes, what loses points is noticed."""

import runpy
from collections import Counter
from math import exp
from statistics import fmean

import pandas as pd
import pytest

from config import ROOT
from grading.slicing import free_names
from helpers import answers, problems, prompts
from helpers.checks import nb08 as checks_08
from tests.helpers.checks.answers import each
from tests.notebooks.reading import SOLUTIONS, exercises, read

FILE = ROOT / "tests" / "notebooks" / "variants" / "08_training_for_search.py"
VARIANTS = runpy.run_path(str(FILE))["VARIANTS"]
NAMES = {exercise: exercise.split("_", 1)[1] for exercise in VARIANTS}
GIVEN = {"Counter": Counter, "exp": exp, "fmean": fmean, "pd": pd, "MAX_TOKENS": 256}
[NOTEBOOK] = [read(path) for path in SOLUTIONS if path.stem.startswith("08")]


def said(exercise: str, code: str, capsys) -> str:
    """What the check says of the learner's cell, run where the notebook's own names are."""
    names = vars(answers) | vars(problems) | vars(prompts) | GIVEN | {"SYSTEM_COT": checks_08.SYSTEM_COT}
    for own in ("tools", "left-after"):
        exec(next(cell.source for cell in NOTEBOOK.cells if cell.id == own), names)
    exec(code, names)
    getattr(checks_08, NAMES[exercise])(names[NAMES[exercise]])
    return capsys.readouterr().out


@pytest.mark.parametrize(("exercise", "code"), each(VARIANTS, "right"))
def test_a_right_answer_passes(exercise, code, capsys):
    assert said(exercise, code, capsys).startswith(f"✓ {NAMES[exercise]}")


@pytest.mark.parametrize(("exercise", "code"), each(VARIANTS, "wrong"))
def test_an_answer_that_loses_points_is_noticed_and_gets_hints(exercise, code, capsys):
    text = said(exercise, code, capsys)
    assert f"✗ {NAMES[exercise]}" in text
    assert all(part in text for part in ("yours:", "expected:", "hint 1:", "hint 2:"))


@pytest.mark.parametrize("exercise", VARIANTS)
def test_a_graded_test_uses_the_learners_function_alone(exercise):
    [cell] = exercises(NOTEBOOK)[exercise].tests
    assert free_names(NOTEBOOK.cells[cell].source) == {NAMES[exercise]}


def test_the_prompt_of_the_checks_is_that_of_the_notebook():
    settings = next(cell.source for cell in NOTEBOOK.cells if cell.id == "settings")
    names = {"FINAL_FORMAT": prompts.FINAL_FORMAT, "ROOT": ROOT, "Predictions": object}
    exec(settings, names)
    assert names["SYSTEM_COT"] == checks_08.SYSTEM_COT
