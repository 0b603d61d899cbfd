import json

import pytest

from helpers.plots.corrections import draw_flips, recorded_methods

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


def test_recorded_methods_are_a_table_and_what_it_was_measured_on(tmp_path):
    row = {
        "notebook": "02",
        "method": "majority vote",
        "k": 4,
        "tokens": 9.5,
        "accuracy": 0.5,
        "low": 0.4,
        "high": 0.6,
        "n": 7,
    }
    (tmp_path / "m.json").write_text(json.dumps({"model": "tiny", "problems": 7, "rows": [row]}))
    table, about = recorded_methods(tmp_path / "m.json")
    assert table.to_dict("records") == [row] and about == {"model": "tiny", "problems": 7}


def test_what_is_not_recorded_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match="make main-figure"):
        recorded_methods(tmp_path / "none.json")
