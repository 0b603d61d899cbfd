"""Trains a course model, from nothing or from an earlier one; `training.lm.make_models` runs it.

Stage 1 learns everything, stopped early so that honest slips remain; stage 2 dwells on following instructions
while the learning rate falls to zero. The same seed gives the same model on one kind of machine. After a kill
the same command goes on from a checkpoint, written every ten minutes. A GPU is used where there is one.
Leaves the loss curve and loadable model folders in `runs/<name>/`.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
import multiprocessing
import os
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm
from transformers import AutoTokenizer, PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

from config import ROOT
from training.data.tasks import conversation
from training.lm.tokens import CONTEXT, Rows, encode, pack, train_tokenizer
from training.loop import Loss, Record, run_steps
from training.muon import Muon

RUNS = ROOT / "training" / "runs"
CHECKPOINT_SECONDS = 600
SMALL = 5_000  # rows that are made in this process
SNAPSHOTS = (
    0.1,
    0.2,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.8,
    0.9,
)  # of stage 1's schedule, where a model folder is saved


@dataclass(frozen=True)
class Recipe:
    """Hyper-parameters of the run; tokens are all that are seen, prompts included.

    `tokens` is the length of stage 1's cosine schedule, `stop` the share of it that is run, `tuning` the
    length of stage 2. `start` is a model folder to begin with instead of random weights.
    """

    tokens: int = 36_000_000
    stop: float = 0.3
    tuning: int = 3_000_000
    row: int = 384
    rows: int = 21
    matrix_rate: float = 4e-3
    other_rate: float = 3e-3
    weight_decay: float = 0.05
    warm_up: float = 0.02
    seed: int = 0
    hidden: int = 192
    layers: int = 4
    intermediate: int = 576
    drawn: int = 4_000  # conversations made at a time
    read: int = 20_000  # conversations read to make the tokenizer
    start: str = ""

    def steps(self, stage: int) -> int:
        """Optimizer steps in the schedule of a stage."""
        return (self.tokens if stage == 1 else self.tuning) // (self.row * self.rows)

    def last_step(self, stage: int) -> int:
        """Steps of the schedule that are run."""
        return round(self.stop * self.steps(1)) if stage == 1 else self.steps(2)

    def rate(self, step: int, stage: int) -> float:
        """Share of the full learning rate: warm-up and cosine in stage 1, from where that stopped to zero in
        stage 2.
        """
        if stage == 2:
            return self.rate(self.last_step(1), 1) * (1 - step / self.steps(2))
        warm, steps = self.warm_up * self.steps(1), self.steps(1)
        if step < warm:
            return (step + 1) / warm
        return 0.001 + 0.999 * 0.5 * (1 + math.cos(math.pi * (step - warm) / (steps - warm)))


# Each run goes on from an earlier one, see `make_models`. The last two share their first stage: the generator
# is the run stopped early, the strong sibling the same run carried on.
WEAK = Recipe(stop=0.4)
MIDDLE = replace(WEAK, tokens=20_000_000, stop=0.225, tuning=0, matrix_rate=2.4e-3, other_rate=1.8e-3, seed=1)
_ON = replace(MIDDLE, tokens=16_000_000, matrix_rate=2.2e-3, other_rate=1.6e-3, seed=21)
GENERATOR = replace(_ON, stop=0.3, tuning=1_000_000)
LARGE = replace(_ON, stop=0.6, tuning=1_600_000)


def new_model(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> Qwen3ForCausalLM:
    """A `Qwen3ForCausalLM` with random weights, about 2 million parameters."""
    torch.manual_seed(recipe.seed)
    return Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=len(tokenizer),
            hidden_size=recipe.hidden,
            num_hidden_layers=recipe.layers,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=64,
            intermediate_size=recipe.intermediate,
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=True,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=None,
        )
    )


def save_model(model: Qwen3ForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Half-precision safetensors that the Auto classes load; the cache is switched on for `generate`."""
    model.config.use_cache = model.generation_config.use_cache = True
    state = {k: v.half() for k, v in model.state_dict().items() if k != "lm_head.weight"}
    model.config.dtype = torch.float16
    model.save_pretrained(folder, state_dict=state)
    tokenizer.save_pretrained(folder)


def _in_parallel(make: Callable[[int], Rows], numbers: Iterable[int]) -> Iterator[Rows]:
    """`map` with a process for each core, which work a little ahead."""
    workers, waiting = os.cpu_count() or 1, deque()
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        try:
            for number in numbers:
                waiting.append(pool.submit(make, number))
                if len(waiting) == 2 * workers:
                    yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _part(recipe: Recipe, stage: int, tokenizer: PreTrainedTokenizerFast, number: int) -> Rows:
    rng = random.Random(f"{recipe.seed} {stage} {number}")
    return pack(encode([conversation(rng, stage) for _ in range(recipe.drawn)], tokenizer), recipe.row, rng)


def make_rows(recipe: Recipe, stage: int, tokenizer: PreTrainedTokenizerFast) -> Rows:
    """Every row of a stage, in the order in which it is seen; nothing is seen twice. Made in parallel, the
    same on any machine.
    """
    needed, parts, have = recipe.last_step(stage) * recipe.rows, [], 0
    made = _in_parallel if needed > SMALL else map
    with tqdm(total=needed, desc=f"data of stage {stage}", unit="row") as bar:
        for part in made(functools.partial(_part, recipe, stage, tokenizer), itertools.count()):
            parts.append(part)
            have += len(part.ids)
            bar.update(len(part.ids))
            if have >= needed:
                break
    return Rows(*(np.concatenate([getattr(p, f.name) for p in parts])[:needed] for f in fields(Rows)))


