"""Trains the reward models on the course model's own solutions: `make reward-model`.

One run makes both: on the layers of course-lm-large, the stronger sibling, and a circuit that notices its
surprise (`training.reward.start`), a last layer learns to tell right from wrong solutions of the same
problem (a loss on pairs, which "this problem is hard" cannot lower) and right from wrong lines (exact
labels). All layers are saved twice, with the head of an outcome reward model as `course-rm`, with that of a
process reward model as `course-prm`.

The same seed gives the same models on one kind of machine. After a kill the same command goes on from a
checkpoint, written every five minutes. A GPU is used where there is one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm.auto import tqdm
from transformers import AutoTokenizer, Qwen3Config, Qwen3ForSequenceClassification
from transformers import Qwen3ForTokenClassification as Qwen3ForSteps

from config import ROOT
from training.finetune import parameters, warm_cosine
from training.lm.pretrain import precision
from training.loop import Loss, Record, run_steps
from training.muon import Muon
from training.pools import fingerprint
from training.reward.batches import LabelledRows, encode, pack, visible
from training.reward.data import SYSTEM, Draw, Group, collect, summary
from training.reward.loss import loss_of
from training.reward.start import Channels, begin, freeze

RUNS = ROOT / "training" / "runs"
CHECKPOINT_SECONDS = 300
OUTCOME, PROCESS = "course-rm", "course-prm"
ASKED = "{% if messages[0]['role'] != 'system' %}{{ '<|system|>" + SYSTEM + "<|end|>' }}{% endif %}"


@dataclass(frozen=True)
class Recipe:
    """Hyper-parameters of the run. `even` and `steps` weigh the two other losses against that on pairs."""

    epochs: int = 3
    row: int = 512
    rows: int = 16
    solutions: int = 8  # of one problem, at most
    matrix_rate: float = 2e-3
    other_rate: float = 1e-3
    weight_decay: float = 0.05
    warm_up: float = 0.05
    even: float = 0.5
    steps: float = 1.0
    seed: int = 0

    def rate(self, share: float) -> float:
        """Share of the full learning rate after so much of the run: linear warm-up, then a cosine to zero."""
        return warm_cosine(share, self.warm_up)


class Scorer(torch.nn.Module):
    """The layers of `begin` with a head for outcomes and one for steps, each a logit; both begin with the
    mean surprise.
    """

    def __init__(self, trunk, at: Channels):
        super().__init__()
        self.trunk = trunk
        self.outcome = torch.nn.Linear(trunk.config.hidden_size, 1, bias=False)
        self.step = torch.nn.Linear(trunk.config.hidden_size, 1)
        for head in (self.outcome, self.step):
            torch.nn.init.zeros_(head.weight)
            torch.nn.init.constant_(head.weight[0, at.mean], -2.0)
        torch.nn.init.ones_(self.step.bias)


def make_rows(groups: Sequence[Group], tokenizer, recipe: Recipe) -> list[LabelledRows]:
    """The rows of each epoch: other solutions of a problem are chosen every time, and packed with other
    problems.
    """
    epochs = []
    for epoch in tqdm(range(recipe.epochs), desc="rows", unit="epoch"):
        rng = random.Random(f"rows {recipe.seed} {epoch}")
        order = rng.sample(groups, len(groups))
        encoded = [encode(group, tokenizer, recipe.row, recipe.solutions, rng) for group in order]
        epochs.append(pack([e for e in encoded if e], recipe.row, rng))
    return epochs


def batches(epochs: Sequence[LabelledRows], recipe: Recipe) -> list[tuple[LabelledRows, int]]:
    """The rows and the first row of each step; what does not fill a batch is left out of its epoch."""
    return [(rows, i) for rows in epochs for i in range(0, len(rows.ids) - recipe.rows + 1, recipe.rows)]


def batch_of(rows: LabelledRows, first: int, count: int, device: str) -> dict[str, torch.Tensor]:
    """Inputs [rows, length] of one step, and where its labels stand; `problem` numbers the problems of the
    batch.
    """
    part = slice(first, first + count)
    ids, position, problem, answer = (
        torch.from_numpy(a[part].astype(np.int64)).to(device)
        for a in (rows.ids, rows.position, rows.problem, rows.answer)
    )
    leaf = torch.from_numpy(rows.leaf[part]).to(device)

    def labels(table: np.ndarray) -> torch.Tensor:
        low, high = np.searchsorted(table[:, 0], (first, first + count))
        return torch.from_numpy(table[low:high] - [first, *[0] * (table.shape[1] - 1)]).to(device)

    return {
        "ids": ids,
        "position": position,
        "mask": visible(problem, answer, leaf),
        "ends": labels(rows.ends),
        "steps": labels(rows.steps),
    }


def train(groups: Sequence[Group], lm: Path, recipe: Recipe, folder: Path) -> tuple[Path, Path]:
    """Runs or resumes the recipe in `folder`, from the layers of the language model in `lm`; returns the
    folders of the outcome and of the process reward model.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n")
    torch.manual_seed(recipe.seed)
    tokenizer = AutoTokenizer.from_pretrained(lm)
    trunk, at = begin(lm, tokenizer, recipe.seed)
    freeze(trunk)
    scorer = Scorer(trunk, at).to(device).train()
    todo, optimizers = batches(make_rows(groups, tokenizer, recipe), recipe), _optimizers(scorer, recipe)
    if not todo:
        raise ValueError(
            "Too few problems have both right and wrong solutions to fill a batch: draw more of them."
        )
    trunk = scorer.trunk
    if os.environ.get("COMPILE", "1") == "1":
        trunk = torch.compile(trunk, dynamic=False)

    def loss_at(step: int) -> Loss:
        rows, first = todo[step]
        batch = batch_of(rows, first, recipe.rows, device)
        loss, shown = loss_of(scorer, trunk, batch, recipe.even, recipe.steps)
        return loss, dict(zip(("pairs", "steps", "in_order"), shown, strict=True))

    record = Record(
        folder / "checkpoint.pt", folder / "loss.csv", _stamp(recipe, len(todo), lm), CHECKPOINT_SECONDS
    )
    run_steps(
        scorer, optimizers, len(todo), loss_at, lambda step: recipe.rate((step + 1) / len(todo)), record
    )
    return save(scorer, tokenizer, folder)


