"""Recorded searches: a row for each method, and thirds by difficulty."""

import json

import pytest

from helpers.search import recorded_searches


def written(tmp_path, ones):
    about = {"generator": "small", "reward": "prm"}
    lines = [
        {"data": "words", "problem": f"p{i}", "steps": 5, "one": one, "agree": 0.5}
        | {"rows": [["vote", 4, 1.0, 300, 0], ["beam", 4, 0.0, 280, 30]]}
        for i, one in enumerate(ones)
    ]
    path = tmp_path / "searches.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in (about, *lines)), encoding="utf-8")
    return path


def test_rows_and_levels(tmp_path):
    table, about = recorded_searches(written(tmp_path, [0.1, 0.9, 0.5]))
    assert about["generator"] == "small" and len(table) == 6
    levels = table.drop_duplicates("problem").set_index("problem")["level"]
    assert levels.to_dict() == {"p0": "hard", "p1": "easy", "p2": "middle"}
    beam = table[table["method"] == "beam"].iloc[0]
    assert (beam["n"], beam["right"], beam["tokens"], beam["read"]) == (4, 0.0, 280, 30)


def test_equal_problems_are_thirds_as_well(tmp_path):
    table, _ = recorded_searches(written(tmp_path, [0.0] * 9))
    assert table.drop_duplicates("problem")["level"].value_counts().to_dict() == {
        "easy": 3, "middle": 3, "hard": 3,
    }  # fmt: skip


def test_a_missing_record_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"training\.verifier_search"):
        recorded_searches(tmp_path / "none.jsonl")
