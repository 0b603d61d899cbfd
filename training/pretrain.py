"""Trains the course model from nothing: `python -m training.pretrain`.

Promises: deterministic for a seed on one kind of machine; a progress bar and a loss curve; a checkpoint every ten minutes, and
after a kill the same command goes on from it; a GPU is used where there is one. Leaves `runs/<name>/` with the curve,
and a loadable model folder at the end of every `SNAPSHOT` share of the run. Knows nothing of evaluation.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

from training.tasks import conversation
from training.tokens import CONTEXT, Rows, encode, pack, train_tokenizer

RUNS = Path(__file__).parent / "runs"
CHECKPOINT_SECONDS = 600
SNAPSHOTS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True)
class Recipe:
    """Hyper-parameters of the run; `tokens` counts all tokens seen, prompts included."""

    tokens: int = 36_000_000
    row: int = 512
    rows: int = 16
    matrix_rate: float = 4e-3
    other_rate: float = 3e-3
    weight_decay: float = 0.05
    warm_up: float = 0.02
    seed: int = 0
    hidden: int = 192
    layers: int = 4
    intermediate: int = 576
    drawn: int = 20_000  # conversations made at a time, and read to make the tokenizer

    @property
    def steps(self) -> int:
        return self.tokens // (self.row * self.rows)


def new_model(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> Qwen3ForCausalLM:
    """A `Qwen3ForCausalLM` with random weights, about 2 million parameters."""
    torch.manual_seed(recipe.seed)
    return Qwen3ForCausalLM(Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=recipe.hidden, num_hidden_layers=recipe.layers, num_attention_heads=4,
        num_key_value_heads=2, head_dim=64, intermediate_size=recipe.intermediate, max_position_embeddings=CONTEXT,
        tie_word_embeddings=True, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, bos_token_id=None,
    ))  # fmt: skip


def save_model(model: Qwen3ForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Half-precision safetensors that the Auto classes load; the cache is switched on for `generate`."""
    model.config.use_cache = model.generation_config.use_cache = True
    state = {k: v.half() for k, v in model.state_dict().items() if k != "lm_head.weight"}
    model.config.dtype = torch.float16
    model.save_pretrained(folder, state_dict=state)
    tokenizer.save_pretrained(folder)