def save(scorer: Scorer, tokenizer, folder: Path) -> tuple[Path, Path]:
    """Two folders of half-precision weights that the Auto classes load; they read a question without a system
    turn as course-lm was asked it.
    """
    tokenizer.chat_template = ASKED + tokenizer.chat_template
    labels = {"id2label": {0: "right"}, "label2id": {"right": 0}}
    settings = scorer.trunk.config.to_dict() | labels | {"classifier_dropout": 0.0, "use_cache": True}
    saved = []
    for name, kind, head in (
        (OUTCOME, Qwen3ForSequenceClassification, scorer.outcome),
        (PROCESS, Qwen3ForSteps, scorer.step),
    ):
        model = kind(Qwen3Config.from_dict(settings))
        model.model.load_state_dict(scorer.trunk.state_dict())
        model.score.load_state_dict(head.state_dict())
        model.half().save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
        saved.append(folder / name)
    return saved[0], saved[1]


def _stamp(recipe: Recipe, steps: int, lm: Path) -> str:
    """What tells this run from another one whose checkpoint may lie in the folder."""
    return json.dumps([asdict(recipe), steps, fingerprint(lm)])


def _optimizers(scorer: Scorer, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the last layer, AdamW for the heads."""
    matrices = [p for p in scorer.trunk.parameters() if p.requires_grad]
    others = [*scorer.outcome.parameters(), *scorer.step.parameters()]
    return [
        Muon(matrices, recipe.matrix_rate, recipe.weight_decay, precision(matrices[0].device.type)),
        torch.optim.AdamW(others, lr=recipe.other_rate, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def main() -> None:
    from helpers.engine.local import LocalModel
    from training.lm.report import MODELS
    from training.reward.cards import publish

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="reward", help="folder under training/runs to make or resume")
    parser.add_argument("--model", type=Path, default=MODELS / "course-lm", help="the generator")
    parser.add_argument("--base", type=Path, default=MODELS / "course-lm-large", help="where to begin")
    parser.add_argument("--problems", type=int, default=Draw.problems)
    parser.add_argument("--samples", type=int, default=Draw.samples, help="of a problem")
    parser.add_argument("--epochs", type=int, default=Recipe.epochs)
    parser.add_argument("--out", type=Path, default=MODELS, help="where the models and the report go")
    args = parser.parse_args()
    recipe, run = Recipe(epochs=args.epochs), RUNS / args.name
    drawn = Draw(args.problems, args.samples)
    groups = collect(LocalModel.load(args.model), drawn, run / "samples", fingerprint(args.model))
    print(json.dumps(summary(groups), indent=2))
    for folder in train(groups, args.base, recipe, run):
        shutil.rmtree(args.out / folder.name, ignore_errors=True)
        shutil.copytree(folder, args.out / folder.name)
    made = {"samples": asdict(drawn), "training": asdict(recipe), "drawn": summary(groups)}
    made["parameters"] = parameters(folder)
    publish(args.out, args.model, args.base, made)


if __name__ == "__main__":
    main()
