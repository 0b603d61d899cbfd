import pytest

from helpers.plots import GridRow, draw_flips, grid

FLIPS = {("right", "right"): 80, ("right", "wrong"): 5, ("wrong", "right"): 9, ("wrong", "wrong"): 6}
NEVER_RIGHT = {("right", "right"): 0, ("right", "wrong"): 0, ("wrong", "right"): 3, ("wrong", "wrong"): 1}


def test_a_flip_matrix_says_everything_in_words_too():
    figure = draw_flips({"checked": FLIPS, "trained": NEVER_RIGHT}, title="A finding", model="tiny")
    assert figure.png.startswith(b"\x89PNG")
    for part in (
        "A finding",
        "tiny",
        "100 problems",
        "checked: right to right 80, right to wrong 5",
        "trained:",
    ):
        assert part in figure.alt


def test_a_matrix_without_one_of_the_kinds_is_refused():
    with pytest.raises(ValueError, match="four kinds"):
        draw_flips({"checked": {("right", "right"): 1}}, title="", model="tiny")


def test_the_grid_says_in_words_what_it_shows():
    rows = [GridRow("q1", [True, False], [10, 0], 0), GridRow("q2", [False, False], [-1, -1], 0)]
    figure = grid(rows, title="One of two.", model="m", judge="j")
    assert "q1: 1 of 2 right, the chosen one is right" in figure.alt
    assert "q2: 0 of 2 right, the chosen one is wrong" in figure.alt and len(figure.png) > 5000
    with pytest.raises(ValueError, match="at least one"):
        grid([], title="", model="m", judge="j")
