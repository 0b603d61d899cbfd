"""The checks of notebook 04 agree with its graded tests."""

import runpy
from statistics import fmean

import pandas as pd
import pytest

from config import ROOT
from helpers import answers, its, prompts
from helpers.checks import nb04 as checks_04
from tests.helpers.checks.answers import each

FILE = ROOT / "tests" / "notebooks" / "variants" / "04_best_of_n_judge.py"
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
TRIED = {name: VARIANTS[name] for name in CHECKS}


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize(("exercise", "code"), each(TRIED, "right"))
def test_a_right_answer_passes(exercise, code, capsys):
    CHECKS[exercise](written(exercise, code))
    assert capsys.readouterr().out.startswith("✓")


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize(("exercise", "code"), each(TRIED, "wrong"))
def test_an_answer_that_loses_points_is_noticed_and_gets_hints(exercise, code, capsys):
    CHECKS[exercise](written(exercise, code))
    said = capsys.readouterr().out
    assert said.startswith("✗")
    assert all(part in said for part in ("yours:", "expected:", "hint 1:"))


# Run side by side or not: the graded tests await in another process, one call at a time, and cannot tell.
# Coroutines that nobody awaits lose the points as well; they stand here because Python's warning comes at a
# time of its own.
RUN_ALL_NOTICED = [
    # one after the other
    """
async def run_all(records, generator, algorithm, budget):
    results = []
    for record in records:
        messages = chat(rag_prompt(record))
        results.append(await algorithm.ainfer(generator, messages, budget=budget, return_response_only=False))
    return results
""",
    # `await` is forgotten
    """
async def run_all(records, generator, algorithm, budget):
    whole = {"budget": budget, "return_response_only": False}
    return gather([algorithm.ainfer(generator, chat(rag_prompt(r)), **whole) for r in records])
""",
    # calls that nobody awaits
    """
async def run_all(records, generator, algorithm, budget):
    whole = {"budget": budget, "return_response_only": False}
    return [algorithm.ainfer(generator, chat(rag_prompt(r)), **whole) for r in records]
""",
]


@pytest.mark.parametrize(
    ("code", "tried"), list(zip(RUN_ALL_NOTICED, ("same time", "comes back", "scores"), strict=True))
)
def test_what_run_all_forgets_is_named_without_noise(code, tried, capsys, recwarn):
    CHECKS["ex2_run_all"](written("ex2_run_all", code))
    said = capsys.readouterr()
    assert said.out.startswith("✗") and tried in said.out and not said.err
    assert not [w for w in recwarn if "never awaited" in str(w.message)]
