"""Goes on training a course model on conversations of one kind.

The same seed gives the same model on one kind of machine. After a kill the same call goes on from a
checkpoint, written every half minute. A GPU is used where there is one.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from transformers import AutoTokenizer, Qwen3ForCausalLM

from training.data.tasks import Conversation
from training.lm.pretrain import batch_of, optimizers, save_model, step_loss
from training.lm.tokens import encode, pack
from training.loop import Loss, Record, run_steps
from training.pools import fingerprint

CHECKPOINT_SECONDS = 30


def warm_cosine(share: float, warm_up: float) -> float:
    """Share of the full learning rate after `share` of a run: linear for the first `warm_up`, then a cosine
    to zero.
    """
    if share < warm_up:
        return share / warm_up
    return 0.5 * (1 + math.cos(math.pi * (share - warm_up) / (1 - warm_up)))


@dataclass(frozen=True)
class FineTuning:
    """Hyper-parameters; `steps` 0: every conversation once, else no more than so many steps."""

    steps: int = 0
    row: int = 640
    rows: int = 10
    matrix_rate: float = 2e-3
    other_rate: float = 1.5e-3
    weight_decay: float = 0.05
    warm_up: float = 0.03
    seed: int = 0
    compiled: bool = True  # compiling takes a minute, which a short run does not earn back

    def rate(self, share: float) -> float:
        """Share of the full learning rate after so much of the run: linear warm-up, then a cosine to zero."""
        return warm_cosine(share, self.warm_up)


def finetune(conversations: Sequence[Conversation], lm: Path, recipe: FineTuning, folder: Path) -> Path:
    """Runs or resumes the recipe in `folder`, from the weights and with the tokenizer of `lm`; returns the
    model's folder.

    Raises ValueError where the conversations do not fill one batch.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    tokenizer = AutoTokenizer.from_pretrained(lm)
    model = Qwen3ForCausalLM.from_pretrained(lm, dtype=torch.float32).to(device).train()
    rows = pack(encode(list(conversations), tokenizer), recipe.row, random.Random(f"rows {recipe.seed}"))
    steps = len(rows.ids) // recipe.rows
    steps = min(steps, recipe.steps) if recipe.steps else steps
    if not steps:
        raise ValueError("Too few conversations to fill a batch: draw more of them.")
    loss_of = step_loss(model, device, recipe.compiled)

    def loss_at(step: int) -> Loss:
        loss = loss_of(*batch_of(rows, step, recipe, device))
        return loss, {"loss": loss.detach()}

    run = json.dumps([asdict(recipe), hashlib.sha256(rows.ids.tobytes()).hexdigest(), fingerprint(lm)])
    record = Record(folder / "checkpoint.pt", folder / "loss.csv", run, CHECKPOINT_SECONDS)
    run_steps(
        model, optimizers(model, recipe), steps, loss_at, lambda step: recipe.rate((step + 1) / steps), record
    )
    save_model(model, tokenizer, folder / "model")
    return folder / "model"


def parameters(folder: Path) -> int:
    """How many weights the model in a folder has; shared ones count once."""
    with safe_open(folder / "model.safetensors", "pt") as file:
        return sum(math.prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118
