"""Puzzles: the same for the same seed, held out; and a check of steps that cannot be talked round."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.problems import Puzzle, can_reach, held_out, is_solved, make_puzzles, numbers_left

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
