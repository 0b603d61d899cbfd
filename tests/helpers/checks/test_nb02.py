"""The checks of notebook 02 agree with its graded tests: what is right passes, what is wrong is noticed."""

import random
import runpy
from collections import Counter
from functools import partial

import pandas as pd
import pytest

from config import ROOT
from helpers import answers, estimators, prompts
from helpers.checks import nb02 as checks_02
from tests.helpers.checks.answers import each

VARIANTS = runpy.run_path(str(ROOT / "tests" / "notebooks" / "variants" / "02_majority_vote.py"))["VARIANTS"]
SYSTEM = "Reason step by step. " + prompts.FINAL_FORMAT


CHECKS = {
    "ex1_draw": ("draw", partial(checks_02.draw, system=SYSTEM)),
    "ex2_majority_vote": ("majority_vote", checks_02.majority_vote),
    "ex3_vote_all": ("vote_all", checks_02.vote_all),
    "ex4_estimate_maj": ("estimate_maj", checks_02.estimate_maj),
    "ex5_weighted_vote": ("weighted_vote", checks_02.weighted_vote),
    "ex6_decided": ("decided", checks_02.decided),
}
TRIED = {name: VARIANTS[name] for name in CHECKS}


def read_answer(sample):
    if sample.finish_reason == "length" or "Final:" not in sample.text:
        return None
    return answers.extract_answer(sample.text)


def written(code: str, name: str) -> object:
    """What the learner's cell defines, run where the notebook's own names are."""
    names = vars(answers) | vars(estimators) | vars(prompts)
    names |= {"random": random, "Counter": Counter, "pd": pd, "read_answer": read_answer}
    names |= {"MAX_TOKENS": 256, "SYSTEM_COT": SYSTEM}
    exec(code, names)
    return names[name]


@pytest.mark.parametrize(("exercise", "code"), each(TRIED, "right"))
def test_a_right_answer_passes(exercise, code, capsys):
    name, check = CHECKS[exercise]
    check(written(code, name))
    assert capsys.readouterr().out.startswith(f"✓ {name}")


@pytest.mark.parametrize(("exercise", "code"), each(TRIED, "wrong"))
def test_an_answer_that_loses_points_is_noticed_and_gets_hints(exercise, code, capsys):
    name, check = CHECKS[exercise]
    check(written(code, name))
    said = capsys.readouterr().out
    assert f"✗ {name}" in said
    assert all(part in said for part in ("yours:", "expected:", "hint 1:"))


def test_a_default_is_no_room_for_a_reply_where_the_notebook_wants_more(capsys):
    code = """
def draw(model, questions, n, temperature):
    return model.sample([make_prompt(SYSTEM_COT, q) for q in questions], n, temperature=temperature)
"""
    checks_02.draw(written(code, "draw"), SYSTEM)
    assert "Was it passed on?" in capsys.readouterr().out
