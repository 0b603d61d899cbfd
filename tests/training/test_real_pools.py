"""The recipe of the real model's pools, and what ships of them."""

from helpers.checks.scripted import ScriptedModel
from helpers.pools import REAL, Pool
from helpers.prompts import make_prompt
from training.pools import SYSTEM
from training.real_pools import MAX_TOKENS, NAME, SAMPLES, TEMPERATURE, real_problems, record


def replayed(folder, problems, n=SAMPLES, temperature=TEMPERATURE):
    prompts = [make_prompt(SYSTEM, problem.question) for problem in problems]
    options = {"live": False, "temperature": temperature, "max_tokens": MAX_TOKENS}
    return Pool(folder).sample(NAME, prompts, n, **options)


def test_a_second_run_draws_only_what_is_missing(tmp_path):
    problems = real_problems(3)
    model = ScriptedModel(lambda messages, i: f"Final: {i}", name=NAME)
    record(model, tmp_path, problems[:4])
    before = len(model.calls)
    record(model, tmp_path, problems)
    asked = {prompt[-1]["content"] for call in model.calls[before:] for prompt in call["prompts"]}
    assert asked == {problem.question for problem in problems[4:]}
    assert [len(row) for row in replayed(tmp_path, problems)] == [SAMPLES] * len(problems)
    assert len(replayed(tmp_path, problems, 1, 0.0)) == len(problems)


def test_what_ships_is_whole_and_small():
    assert sum(path.stat().st_size for path in REAL.rglob("*")) <= 5e6
    problems = real_problems()
    samples = replayed(REAL, problems)
    assert all(sample.logprob < 0 and sample.tokens > 0 for row in samples for sample in row)
    assert len(replayed(REAL, problems, 1, 0.0)) == len(problems)
