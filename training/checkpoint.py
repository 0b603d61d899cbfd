"""What a killed run goes on from: weights, the state of the optimizers, and how far it came."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch


def save(
    path: Path,
    model: torch.nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    step: int,
    seconds: float,
    run: str | None = None,
) -> None:
    """Write all of it beside `path` and move it there, so that a kill leaves the checkpoint before."""
    state = {
        "model": model.state_dict(),
        "optimizers": [opt.state_dict() for opt in optimizers],
        "step": step,
        "seconds": seconds,
        "run": run,
    }
    torch.save(state, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def resume(
    path: Path,
    model: torch.nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    run: str | None = None,
) -> tuple[int, float]:
    """Loads the checkpoint; returns the steps done and the seconds they took. (0, 0.0), and nothing is
    loaded, where there is none or it is of another `run`.
    """
    if not path.exists():
        return 0, 0.0
    saved = torch.load(path, map_location=next(model.parameters()).device, weights_only=True)
    if saved.get("run") != run:
        return 0, 0.0
    model.load_state_dict(saved["model"])
    for opt, state in zip(optimizers, saved["optimizers"], strict=True):
        opt.load_state_dict(state)
    return saved["step"], saved["seconds"]
