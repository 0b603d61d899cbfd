"""The checks of notebook 05 agree with its graded tests."""

import random
import runpy
from collections import Counter
from functools import partial
from math import exp, log1p
from statistics import fmean

import pandas as pd
import pytest

from config import ROOT
from grading.slicing import free_names
from helpers import answers, prompts
from helpers.checks import nb05 as checks_05
from tests.helpers.checks.answers import each
from tests.notebooks.reading import SOLUTIONS, exercises, read

FILE = ROOT / "tests" / "notebooks" / "variants" / "05_best_of_n_reward_model.py"
VARIANTS = runpy.run_path(str(FILE))["VARIANTS"]
NAMES = {exercise: exercise.split("_", 1)[1] for exercise in VARIANTS}  # ex2_best_of_n -> best_of_n
RIGHT, WRONG = "14", ["13", "13", "13", "15"]


def sigmoid(score):
    return 1 / (1 + exp(-max(-500.0, min(500.0, score))))


def log_sigmoid(score):
    return -log1p(exp(-score)) if score > -30 else score


def written(code: str) -> dict:
    """What the learner's cell defines, run where the notebook's own names are."""
    names = vars(answers) | vars(prompts) | {"random": random, "Counter": Counter, "exp": exp, "fmean": fmean}
    names |= {"pd": pd, "RIGHT": RIGHT, "WRONG": WRONG, "sigmoid": sigmoid, "log_sigmoid": log_sigmoid}
    exec(code, names)
    return names


def said(exercise: str, code: str, capsys) -> str:
    """The feedback on a learner's cell."""
    names = written(code)
    check = getattr(checks_05, NAMES[exercise])
    if exercise == "ex5_simulate":
        check = partial(check, right=RIGHT, wrong=WRONG)
    check(names[NAMES[exercise]])
    return capsys.readouterr().out


@pytest.mark.parametrize(("exercise", "code"), each(VARIANTS, "right"))
def test_a_right_answer_passes(exercise, code, capsys):
    assert said(exercise, code, capsys).startswith(f"✓ {NAMES[exercise]}")


@pytest.mark.parametrize(("exercise", "code"), each(VARIANTS, "wrong"))
def test_an_answer_that_loses_points_is_noticed_and_gets_hints(exercise, code, capsys):
    text = said(exercise, code, capsys)
    assert f"✗ {NAMES[exercise]}" in text
    assert all(part in text for part in ("yours:", "expected:", "hint 1:"))


HINTED = {
    "the mean": (
        "ex3_weighted_vote",
        """
def weighted_vote(answers, scores):
    own = {}
    for answer, score in zip(answers, scores):
        if answer is not None:
            own.setdefault(answer, []).append(sigmoid(score))
    return max(own, key=lambda answer: fmean(own[answer])) if own else None
""",
        "hint 1:   The sum counts",
    ),
    "the highest": (
        "ex3_weighted_vote",
        """
def weighted_vote(answers, scores):
    own = {a: max(s for b, s in zip(answers, scores) if a == b) for a in answers if a is not None}
    return max(own, key=own.get) if own else None
""",
        "hint 1:   The sum counts",
    ),
    "one standard deviation for all": (
        "ex5_simulate",
        """
def simulate(n, p, d, seed):
    rng = random.Random(seed)
    answers = [RIGHT if rng.random() < p else rng.choice(WRONG) for _ in range(n)]
    return answers, [rng.gauss(d * d / 2 if a == RIGHT else -d * d / 2, 1) for a in answers]
""",
        "so is its standard deviation",
    ),
    "the global generator in a simulation": (
        "ex5_simulate",
        """
def simulate(n, p, d, seed):
    random.seed(seed)
    answers = [RIGHT if random.random() < p else random.choice(WRONG) for _ in range(n)]
    return answers, [random.gauss(d * d / 2 if a == RIGHT else -d * d / 2, d) for a in answers]
""",
        "Draw from `rng` only",
    ),
    "the global generator in a draw": (
        "ex4_accuracy_at_k",
        """
def accuracy_at_k(choose, answers, scores, gold, k, draws=50, seed=0):
    random.seed(seed)
    hits = 0
    for _ in range(draws):
        drawn = random.sample(list(zip(answers, scores)), k)
        hits += answers_match(choose([a for a, _ in drawn], [s for _, s in drawn]), gold)
    return hits / draws
""",
        "Draw from `rng` only",
    ),
}


@pytest.mark.parametrize("mistake", HINTED)
def test_the_hint_names_the_mistake(mistake, capsys):
    exercise, code, hint = HINTED[mistake]
    assert hint in said(exercise, code, capsys)


def graded_test(exercise: str) -> str:
    """The source of the test cell of an exercise."""
    [path] = [path for path in SOLUTIONS if path.stem.startswith("05")]
    [cell] = exercises(read(path))[exercise].tests
    return read(path).cells[cell].source


def passes(exercise: str, code: str) -> bool:
    """Whether the learner's cell earns the points of its exercise."""
    try:
        exec(graded_test(exercise), {NAMES[exercise]: written(code)[NAMES[exercise]]})
    except Exception:
        return False
    return True


@pytest.mark.parametrize("exercise", VARIANTS)
def test_a_graded_test_uses_the_learners_function_alone(exercise):
    assert free_names(graded_test(exercise)) == {NAMES[exercise]}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["right", "wrong"])
@pytest.mark.parametrize("exercise", ["ex4_accuracy_at_k", "ex5_simulate"])
def test_a_verdict_is_the_same_fifty_times(exercise, kind):
    for code in VARIANTS[exercise][kind]:
        for seed in range(50):
            random.seed(seed)  # some wrong answers draw from the global generator
            assert passes(exercise, code) is (kind == "right"), code
