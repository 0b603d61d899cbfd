"""The checks of notebook 07 agree with its graded tests: what is right passes, what loses points is noticed."""

import runpy
import sqlite3
from collections import Counter
from math import exp, log, sqrt
from statistics import fmean

import pandas as pd
import pytest

from config import ROOT
from grading.slicing import free_names
from helpers.answers import answers_match
from helpers.checks import nb07 as checks_07
from tests.notebooks.reading import SOLUTIONS, exercises, read

FILE = ROOT / "tests" / "notebooks" / "variants" / "07_verifier_search.py"
VARIANTS = runpy.run_path(str(FILE))["VARIANTS"]
NAMES = {exercise: exercise.split("_", 1)[1] for exercise in VARIANTS}  # ex2_beam -> beam
FUNCTIONS = {"particles": ("effective_sample_size", "resample"), "select_and_back_up": ("select", "back_up")}
[PATH] = [path for path in SOLUTIONS if path.stem.startswith("07")]


def functions(exercise: str) -> tuple[str, ...]:
    return FUNCTIONS.get(NAMES[exercise], (NAMES[exercise],))


def limits() -> str:
    """The cell of the notebook with the limits of a query."""
    return next(cell.source for cell in read(PATH).cells if cell.id == "sql-limits")


def said(exercise: str, code: str, capsys) -> str:
    """What the check says of the learner's cell, run where the notebook's own names and the other exercises are."""
    names = {"answers_match": answers_match, "Counter": Counter, "fmean": fmean, "pd": pd, "sqlite3": sqlite3}
    names |= {"exp": exp, "log": log, "sqrt": sqrt}
    exec(limits(), names)
    for other in VARIANTS:
        if other != exercise:
            exec(VARIANTS[other]["right"][0], names)
    exec(code, names)
    getattr(checks_07, NAMES[exercise])(*(names[name] for name in functions(exercise)))
    return capsys.readouterr().out


def each(kind: str) -> list:
    return [
        pytest.param(exercise, code, id=f"{exercise}-{kind}{i}")
        for exercise in VARIANTS
        for i, code in enumerate(VARIANTS[exercise][kind])
    ]


@pytest.mark.parametrize(("exercise", "code"), each("right"))
def test_a_right_answer_passes(exercise, code, capsys):
    assert said(exercise, code, capsys).startswith(f"✓ {NAMES[exercise]}")


@pytest.mark.parametrize(("exercise", "code"), each("wrong"))
def test_an_answer_that_loses_points_is_noticed_and_gets_hints(exercise, code, capsys):
    text = said(exercise, code, capsys)
    assert f"✗ {NAMES[exercise]}" in text
    assert all(part in text for part in ("yours:", "expected:", "hint 1:", "hint 2:"))


@pytest.mark.parametrize("exercise", VARIANTS)
def test_a_graded_test_uses_the_learners_functions_alone(exercise):
    notebook = read(PATH)
    [cell] = exercises(notebook)[exercise].tests
    assert free_names(notebook.cells[cell].source) == set(functions(exercise))


def test_every_exercise_has_eight_right_styles_and_twelve_wrong_ones():
    for exercise, entry in VARIANTS.items():
        assert len(set(entry["right"])) >= 8 and len(set(entry["wrong"])) >= 12, exercise
