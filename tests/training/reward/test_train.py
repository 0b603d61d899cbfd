import json
import math
import random
from dataclasses import dataclass, replace
from functools import partial

import pytest
import torch
from safetensors.torch import load_file
from transformers import (
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)

from helpers.rewards import RewardModel, StepReward
from tests.training.tiny_lm import save_tiny_lm
from training.data.tasks import multiplication, slip
from training.reward import cards as reward_cards
from training.reward import data as reward_data
from training.reward import report as reward_report
from training.reward import train as reward
from training.reward.data import Group, label
from training.reward.loss import even_loss, pair_loss
from training.reward.train import Recipe, train

TINY = Recipe(epochs=3, rows=2, solutions=4, row=256, matrix_rate=5e-3, other_rate=5e-3)


@dataclass(frozen=True)
class Small(Recipe):
    rows: int = 2


@pytest.fixture(scope="module")
def lm(tmp_path_factory):
    return save_tiny_lm(
        tmp_path_factory.mktemp("lm") / "tiny-lm",
        intermediate_size=256,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
    )


@pytest.fixture(scope="module")
def folders(lm, tmp_path_factory):
    """Both models of one run on 40 problems."""
    return train(problems(40), lm, TINY, tmp_path_factory.mktemp("whole"))


def problems(n: int, cheap: bool = False) -> list[Group]:
    """Multiplications with their reference and one slip. `cheap`: the slip says so, so that a tiny model can
    learn.
    """
    rng, groups = random.Random(2), []
    while len(groups) < n:
        worked = multiplication(rng.randint(11, 99), rng.randint(2, 9))
        wrong = slip(worked.lines, rng)
        if cheap:
            wrong = "\n".join(f"Oops: {line}" for line in wrong.split("\n"))
        solutions = tuple(label(text, worked, 1) for text in dict.fromkeys((worked.solution, wrong)))
        if len({s.right for s in solutions}) == 2:
            groups.append(Group(worked.question, "", solutions))
    return groups


def test_every_problem_counts_alike_and_no_pair_crosses_problems():
    scores = torch.tensor([1.0, 0.0, 5.0, 4.0, 6.0])
    problem, right = torch.tensor([7, 7, 9, 9, 9]), torch.tensor([True, False, True, False, False])
    loss, in_order = pair_loss(scores, problem, right)

    def one(margin):
        return math.log(1 + math.exp(-margin))

    assert loss.item() == pytest.approx((one(1) + (one(1) + one(-1)) / 2) / 2, abs=1e-6)
    assert in_order.item() == pytest.approx(0.75)
    shifted, _ = pair_loss(scores + problem * 10.0, problem, right)  # how hard a problem is does not matter
    assert shifted.item() == pytest.approx(loss.item(), abs=1e-4)


def test_knowing_the_problem_does_not_lower_the_even_loss():
    problem = torch.tensor([1, 1, 2, 2, 2, 2])
    right = torch.tensor([True, False, True, True, True, False])
    nothing = even_loss(torch.zeros(6), problem, right)
    assert nothing.item() == pytest.approx(math.log(2))
    assert even_loss(torch.tensor([0.0, 0, 1, 1, 1, 1]), problem, right) > nothing
    assert even_loss(torch.tensor([1.0, -1, 1, 1, 1, -1]), problem, right) < nothing


def test_the_rate_warms_up_and_ends_at_zero():
    recipe = Recipe()
    rates = [recipe.rate(i / 100) for i in range(101)]
    top = rates.index(max(rates))
    assert rates[:top] == sorted(rates[:top]) and rates[top:] == sorted(rates[top:], reverse=True)
    assert max(rates) == pytest.approx(1.0) and rates[-1] == pytest.approx(0.0)


def test_it_learns_what_tells_right_from_wrong_and_both_folders_score(lm, tmp_path):
    groups = problems(330, cheap=True)
    outcome, process = train(groups[:300], lm, replace(TINY, epochs=5), tmp_path)
    assert type(AutoModelForSequenceClassification.from_pretrained(outcome)).__name__.startswith("Qwen3")
    assert AutoModelForTokenClassification.from_pretrained(process).config.num_labels == 1
    rm, prm = RewardModel.load(outcome, "cpu"), StepReward.load(process, "cpu")

    def talks(right):
        return [
            [{"role": "user", "content": g.question}, {"role": "assistant", "content": s.text}]
            for g in groups[300:]
            for s in g.solutions
            if s.right is right
        ]

    pairs = list(zip(rm.score(talks(True)), rm.score(talks(False)), strict=True))
    assert sum(a > b for a, b in pairs) >= 27
    last = list(zip(prm.score(talks(True)), prm.score(talks(False)), strict=True))
    assert sum(a[-1] > b[-1] for a, b in last) >= 27


def test_a_killed_run_goes_on_and_ends_as_if_it_had_not_been_killed(lm, folders, tmp_path, monkeypatch):
    groups = problems(40)
    batch_of, calls = reward.batch_of, []

    class Killed(Exception):
        pass

    def dies_at_step_5(*args):
        calls.append(1)
        if len(calls) == 5:
            raise Killed
        return batch_of(*args)

    monkeypatch.setattr(reward, "CHECKPOINT_SECONDS", 0)
    monkeypatch.setattr(reward, "batch_of", dies_at_step_5)
    with pytest.raises(Killed):
        train(groups, lm, TINY, tmp_path / "killed")
    monkeypatch.setattr(reward, "batch_of", batch_of)
    resumed = train(groups, lm, TINY, tmp_path / "killed")
    for a, b in zip(folders, resumed, strict=True):
        a, b = load_file(a / "model.safetensors"), load_file(b / "model.safetensors")
        assert a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)
    assert len(calls) == 5


def test_a_checkpoint_of_another_run_is_not_gone_on_with(lm, folders, tmp_path):
    train(problems(60), lm, TINY, tmp_path)
    again = train(problems(40), lm, TINY, tmp_path)
    assert (again[0] / "model.safetensors").read_bytes() == (folders[0] / "model.safetensors").read_bytes()


def test_the_command_leaves_models_report_and_cards(lm, tmp_path, monkeypatch):
    for module in (reward_data, reward_report):
        monkeypatch.setattr(module, "MAX_TOKENS", 12)
    monkeypatch.setattr(reward_data, "OTHER_WORDING", 0)
    monkeypatch.setattr(reward, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(reward, "Recipe", Small)
    monkeypatch.setattr(reward_cards, "measure", partial(reward_report.measure, each=1, samples=4))
    out = tmp_path / "models"
    command = f"reward --model {lm} --base {lm} --out {out} --problems 6 --samples 2 --epochs 1"
    monkeypatch.setattr("sys.argv", command.split())
    reward.main()
    assert {path.name for path in out.iterdir()} == {
        "course-rm",
        "course-prm",
        "reward_report.json",
        "reward_report.md",
        "reward_report.png",
    }
    for name, kind in (
        ("course-rm", "Qwen3ForSequenceClassification"),
        ("course-prm", "Qwen3ForTokenClassification"),
    ):
        text = (out / name / "README.md").read_text()
        assert kind in text and "12 solutions" in text and "10 held-out problems" in text
        assert json.loads((out / name / "config.json").read_text())["architectures"] == [kind]
    assert sum(path.stat().st_size for path in (out / "course-rm").iterdir()) < 3e6


def test_too_little_data_is_said(lm, tmp_path):
    with pytest.raises(ValueError, match="draw more"):
        train(problems(1), lm, TINY, tmp_path)
