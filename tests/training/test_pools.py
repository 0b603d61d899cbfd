"""The recipe of the pools: which problems, what a run leaves behind, and that a killed one goes on."""

import json
import re
from pathlib import Path

import pytest

from config import ROOT
from helpers.checks.scripted import ScriptedModel
from helpers.pools import Pool, RecordedScores
from helpers.prompts import make_prompt
from tests.notebooks.reading import read
from training import pools
from training.pools import MAX_TOKENS, SYSTEM, TEMPERATURES, pool_problems, record


def scripted():
    return ScriptedModel(lambda messages, i: f"Final: {i}", name="course-lm")


def drawn(model):
    return sum(call["n"] * len(call["prompts"]) for call in model.calls)


def replayed(folder, problems, temperature=1.0):
    prompts = [make_prompt(SYSTEM, problem.question) for problem in problems]
    return Pool(folder).sample(
        "course-lm", prompts, 4, live=False, temperature=temperature, max_tokens=MAX_TOKENS
    )


def test_there_are_enough_problems_of_every_kind_and_none_twice():
    problems = pool_problems()
    assert len({problem.question for problem in problems}) == len(problems) >= 200
    assert {problem.steps for problem in problems if problem.kind == "word"} == set(range(2, 9))
    assert sum(problem.kind == "multiplication" for problem in problems) >= 40


def test_every_temperature_is_recorded_for_every_problem(tmp_path):
    problems = pool_problems()[::60]
    record(scripted(), "weights", tmp_path, problems, samples=4)
    for temperature in TEMPERATURES:
        samples = replayed(tmp_path, problems, temperature)
        assert [[sample.text for sample in row] for row in samples] == [
            [f"Final: {i}" for i in range(4)]
        ] * len(problems)


def test_a_run_that_was_killed_draws_only_what_is_missing(tmp_path):
    problems = pool_problems()[::60]
    record(scripted(), "weights", tmp_path, problems[:1], samples=4)
    model = scripted()
    record(model, "weights", tmp_path, problems, samples=4)
    assert drawn(model) == (4 * len(TEMPERATURES) + 1) * (len(problems) - 1)  # and one greedy chain


def test_samples_of_other_weights_are_drawn_again_and_nothing_else_is_touched(tmp_path):
    problems = pool_problems()[:1]
    (tmp_path / "README.md").write_text("kept")
    record(
        ScriptedModel(lambda messages, i: "Final: 999", name="course-lm"),
        "old",
        tmp_path,
        problems,
        samples=4,
    )
    record(scripted(), "new", tmp_path, problems, samples=4)
    assert replayed(tmp_path, problems)[0][1].text == "Final: 1"
    assert json.loads((tmp_path / pools.STAMP).read_text())["weights"] == "new"
    assert (tmp_path / "README.md").read_text() == "kept"


def test_the_notebook_asks_with_the_prompt_and_the_limit_that_were_recorded():
    cells = read(ROOT / "solutions" / "02_majority_vote" / "02_majority_vote.ipynb").cells
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    prompt = re.search(r"^SYSTEM_COT = (.*)$", source, re.MULTILINE)[1]
    assert eval(prompt, {"FINAL_FORMAT": pools.FINAL_FORMAT}) == SYSTEM
    assert int(re.search(r"^MAX_TOKENS = (\d+)", source, re.MULTILINE)[1]) == MAX_TOKENS


def test_the_recorded_pools_are_those_of_the_model_that_ships():
    stamp = pools.PREBUILT / pools.STAMP
    if not stamp.exists() or not pools.MODEL.exists():
        pytest.skip("no recorded pools, or no model, in this clone")
    assert json.loads(stamp.read_text())["weights"] == pools.fingerprint(pools.MODEL), "run `make pools`"


class Unasked:
    """A scorer that may not be asked."""

    def __init__(self, name):
        self.name = name


def test_the_recorded_scores_are_all_that_notebook_05_asks_of_the_models_that_ship():
    if not pools.REWARD_MODEL.exists():
        pytest.skip("no models in this clone")
    asked = pools.scored_texts(*pools.scored_samples(Pool()))
    missing = {
        folder: len(RecordedScores(Unasked(Path(folder).name), folder).missing(conversations))
        for folder, conversations in asked.items()
    }
    assert len(missing) == 3 and not any(missing.values()), "run `make pools`"
