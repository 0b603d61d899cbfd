"""Sizes fit the model: as written for the models of the course, cut where a model would need too long."""

from types import SimpleNamespace

import pytest

from helpers.checks.scripted import ScriptedModel
from helpers.endpoint import pace
from helpers.endpoint.pace import LONGEST, Pace, measured
from helpers.models import Sample


class Slow:
    """A model that writes replies of `length` tokens, or up to max_tokens, and a clock that it turns."""

    def __init__(self, seconds_a_token: float, length: int = 1000, name: str = "slow"):
        self.name, self.now, self.calls = name, 0.0, []
        self._seconds, self._length = seconds_a_token, length

    def clock(self) -> float:
        return self.now

    def sample(self, prompts, n=1, *, max_tokens=256, **options):
        tokens = min(self._length, max_tokens)
        self.calls.append((len(prompts) * n, max_tokens))
        self.now += tokens * len(prompts) * n * self._seconds
        reason = "length" if tokens < self._length else "stop"
        return [[Sample("", tokens, 0.0, reason, prompt_tokens=50)] * n for _ in prompts]


@pytest.fixture(autouse=True)
def settings(monkeypatch):
    """Not graded, and no prices; the test sets others."""
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    settings = SimpleNamespace(PRICES=None)
    monkeypatch.setattr(pace, "config", settings)
    return settings


def paced(model: Slow, minutes: float | None = None) -> Pace:
    return Pace(model, minutes, clock=model.clock)


def test_a_model_of_the_course_is_neither_measured_nor_cut(capsys):
    model = ScriptedModel(lambda messages, i: "never asked", name="course-lm")
    found = Pace(model)
    assert found.cut(range(10_000), samples=1000) == list(range(10_000)) and found.size(500, 1000) == 500
    assert model.calls == []
    assert capsys.readouterr().out.splitlines() == [
        "All sizes are as written, which suits course-lm. MINUTES would cut them."
    ]


@pytest.mark.parametrize("minutes", [None, 1])
def test_while_grading_nothing_is_measured_cut_or_said(monkeypatch, capsys, minutes):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    model = Slow(100)
    assert paced(model, minutes).cut("abc", samples=10**6) == list("abc")
    assert model.calls == [] and capsys.readouterr().out == ""


def test_minutes_cut_the_models_of_the_course_as_well():
    model = Slow(0.01, name="course-lm")
    assert paced(model, 1).size(1000, replies=1, tokens=100) == 60  # 60 s, and a reply takes one


def test_what_fits_is_left_as_written_and_its_cost_is_said(capsys):
    model = Slow(0.01, length=100)
    assert paced(model).cut("abcdefghij", samples=12) == list("abcdefghij")
    assert capsys.readouterr().out == (
        "120 replies of about 100 tokens: 12,000 tokens, 2 minutes at 100 tokens/s (slow)\n"
    )


def test_what_takes_too_long_is_cut_to_the_limit_evenly(capsys):
    model = Slow(0.01, length=100)  # a second for each reply
    kept = paced(model).cut(range(2000), samples=6)
    assert len(kept) == LONGEST * 60 / 6 and kept == list(range(0, 2000, 10))
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("1,200 replies of about 100 tokens") and "20 minutes" in first
    assert second.startswith(
        "Cut from 2000 to 200, as all would take 200 minutes: intervals become about 3.2 "
    )


def test_minutes_share_and_least_decide_how_much_is_left():
    model = Slow(0.01, length=100)
    assert paced(model, minutes=60).size(2000, 6) == 600
    assert paced(model, minutes=60).size(2000, 6, share=0.5) == 300
    assert paced(model, minutes=0.1).size(2000, 6) == 2
    assert paced(model, minutes=0.1).size(2000, 6, least=14) == 14
    assert paced(model, minutes=0.1).size(3, 6, least=14) == 3


def test_a_reply_that_was_cut_off_counts_with_all_the_room_it_would_have():
    model = Slow(0.01, length=1000)
    assert paced(model, minutes=1).size(1000, 1, tokens=300) == 20
    assert paced(model, minutes=1).size(1000, 1, tokens=50) == 120  # a line of 50 tokens


def test_a_model_is_measured_once_by_a_short_draw():
    model = Slow(0.001)
    found = paced(model)
    found.size(10, 1)
    found.size(10, 1)
    assert model.calls == [(1, 8), (16, 128)]


def test_a_very_slow_model_is_asked_for_a_few_tokens_only():
    model = Slow(1.0)
    speed = measured(model, model.clock)
    assert model.calls == [(1, 8)] and speed.tokens == 1 and speed.length(256) == 256


def test_dollars_are_said_where_prices_are_set(settings, capsys):
    settings.PRICES = (2.0, 4.0)
    paced(Slow(0.0001, length=100)).size(10_000, 1)
    assert ", 5.00 dollars (slow)" in capsys.readouterr().out  # 10,000 x (50 x 2 + 100 x 4) / 1e6


@pytest.mark.parametrize("wrong", [0, -5, float("nan")])
def test_minutes_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="MINUTES must be above 0"):
        paced(Slow(1), wrong)


def test_nothing_is_left_as_nothing():
    assert paced(Slow(1)).cut([], samples=3) == []
