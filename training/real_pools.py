"""`make real-pools`: samples of a model from outside of the course, SmolLM2; `prebuilt/real_pools/`.

The problems are such that it is neither lost nor perfect. Notebooks 02 and 05 replay the samples in "the same
on a model that you know". A killed run goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from helpers.models import LanguageModel, load_model
from helpers.pools import REAL, Pool
from helpers.problems import Problem, word_problems
from helpers.prompts import make_prompt
from training.pools import SYSTEM

NAME = "smollm2"
STEPS, EACH = (1, 2), 40  # problems of each number of steps, with numbers below 100
SAMPLES, TEMPERATURE, MAX_TOKENS = 32, 0.7, 160
CHUNK = 128  # samples that a killed run loses at most


def real_problems(each: int = EACH) -> list[Problem]:
    """The problems: one step and two."""
    return word_problems(STEPS, each, small=True)


def record(model: LanguageModel, folder: Path, problems: list[Problem]) -> None:
    """Draw what `folder` lacks: samples, and a greedy chain for each problem; and pack it."""
    prompts = [make_prompt(SYSTEM, problem.question) for problem in problems]
    pool = Pool(folder, CHUNK)
    options = {"live": True, "max_tokens": MAX_TOKENS, "progress": True}
    pool.sample(model, prompts, 1, temperature=0.0, **options)
    pool.sample(model, prompts, SAMPLES, temperature=TEMPERATURE, **options)
    pool.compact()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=REAL)
    parser.add_argument("--each", type=int, default=EACH, help="problems of each number of steps")
    args = parser.parse_args()
    record(load_model(NAME), args.out, real_problems(args.each))
    size = sum(path.stat().st_size for path in args.out.rglob("*") if path.is_file())
    print(f"{args.out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
