"""Trains the corrector on the course model's own solutions: `make corrector`.

course-corrector has the class, the tokenizer and at first the weights of course-lm-large. It learns to answer
a request to check a solution of course-lm: to write a wrong one right, and to keep a right one. The solutions
are those that the reward models learn from.

`training.finetune` runs it.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from training.corrector.data import Pair, conversations, make_pairs
from training.finetune import FineTuning, finetune, parameters
from training.lm.pretrain import RUNS
from training.reward.data import Draw, collect, summary

NAME = "course-corrector"


@dataclass(frozen=True)
class Recipe(FineTuning):
    """Hyper-parameters of the run; `wrong` and `right` are the most solutions of either kind of one
    problem.
    """

    wrong: int = 2
    right: int = 1
    row: int = 512
    rows: int = 8
    matrix_rate: float = 1.5e-3
    other_rate: float = 1e-3
    warm_up: float = 0.05


def train(pairs: Sequence[Pair], lm: Path, recipe: Recipe, folder: Path) -> Path:
    """Runs or resumes the recipe in `folder`, from the language model in `lm`; returns the folder of the
    corrector.

    Raises ValueError where the pairs do not fill one batch.
    """
    return finetune(conversations(pairs, recipe.seed), lm, recipe, folder)


def main() -> None:
    from helpers.engine.local import LocalModel
    from training.corrector.cards import publish
    from training.lm.report import MODELS
    from training.pools import fingerprint

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--name", default="corrector", help="folder under training/runs to make or resume")
    parser.add_argument(
        "--samples", type=Path, default=RUNS / "reward" / "samples", help="where the solutions lie or are put"
    )
    parser.add_argument(
        "--model", type=Path, default=MODELS / "course-lm", help="whose solutions are corrected"
    )
    parser.add_argument("--base", type=Path, default=MODELS / "course-lm-large", help="where to begin")
    parser.add_argument("--problems", type=int, default=Draw.problems)
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
    folder = train(pairs, args.base, recipe, RUNS / args.name)
    shutil.rmtree(args.out / NAME, ignore_errors=True)
    shutil.copytree(folder, args.out / NAME)
    made["parameters"] = parameters(folder)
    publish(args.out, args.model, made)


if __name__ == "__main__":
    main()