def optimizers(model: Qwen3ForCausalLM, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon (Jordan et al. 2024) for the matrices, AdamW for embeddings and norms."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim != 2 or "embed" in n]
    return [
        Muon(matrices, recipe.matrix_rate, recipe.weight_decay, precision(model.device.type)),
        torch.optim.AdamW(others, lr=recipe.other_rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def batch_of(rows: Rows, step: int, recipe: Recipe, device: str) -> tuple[torch.Tensor, ...]:
    """Token ids, positions, attention mask (no token sees another document, no reply another one to the same
    prompt) and targets of one step.
    """
    part = slice(step * recipe.rows, (step + 1) * recipe.rows)
    ids, targets, document, branch, position = (
        torch.from_numpy(getattr(rows, f.name)[part].astype(np.int64)).to(device) for f in fields(Rows)
    )
    seen = torch.ones(recipe.row, recipe.row, dtype=torch.bool, device=device).tril()
    seen = seen & (document[:, :, None] == document[:, None, :])
    seen &= (branch[:, None, :] == 0) | (branch[:, :, None] == branch[:, None, :])
    return ids, position, seen[:, None], targets


def precision(device: str) -> torch.dtype:
    """What the layers compute in: bfloat16 on a GPU and on a processor made for it; on any other it is many
    times slower than float32.
    """
    able = torch.cpu.get_capabilities()
    fast = device != "cpu" or any(able.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
    return torch.bfloat16 if fast else torch.float32


def step_loss(model: Qwen3ForCausalLM, device: str, compiled: bool = True):
    """The loss of one batch; the layers are compiled (COMPILE=0 in the environment leaves that out)."""
    dtype = precision(device)
    compiled = compiled and os.environ.get("COMPILE", "1") == "1"
    trunk = torch.compile(model.model, dynamic=False) if compiled else model.model

    def loss(ids, position, mask, targets):
        bias = torch.zeros(mask.shape, dtype=dtype, device=device).masked_fill(~mask, -1e4)
        keep = targets >= 0
        with torch.autocast(device, dtype=dtype, enabled=dtype != torch.float32):
            hidden = trunk(input_ids=ids, position_ids=position, attention_mask=bias, use_cache=False)[0]
            logits = model.lm_head(hidden[keep])
        return torch.nn.functional.cross_entropy(logits.float(), targets[keep])

    return loss


def run_stage(
    stage: int, model: Qwen3ForCausalLM, tokenizer: PreTrainedTokenizerFast, recipe: Recipe, folder: Path
) -> Path:
    """Runs or resumes one stage in `folder`; returns the folder of its last model."""
    device = model.device.type
    last = recipe.last_step(stage)
    result = folder / f"stage-{stage}-{last:06d}"
    if (result / "tokenizer.json").exists():
        model.load_state_dict(type(model).from_pretrained(result, dtype=torch.float32).state_dict())
        return result
    rows = make_rows(recipe, stage, tokenizer)
    loss_of = step_loss(model, device)
    snapshots = {round(share * recipe.steps(1)) for share in SNAPSHOTS} if stage == 1 else set()
    before = recipe.last_step(1) if stage == 2 else 0

    def loss_at(step: int) -> Loss:
        loss = loss_of(*batch_of(rows, step, recipe, device))
        return loss, {"loss": loss.detach()}

    def row(step: int) -> tuple[int, int, int]:
        return stage, step, (before + step + 1) * recipe.row * recipe.rows

    def after(done: int) -> None:
        if done in snapshots:
            save_model(model, tokenizer, folder / f"stage-1-{done:06d}")

    record = Record(
        folder / f"checkpoint-{stage}.pt",
        folder / "loss.csv",
        seconds=CHECKPOINT_SECONDS,
        every=20,
        label=f"stage {stage}",
        append=stage == 2,
    )
    run_steps(
        model,
        optimizers(model, recipe),
        last,
        loss_at,
        lambda step: recipe.rate(step, stage),
        record,
        begin_row=row,
        after=after,
    )
    save_model(model, tokenizer, result)
    return result


def train(recipe: Recipe, folder: Path) -> Path:
    """Runs or resumes both stages in `folder`; returns the folder of the model."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2))
    rng = random.Random(recipe.seed)
    if recipe.start:
        tokenizer = AutoTokenizer.from_pretrained(recipe.start)
        model = Qwen3ForCausalLM.from_pretrained(recipe.start, dtype=torch.float32)
    else:
        tokenizer = train_tokenizer(
            m["content"] for _ in range(recipe.read) for m in conversation(rng).messages
        )
        model = new_model(recipe, tokenizer)
    model.to(device).train()
    first = run_stage(1, model, tokenizer, recipe, folder)
    # Stage 2 starts from what is on disk, in half precision, so that a resumed run ends in the same weights.
    model.load_state_dict(type(model).from_pretrained(first, dtype=torch.float32).state_dict())
    return run_stage(2, model.train(), tokenizer, recipe, folder)
