"""The recorded comparison of all methods, as a table."""

import json

import pytest

from helpers.pools import recorded_methods


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
