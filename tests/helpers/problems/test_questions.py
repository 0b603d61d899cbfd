"""Questions: the same for the same seed, and held out."""

import re
from importlib.util import find_spec

import pytest

from helpers.problems import (
    context_problems,
    handbook_problems,
    held_out,
    multiplication_problems,
    pair_held_out,
    seed_problems,
    stored,
    word_problems,
)
from helpers.problems.questions import DOCUMENTS


def test_the_four_seed_problems_have_names_and_answers():
    assert {p.id: p.answer for p in seed_problems()} == {
        "apples": "14",
        "notebooks": "36",
        "flour": "11",
        "bus": "28",
    }


def test_word_problems_come_by_number_of_steps_and_are_held_out():
    found = word_problems((2, 5), 30)
    assert [p.steps for p in found] == [2] * 30 + [5] * 30
    assert len({p.id for p in found}) == 60
    assert all(held_out(p.question) and p.kind == "word" and p.answer.isdigit() for p in found)


def test_the_same_arguments_give_the_same_problems():
    assert word_problems(3, 20, seed=1) == word_problems(3, 20, seed=1)
    assert word_problems(3, 20, seed=1) != word_problems(3, 20, seed=2)
    assert multiplication_problems((3, 2), 20, seed=1) == multiplication_problems((3, 2), 20, seed=1)


def test_all_stored_problems_differ():
    questions = [p.question for p in word_problems(range(1, 9), 200)]
    assert len(set(questions)) == 1600


@pytest.mark.parametrize("digits", [(2, 1), (2, 2), (3, 2), (5, 6)])
def test_products_have_the_digits_asked_for_and_are_held_out(digits):
    found = multiplication_problems(digits, 25)
    assert len({p.question for p in found}) == 25
    for p in found:
        a, b = p.id.removeprefix("mul-").split("x")
        assert (len(a), len(b)) == digits and p.answer == str(int(a) * int(b))
        assert (
            p.question == f"What is {a} x {b}?"
            and pair_held_out(int(a), int(b))
            and pair_held_out(int(b), int(a))
        )


LARGE = [(4, 5), (5, 5), (6, 5), (7, 5)]


def test_products_for_large_models_are_a_list_of_digits():
    found = multiplication_problems(LARGE, 3, seed=2)
    assert found == [p for pair in LARGE for p in multiplication_problems(pair, 3, seed=2)]
    factors = [tuple(map(int, p.id.removeprefix("mul-").split("x"))) for p in found]
    assert [(len(str(a)), len(str(b))) for a, b in factors] == [pair for pair in LARGE for _ in range(3)]
    assert all(
        p.answer == str(a * b) and pair_held_out(a, b) for p, (a, b) in zip(found, factors, strict=True)
    )


def test_a_context_question_holds_its_report():
    for p in context_problems(50):
        assert p.context and p.context in p.question and p.answer.isdigit()


def test_too_many_is_said_in_one_sentence():
    with pytest.raises(ValueError, match="200 word problems of 2 steps"):
        word_problems(2, 201)
    with pytest.raises(ValueError, match="ask for fewer than 500"):
        multiplication_problems((1, 1), 500)
    with pytest.raises(ValueError, match="1 or more"):
        multiplication_problems((0, 2), 1)


def test_a_missing_file_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "FOLDER", tmp_path)
    with pytest.raises(FileNotFoundError) as raised:
        word_problems(2, 1)
    assert find_spec(re.search(r"run `python -m ([\w.]+)`", str(raised.value))[1]), (
        "the module that it names exists"
    )


def test_the_handbook_has_two_questions_of_each_kind_whose_passages_are_in_it():
    kinds = ["rule stated", "table look-up", "term", "implied", "several steps"]
    assert [problem.kind for problem in handbook_problems()] == [kind for kind in kinds for _ in range(2)]
    text = (DOCUMENTS / "handbook.md").read_text(encoding="utf-8")
    for problem in handbook_problems():
        passages = re.split(r"(?m)\n\n(?=\d+\. )", problem.context)
        assert len(passages) == 2 and all(f"## {passage}\n" in text for passage in passages)
        assert len(re.findall(r"[a-z]{2,}", problem.answer)) > 3  # an answer in words
