"""Problems and puzzles: the same for the same seed, held out; and a check of steps that cannot be talked
round.
"""

import json
import re
import subprocess
import sys
from fractions import Fraction
from importlib.util import find_spec
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import ROOT
from helpers import problems
from helpers.answers import answers_match
from helpers.problems import (
    DOCUMENTS,
    Puzzle,
    can_reach,
    context_problems,
    handbook_problems,
    held_out,
    is_solved,
    make_puzzles,
    math_problems,
    multiplication_problems,
    numbers_left,
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
    monkeypatch.setattr(problems, "FOLDER", tmp_path)
    with pytest.raises(FileNotFoundError) as raised:
        word_problems(2, 1)
    assert find_spec(re.search(r"run `python -m ([\w.]+)`", str(raised.value))[1]), (
        "the module that it names exists"
    )


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
        "PYTHONPATH": str(ROOT),
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


PUZZLE = Puzzle((3, 8, 8), 13)
SOLUTION = ["8 + 8 = 16 (left: 3 16)", "16 - 3 = 13 (left: 13)"]


def test_puzzles_depend_on_the_seed_alone():
    assert make_puzzles((3, 4), 5, seed=1) == make_puzzles((3, 4), 5, seed=1)
    assert make_puzzles(4, 5, seed=1) == make_puzzles((3, 4), 5, seed=1)[5:]
    assert make_puzzles(4, 5, seed=1) != make_puzzles(4, 5, seed=2)


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_puzzles_are_different_solvable_and_held_out(count):
    puzzles = make_puzzles(count, 12)
    keys = {f"{sorted(puzzle.numbers)} {puzzle.target}" for puzzle in puzzles}
    assert len(keys) == len(puzzles) == 12 and all(map(held_out, keys))
    for puzzle in puzzles:
        assert len(puzzle.numbers) == count and all(1 <= number <= 13 for number in puzzle.numbers)
        assert 1 <= puzzle.target <= 100 and can_reach(puzzle.numbers, puzzle.target)


def test_the_recipe_keeps_away_from_them():
    from random import Random

    from training.data.tasks import puzzle

    rng = Random(0)
    for _ in range(200):
        question, solution = puzzle(3, rng)
        numbers = sorted(int(n) for n in solution.split("\n")[0].split(" = ")[0].split(" ")[::2])
        asked = [int(n) for n in "".join(c if c.isdigit() else " " for c in question).split()]
        target = int(solution.rsplit(" ", 1)[1])
        asked.remove(target)
        assert not held_out(f"{sorted(asked)} {target}") and set(numbers) <= set(asked)


def test_one_number_is_no_puzzle():
    with pytest.raises(ValueError, match="at least 2"):
        make_puzzles(1, 1)


def test_the_question_names_numbers_and_target():
    assert PUZZLE.question == "Use each of the numbers 3, 8, 8 once to make 13."


def test_a_solution_is_followed_step_by_step():
    assert [numbers_left(PUZZLE, SOLUTION[:i]) for i in range(3)] == [(3, 8, 8), (3, 16), (13,)]
    assert is_solved(PUZZLE, SOLUTION) and is_solved(PUZZLE, [*SOLUTION, "Final: 13"])
    assert not is_solved(PUZZLE, SOLUTION[:1])


@pytest.mark.parametrize(
    "step",
    [
        "8 + 8 = 15 (left: 3 15)",  # a wrong sum
        "8 + 7 = 15 (left: 3 15)",  # a number that is not there
        "3 + 3 = 6 (left: 8 8)",  # a number used twice
        "8 + 8 = 16 (left: 3 8 16)",  # says that more is left
        "8 + 8 = 16 (left: 16)",  # loses a number
        "8 + 8 = 16",  # does not say what is left
        "8 / 3 = 2 (left: 2 8)",  # a division that is not exact
        "8 + 8 = 16 (left: 3 16) easy",
        "8 + 8 = 16 (left: 3 1/0)",
        "8 ** 3 = 512 (left: 8 512)",
        "Final: 13",  # too early
        "",
    ],
)
def test_a_wrong_step_is_found(step):
    assert numbers_left(PUZZLE, [step]) is None
    assert not is_solved(PUZZLE, [step, "16 - 3 = 13 (left: 13)"])


def test_a_wrong_final_line_spoils_a_solution():
    assert not is_solved(PUZZLE, [*SOLUTION, "Final: 14"])


def test_another_number_than_the_target_is_no_solution():
    assert not is_solved(PUZZLE, [SOLUTION[0], "16 + 3 = 19 (left: 19)"])


def test_division_by_zero_is_a_wrong_step():
    puzzle = Puzzle((4, 4, 3), 3)
    assert numbers_left(puzzle, ["4 - 4 = 0 (left: 0 3)", "3 / 0 = 0 (left: 0)"]) is None


def test_fractions_and_negative_numbers_are_exact():
    assert numbers_left(PUZZLE, ["8 / 3 = 8/3 (left: 8/3 8)"]) == (Fraction(8, 3), 8)
    assert numbers_left(PUZZLE, ["3 - 8 = -5 (left: -5 8)"]) == (-5, 8)


@given(st.lists(st.integers(1, 13), min_size=2, max_size=4), st.data())
@settings(max_examples=60, deadline=None)
def test_random_right_steps_are_accepted_and_each_wrong_result_refused(numbers, data):
    left, lines = sorted(map(Fraction, numbers)), []
    while len(left) > 1:
        i, j = data.draw(st.permutations(range(len(left))))[:2]
        a, b = left[i], left[j]
        op = data.draw(st.sampled_from("+-*/" if b else "+-*"))
        value = {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else 0}[op]
        rest = sorted([*(x for at, x in enumerate(left) if at not in (i, j)), value])
        shown = " ".join(map(str, rest))
        wrong = f"{a} {op} {b} = {value + 1} (left: {shown})"
        assert numbers_left(Puzzle(tuple(numbers), 1), [*lines, wrong]) is None
        lines.append(f"{a} {op} {b} = {value} (left: {shown})")
        left = rest
    puzzle = Puzzle(tuple(numbers), 1)
    counts = [len(numbers_left(puzzle, lines[:end])) for end in range(len(lines) + 1)]
    assert all(b == a - 1 for a, b in pairwise(counts))
    assert numbers_left(puzzle, lines) == tuple(left) and can_reach(numbers, left[0])


def test_what_cannot_be_reached():
    assert not can_reach((1, 1), 13) and not can_reach((2,), 3)
    assert can_reach((3, 3, 8, 8), 24)  # only through 8 / (3 - 8 / 3)


def test_the_handbook_has_two_questions_of_each_kind_whose_passages_are_in_it():
    kinds = ["rule stated", "table look-up", "term", "implied", "several steps"]
    assert [problem.kind for problem in handbook_problems()] == [kind for kind in kinds for _ in range(2)]
    text = (DOCUMENTS / "handbook.md").read_text(encoding="utf-8")
    for problem in handbook_problems():
        passages = re.split(r"(?m)\n\n(?=\d+\. )", problem.context)
        assert len(passages) == 2 and all(f"## {passage}\n" in text for passage in passages)
        assert len(re.findall(r"[a-z]{2,}", problem.answer)) > 3  # an answer in words
