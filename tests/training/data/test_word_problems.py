import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.problems.questions import SEEDS
from training.data.language import pattern_count
from training.data.word_problems import word_problem
from training.data.worked import LARGEST, compute

steps_and_seed = given(st.integers(1, 9), st.integers(0, 10_000))


def test_the_patterns_are_many():
    assert pattern_count() >= 150


@settings(max_examples=150, deadline=None)
@steps_and_seed
def test_every_line_of_a_solution_is_true_and_the_last_is_the_answer(steps, seed):
    worked = word_problem(steps, random.Random(seed))
    assert worked.steps == steps
    for line in worked.lines:
        a, op, b, equals, result = line.rpartition(": ")[2].split(" ")
        assert equals == "=" and compute(int(a), op, int(b)) == int(result)
        assert op != "/" or int(a) % int(b) == 0
        assert 0 <= int(result) <= LARGEST
    assert worked.solution.splitlines()[-1] == f"Final: {worked.answer}"
    assert worked.lines[-1].endswith(f"= {worked.answer}")


@settings(max_examples=150, deadline=None)
@steps_and_seed
def test_the_expression_has_the_value_of_the_answer(steps, seed):
    worked = word_problem(steps, random.Random(seed))
    assert eval(worked.expression) == worked.answer  # written by our own generator


@settings(max_examples=100, deadline=None)
@steps_and_seed
def test_a_question_is_whole_text_that_asks(steps, seed):
    question = word_problem(steps, random.Random(seed)).question
    assert "{" not in question and "}" not in question and "  " not in question
    assert not question[0].islower() and question.endswith("?")


def test_the_same_seed_tells_the_same_story():
    assert word_problem(5, random.Random(3)) == word_problem(5, random.Random(3))
    assert word_problem(5, random.Random(3)) != word_problem(5, random.Random(4))


@pytest.mark.parametrize("name", SEEDS)
def test_no_sentence_of_the_seed_problems_is_generated(name):
    sentences = {s.strip() for s in SEEDS[name][0].replace("?", ".").split(".") if s.strip()}
    rng = random.Random(0)
    for _ in range(3000):
        question = word_problem(rng.randint(1, 5), rng).question
        assert SEEDS[name][0] not in question
        assert not sentences <= {s.strip() for s in question.replace("?", ".").split(".")}
