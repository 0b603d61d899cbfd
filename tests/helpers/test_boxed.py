"""The way of an answer in a box, from the prompt to the vote, as notebooks with `MATH = True` go it."""

import pytest

from helpers.answers import answers_match, stated_answer, vote_key
from helpers.estimators import maj_at_k
from helpers.prompts import answer_format, make_prompt
from tests.helpers.boxed import BOXED_PROBLEMS, boxed_model


@pytest.fixture(scope="module")
def drawn():
    prompts = [
        make_prompt("Reason step by step. " + answer_format(p.kind), p.question) for p in BOXED_PROBLEMS
    ]
    return [[stated_answer(sample.text) for sample in row] for row in boxed_model().sample(prompts, 6)]


def test_every_box_is_read_and_two_of_three_are_right(drawn):
    for problem, answers in zip(BOXED_PROBLEMS, drawn, strict=True):
        marks = [answers_match(answer, problem.answer) for answer in answers]
        assert marks == [True, True, False] * 2, (problem.answer, answers)


def test_the_vote_is_right(drawn):
    for problem, answers in zip(BOXED_PROBLEMS, drawn, strict=True):
        if vote_key(answers[0]) == vote_key(answers[1]):  # what algebra alone shows equal stays two votes
            assert maj_at_k(answers, problem.answer, 6) == 1.0
    assert sum(vote_key(a[0]) == vote_key(a[1]) for a in drawn) >= 7


def test_what_is_not_stated_is_not_read():
    assert stated_answer("There are 17 cases.") is None and stated_answer("Final: <integer>") is None
    assert (
        stated_answer("7 + 7 = 14\nFinal: 14") == "14" and stated_answer(r"So \boxed{\frac{1}{2}}") == "1/2"
    )
    with pytest.raises(TypeError, match=r"pass sample\.text"):
        stated_answer(14)
