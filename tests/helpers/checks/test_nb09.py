"""The checks of notebook 09 agree with its graded tests: what is right passes, what loses points is noticed."""

import random
import runpy
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from config import ROOT
from helpers.checks import nb09 as checks_09
from helpers.endpoint.usage import Usage
from helpers.pools.budget import OutOfBudget
from tests.helpers.checks.answers import each
from tests.notebooks.reading import grade_id, read

FILE = ROOT / "tests" / "notebooks" / "variants" / "09_budget.py"
VARIANTS = runpy.run_path(str(FILE))["VARIANTS"]
NAMES = {exercise: exercise.split("_", 1)[1] for exercise in VARIANTS}  # ex1_cost -> cost
REFERENCE = {
    grade_id(cell): cell.source
    for cell in read(ROOT / "solutions" / "09_budget" / "09_budget.ipynb").cells
    if grade_id(cell).startswith("ex")
}
GIVEN = {
    "Counter": Counter,
    "CURRENCIES": ("tokens", "flops", "dollars", "seconds"),
    "OutOfBudget": OutOfBudget,
    "Usage": Usage,
    "np": np,
    "pd": pd,
    "random": random,
}


def said(exercise: str, code: str, capsys) -> str:
    """What the check says of the learner's cell, run where the notebook's own names and the other exercises are."""
    names = dict(GIVEN)
    for other in VARIANTS:
        if other != exercise:
            exec(VARIANTS[other]["right"][0], names)
    exec(code, names)
    getattr(checks_09, NAMES[exercise])(names[NAMES[exercise]])
    return capsys.readouterr().out


@pytest.mark.parametrize(("exercise", "code"), each(VARIANTS, "right"))
def test_a_right_answer_passes(exercise, code, capsys):
    assert said(exercise, code, capsys).startswith(f"✓ {NAMES[exercise]}")


@pytest.mark.parametrize(("exercise", "code"), each(VARIANTS, "wrong"))
def test_an_answer_that_loses_points_is_noticed_and_gets_hints(exercise, code, capsys):
    text = said(exercise, code, capsys)
    assert f"✗ {NAMES[exercise]}" in text
    assert all(part in text for part in ("yours:", "expected:", "hint 1:", "hint 2:"))


@pytest.mark.parametrize(
    ("exercise", "old", "new", "hint"),
    [
        ("ex1_cost", "price.reading", "price.writing", "Tokens divided by tokens a second"),
        ("ex1_cost", "sum(written)", "max([*written, 0])", "Every reply is paid"),
        ("ex1_cost", "2 * price.parameters", "price.parameters", "2 operations for each parameter"),
        ("ex3_allocate", "answer for answer in first if answer is not None", "first", "An unread sample"),
        ("ex3_allocate", "doubt[i] / given[i]", "(doubt[i] / given[i], i)", "A tie goes to the question"),
        (
            "ex3_allocate",
            "(len(first) - max(votes.values(), default=0)) / len(first)",
            "len(votes) - 1",
            "How many different answers",
        ),
        ("ex4_cascade", "answer for answer in answers if answer is not None", "answers", "None is no answer"),
        ("ex4_cascade", "/ size >= agree", "/ size > agree", "At least `agree`"),
        ("ex4_cascade", "/ size >= support", "/ size > support", "Without support the large"),
    ],
)
def test_the_first_hint_names_the_rule_that_was_broken(exercise, old, new, hint, capsys):
    code = REFERENCE[exercise]
    assert old in code
    text = said(exercise, code.replace(old, new), capsys)
    assert hint in text.partition("hint 1:")[2].partition("hint 2:")[0]
