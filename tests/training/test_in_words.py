"""Answers in words in notebook 04: who may read the handbook, what is judged, what becomes of it."""

import pytest

from config import ROOT
from helpers.checks import nb04
from helpers.checks.scripted import ScriptedModel
from training.in_words import as_finals, asked_in_words, read_answers, require_readers, unanswered


def judge_of(replies):
    """A judge with these verdicts by the answer."""

    def reply(messages, i):
        return next(said for text, said in replies.items() if f"Answer: {text}\n" in messages[0]["content"])

    return ScriptedModel(reply)


def test_a_setting_is_one_of_two_and_means_nothing_while_nbgrader_runs(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    assert asked_in_words("handbook") and not asked_in_words("reports")
    with pytest.raises(ValueError, match='"reports" or "handbook"'):
        asked_in_words("Handbook")
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert not asked_in_words("handbook")


@pytest.mark.parametrize(
    ("models", "named"),
    [
        (("prebuilt/models/course-lm", "prebuilt/models/course-judge"), "course-lm and course-judge cannot"),
        (("smollm2", "prebuilt/models/course-judge"), "^course-judge cannot"),
        (("course-lm", "qwen3-14b"), "^course-lm cannot"),
        ((str(ROOT / "prebuilt" / "models" / "course-lm"),) * 2, "^course-lm cannot"),
    ],
)
def test_a_model_of_the_course_is_refused_with_what_to_set(models, named):
    with pytest.raises(ValueError, match=named) as caught:
        require_readers(*models)
    assert "JUDGE_MODEL" in str(caught.value) and 'DOCUMENTS = "reports"' in str(caught.value)


def test_other_models_may_read():
    require_readers("smollm2", "qwen3-14b")
    require_readers("granite-3-2-8b-instruct", "Qwen/Qwen3-4B")


def test_each_new_answer_is_judged_once_beside_its_own_question():
    records = unanswered()[:2]
    judge = judge_of({"Yes.": "Verdict: pass", "No.": "Verdict: wrong", "Perhaps.": "I cannot say."})
    known = {}
    read_answers(known, judge, records, [["Yes.", "No.", "Yes."], ["<think>Yes.</think>No."]])
    first, second = (record["question"] for record in records)
    assert known == {
        (first, "Yes."): "pass",
        (first, "No."): "wrong",
        (second, "<think>Yes.</think>No."): "wrong",
    }
    [call] = judge.calls
    shown = [messages[0]["content"] for messages in call["prompts"]]
    expected = [records[i]["expected"] for i in (0, 0, 1)]
    assert all(words in text for words, text in zip(expected, shown, strict=True))
    read_answers(known, judge, records, [["Yes."], []])
    assert len(judge.calls) == 1
    read_answers(known, judge, records, [["Perhaps."], []])
    assert known[first, "Perhaps."] == "undecided"


def test_functions_that_compare_final_answers_get_classes():
    record = unanswered()[0]
    known = {(record["question"], "Within an hour, free."): "pass", (record["question"], "No."): "wrong"}
    result = nb04.outcome(["No.", "Within an hour, free."], [1.0, 9.0], 1)
    [asked], [found] = as_finals(known, [record], [result])
    assert asked["expected"] == "pass" and asked["id"] == record["id"] and "kind" not in asked
    assert [reply["content"] for reply in found.responses] == ["Final: wrong", "Final: pass"]
    assert found.the_one == found.responses[1] and found.scores == [1.0, 9.0]
    with pytest.raises(KeyError):
        as_finals({}, [record], [result])


def test_the_reports_stay_as_they_are():
    records, results = [dict(nb04.RECORDS[0])], [nb04.outcome(["Final: 14"], [10], 0)]
    assert as_finals({}, records, results) == (records, results)