def make_rows(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> Rows:
    """Every row of the run, in the order in which it is seen; nothing is seen twice."""
    rng = random.Random(recipe.seed + 1)
    needed, parts, have = recipe.steps * recipe.rows, [], 0
    bar = tqdm(total=needed, desc="data", unit="row")
    while have < needed:
        part = pack(encode([conversation(rng) for _ in range(recipe.drawn)], tokenizer), recipe.row, rng)
        parts.append(part)
        have += len(part.ids)
        bar.update(len(part.ids))
    bar.close()
    fields = ("ids", "targets", "document", "position")
    return Rows(*(np.concatenate([getattr(p, f) for p in parts])[:needed] for f in fields))


def optimizers(model: Qwen3ForCausalLM, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon (Jordan et al. 2024) for the matrices, AdamW for embeddings and norms."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim != 2 or "embed" in n]
    return [
        torch.optim.Muon(matrices, lr=recipe.matrix_rate, weight_decay=recipe.weight_decay, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=recipe.other_rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]  # fmt: skip


def rate(step: int, recipe: Recipe) -> float:
    """Share of the full learning rate: linear warm-up, then a cosine down to a tenth of a percent."""
    warm = recipe.warm_up * recipe.steps
    if step < warm:
        return (step + 1) / warm
    return 0.001 + 0.999 * 0.5 * (1 + math.cos(math.pi * (step - warm) / (recipe.steps - warm)))


def batch_of(rows: Rows, step: int, recipe: Recipe, device: str) -> tuple[torch.Tensor, ...]:
    """Token ids, positions, attention mask (no token sees another document) and targets of one step."""
    part = slice(step * recipe.rows, (step + 1) * recipe.rows)
    ids, targets, document, position = (
        torch.from_numpy(a[part].astype(np.int64)).to(device)
        for a in (rows.ids, rows.targets, rows.document, rows.position)
    )
    causal = torch.ones(recipe.row, recipe.row, dtype=torch.bool, device=device).tril()
    mask = ((document[:, :, None] == document[:, None, :]) & causal)[:, None]
    return ids, position, mask, targets


def train(recipe: Recipe, folder: Path, limit_s: float = math.inf) -> Path:
    """Runs or resumes the recipe in `folder`; returns the folder of the finished model (or of the last checkpoint)."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2))
    rng = random.Random(recipe.seed)
    tokenizer = train_tokenizer(m["content"] for _ in range(recipe.drawn) for m in conversation(rng).messages)
    model = new_model(recipe, tokenizer).to(device).train()
    rows = make_rows(recipe, tokenizer)
    opts = optimizers(model, recipe)
    checkpoint, done, seconds = folder / "checkpoint.pt", 0, 0.0
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        model.load_state_dict(saved["model"])
        for opt, state in zip(opts, saved["optimizers"], strict=True):
            opt.load_state_dict(state)
        done, seconds = saved["step"], saved["seconds"]

    trunk = (
        torch.compile(model.model, dynamic=False) if os.environ.get("COMPILE", "1") == "1" else model.model
    )

    def step_loss(ids, position, mask, targets):
        bias = torch.zeros(mask.shape, dtype=torch.bfloat16, device=device).masked_fill(~mask, -1e4)
        keep = targets >= 0
        with torch.autocast(device, dtype=torch.bfloat16):
            hidden = trunk(input_ids=ids, position_ids=position, attention_mask=bias, use_cache=False)[0]
            logits = model.lm_head(hidden[keep])
        return torch.nn.functional.cross_entropy(logits.float(), targets[keep])

    base = [[g["lr"] for g in opt.param_groups] for opt in opts]
    if done:
        base = [[recipe.matrix_rate], [recipe.other_rate]]
    snapshots = {max(1, round(share * recipe.steps)) for share in SNAPSHOTS}
    started = last_saved = time.monotonic()

    def save(step: int) -> None:
        state = {"model": model.state_dict(), "optimizers": [o.state_dict() for o in opts], "step": step,
                 "seconds": seconds + time.monotonic() - started}  # fmt: skip
        torch.save(state, checkpoint.with_suffix(".new"))
        checkpoint.with_suffix(".new").replace(checkpoint)

    bar = tqdm(total=recipe.steps, initial=done, desc="training", unit="step")
    with (folder / "loss.csv").open("a", newline="") as file:
        curve = csv.writer(file)
        for step in range(done, recipe.steps):
            share = rate(step, recipe)
            for opt, rates in zip(opts, base, strict=True):
                for group, full in zip(opt.param_groups, rates, strict=True):
                    group["lr"] = full * share
            loss = step_loss(*batch_of(rows, step, recipe, device))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for opt in opts:
                opt.step()
                opt.zero_grad(set_to_none=True)
            bar.update()
            if step % 20 == 0:
                elapsed = seconds + time.monotonic() - started
                curve.writerow(
                    [step, (step + 1) * recipe.row * recipe.rows, f"{loss.item():.4f}", f"{elapsed:.0f}"]
                )
                file.flush()
                bar.set_postfix(loss=f"{loss.item():.3f}")
            if step + 1 in snapshots:
                save_model(model, tokenizer, folder / f"step-{step + 1:06d}")
            if time.monotonic() - last_saved > CHECKPOINT_SECONDS or step + 1 == recipe.steps:
                save(step + 1)
                last_saved = time.monotonic()
            if time.monotonic() - started > limit_s:
                break
    bar.close()
    return folder / f"step-{recipe.steps:06d}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="course-lm", help="folder under training/runs")
    parser.add_argument("--tokens", type=int, default=Recipe.tokens, help="length of the run")
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="stop early (the curve of the full run is kept)"
    )
    for name in ("matrix_rate", "other_rate"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=getattr(Recipe, name))
    args = parser.parse_args()
    recipe = Recipe(tokens=args.tokens, matrix_rate=args.matrix_rate, other_rate=args.other_rate)
    print(f"model in {train(recipe, RUNS / args.name, args.minutes * 60)}")


if __name__ == "__main__":
    main()
