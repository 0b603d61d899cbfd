"""Policy gradient on a model's own samples: the weighted log-likelihood behind GRPO (Shao et al. 2024, arXiv
2402.03300), without its penalty for leaving the first model.

The weight of a token is a function that the caller gives. With weights of 1 for what was accepted and 0 for
the rest it is the training on filtered samples. A large model gets adapters of low rank (Hu et al. 2021,
arXiv 2106.09685), by `peft`.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from helpers.engine.chat_template import ChatTokenizer
from helpers.models import Message
from training.finetune import warm_cosine
from training.lm.pretrain import optimizers, save_model
from training.loop import Loss, Record, run_steps
from training.pools import fingerprint

CHECKPOINT_SECONDS = 30
Rows = list[list[float]]


@dataclass(frozen=True)
class Drawn:
    """A sample, to be made more or less probable: its text ended by itself, it was not cut off."""

    prompt: list[Message]
    text: str
    advantage: float


@dataclass(frozen=True)
class PolicyTuning:
    """Hyper-parameters: `passes` over the samples in batches of `rows`; `rank` 0: all weights are trained,
    else adapters of that rank.
    """

    passes: int = 1
    rows: int = 32
    matrix_rate: float = 4e-4
    other_rate: float = 3e-4
    weight_decay: float = 0.0
    warm_up: float = 0.1
    seed: int = 0
    rank: int = 0


def token_logprobs(model, batch: Sequence[tuple[list[int], list[int]]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-probabilities of the tokens of the replies, [texts, longest], and which of these places are
    tokens.
    """
    longest = max(len(head) + len(tail) for head, tail in batch)
    device = next(model.parameters()).device
    ids = torch.zeros(len(batch), longest, dtype=torch.long, device=device)
    mine = torch.zeros(len(batch), longest, dtype=torch.bool, device=device)
    for i, (head, tail) in enumerate(batch):
        ids[i, : len(head) + len(tail)] = torch.tensor([*head, *tail])
        mine[i, len(head) : len(head) + len(tail)] = True
    # on the right of a text stands padding, which no token before it sees
    logits = model(input_ids=ids, use_cache=False).logits[:, :-1].float()
    logs = logits.gather(2, ids[:, 1:, None])[..., 0] - logits.logsumexp(-1)
    return logs, mine[:, 1:]


def weighted(logs: torch.Tensor, mine: torch.Tensor, weights: Rows) -> torch.Tensor:
    """-(weight x log-probability), the mean over all tokens; the weights are constants."""
    table = torch.zeros_like(logs)
    table[mine] = torch.tensor([w for row in weights for w in row], device=logs.device)
    return -(table * logs).sum() / mine.sum()


def with_adapters(model, recipe: PolicyTuning) -> tuple[torch.nn.Module, list[torch.optim.Optimizer]]:
    """The model with adapters in all its linear layers, and what trains them alone.

    Raises ImportError, in one sentence, where peft is not installed.
    """
    try:
        peft = importlib.import_module("peft")
    except ImportError as error:
        raise ImportError(
            "A model of this size is trained by adapters: pip install -r requirements-train.txt"
        ) from error
    config = peft.LoraConfig(
        r=recipe.rank, lora_alpha=2 * recipe.rank, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    model = peft.get_peft_model(model, config)
    trained = [p for p in model.parameters() if p.requires_grad]
    return model, [torch.optim.AdamW(trained, lr=recipe.other_rate, weight_decay=recipe.weight_decay)]


def improve(
    drawn: Sequence[Drawn],
    lm: Path,
    weights_of: Callable[[Rows, Rows, list[float]], Rows],
    recipe: PolicyTuning,
    folder: Path,
) -> Path:
    """Runs or resumes the recipe in `folder`, from the weights of `lm`; returns the model's folder.

    `weights_of(new, old, advantages)` has the log-probabilities of each token under the model now and under
    that in `lm`, a list for each sample. Raises ValueError where no sample is left.
    """
    if not drawn:
        raise ValueError(
            "Every group agreed: there is nothing to learn from. Draw harder or easier problems."
        )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    tokenizer = AutoTokenizer.from_pretrained(lm)
    model = AutoModelForCausalLM.from_pretrained(lm, dtype=torch.float32).to(device)
    model, opts = with_adapters(model, recipe) if recipe.rank else (model, optimizers(model, recipe))
    model.eval()  # without dropout, so that the ratio is 1 at first
    chat = ChatTokenizer(tokenizer)
    texts = [
        (
            [*chat.encode(d.prompt)],
            [*tokenizer(d.text, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id],
        )
        for d in drawn
    ]
    batches = _batches(texts, recipe)
    old = _before(model, texts, recipe.rows)

    def loss_at(step: int) -> Loss:
        batch = batches[step]
        logs, mine = token_logprobs(model, [texts[i] for i in batch])
        now = [row[where].tolist() for row, where in zip(logs.detach(), mine, strict=True)]
        given = weights_of(now, [old[i] for i in batch], [drawn[i].advantage for i in batch])
        loss = weighted(logs, mine, given)
        return loss, {"loss": loss.detach()}

    what = json.dumps([asdict(recipe), [asdict(d) for d in drawn], fingerprint(lm)])
    run = hashlib.sha256(what.encode()).hexdigest()
    record = Record(folder / "checkpoint.pt", folder / "loss.csv", run, CHECKPOINT_SECONDS)
    steps = len(batches)

    def rate(step: int) -> float:
        return warm_cosine((step + 1) / steps, recipe.warm_up)

    run_steps(model, opts, steps, loss_at, rate, record)
    if recipe.rank:
        model.merge_and_unload().save_pretrained(folder / "model")
        tokenizer.save_pretrained(folder / "model")
    else:
        save_model(model, tokenizer, folder / "model")
    return folder / "model"


def _batches(texts: Sequence[tuple[list[int], list[int]]], recipe: PolicyTuning) -> list[list[int]]:
    """Texts of like length together, in random order."""
    rng, found = random.Random(f"policy {recipe.seed}"), []
    for _ in range(recipe.passes):
        order = sorted(range(len(texts)), key=lambda i: (len(texts[i][0]) + len(texts[i][1]), rng.random()))
        rows = [order[i : i + recipe.rows] for i in range(0, len(order), recipe.rows)]
        found += rng.sample(rows, len(rows))
    return found


@torch.no_grad()
def _before(model, texts: Sequence[tuple[list[int], list[int]]], rows: int) -> Rows:
    found = []
    for i in range(0, len(texts), rows):
        logs, mine = token_logprobs(model, texts[i : i + rows])
        found += [row[where].tolist() for row, where in zip(logs, mine, strict=True)]
    return found
