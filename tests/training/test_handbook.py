"""The handbook's questions: labels that can be used, an agreement that counts right, records that replay."""

from collections import Counter

import pytest

from config import ROOT
from helpers.checks.scripted import ScriptedModel
from helpers.judges import CLASSES, reference_prompt
from helpers.pools import NotRecorded, Pool
from helpers.problems import handbook_problems
from training import handbook
from training.handbook import (
    RECORDS,
    SAMPLES,
    Recorded,
    agreement,
    answers,
    labelled_answers,
    recorded,
    trust,
    verdicts,
    worth,
)


def test_forty_answers_are_labelled_four_to_a_question_and_every_class_is_there():
    found = labelled_answers()
    assert Counter(each.problem.id for each in found) == {p.id: 4 for p in handbook_problems()}
    assert len({(each.problem.id, each.answer) for each in found}) == 40
    counts = Counter(each.label for each in found)
    assert counts.keys() == CLASSES.keys() and min(counts.values()) >= 5


def test_agreement_counts_classes_and_passes_apart_and_the_undecided_against_the_judge():
    labels = ["pass", "pass", "incomplete", "wrong", "not in context"]
    text = agreement(["pass", None, "wrong", "wrong", "pass"], labels)
    first, second, third, *_ = text.splitlines()
    assert "2 of 5 (0.40" in first and "always the same class: 2 of 5" in first
    assert "3 of 5 (0.60" in second and "always the same: 3 of 5" in second
    assert "1 of 5" in third
    rows = {line[:17].strip(): line[17:].split() for line in text.splitlines()[5:]}
    assert rows["pass"] == ["1", "0", "0", "0", "1"] and rows["not in context"] == ["1", "0", "0", "0", "0"]


def test_a_judge_that_reads_the_labels_agrees_in_full():
    known = {reference_prompt(each.problem, each.answer): each.label for each in labelled_answers()}
    judge = ScriptedModel(lambda messages, i: f"Reason: so.\nVerdict: {known[messages[0]['content']]}")
    found = verdicts(judge, [(e.problem, e.answer) for e in labelled_answers()], 1)
    assert "40 of 40" in agreement(found, [e.label for e in labelled_answers()])


def test_what_a_live_run_recorded_is_replayed_without_a_model(tmp_path, capsys):
    pool = Pool(tmp_path, 5)
    model = ScriptedModel(lambda messages, i: f"answer {i}", "small")
    judge = ScriptedModel(
        lambda messages, i: "Verdict: wrong" if "answer 1" in messages[0]["content"] else "", "big"
    )
    with pytest.raises(NotRecorded):
        trust(Recorded("big", pool, False))
    live = (
        trust(Recorded(judge, pool, True)),
        answers(Recorded(model, pool, True), Recorded(judge, pool, True)),
    )
    assert "h1   rule stated    1 wrong, 4 undecided" in live[1]
    assert "40 of 40" in next(line for line in live[0].splitlines() if line.startswith("undecided"))
    replay = Recorded("small", pool, False), Recorded("big", pool, False)
    assert (trust(replay[1]), answers(*replay)) == live


def test_the_page_says_what_is_not_recorded(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["handbook"])
    monkeypatch.setattr(handbook, "RECORDS", tmp_path)
    handbook.main()
    assert capsys.readouterr().out.count("Not recorded here") == 2


@pytest.mark.parametrize(
    ("right", "told"),
    [(0, "do not trust"), (29, "do not trust"), (31, "do not trust"), (38, "tell something")],
)
def test_a_judge_is_worth_something_when_it_surely_beats_saying_the_same_of_all(right, told):
    labels = ["pass"] * 11 + ["wrong"] * 29
    said = [label if i < right else None for i, label in enumerate(labels)]
    text = worth(said, labels)
    assert told in text and f"agrees with {right} of 40" in text and "agree with 29" in text


def test_what_ships_is_whole_and_small():
    found, (said, labels) = recorded()
    assert len(found.once) == len(found.texts) == len(found.class_once) == 10
    assert {len(row) for row in [*found.texts, *found.classes]} == {SAMPLES}
    assert {*found.class_once, *(name for row in found.classes for name in row)} <= CLASSES.keys()
    assert len(said) == len(labels) == 40 and {*said} <= {*CLASSES, None}
    page = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    assert ("not one readable verdict" in page) == (not any(said))
    assert [sum(counts.values()) for counts in found.counts().values()] == [10, 10, 50]
    assert sum(path.stat().st_size for path in RECORDS.rglob("*.parquet")) < 1_000_000


def test_the_page_shows_what_ships(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["handbook"])
    handbook.main()
    shown = capsys.readouterr().out
    assert "labelled by hand" in shown and "Questions with a candidate that passes" in shown
    assert "Not recorded" not in shown
