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

FILE = ROOT / "tests" / "notebooks" / "variants" / "09_budget.py"
VARIANTS = runpy.run_path(str(FILE))["VARIANTS"]
NAMES = {exercise: exercise.split("_", 1)[1] for exercise in VARIANTS}  # ex1_cost -> cost
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
