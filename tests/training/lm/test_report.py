import json

import pytest

from config import ROOT
from helpers.checks.scripted import ScriptedModel
from helpers.problems import multiplication_problems, word_problems
from training.lm.report import (
    MODELS,
    SAMPLES,
    as_markdown,
    into_readme,
    measure,
    obeys,
    report,
    seeds_by_vote,
)


@pytest.mark.parametrize(
    ("kind", "text", "yes"),
    [
        ("at_once", "14", True),
        ("at_once", "Final: 14", True),
        ("at_once", "Gives away 5: 12 - 5 = 7\nFinal: 7", False),
        ("at_once", "12 - 5", False),
        ("step_by_step", "Gives away 5: 12 - 5 = 7\nFinal: 7", True),
        ("step_by_step", "Final: 7", False),
        ("step_by_step", "12 - 5 = 7", False),
        ("expression", "(12 - 5) * 3", True),
        ("expression", "12", False),
        ("expression", "12 - 5 = 7", False),
        ("expression", "about 12 - 5", False),
    ],
)
def test_obedience_is_judged_by_form(kind, text, yes):
    assert obeys(kind, text) is yes


def test_a_model_that_is_right_every_second_time_scores_one_half():
    problems = word_problems(2, 3) + multiplication_problems((2, 1), 2)
    gold = {p.question: p.answer for p in problems}
    model = ScriptedModel(lambda m, i: f"Final: {gold[m[-1]['content']] if i % 2 == 0 else 10_000 + i}")
    found = measure(model, problems)
    assert found.pass_1 == [0.5] * 5 and found.covered == [1.0] * 5
    assert min(found.voted[8]) > 0.95 and found.voted[SAMPLES] == [1.0] * 5


def test_the_report_of_a_perfect_model_and_two_silent_ones():
    from training.lm.report import test_problems as held_out_test

    small = word_problems(range(1, 4), 30, small=True)
    gold = {p.question: p.answer for p in [*held_out_test(), *small]}
    perfect = ScriptedModel(lambda m, i: f"Final: {gold.get(m[-1]['content'], 0)}", name="perfect")
    weak, large = (ScriptedModel(lambda m, i: "no idea", name=name) for name in ("weak", "large"))
    found = report(perfect, weak, large)
    for name, n in (("words", 140), ("products", 60)):
        row = found["groups"][name]
        assert row["problems"] == n and row["pass@1"] == [1, 1, 1] and row["greedy"][0] == 1
        assert row["weak, greedy"][0] == row["large, greedy"][0] == 0
        assert row[f"maj@{SAMPLES} - greedy"] == [0, 0, 0]
    assert found["small problems"]["at once"][0] == 1
    assert found["obeys unseen phrasings"]["at_once"][0] == 1
    assert found["obeys unseen phrasings"]["expression"][0] == 0
    assert "| words | 140 |" in as_markdown(found)


def test_the_seed_problems_are_decided_by_vote():
    assert seeds_by_vote(ScriptedModel(lambda m, i: "Final: 14" if i % 3 else "Final: 9")) == {
        "apples": True, "notebooks": False, "flour": False, "bus": False,
    }  # fmt: skip


def test_the_readme_takes_the_report_between_its_marks(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("above\n<!-- report -->\nold\n<!-- /report -->\nbelow\n")
    found = json.loads((MODELS / "report.json").read_text())
    into_readme(found, readme)
    into_readme(found, readme)
    assert readme.read_text() == f"above\n<!-- report -->\n{as_markdown(found)}<!-- /report -->\nbelow\n"


def test_the_readme_shows_the_report_that_is_stored():
    found = json.loads((MODELS / "report.json").read_text())
    assert (MODELS / "report.md").read_text() == as_markdown(found)
    assert as_markdown(found) in (ROOT / "README.md").read_text(encoding="utf-8")
