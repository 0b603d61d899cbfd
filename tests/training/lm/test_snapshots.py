"""Problems to choose a snapshot on are held out, apart from those of the reports, and measured as the reports
measure.
"""

import pytest

from helpers.checks.scripted import ScriptedModel
from helpers.problems import held_out, word_problems
from training.data.worked import small_sizes
from training.lm.snapshots import at_once, measure, products, words


def test_the_problems_are_held_out_and_not_those_of_the_reports():
    drawn = words(10)
    assert all(held_out(p.question) for p in drawn)
    assert not {p.question for p in drawn} & {p.question for p in word_problems(range(1, 9), 200)}
    assert len(products(5)) == 15
    assert all(int(n) < 1000 for p in words(5, (1,), small_sizes) for n in p.question.split() if n.isdigit())


def test_a_model_that_is_always_right_gains_nothing_by_a_vote():
    problems = words(2)
    answers = {p.question: str(p.answer) for p in problems}
    model = ScriptedModel(lambda messages, i: f"Final: {answers[messages[-1]['content']]}")
    found = measure(model, problems, 4, 1.0)
    assert found["greedy"] == found["one sample"] == found["vote of 4"] == found["any of 4"] == 1
    assert found["vote of 4 - greedy"] == pytest.approx(0)


def test_answers_at_once_are_read():
    right = {p.question: str(p.answer) for p in words(3, (1, 2, 3), small_sizes)}
    assert at_once(ScriptedModel(lambda messages, i: right[messages[-1]["content"]]), 3) == 1
    assert at_once(ScriptedModel(lambda messages, i: "no idea"), 3) == 0
