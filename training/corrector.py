"""Trains the corrector on the course model's own solutions: `make corrector`.

course-corrector has the class, the tokenizer and at first the weights of course-lm. It learns to answer a request to check
a solution: to write a wrong one right, and to keep a right one. The solutions are those that the reward models learn from.

Promises: deterministic for a seed on one kind of machine; a progress bar and a loss curve; a checkpoint every
minute, and after a kill the same command goes on from it; a GPU is used where there is one. Knows nothing of evaluation.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tqdm.auto import tqdm
from transformers import AutoTokenizer, Qwen3ForCausalLM

from training.corrector_data import Pair, conversations, make_pairs
from training.pretrain import RUNS, batch_of, optimizers, save_model, step_loss
from training.reward_data import Draw, collect, summary
from training.tokens import Rows, encode, pack

CHECKPOINT_SECONDS = 60
NAME = "course-corrector"


@dataclass(frozen=True)
class Recipe:
    """Hyper-parameters of the run; `wrong` and `right` are the most solutions of either kind of one problem."""

    wrong: int = 1
    right: int = 1
    row: int = 512
    rows: int = 8
    matrix_rate: float = 5e-4
    other_rate: float = 4e-4
    weight_decay: float = 0.05
    warm_up: float = 0.05
    seed: int = 0

    def rate(self, share: float) -> float:
        """Share of the full learning rate after so much of the run: linear warm-up, then a cosine to zero."""
        if share < self.warm_up:
            return share / self.warm_up
        return 0.5 * (1 + math.cos(math.pi * (share - self.warm_up) / (1 - self.warm_up)))


def make_rows(pairs: Sequence[Pair], tokenizer, recipe: Recipe) -> Rows:
    """The pairs as requests, packed; every pair is seen once."""
    rng = random.Random(f"rows {recipe.seed}")
    return pack(encode(conversations(pairs, recipe.seed), tokenizer), recipe.row, rng)


def train(pairs: Sequence[Pair], lm: Path, recipe: Recipe, folder: Path) -> Path:
    """Runs or resumes the recipe in `folder`, from the language model in `lm`; returns the folder of the corrector.

    Raises ValueError where the pairs do not fill one batch.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n")
    torch.manual_seed(recipe.seed)
    tokenizer = AutoTokenizer.from_pretrained(lm)
    model = Qwen3ForCausalLM.from_pretrained(lm, dtype=torch.float32).to(device).train()
    rows, opts = make_rows(pairs, tokenizer, recipe), optimizers(model, recipe)
    steps = len(rows.ids) // recipe.rows
    if not steps:
        raise ValueError("Too few pairs to fill a batch: draw more problems.")
    full = [opt.param_groups[0]["lr"] for opt in opts]
    run = _stamp(recipe, steps, lm)
    checkpoint, done, seconds = folder / "checkpoint.pt", 0, 0.0
    saved = torch.load(checkpoint, map_location=device, weights_only=True) if checkpoint.exists() else {}
    if saved.get("run") == run:
        model.load_state_dict(saved["model"])
        for opt, state in zip(opts, saved["optimizers"], strict=True):
            opt.load_state_dict(state)
        done, seconds = saved["step"], saved["seconds"]
    loss_of = step_loss(model, device)
    started = last_saved = time.monotonic()
    with (
        (folder / "loss.csv").open("a" if done else "w", newline="") as file,
        tqdm(total=steps, initial=done, desc="training", unit="step") as bar,
    ):
        curve = csv.writer(file)
        for step in range(done, steps):
            for opt, rate in zip(opts, full, strict=True):
                opt.param_groups[0]["lr"] = rate * recipe.rate((step + 1) / steps)
            loss = loss_of(*batch_of(rows, step, recipe, device))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for opt in opts:
                opt.step()
                opt.zero_grad(set_to_none=True)
            bar.update()
            elapsed = seconds + time.monotonic() - started
            if step % 10 == 0:
                curve.writerow([step, f"{loss.item():.4f}", f"{elapsed:.0f}"])
                file.flush()
                bar.set_postfix(loss=f"{loss.item():.3f}")
            if time.monotonic() - last_saved > CHECKPOINT_SECONDS or step + 1 == steps:
                state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in opts],
                         "step": step + 1, "seconds": elapsed, "run": run}  # fmt: skip
                torch.save(state, checkpoint.with_suffix(".new"))
                checkpoint.with_suffix(".new").replace(checkpoint)
                last_saved = time.monotonic()
    save_model(model, tokenizer, folder / NAME)
    return folder / NAME


def _stamp(recipe: Recipe, steps: int, lm: Path) -> str:
    """What tells this run from another one whose checkpoint may lie in the folder."""
    weights = hashlib.sha256((lm / "model.safetensors").read_bytes()).hexdigest()
    return json.dumps([asdict(recipe), steps, weights])


def main() -> None:
    from helpers.local import LocalModel
    from training.corrector_cards import publish
    from training.pools import fingerprint
    from training.report import MODELS

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="corrector", help="folder under training/runs to make or resume")
    parser.add_argument(
        "--samples", type=Path, default=RUNS / "reward" / "samples", help="where the solutions lie or are put"
    )
    parser.add_argument(
        "--model", type=Path, default=MODELS / "course-lm", help="whose solutions are corrected"
    )
    parser.add_argument("--problems", type=int, default=500)
    parser.add_argument("--out", type=Path, default=MODELS, help="where the model and the report go")
    args = parser.parse_args()
    recipe, drawn = Recipe(), Draw(args.problems)
    groups = collect(LocalModel.load(args.model), drawn, args.samples, fingerprint(args.model))
    pairs = make_pairs(groups, recipe.wrong, recipe.right, recipe.seed)
    made = {
        "samples": asdict(drawn),
        "training": asdict(recipe),
        "drawn": summary(groups),
        "pairs": len(pairs),
        "kept": sum(pair.kept for pair in pairs),
    }
    print(json.dumps(made, indent=2))
    folder = train(pairs, args.model, recipe, RUNS / args.name)
    shutil.rmtree(args.out / NAME, ignore_errors=True)
    shutil.copytree(folder, args.out / NAME)
    publish(args.out, args.model, made)


if __name__ == "__main__":
    main()
