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
from tests.helpers.checks.answers import each
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


@pytest.mark.parametrize(("exercise", "code"), each(VARIANTS, "right"))
def test_a_right_answer_passes(exercise, code, capsys):
    assert said(exercise, code, capsys).startswith(f"✓ {NAMES[exercise]}")


@pytest.mark.parametrize(("exercise", "code"), each(VARIANTS, "wrong"))
def test_an_answer_that_loses_points_is_noticed_and_gets_hints(exercise, code, capsys):
    text = said(exercise, code, capsys)
    assert f"✗ {NAMES[exercise]}" in text
    assert all(part in text for part in ("yours:", "expected:", "hint 1:", "hint 2:"))


MISTAKES = [  # an answer, what is changed in it, and what a hint says
    ("ex1_rollout_value", "golds[state.problem]", "golds[0]", "Each state belongs to a problem"),
    ("ex2_beam", "n // m", "n", "n // m lines each"),
    ("ex2_beam", "lines < depth", "lines <= depth", "The first lines count"),
    (
        "ex2_beam",
        "    return groups",
        "    return [g[:m] for g in groups]",
        "nothing is thrown away at the end",
    ),
    ("ex2_beam", ", reverse=True", "", "the highest scores are kept"),
    ("ex2_beam", "not all(s.finished", "not any(s.finished", "One finished state is not the end"),
    ("ex5_select_and_back_up", "children.get(place)", "place in children", "or an empty list of them"),
    (
        "ex6_run_query",
        "cursor.fetchmany(MAX_ROWS)",
        "cursor.fetchall()[:MAX_ROWS]",
        "Rows come one at a time",
    ),
    (
        "ex6_run_query",
        "base.execute(query)",
        "base.execute(query if query[:6] == 'SELECT' else '!')",
        "says little",
    ),
    (
        "ex6_run_query",
        "base.set_authorizer(allowed)",
        "base.set_authorizer(lambda a: 0)",
        "This query only reads",
    ),
    ("ex7_result_vote", "all(value is None", "any(value is None", "A result with some value votes"),
    ("ex8_best_plan", 'row["level"] == level and ', "", "Only rows of this level"),
]


@pytest.mark.parametrize(("exercise", "old", "new", "hint"), MISTAKES)
def test_a_hint_is_about_the_mistake(exercise, old, new, hint, capsys):
    code = next(code for code in VARIANTS[exercise]["right"] if old in code)
    assert hint in said(exercise, code.replace(old, new), capsys)


def test_an_error_while_rows_are_fetched_is_told_as_such(capsys):
    wrong = VARIANTS["ex6_run_query"]["wrong"]
    code = next(code for code in wrong if "return cursor.fetchmany" in code and "sqlite3.Warning" in code)
    assert "it comes while rows are fetched" in said("ex6_run_query", code, capsys)


@pytest.mark.parametrize("exercise", VARIANTS)
def test_a_graded_test_uses_the_learners_functions_alone(exercise):
    notebook = read(PATH)
    [cell] = exercises(notebook)[exercise].tests
    assert free_names(notebook.cells[cell].source) == set(functions(exercise))


def test_every_exercise_has_eight_right_styles_and_twelve_wrong_ones():
    for exercise, entry in VARIANTS.items():
        assert len(set(entry["right"])) >= 8 and len(set(entry["wrong"])) >= 12, exercise
