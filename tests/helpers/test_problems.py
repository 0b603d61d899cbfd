import json
import subprocess
import sys

import pytest

from helpers import problems
from helpers.answers import answers_match
from helpers.problems import (
    context_problems,
    held_out,
    math_problems,
    multiplication_problems,
    pair_held_out,
    seed_problems,
    word_problems,
)


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
    monkeypatch.setattr(problems, "FOLDER", tmp_path)
    with pytest.raises(FileNotFoundError, match="make problems"):
        word_problems(2, 1)


@pytest.fixture
def math_folder(tmp_path, monkeypatch):
    """A copy of a data set like MATH-500, 30 rows, and a cache of its own."""
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    answers = [r"\left( 3, \frac{\pi}{2} \right)", "p - q", r"\frac{14}{3}", r"\text{Evelyn}", r"90^\circ"]
    (tmp_path / "math").mkdir()
    with (tmp_path / "math" / "test.jsonl").open("w") as file:
        for i in range(30):
            row = {"problem": f"What is {i}?", "solution": "", "answer": answers[i % 5], "subject": "Algebra"}
            file.write(json.dumps(row | {"level": 1 + i % 5, "unique_id": f"test/algebra/{i}.json"}) + "\n")
    return tmp_path / "math"


def test_math_problems_come_through_datasets(math_folder, capfd):
    found = math_problems(10, seed=1, source=math_folder)
    assert capfd.readouterr() == ("", "")
    assert len({p.id for p in found}) == 10 and {p.kind for p in found} == {"math"}
    assert (
        found
        == math_problems(10, seed=1, source=math_folder)
        != math_problems(10, seed=2, source=math_folder)
    )
    answers = {p.answer for p in math_problems(30, source=math_folder)}
    assert {"14/3", "Evelyn", "90"} < answers and all(answers_match(answer, answer) for answer in answers)
    with pytest.raises(ValueError, match="there are 30 problems in"):
        math_problems(31, source=math_folder)


def test_without_a_network_the_copy_in_the_cache_answers(math_folder, capfd, monkeypatch):
    import datasets

    expected = math_problems(10, source=math_folder)
    [made] = (math_folder.parent / "cache" / "math" / "default" / "0.0.0").glob("*/math-test.arrow")
    cached = (
        math_folder.parent / "cache" / "HuggingFaceH4___math-500" / "default" / "0.0.0" / made.parent.name
    )
    cached.mkdir(parents=True)
    made.rename(cached / "math-500-test.arrow")
    (made.parent / "dataset_info.json").rename(cached / "dataset_info.json")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    assert math_problems(10) == expected
    assert capfd.readouterr() == ("", "") and datasets.config.HF_HUB_OFFLINE is True


def test_without_a_network_products_stand_in_and_say_so(capfd, monkeypatch, tmp_path):
    environment = {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(tmp_path),
        "PATH": "",
        "PYTHONPATH": str(problems.FOLDER.parents[1]),
    }
    code = "from helpers.problems import math_problems as m; print([p.kind for p in m(7)])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    said, kinds = done.stdout.splitlines()
    assert (
        said.startswith("HuggingFaceH4/MATH-500 could not be loaded (")
        and "7 multiplication problems" in said
    )
    assert kinds == str(["multiplication"] * 7) and done.stderr == ""
