"""The pool of a real model: drawn once, and replayed without a model."""

import pytest

from helpers.checks.scripted import ScriptedModel
from helpers.pools import NotRecorded
from helpers.pools.real import NAME, REAL, SAMPLES, real_pool, real_problems


def test_a_second_run_draws_only_what_is_missing(tmp_path):
    problems = real_problems(3)
    model = ScriptedModel(lambda messages, i: f"Final: {i}", name=NAME)
    real_pool(model, problems[:4], tmp_path, live=True)
    before = len(model.calls)
    found = real_pool(model, problems, tmp_path, live=True)
    asked = {prompt[-1]["content"] for call in model.calls[before:] for prompt in call["prompts"]}
    assert asked == {problem.question for problem in problems[4:]}
    assert found == real_pool(problems=problems, folder=tmp_path)
    assert [len(row) for row in found.samples] == [SAMPLES] * len(problems) == [SAMPLES] * len(found.greedy)


def test_without_a_recording_a_replay_says_so(tmp_path):
    with pytest.raises(NotRecorded):
        real_pool(folder=tmp_path)


def test_what_ships_is_whole_and_small():
    assert sum(path.stat().st_size for path in REAL.rglob("*")) <= 5e6
    found = real_pool()
    assert [problem.steps for problem in found.problems] == sorted(
        problem.steps for problem in found.problems
    )
    assert all(sample.logprob < 0 and sample.tokens > 0 for row in found.samples for sample in row)
