"""The record of searches: what stands in it, and that a stopped run goes on."""

import json

import pytest

from helpers.checks.scripted import ScriptedModel, ScriptedReward
from helpers.problems import table_questions, word_problems
from helpers.search import recorded_searches
from training import verifier_search
from training.verifier_search import chain_rows, record, table_rows, word_rows

PROBLEMS = word_problems((5, 6), 1)
GOLD = {p.question: p.answer for p in PROBLEMS}


class StepScores:
    """Likes the right answer; every other line is fine."""

    name = "prm"

    def score(self, talks):
        return [
            [
                0.1 if "Final:" in line and line != f"Final: {GOLD[talk[0]['content']]}" else 0.9
                for line in lines
            ]
            for talk in talks
            for lines in [talk[-1]["content"].splitlines() or [""]]
        ]


def solves(messages, i):
    """One in four solutions is right."""
    gold = next(answer for question, answer in GOLD.items() if question in messages[1]["content"])
    begun = messages[-1]["role"] == "assistant"
    end = f"Final: {gold if i % 4 == 0 else 1000 + i % 3}"
    return end if begun else f"1 + 1 = {2 + bool(i % 4)}\n{end}"


def rows_of(line, method):
    return {n: (right, tokens) for name, n, right, tokens, _ in line["rows"] if name == method}


def test_all_methods_of_a_word_problem(monkeypatch):
    monkeypatch.setattr(verifier_search, "WIDTHS", (4, 8))
    outcome = ScriptedReward(lambda talk: -1.0)
    lines = word_rows(ScriptedModel(solves), StepScores(), outcome, PROBLEMS)
    assert [line["problem"] for line in lines] == [p.id for p in PROBLEMS]
    for line in lines:
        assert line["one"] == 0.25 and line["steps"] in (5, 6)
        assert rows_of(line, "best of N")[32][0] == rows_of(line, "any is right")[32][0] == 1.0
        assert rows_of(line, "vote")[1][0] == pytest.approx(0.25)
        assert rows_of(line, "vote, sums checked")[32][0] == 1.0 and rows_of(line, "vote")[32][0] < 1.0
        assert rows_of(line, "best of N, outcome")[8][0] == pytest.approx(0.25)
        for method in ("beam", "DVTS", "particles"):
            assert rows_of(line, f"{method}, best")[8][0] == 1.0
            assert rows_of(line, f"{method}, any")[4][0] == 1.0 and rows_of(line, method)[4][1] > 0


def test_without_an_outcome_model_its_rows_are_left_out():
    [[*samples]] = ScriptedModel(solves).sample(
        [[{"role": "system", "content": ""}, {"role": "user", "content": PROBLEMS[0].question}]], 32
    )
    _, right, rows = chain_rows(PROBLEMS[0], samples, [0.5] * 32, None)
    assert sum(right) == 8 and "best of N, outcome" not in {row[0] for row in rows}


def test_queries_are_chosen_by_what_they_return():
    asked = table_questions(2)

    def query(messages, i):
        one = next(one for one in asked if one.question == messages[1]["content"])
        right = f"SELECT '{one.answer}'"
        return ["SELECT 1 / 0", right, f"{right} AS x", "nonsense", "nonsense"][i % 5]

    for line in table_rows(ScriptedModel(query), asked):
        assert rows_of(line, "vote over results")[32][0] == 1.0
        assert rows_of(line, "vote over texts")[32][0] == 0.0 == rows_of(line, "greedy")[1][0]
        assert rows_of(line, "any is right")[1][0] == pytest.approx(line["one"])


def test_a_stopped_run_goes_on_and_other_models_are_refused(tmp_path):
    path, asked = tmp_path / "record.jsonl", []

    def chunk(name):
        def make(done):
            asked.append((name, sorted(done)))
            line = {"data": "words", "problem": name, "steps": 5, "one": 0.5, "agree": 1.0}
            return [] if name in done else [line | {"rows": [["vote", 4, 1.0, 100, 0]]}]

        return make

    record(path, {"generator": "a"}, iter([chunk("p0")]))
    record(path, {"generator": "a"}, iter([chunk("p0"), chunk("p1")]))
    assert asked == [("p0", []), ("p0", ["p0"]), ("p1", ["p0"])]
    table, about = recorded_searches(path)
    assert about == {"generator": "a"} and list(table["problem"]) == ["p0", "p1"]
    with pytest.raises(ValueError, match="--out"):
        record(path, {"generator": "b"}, iter([chunk("p2")]))
    assert json.loads(path.read_text().splitlines()[0]) == {"generator": "a"}
