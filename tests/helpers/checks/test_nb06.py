"""The checks of notebook 06 agree with its graded tests."""

import runpy

import pandas as pd
import pytest

from config import ROOT
from grading.slicing import free_names
from helpers import answers, prompts
from helpers.checks import nb06 as checks_06
from helpers.checks.nb06_request import wording
from tests.helpers.checks.answers import each
from tests.notebooks.reading import SOLUTIONS, exercises, read

FILE = ROOT / "tests" / "notebooks" / "variants" / "06_self_correction.py"
VARIANTS = runpy.run_path(str(FILE))["VARIANTS"]
NAMES = {exercise: exercise.split("_", 1)[1] for exercise in VARIANTS}  # ex1_check_request -> check_request


def read_answer(sample):
    if sample.finish_reason == "length" or "Final:" not in sample.text:
        return None
    return answers.extract_answer(sample.text)


def written(exercise: str, code: str) -> tuple[object, dict]:
    """What the learner's cell defines, run where the notebook's own names and the other exercises are."""
    names = vars(prompts) | vars(answers) | {"pd": pd, "read_answer": read_answer, "MAX_TOKENS": 256}
    names |= {"SYSTEM_COT": checks_06.SYSTEM_COT}
    for other in VARIANTS:
        if other != exercise:
            exec(VARIANTS[other]["right"][0], names)
    exec(code, names)
    return names[NAMES[exercise]], names


def said(exercise: str, code: str, capsys) -> str:
    mine, names = written(exercise, code)
    more = (names["check_request"],) if exercise == "ex2_self_correct" else ()
    getattr(checks_06, NAMES[exercise])(mine, *more)
    return capsys.readouterr().out


@pytest.mark.parametrize(("exercise", "code"), each(VARIANTS, "right"))
def test_a_right_answer_passes(exercise, code, capsys):
    assert said(exercise, code, capsys).startswith(f"✓ {NAMES[exercise]}")


@pytest.mark.parametrize(("exercise", "code"), each(VARIANTS, "wrong"))
def test_an_answer_that_loses_points_is_noticed_and_gets_hints(exercise, code, capsys):
    text = said(exercise, code, capsys)
    assert f"✗ {NAMES[exercise]}" in text
    assert all(part in text for part in ("yours:", "expected:", "hint 1:", "hint 2:"))


def graded_test(exercise: str) -> str:
    """The source of the test cell of an exercise."""
    [path] = [path for path in SOLUTIONS if path.stem.startswith("06")]
    [cell] = exercises(read(path))[exercise].tests
    return read(path).cells[cell].source


@pytest.mark.parametrize("exercise", VARIANTS)
def test_a_graded_test_uses_the_learners_function_alone(exercise):
    assert free_names(graded_test(exercise)) == {NAMES[exercise]}


@pytest.mark.parametrize(
    ("own", "faults"),
    [
        ("check your solution. keep what is right and correct what is wrong.", []),
        ("check it. do not reply with only the final answer.", []),
        ("check it. never just give the answer.", []),
        ("if a step is wrong, your solution is wrong: then write a corrected one.", []),
        ("look for any error and correct the error.", []),
        ("find the mistake, if there is one.", []),
        ("check whether your solution is wrong.", []),
        ("copy what is right, and correct what is wrong.", []),
        ("correct the lines that are wrong.", []),
        ("there may be a mistake in this, or none. verify every sum.", []),
        ("is it right? check every line.", []),
        ("look for a mistake in the solution above, and if there is one, correct it.", []),
        ("check your solution. does it have an error?", []),
        ("check it, and reply with the solution, corrected where it has errors.", []),
        ("check the solution. if there is a mistake: fix the mistake.", []),
        ("check the solution above line by line. at the end, give the answer in one line.", []),
        ("work through your solution again, line by line.", []),
        ("think about your solution again. is it right?", []),
        ("inspect the solution line by line and keep it unless it is wrong.", []),
        ("scrutinise the solution line by line.", []),
        ("prove or refute each line.", []),
        ("re-check the calculation. do not assume that it is wrong.", []),
        ("evaluate the solution step by step.", []),
        ("critique the solution.", []),
        ("compare the solution with your own calculation.", []),
        ("check this: your solution is wrong.", ["tells the outcome"]),
        ("check it and fix the mistake.", ["tells the outcome"]),
        ("there is a mistake. can you check it?", ["tells the outcome"]),
        ("solve the problem.", ["asks for no check"]),
        ("check it and answer in one word.", ["leaves no room"]),
        ("one of its lines is not right. check it.", ["tells the outcome"]),
        ("there is a mistake in it. check each line.", ["tells the outcome"]),
        ("check again, your answer is wrong.", ["tells the outcome"]),
        ("you made a mistake. check your solution.", ["tells the outcome"]),
        ("hello.", ["asks for no check"]),
        ("check it. do not explain, just give the answer.", ["leaves no room"]),
        ("check it, don't explain, reply with only the final answer.", ["leaves no room"]),
        ("check this. your solution is wrong, fix any mistake.", ["tells the outcome"]),
        ("the solution above is incorrect; check it and fix it.", ["tells the outcome"]),
        ("i think this is wrong. check it.", ["tells the outcome"]),
        ("find the mistake in your solution and correct it.", ["tells the outcome"]),
        ("your solution is wrong, see if you can fix it.", ["asks for no check", "tells the outcome"]),
    ],
)
def test_the_words_of_a_request(own, faults):
    assert wording(own) == faults
