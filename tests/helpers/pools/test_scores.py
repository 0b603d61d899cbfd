"""Recorded scores: replayed for the same model and text, and for no other."""

from pathlib import Path

import pytest

from helpers.pools.scores import FILES, RecordedScores

TALKS = [
    [{"role": "user", "content": "What is 7 x 2? ½"}, {"role": "assistant", "content": text}]
    for text in ("Final: 14", "Final: 13", "Final: 14", "")
]


class Lengths:
    """Scores a text by its length, and remembers what it was asked."""

    def __init__(self, name="course-rm"):
        self.name, self.asked = name, []

    def score(self, conversations):
        self.asked += [conversation[-1]["content"] for conversation in conversations]
        return [len(conversation[-1]["content"]) + 0.5 for conversation in conversations]


@pytest.fixture
def model(tmp_path):
    """The folder of a model, as far as a score depends on it."""
    folder = tmp_path / "course-rm"
    folder.mkdir()
    for name in FILES:
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def scores(model, tmp_path):
    return RecordedScores(Lengths(), model, tmp_path / "scores")


def parts(scores):
    return sorted(path.name for path in Path(scores.folder).iterdir())


def test_what_is_recorded_is_not_asked_again(scores, capsys):
    scores.record(TALKS)
    assert scores.scorer.asked == ["Final: 14", "Final: 13", ""]
    assert scores.score(TALKS[1:]) == [9.5, 9.5, 0.5] and scores.missing(TALKS) == []
    assert len(scores.scorer.asked) == 3
    said = capsys.readouterr().out
    assert said.startswith("Replay: 3 recorded scores of course-rm from") and "no model ran" in said


def test_what_is_not_recorded_is_scored_live_and_said(scores, capsys):
    scores.record(TALKS[:1])
    assert scores.score(TALKS) == [9.5, 9.5, 9.5, 0.5]
    assert scores.scorer.asked == ["Final: 14", "Final: 13", ""]
    assert capsys.readouterr().out.startswith("Live: course-rm read 2 texts")


@pytest.mark.parametrize("changed", FILES)
def test_another_model_of_the_same_name_finds_nothing(scores, model, changed):
    scores.record(TALKS)
    (model / changed).write_text("trained again")
    assert len(scores.missing(TALKS)) == 3


def test_a_model_under_another_name_finds_nothing(scores):
    scores.record(TALKS)
    assert len(RecordedScores(Lengths("course-rm (8bit)"), scores.source, scores.folder).missing(TALKS)) == 3


def test_another_question_or_instruction_finds_nothing(scores):
    scores.record(TALKS)
    asked = [{"role": "user", "content": "What is 7 x 3?"}, TALKS[0][-1]]
    told = [{"role": "system", "content": "List the given numbers first."}, *TALKS[0]]
    assert scores.missing([asked, told]) == [asked, told]


def test_recording_again_leaves_no_score_of_another_model_or_text(scores, model):
    longer = RecordedScores(Lengths("course-rm-large"), model, scores.folder)
    longer.record(TALKS)
    scores.record(TALKS)
    (model / FILES[0]).write_text("trained again")
    scores.record(TALKS[:1])
    assert len(parts(scores)) == 2 and any(name.startswith("course-rm-large-") for name in parts(scores))
    assert len(scores.missing(TALKS)) == 2


def test_a_hub_id_has_no_recorded_scores(tmp_path):
    scores = RecordedScores(Lengths("Qwen/Qwen3-0.6B"), "Qwen/Qwen3-0.6B", tmp_path)
    assert scores.score(TALKS[:1]) == [9.5]
    with pytest.raises(ValueError, match="no folder with a model"):
        scores.record(TALKS)
