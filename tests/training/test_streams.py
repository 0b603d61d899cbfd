import pytest

from helpers.problems import Puzzle, can_reach, held_out, is_solved, make_puzzles, numbers_left
from training.puzzle_models import searches, solves
from training.streams import depth_first, final_path, practice_puzzles

PUZZLE = Puzzle((5, 3, 4), 23)
STREAM = "3 + 4 = 7 (left: 5 7)\nBack to: 3 4 5\n4 * 5 = 20 (left: 3 20)\n3 + 20 = 23 (left: 23)\nFinal: 23"


def test_a_search_visits_states_below_those_it_has_seen_and_stops_at_a_solution():
    for puzzle in make_puzzles((3, 4), 10):
        visited = depth_first(puzzle, seed=1)
        assert visited == depth_first(puzzle, seed=1)
        known = {(), *visited}
        assert len(known) == len(visited) + 1 <= 31, "no state twice"
        assert all(lines[:-1] in known and numbers_left(puzzle, lines) is not None for lines in visited)
        assert not any(is_solved(puzzle, lines) for lines in visited[:-1])


def test_some_searches_find_it_and_some_of_these_went_back():
    texts = searches(make_puzzles(4, 30))
    assert 10 <= len(texts) < 30
    assert any("Back to" in text for text in texts.values())
    assert all(solves(puzzle, text) for puzzle, text in texts.items()), (
        "a stream is read back as it was written"
    )


@pytest.mark.parametrize(
    ("text", "solved"),
    [
        (STREAM, True),
        (STREAM.removesuffix("\nFinal: 23"), True),
        ("4 * 5 = 20 (left: 3 20)\n3 + 20 = 23 (left: 23)\nFinal: 23", True),
        (STREAM.replace("Back to: 3 4 5\n", ""), False),  # a step from numbers that are not there
        (STREAM.replace("Back to: 3 4 5", "Back to: 3 4"), False),
        (STREAM.replace("20 = 23 (left: 23)", "20 = 24 (left: 24)"), False),
        (STREAM.replace("Final: 23", "Final: 24"), False),
        ("Final: 23", False),
        ("", False),
        ("I give up", False),
    ],
)
def test_only_what_stands_at_the_end_counts(text, solved):
    assert solves(PUZZLE, text) is solved


def test_going_back_to_the_root_and_up_again():
    assert final_path(PUZZLE, "") == ()
    assert final_path(PUZZLE, "3 + 4 = 7 (left: 5 7)\nBack to: 3 4 5") == ()


def test_practice_puzzles_are_solved_by_their_lines_and_are_not_held_out():
    found = practice_puzzles(4, 30, seed=2)
    assert found == practice_puzzles(4, 30, seed=2) and len(found) == 30
    for puzzle, lines in found.items():
        assert is_solved(puzzle, lines) and can_reach(puzzle.numbers, puzzle.target)
        assert 1 <= puzzle.target <= 100
        assert not held_out(f"{sorted(puzzle.numbers)} {puzzle.target}")
