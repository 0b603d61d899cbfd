"""The checks of notebook 01 agree with its graded tests: what is right passes, what is wrong is noticed."""

import ast
import json
import re
import runpy
from functools import partial

import pandas as pd
import pytest

from config import ROOT
from helpers import answers, estimators, prompts
from helpers.checks import nb01 as checks_01
from helpers.checks.scripted import ScriptedModel
from helpers.problems import Problem
from tests.helpers.checks.answers import each

VARIANTS = runpy.run_path(str(ROOT / "tests" / "notebooks" / "variants" / "01_cot_vs_baseline.py"))[
    "VARIANTS"
]
SYSTEM = "Reason step by step. " + prompts.FINAL_FORMAT
NOTEBOOK = ROOT / "solutions" / "01_cot_vs_baseline" / "01_cot_vs_baseline.ipynb"


def read_final(text):
    found = re.findall(r"Final:\s*(-?\d+)", text.replace("*", ""))
    return found[-1] if found else None


CHECKS = {
    "ex1_run_baseline": ("run_baseline", checks_01.run_baseline),
    "ex3_extract_final": ("extract_final", checks_01.extract_final),
    "ex4_run_cot": ("run_cot", partial(checks_01.run_cot, system=SYSTEM, reader=read_final)),
    "ex5_evaluate": ("evaluate", checks_01.evaluate),
}
PROBLEMS = [Problem(str(i), f"Question {i}?", "7", "word", 2) for i in range(8)]
TRIED = {name: VARIANTS[name] for name in CHECKS}


def written(code: str, name: str) -> object:
    """What the learner's cell defines, run where the notebook's own names are."""
    import time

    names = vars(answers) | vars(estimators) | vars(prompts)
    names |= {"re": re, "pd": pd, "time": time, "MAX_TOKENS": 256, "SYSTEM_COT": SYSTEM}
    names |= {"extract_final": read_final}
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
    assert all(part in said for part in ("yours:", "expected:", "hint 1:", "hint 2:"))


@pytest.mark.parametrize(
    ("reply", "mark"),
    [("3 + 4 = 7\nFinal: 7", "✓"), ("7", "✗"), ("Final: 7", "✗"), ("3 + 4 = 7\nSo 7.", "✗")],
)
def test_a_prompt_is_judged_by_what_the_model_does_with_it(reply, mark, capsys):
    def obeys_a_good_prompt(messages, i):
        return "3 + 4 = 7\nFinal: 7" if messages[0]["content"] == checks_01.GOOD_PROMPT else reply

    checks_01.system_cot(SYSTEM, ScriptedModel(obeys_a_good_prompt), PROBLEMS)
    assert capsys.readouterr().out.startswith(f"{mark} SYSTEM_COT")


@pytest.mark.parametrize("others, mark", [(0, "✓"), (3, "✓"), (5, "✓"), (6, "✗")])
def test_a_model_that_does_not_follow_a_good_prompt_is_not_the_learners_fault(others, mark, capsys):
    texts = [problem.question for problem in PROBLEMS]

    def careless(messages, i):
        good = messages[0]["content"] == checks_01.GOOD_PROMPT
        follows = texts.index(messages[1]["content"]) < (others if good else 3)
        return "3 + 4 = 7\nFinal: 7" if follows else "It is 7."

    checks_01.system_cot(SYSTEM, ScriptedModel(careless, name="smollm2"), PROBLEMS)
    said = capsys.readouterr().out
    assert said.startswith(f"{mark} SYSTEM_COT")
    assert (f"{others} do: that is how smollm2 is" in said) == (mark == "✓")


def unseen(kind: str) -> list[str]:
    return json.loads((ROOT / "training" / "data" / "phrasings_unseen.json").read_text(encoding="utf-8"))[
        kind
    ]


@pytest.fixture(scope="module")
def graded():
    """What the hidden test of exercise 2 says of a prompt."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    [source] = [
        "".join(c["source"]) for c in cells if "".join(c["source"]).startswith("# Exercise 2, 2 points")
    ]
    [function] = [
        node for node in ast.parse(source).body if getattr(node, "name", "") == "asks_for_reasoning"
    ]
    names = {}
    exec(ast.unparse(function), names)
    return names["asks_for_reasoning"]


def test_hardly_any_unseen_wording_is_graded_wrongly(graded):
    """The words are no grammar, so one wording in ten may slip through; none that asks for reasoning is
    refused.
    """
    assert all(map(graded, unseen("step_by_step")))
    assert sum(map(graded, unseen("at_once"))) <= len(unseen("at_once")) // 10


def test_what_the_check_takes_for_a_request_earns_the_points(graded):
    everything = [wording for kind in ("step_by_step", "at_once", "expression") for wording in unseen(kind)]
    assert not [wording for wording in everything if checks_01.asks(wording) and not graded(wording)]
    assert sum(map(checks_01.asks, unseen("step_by_step"))) >= 0.8 * len(unseen("step_by_step"))


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        ("Never skip steps, and do not rush.", True),
        ("Reason step by step, and then answer.", True),
        ("Don't explain.", False),
        ("Give the number without any steps.", False),
        ("Do not show your work", False),
        ("Think in your head.", False),
        ("NOT YET IMPLEMENTED", False),
        ("You are a solver.", False),
        ("", False),
    ],
)
def test_words_that_ask_and_words_that_refuse(graded, prompt, asked):
    assert checks_01.asks(f"{prompt} {prompts.FINAL_FORMAT}") == asked
    assert graded(f"{prompt} {prompts.FINAL_FORMAT}") == asked


def test_a_good_prompt_shows_what_the_model_did_with_it(capsys):
    checks_01.system_cot(SYSTEM, ScriptedModel(lambda messages, i: "3 + 4 = 7\nFinal: 7"), PROBLEMS)
    said = capsys.readouterr().out
    assert "8 of 8 replies reason" in said and "Question 1?\n\n3 + 4 = 7" in said


@pytest.mark.parametrize(
    "prompt",
    [None, ["Reason.", "Final:"], "Reason step by step.", prompts.FINAL_FORMAT, "TODO Final: <integer>"],
)
def test_a_prompt_that_is_no_text_or_does_not_ask_for_both_is_noticed_without_the_model(prompt, capsys):
    model = ScriptedModel(lambda messages, i: "3 + 4 = 7\nFinal: 7")
    checks_01.system_cot(prompt, model, PROBLEMS)
    assert capsys.readouterr().out.startswith("✗ SYSTEM_COT") and not model.calls
