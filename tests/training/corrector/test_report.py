import json

import pytest

from helpers.checks.scripted import ScriptedModel
from helpers.models import Sample
from helpers.problems import Problem
from training.corrector import report as corrector_report
from training.corrector.report import (
    NAMES,
    WORDINGS,
    as_markdown,
    checked,
    measure,
    request,
    row,
    verdict,
    write,
)
from training.pools import answer_in_form

PROBLEMS = [Problem(str(i), f"question {i}?", "7", "word", 2) for i in range(5)]
DRAFTS = [
    Sample(text, 3, 0.0, "stop") for text in ("Final: 7", "Final: 7", "Final: 6", "Final: 5", "no idea")
]
REPLIES = ["Final: 7", "1 + 1 = 2\nFinal: 2", "6 + 1 = 7\nFinal: 7", "hm", "Final: 3"]


def scripted(replies=REPLIES):
    return ScriptedModel(
        lambda messages, i: next(r for n, r in enumerate(replies) if f"question {n}?" in str(messages))
    )


def columns():
    return checked(scripted(), "one turn", PROBLEMS, DRAFTS)


@pytest.mark.parametrize("wording", WORDINGS)
def test_a_request_holds_the_question_and_the_whole_draft(wording):
    messages = request(wording, "How many?", "9 - 2 = 7\nFinal: 7")
    text = "\n".join(m["content"] for m in messages)
    assert messages[-1]["role"] == "user" and "How many?" in text and "9 - 2 = 7\nFinal: 7" in text


def test_a_reply_that_was_cut_off_or_is_not_in_form_has_no_answer():
    assert answer_in_form(Sample("Final: 1,204", 3, 0.0, "stop")) == "1204"
    assert answer_in_form(Sample("Final: 12", 3, 0.0, "length")) is None
    assert answer_in_form(Sample("It is 12.", 3, 0.0, "stop")) is None


def test_columns_of_a_check():
    found = columns()
    assert found["in form"] == [True, True, True, False, True]
    assert found["copied"] == [True, False, False, False, False]
    assert found["kept"] == [True, False, False, True, False], "a reply without an answer leaves the draft's"
    assert found["before"] == [True, True, False, False, False]
    assert found["after"] == [True, False, True, False, False]


def test_a_row_counts_what_was_broken_and_mended():
    found = row(columns())
    assert found["flips"] == {
        "right to right": 1,
        "right to wrong": 1,
        "wrong to right": 1,
        "wrong to wrong": 2,
    }
    assert found["broken, of the right"][0] == 0.5 and found["mended, of the wrong"][0] == pytest.approx(
        1 / 3, abs=1e-3
    )
    assert found["after minus before"][0] == 0 and found["in form"][0] == 0.8


def test_nothing_right_before_has_no_share_that_was_broken():
    found = row(checked(scripted(), "one turn", PROBLEMS[2:], DRAFTS[2:]))
    assert found["broken, of the right"] is None


def test_the_report_says_what_is_better_and_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(corrector_report, "test_problems", lambda each: PROBLEMS)
    untrained, trained = scripted(["Final: 6"] * 5), scripted(["Final: 7"] * 5)
    found = measure(untrained, trained)
    assert [(r["drafts"], r["wording"]) for r in found["rows"][:2]] == [
        ("greedy", w) for w in list(WORDINGS)[:2]
    ]
    for each in found["rows"]:
        assert each[NAMES[0]]["after"][0] == 0 and each[NAMES[1]]["after"][0] == 1
        assert each["trained minus untrained"] == [1.0, 1.0, 1.0]
        assert each["trained minus the corrector without a draft"][0] == 0
    n = len(found["rows"])
    assert f"untrained correction: better in {n}, worse in 0 of {n} settings, +1.000" in verdict(found)
    assert f"without a draft: better in 0, worse in 0 of {n}" in verdict(found)
    assert "+1.00 [+1.00, +1.00]" in as_markdown(found)
    write(found, tmp_path)
    assert json.loads((tmp_path / "corrector_report.json").read_text()) == found
    assert (tmp_path / "corrector_report.png").read_bytes().startswith(b"\x89PNG")
    assert measure(untrained, trained) == found
