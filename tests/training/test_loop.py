import csv

import pytest
import torch

from training.loop import Record, run_steps


class Killed(Exception):
    pass


def run(folder, dies_at=None, steps=6, name="mine", **options):
    """Fits a line to its inputs; returns the weights and the steps whose loss was asked for."""
    torch.manual_seed(0)
    model = torch.nn.Linear(2, 1)
    optimizers = [torch.optim.AdamW(model.parameters(), lr=0.1)]
    asked, done = [], []

    def loss_of(step):
        if step == dies_at:
            raise Killed
        asked.append(step)
        loss = (model(torch.tensor([[1.0, step]])) - 3).square().mean()
        return loss, {"loss": loss.detach(), "step again": step}

    folder.mkdir(exist_ok=True)
    record = Record(folder / "c.pt", folder / "loss.csv", name, seconds=0, every=2, **options)
    run_steps(model, optimizers, steps, loss_of, lambda step: 1 - step / steps, record, after=done.append)
    assert done == [step + 1 for step in asked]
    return model.weight.detach().clone(), asked


def test_a_run_that_goes_on_ends_as_one_without_a_break(tmp_path):
    whole, asked = run(tmp_path / "whole")
    assert asked == [0, 1, 2, 3, 4, 5]
    with pytest.raises(Killed):
        run(tmp_path / "killed", dies_at=3)
    resumed, asked = run(tmp_path / "killed")
    assert asked == [3, 4, 5] and torch.equal(resumed, whole)
    assert run(tmp_path / "killed")[1] == [], "what is done is not done again"


def test_the_curve_has_each_step_once_and_is_begun_anew_by_another_run(tmp_path):
    with pytest.raises(Killed):
        run(tmp_path, dies_at=3)
    run(tmp_path)

    def steps():
        with (tmp_path / "loss.csv").open(newline="") as file:
            return [(row[0], float(row[2])) for row in csv.reader(file)]

    assert steps() == [("0", 0.0), ("2", 2.0), ("4", 4.0)]
    run(tmp_path, name="another")
    assert len(steps()) == 3
    run(tmp_path, name="a second stage", append=True)
    assert len(steps()) == 6


def test_the_rate_is_a_share_of_the_optimizers_own(tmp_path):
    model = torch.nn.Linear(1, 1)
    optimizers = [torch.optim.SGD(model.parameters(), lr=rate) for rate in (0.5, 0.25)]
    seen = []

    def loss_of(step):
        seen.append([opt.param_groups[0]["lr"] for opt in optimizers])
        return model(torch.ones(1, 1)).sum(), {}

    run_steps(
        model, optimizers, 3, loss_of, [1.0, 0.5, 0.0].__getitem__,
        Record(tmp_path / "c.pt", tmp_path / "loss.csv"),
    )  # fmt: skip
    assert seen == [[0.5, 0.25], [0.25, 0.125], [0.0, 0.0]]
