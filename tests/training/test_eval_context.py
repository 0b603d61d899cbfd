"""The ten questions of notebook 04: what the file says is what the recipe makes."""

import json

import pytest

from helpers.checks.scripted import ScriptedModel
from training.eval_context import FILE, QUESTIONS, classify, evaluate
from training.judge.data import RAG


@pytest.mark.parametrize(
    "answer, word",
    [
        ("Staff: 46\nFinal: 46", "pass"),
        ("40 + 6 = 46\nFinal: 46", "pass"),
        ("40 + 6 = 45\nFinal: 45", "slip"),
        ("Shops: 40\n40 + 7 = 47\nFinal: 47", "wrong figure"),
        ("I do not know.", "no answer"),
        ("", "no answer"),
    ],
)
def test_classes(answer, word):
    assert classify(answer, "46") == word


def test_the_form_of_the_file():
    found = evaluate(ScriptedModel(lambda messages, i: "Final: 1"))
    assert len(found["results"]) == len(QUESTIONS) == 10 and found["temperature"] == 0
    for result, (context, question, gold) in zip(found["results"], QUESTIONS, strict=True):
        assert list(result) == ["id", "context", "question", "expected", "answer", "classification"]
        assert (result["context"], result["question"], result["expected"]) == (context, question, str(gold))


def test_the_file_that_ships():
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    assert stored["model"] == "course-lm" and stored["system"] == RAG
    assert [r["question"] for r in stored["results"]] == [question for _, question, _ in QUESTIONS]
    assert all(r["classification"] == classify(r["answer"], r["expected"]) for r in stored["results"])
    assert 5 <= sum(r["classification"] == "pass" for r in stored["results"]) <= 7
