"""The one training loop: a rate at each step, clipped gradients, a curve, a checkpoint to go on from."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tqdm.auto import tqdm

from training import checkpoint

Loss = tuple[torch.Tensor, Mapping[str, torch.Tensor | float]]


@dataclass(frozen=True)
class Record:
    """Where a run is kept. `run` tells it from another one whose checkpoint may lie there; a row of the
    curve is written every `every` steps, a checkpoint every `seconds` and at the end.
    """

    checkpoint: Path
    curve: Path
    run: str | None = None
    seconds: float = 30
    every: int = 10
    label: str = "training"
    append: bool = False  # the curve holds an earlier stage


def run_steps(
    model: torch.nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    steps: int,
    loss_of: Callable[[int], Loss],
    rate: Callable[[int], float],
    record: Record,
    *,
    begin_row: Callable[[int], Sequence] = lambda step: (step,),
    after: Callable[[int], None] = lambda done: None,
) -> None:
    """Runs or resumes `steps` steps on `model`.

    `loss_of(step)` gives the loss and what is shown of it, by name; `rate(step)` the share of each
    optimizer's own learning rate. A row of the curve is `begin_row(step)`, what is shown, and the seconds;
    `after` is told the number of steps done.
    """
    full = [opt.param_groups[0]["lr"] for opt in optimizers]
    done, seconds = checkpoint.resume(record.checkpoint, model, optimizers, record.run)
    started = last_saved = time.monotonic()
    with (
        record.curve.open("a" if done or record.append else "w", newline="") as file,
        tqdm(total=steps, initial=done, desc=record.label, unit="step", mininterval=1) as bar,
    ):
        curve = csv.writer(file)
        for step in range(done, steps):
            for opt, most in zip(optimizers, full, strict=True):
                opt.param_groups[0]["lr"] = most * rate(step)
            loss, shown = loss_of(step)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for opt in optimizers:
                opt.step()
                opt.zero_grad(set_to_none=True)
            bar.update()
            elapsed = seconds + time.monotonic() - started
            if step % record.every == 0:
                values = {name: float(value) for name, value in shown.items()}
                curve.writerow([*begin_row(step), *(f"{v:.4f}" for v in values.values()), f"{elapsed:.0f}"])
                file.flush()
                bar.set_postfix({name: f"{value:.3f}" for name, value in values.items()})
            after(step + 1)
            if time.monotonic() - last_saved > record.seconds or step + 1 == steps:
                checkpoint.save(record.checkpoint, model, optimizers, step + 1, elapsed, record.run)
                last_saved = time.monotonic()
