"""The pool of a real model: drawn once, and replayed without a model."""

import pytest

from helpers.checks.scripted import ScriptedModel
from helpers.pools import NotRecorded
from helpers.pools.real import BELOW, EACH, NAME, REAL, SAMPLES, real_pool


def test_a_second_run_draws_only_what_is_missing(tmp_path):
    model = ScriptedModel(lambda messages, i: f"Final: {i}", name=NAME)
    first = real_pool(model, tmp_path, each=2, live=True)
    before = len(model.calls)
    found = real_pool(model, tmp_path, each=3, live=True)
    asked = {prompt[-1]["content"] for call in model.calls[before:] for prompt in call["prompts"]}
    assert asked == {problem.question for problem in found.problems if problem not in first.problems}
    assert found == real_pool(folder=tmp_path, each=3)
    assert [len(row) for row in found.samples] == [SAMPLES] * 3 * len(BELOW) == [SAMPLES] * len(found.greedy)


def test_without_a_recording_a_replay_says_so(tmp_path):
    with pytest.raises(NotRecorded):
        real_pool(folder=tmp_path)


def test_what_ships_is_whole_and_small():
    assert sum(path.stat().st_size for path in REAL.rglob("*")) <= 5e6
    found = real_pool()
    assert [found.levels.count(f"numbers below {below}") for below in BELOW] == [EACH] * len(BELOW)
    assert all(sample.logprob < 0 and sample.tokens > 0 for row in found.samples for sample in row)
