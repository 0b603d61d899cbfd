"""Where to stop the generator: `python -m training.lm.snapshots FOLDER...` measures models on problems that
no report uses.

A generator that was trained too little writes noise, one that was trained too long leaves a vote nothing to
win. The problems here are held out from training and drawn apart from those of the reports, so a choice made
on them does not flatter the reports.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from helpers.answers import answers_match, extract_answer
from helpers.estimators import maj_at_k, paired_difference
from helpers.models import LanguageModel
from helpers.problems import held_out, pair_held_out
from helpers.prompts import FINAL_FORMAT, SYSTEM_BASELINE, make_prompt
from training.data.tasks import multiplication
from training.data.word_problems import word_problem
from training.data.worked import Size, Worked, large_sizes, small_sizes

SYSTEM, LONGEST = "Reason step by step. " + FINAL_FORMAT, 320
STEPS, DIGITS = range(2, 9), ((3, 2), (4, 2), (3, 3))


def words(each: int, steps: Sequence[int] = STEPS, size: Size = large_sizes) -> list[Worked]:
    """`each` held-out word problems for every number of steps."""
    rng, found = random.Random("snapshots"), []
    for n in steps:
        rows: list[Worked] = []
        while len(rows) < each:
            worked = word_problem(n, rng, size)
            rows += [worked] * held_out(worked.question)
        found += rows
    return found


def products(each: int) -> list[Worked]:
    """`each` held-out products for every pair of `DIGITS`."""
    rng, found = random.Random("snapshots"), []
    for digits in DIGITS:
        rows: list[Worked] = []
        while len(rows) < each:
            a, b = (rng.randint(max(2, 10 ** (d - 1)), 10**d - 1) for d in digits)
            rows += [multiplication(a, b)] * pair_held_out(a, b)
        found += rows
    return found


def measure(
    model: LanguageModel, problems: Sequence[Worked], samples: int, temperature: float
) -> dict[str, float]:
    """Greedy, one sample, votes of 8 and of all with their gain over greedy (mean, low, high), and
    coverage.
    """
    prompts = [make_prompt(SYSTEM, p.question) for p in problems]
    greedy = [
        float(answers_match(extract_answer(row[0].text), str(p.answer)))
        for row, p in zip(model.sample(prompts, temperature=0.0, max_tokens=LONGEST), problems, strict=True)
    ]
    drawn = model.sample(prompts, samples, temperature=temperature, max_tokens=LONGEST, seed=1)
    answers = [[extract_answer(sample.text) for sample in row] for row in drawn]
    right = [[answers_match(a, str(p.answer)) for a in row] for row, p in zip(answers, problems, strict=True)]
    found = {
        "greedy": float(np.mean(greedy)),
        "one sample": float(np.mean([np.mean(row) for row in right])),
        f"any of {samples}": float(np.mean([any(row) for row in right])),
        "tokens a chain": float(np.mean([sample.tokens for row in drawn for sample in row])),
    }
    for k in sorted({min(8, samples), samples}):
        vote = [maj_at_k(row, str(p.answer), k) for row, p in zip(answers, problems, strict=True)]
        gain = paired_difference(vote, greedy)
        found |= {f"vote of {k}": float(np.mean(vote)), f"vote of {k} - greedy": gain.mean}
        found |= {f"vote of {k} - greedy, low": gain.low, f"vote of {k} - greedy, high": gain.high}
    return found


def at_once(model: LanguageModel, each: int) -> float:
    """Share of problems of one to three steps, numbers below 100, that are right without working."""
    problems = words(each, (1, 2, 3), small_sizes)
    prompts = [make_prompt(SYSTEM_BASELINE, p.question) for p in problems]
    replies = model.sample(prompts, temperature=0.0, max_tokens=16)
    right = [
        answers_match(extract_answer(r[0].text), str(p.answer))
        for r, p in zip(replies, problems, strict=True)
    ]
    return float(np.mean(right))


def main() -> None:
    from helpers.engine.local import LocalModel

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--each", type=int, default=24, help="word problems for each number of steps")
    parser.add_argument("--samples", type=int, default=32)
    args = parser.parse_args()
    for folder in args.folders:
        model = LocalModel.load(folder)
        print(folder, f"at once {at_once(model, args.each):.2f}")
        for name, problems in (("words", words(args.each)), ("products", products(20))):
            for temperature in (0.7, 1.0):
                found = measure(model, problems, args.samples, temperature)
                print(f"  {name}, T = {temperature}: " + ", ".join(f"{k} {v:.3g}" for k, v in found.items()))


if __name__ == "__main__":
    main()
