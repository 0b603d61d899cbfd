"""The checks of notebook 04 agree with its graded tests: what is right passes, what loses points is noticed."""

import runpy
from pathlib import Path
from statistics import fmean

import pandas as pd
import pytest

from helpers import answers, its, prompts
from helpers.checks import nb04 as checks_04

FILE = Path(__file__).parents[2] / "notebooks" / "variants" / "04_best_of_n_judge.py"
VARIANTS = runpy.run_path(str(FILE))["VARIANTS"]
SYSTEM = "Answer the question using only the context. Reason step by step. " + prompts.FINAL_FORMAT


def written(exercise: str, code: str) -> dict:
    """The names after the learner's cell, run where the notebook's own names and a right rag_prompt are."""
    names = vars(prompts) | vars(answers) | {"chat": its.chat, "pd": pd, "fmean": fmean, "SYSTEM_RAG": SYSTEM}

    async def gather(calls, progress=False):
        return await its.gather(calls, progress=False)

    names["gather"] = gather
    exec(VARIANTS["ex1_rag_prompt"]["right"][0], names)
    exec(code, names)
    return names


CHECKS = {
    "ex1_rag_prompt": lambda made: checks_04.rag_prompt(made["rag_prompt"], SYSTEM),
    "ex2_run_all": lambda made: checks_04.run_all(made["run_all"]),
    "ex3_before_after": lambda made: checks_04.before_after(made["before_after"]),
    "ex4_diagnose": lambda made: checks_04.diagnose(made["diagnose"]),
    "ex5_position_shares": lambda made: checks_04.position_shares(made["position_shares"]),
}


def each(kind: str) -> list:
    return [
        pytest.param(exercise, code, id=f"{exercise}-{i}")
        for exercise in CHECKS
        for i, code in enumerate(VARIANTS[exercise][kind])
    ]


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize(("exercise", "code"), each("right"))
def test_a_right_answer_passes(exercise, code, capsys):
    CHECKS[exercise](written(exercise, code))
    assert capsys.readouterr().out.startswith("✓")


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize(("exercise", "code"), each("wrong"))
def test_an_answer_that_loses_points_is_noticed_and_gets_hints(exercise, code, capsys):
    CHECKS[exercise](written(exercise, code))
    said = capsys.readouterr().out
    assert said.startswith("✗")
    assert all(part in said for part in ("yours:", "expected:", "hint 1:"))
