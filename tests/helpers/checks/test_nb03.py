"""The checks of notebook 03 agree with its graded tests."""

import ast
import runpy
from collections import Counter
from fractions import Fraction
from math import exp, inf

import pandas as pd
import pytest

from config import ROOT
from helpers import prompts
from helpers.checks import nb03 as checks_03
from helpers.checks import nb03_expressions
from helpers.search import State
from tests.helpers.checks.answers import each

FILE = ROOT / "tests" / "notebooks" / "variants" / "03_tree_of_thought.py"
VARIANTS = runpy.run_path(str(FILE))["VARIANTS"]
NAMES = {exercise: exercise.split("_", 1)[1] for exercise in VARIANTS}  # ex3_expand -> expand


def conversation(prompts, state):
    said = "".join(line + "\n" for line in state.lines)
    return prompts[state.problem] + ([{"role": "assistant", "content": said}] if said else [])


def written(exercise: str, code: str) -> object:
    """What the learner's cell defines, run where the notebook's own names and the other exercises are."""
    names = vars(prompts) | {"ast": ast, "Counter": Counter, "Fraction": Fraction, "exp": exp, "inf": inf}
    names |= {"pd": pd, "State": State, "conversation": conversation}
    names |= {"MAX_CHARS": 200, "MAX_LINE": 48, "MAX_TOKENS": 256}
    for other in VARIANTS:
        if other != exercise:
            exec(VARIANTS[other]["right"][0], names)
    exec(code, names)
    return names[NAMES[exercise]]


def said(exercise: str, code: str, capsys) -> str:
    getattr(checks_03, NAMES[exercise])(written(exercise, code))
    return capsys.readouterr().out


@pytest.mark.parametrize(("exercise", "code"), each(VARIANTS, "right"))
def test_a_right_answer_passes(exercise, code, capsys):
    assert said(exercise, code, capsys).startswith(f"✓ {NAMES[exercise]}")


@pytest.mark.parametrize(("exercise", "code"), each(VARIANTS, "wrong"))
def test_an_answer_that_loses_points_is_noticed_and_gets_hints(exercise, code, capsys):
    text = said(exercise, code, capsys)
    assert f"✗ {NAMES[exercise]}" in text
    assert all(part in text for part in ("yours:", "expected:", "hint 1:", "hint 2:"))


def test_an_answer_that_never_comes_is_given_up(monkeypatch, capsys):
    monkeypatch.setattr(nb03_expressions, "SECONDS", 0.05)

    def endless(text):
        while text:
            pass

    checks_03.safe_eval(endless)
    assert "TimeoutError" in capsys.readouterr().out
