"""`make real-pools`: samples of a model from outside of the course, SmolLM2; `prebuilt/real_pools/`.

Notebooks 02 and 05 replay them in "the same on a model that you know". A killed run goes on where it stopped.
On a GPU this process draws them, in two minutes; elsewhere llama.cpp's server does, in hours, which is still
several times as fast as float32 in this process.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import exp
from pathlib import Path

from config import ROOT
from deploy.llama import running
from helpers.answers import answers_match, extract_answer
from helpers.endpoint import EndpointModel
from helpers.estimators import (
    Interval,
    bootstrap,
    maj_at_k,
    paired_difference,
    pass_at_k,
    weighted_vote_at_k,
)
from helpers.models import LanguageModel
from helpers.pools import Pool, RecordedScores
from helpers.pools.real import EACH, NAME, REAL, SAMPLES, SCORES, RealPool, real_pool
from helpers.pools.scores import Conversation
from helpers.rewards import RewardModel
from training import marks
from training.pools import REWARD_MODEL, talks
from training.solutions import from_notebook

README = ROOT / "README.md"
FALSE_SUM = 1e-9  # the weight of a sample with a false sum: it votes where all have one


@contextmanager
def model() -> Iterator[LanguageModel]:
    """SmolLM2 where it is fastest on this machine."""
    import torch

    from helpers.engine.local import LocalModel

    if torch.cuda.is_available():
        yield LocalModel.load(NAME, "cuda", "float32")
        return
    with running(threads=int(os.environ.get("OMP_NUM_THREADS", "0")) or None) as url:
        yield EndpointModel(NAME, url, "none", timeout=900)


def conversations(found: RealPool) -> list[Conversation]:
    """Every sample as notebook 05 gives it to a reward model."""
    return talks("", list(zip(found.problems, found.samples, strict=True)))


def as_markdown(found: RealPool) -> str:
    """The table of README: accuracy by level, with 95 % intervals over problems."""
    lesson = from_notebook("05", "read_answer", "sums_hold")
    right = [problem.answer for problem in found.problems]
    answers = [[lesson.read_answer(sample) for sample in row] for row in found.samples]
    held = [[1.0 if lesson.sums_hold(s.text) else FALSE_SUM for s in row] for row in found.samples]
    surer = [[exp(s.logprob / s.tokens) for s in row] for row in found.samples]
    hits = [[answers_match(a, gold) for a in row] for row, gold in zip(answers, right, strict=True)]
    each = range(len(right))
    once = [
        float(answers_match(lesson.read_answer(s), gold)) for s, gold in zip(found.greedy, right, strict=True)
    ]
    ways = {
        "greedy": once,
        "pass@1": [pass_at_k(SAMPLES, sum(hits[i]), 1) for i in each],
        f"maj@{SAMPLES}": [maj_at_k(answers[i], right[i], SAMPLES) for i in each],
        "vote, own probability": [_weighted(answers[i], surer[i], right[i]) for i in each],
        "vote, sums checked": [_weighted(answers[i], held[i], right[i]) for i in each],
        f"pass@{SAMPLES}": [pass_at_k(SAMPLES, sum(hits[i]), SAMPLES) for i in each],
    }
    gains = [f"{way} - greedy" for way in list(ways)[2:5]]
    lines = [" | ".join(["| stories", "n", *ways, *gains]) + " |", "| --- " * (2 + len(ways) + 3) + "|"]
    for level in [*dict.fromkeys(found.levels), "all"]:
        those = [i for i in each if level in (found.levels[i], "all")]
        of = {way: [float(values[i]) for i in those] for way, values in ways.items()}
        cells = [bootstrap(values) for values in of.values()]
        changes = [paired_difference(of[way], of["greedy"]) for way in list(ways)[2:5]]
        numbers = [*map(str, cells), *(_signed(change) for change in changes)]
        lines.append(" | ".join([f"| {level}", str(len(those)), *numbers]) + " |")
    loose = [[extract_answer(s.text) for s in row] for row in found.samples]
    voted = [maj_at_k(row, gold, SAMPLES) for row, gold in zip(loose, right, strict=True)]
    alone = [
        float(answers_match(extract_answer(s.text), x)) for s, x in zip(found.greedy, right, strict=True)
    ]
    lines += [
        "",
        f"Where the last number counts if none is stated: greedy {bootstrap(alone)}, maj@{SAMPLES} "
        f"{bootstrap(voted)}, difference {_signed(paired_difference(voted, alone))}.",
    ]
    return "\n".join(lines) + "\n"


def into_readme(table: str, readme: Path = README) -> None:
    """Replaces the table in the README, between its two marks."""
    marks.write(readme, "real", table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=REAL)
    parser.add_argument("--each", type=int, default=EACH, help="problems of each level")
    args = parser.parse_args()
    with model() as smollm2:
        found = real_pool(smollm2, args.out, each=args.each, live=True)
    Pool(args.out).compact()
    reward = RewardModel.load(REWARD_MODEL)
    RecordedScores(reward, REWARD_MODEL, args.out / SCORES).record(conversations(found))
    size = sum(path.stat().st_size for path in args.out.rglob("*") if path.is_file())
    table = as_markdown(found)
    print(f"{args.out}: {size / 1e6:.1f} MB\n{table}")
    if (args.out, args.each) == (REAL, EACH):
        into_readme(table)


def _weighted(answers: list[str | None], weights: list[float], gold: str) -> float:
    return weighted_vote_at_k(answers, weights, gold, SAMPLES, draws=200)  # draws differ in ties alone


def _signed(change: Interval) -> str:
    return f"{change.mean:+.2f} [{change.low:+.2f}, {change.high:+.2f}]"


if __name__ == "__main__":
    main()
