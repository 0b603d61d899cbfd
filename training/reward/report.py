"""Measures the reward models on held-out problems, beside what costs no training: `python -m
training.reward.report`.

Every method chooses among the same samples; every figure has a 95 % interval over problems and every
comparison is paired; the same models give the same report. Writes
`prebuilt/models/reward_report.{json,md,png}`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.answers import answers_match, extract_answer
from helpers.estimators import (
    Interval,
    best_of_k,
    bootstrap,
    maj_at_k,
    paired_difference,
    pass_at_k,
    weighted_vote_at_k,
)
from helpers.models import LanguageModel, Message, Sample
from helpers.plots.figure import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, canvas
from helpers.problems import Problem, multiplication_problems, word_problems
from helpers.prompts import make_prompt
from training.lm.report import MODELS
from training.pools import TEMPERATURES
from training.reward.data import DIGITS, MAX_TOKENS, STEPS, SYSTEM

EACH, SAMPLES, SEED, DRAWS = 20, 32, 1, 500
KS = (1, 2, 4, 8, 16, 32)
REWARD, STEP, RATIO = "course-rm", "course-prm, last step", "Dr. SoW"
LIKELY, WEAKEST, SIBLING = "log-probability", "least likely token", "log-probability, large model"
MAJORITY, ORACLE = "majority", "oracle"
VOTES = {f"vote weighted by {name}": name for name in (REWARD, STEP)}


@dataclass(frozen=True)
class Candidates:
    """The samples of one problem: its answers (canonical text or None), which are right, and each scorer's
    scores.

    `weights` are the scores of the reward models as probabilities.
    """

    problem: Problem
    answers: tuple[str | None, ...]
    correct: tuple[bool, ...]
    scores: dict[str, tuple[float, ...]]
    weights: dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class Likelihood:
    """A local language model as a scorer: the log-probability of an answer, in nats."""

    model: object

    def score(self, conversations: Sequence[list[Message]]) -> list[float]:
        answers = [talk[-1]["content"] for talk in conversations]
        return [sum(each) for each in self.model.logprobs([talk[:-1] for talk in conversations], answers)]


def test_problems(each: int = EACH) -> list[Problem]:
    """`each` word problems of 2 to 8 steps, and `each` multiplications of three sizes."""
    products = (p for digits in DIGITS for p in multiplication_problems(digits, each, SEED))
    return [*word_problems(STEPS, each, SEED), *products]


def score_distinct(
    score: Callable[[list[list[Message]]], list],
    prompts: Sequence[list[Message]],
    samples: Sequence[Sequence[Sample]],
) -> list[list]:
    """`score` of every sample as the answer to its prompt; equal ones are scored once."""
    asked = dict.fromkeys((i, sample.text) for i, row in enumerate(samples) for sample in row)
    talks = [[*prompts[i], {"role": "assistant", "content": text}] for i, text in asked]
    found = dict(zip(asked, score(talks), strict=True))
    return [[found[i, sample.text] for sample in row] for i, row in enumerate(samples)]


def candidates(
    problems: Sequence[Problem], samples: Sequence[Sequence[Sample]], outcome, process, ratio, sibling
) -> list[Candidates]:
    """All scores of all samples. `outcome`, `process` and `ratio` are scorers of `helpers.rewards`, `sibling`
    is the `Likelihood` under the large model.
    """
    plain, asked = (
        [make_prompt(system, problem.question) for problem in problems] for system in ("", SYSTEM)
    )

    def last_step(talks):
        return [steps[-1] if steps else 0.0 for steps in process.score(talks)]

    scores = {
        REWARD: score_distinct(outcome.score, plain, samples),
        STEP: score_distinct(last_step, plain, samples),
        RATIO: score_distinct(ratio.score, asked, samples),
        SIBLING: score_distinct(sibling.score, asked, samples),
        LIKELY: [[s.logprob for s in row] for row in samples],
        WEAKEST: [[min(s.token_logprobs, default=0.0) for s in row] for row in samples],
    }
    found = []
    for i, (problem, row) in enumerate(zip(problems, samples, strict=True)):
        answers = tuple(extract_answer(sample.text) for sample in row)
        own = {name: tuple(map(float, values[i])) for name, values in scores.items()}
        logits = np.clip(own[REWARD], -30, 30)
        weights = {REWARD: tuple((1 / (1 + np.exp(-logits))).tolist()), STEP: own[STEP]}
        correct = tuple(answers_match(answer, problem.answer) for answer in answers)
        found.append(Candidates(problem, answers, correct, own, weights))
    return found


def pair_accuracy(correct: Sequence[bool], scores: Sequence[float]) -> float | None:
    """How often a right sample scores above a wrong one of the same problem; a tie is half. None without
    pairs.
    """
    correct, scores = np.asarray(correct, bool), np.asarray(scores, float)
    margin = scores[correct][:, None] - scores[~correct][None, :]
    return float(np.mean((margin > 0) + 0.5 * (margin == 0))) if margin.size else None


def accuracy(method: str, k: int, c: Candidates) -> float:
    """The probability that `method` is right on this problem with k of its samples."""
    if method == ORACLE:
        return pass_at_k(len(c.correct), sum(c.correct), k)
    if method == MAJORITY:
        return maj_at_k(c.answers, c.problem.answer, k)
    if method in VOTES:
        return weighted_vote_at_k(c.answers, c.weights[VOTES[method]], c.problem.answer, k, SEED, DRAWS)
    return best_of_k(c.correct, c.scores[method], k)


def report(pool: Sequence[Candidates]) -> dict:
    """All figures as plain values; an interval is [mean, low, high], a number of samples is text, as JSON has
    it.
    """
    ks = [k for k in KS if k <= len(pool[0].correct)]
    scorers = list(pool[0].scores)
    methods = [*scorers, *VOTES, MAJORITY, ORACLE]
    table = {m: {k: [accuracy(m, k, c) for c in pool] for k in ks} for m in methods}
    pairs = {name: [pair_accuracy(c.correct, c.scores[name]) for c in pool] for name in scorers}
    mixed = [i for i, value in enumerate(pairs[scorers[0]]) if value is not None]
    groups: dict[str, list[int]] = {}
    for i, c in enumerate(pool):
        name = f"{c.problem.steps} steps" if c.problem.kind == "word" else c.problem.kind
        groups.setdefault(name, []).append(i)
    top = ks[-1]
    return {
        "problems": len(pool),
        "samples": len(pool[0].correct),
        "problems with right and wrong samples": len(mixed),
        "pair accuracy": {n: _plain(bootstrap([v[i] for i in mixed])) for n, v in pairs.items() if mixed},
        "accuracy": {m: {str(k): _plain(bootstrap(table[m][k])) for k in ks} for m in methods},
        "above the majority": {
            m: {str(k): _plain(paired_difference(table[m][k], table[MAJORITY][k])) for k in ks}
            for m in methods
            if m != MAJORITY
        },
        f"accuracy at k = {top}, by kind of problem": {
            name: {m: _plain(bootstrap([table[m][top][i] for i in own])) for m in methods}
            for name, own in groups.items()
        },
    }


def _plain(interval: Interval) -> list[float]:
    return [round(x, 4) for x in (interval.mean, interval.low, interval.high)]


def as_markdown(found: dict) -> str:
    """The report as text."""

    def shown(value: list[float]) -> str:
        return f"{value[0]:.2f} [{value[1]:.2f}, {value[2]:.2f}]"

    ks = list(found["accuracy"][MAJORITY])
    lines = [
        f"{found['problems']} held-out problems, {found['samples']} samples each at temperature "
        f"{TEMPERATURES[0]:g}; a row that is not a vote "
        "takes the sample with the highest score.",
        "",
        f"| chosen by | pairs in order | {' | '.join(f'k = {k}' for k in ks)} "
        f"| above the majority at {ks[-1]} |",
        "| --- " * (len(ks) + 3) + "|",
    ]
    for method, row in found["accuracy"].items():
        pairs = found["pair accuracy"].get(method)
        above = found["above the majority"].get(method)
        cells = [method, shown(pairs) if pairs else "", *map(shown, row.values())]
        lines.append("| " + " | ".join([*cells, shown(above[ks[-1]]) if above else ""]) + " |")
    (title, groups), *_ = [(k, v) for k, v in found.items() if k.startswith("accuracy at")]
    methods = list(found["accuracy"])
    lines += ["", f"{title}:".capitalize(), "", "| problems | " + " | ".join(methods) + " |"]
    lines.append("| --- " * (len(methods) + 1) + "|")
    for name, row in groups.items():
        lines.append(f"| {name} | " + " | ".join(f"{row[m][0]:.2f}" for m in methods) + " |")
    return "\n".join([*lines, "", verdict(found), ""])


def verdict(found: dict) -> str:
    """One sentence: how far best-of-k and the weighted vote by course-rm lie above the vote, and whether by
    chance.

    Both are named whatever they give: to quote the better one alone would flatter it.
    """
    above = found["above the majority"]
    k = list(above[REWARD])[-1]

    def said(method: str) -> str:
        mean, low, high = above[method][k]
        sure = "more than chance" if low > 0 else "below it" if high < 0 else "not more than chance"
        return f"{mean:+.3f} [{low:+.3f}, {high:+.3f}], {sure}"

    vote = f"vote weighted by {REWARD}"
    return f"Above the majority of {k}: best-of-{k} by {REWARD} {said(REWARD)}; {vote} {said(vote)}."


def draw(found: dict, path: Path) -> None:
    """Accuracy against the number of samples, one line for each way to choose."""
    looks = {
        ORACLE: (GREY, "^", "--"),
        f"vote weighted by {REWARD}": (GREEN, "P", "-"),
        REWARD: (BLUE, "o", "-"),
        STEP: (SKY, "v", "-"),
        LIKELY: (ORANGE, "s", "-"),
        RATIO: (PURPLE, "D", "-"),
        SIBLING: (VERMILLION, "*", "-"),
        MAJORITY: (BLACK, "x", "-"),
    }
    with canvas(width=8, height=4.6) as (figure, [axes]):
        for method, (colour, marker, line) in looks.items():
            row = found["accuracy"][method]
            mean, low, high = np.array(list(row.values())).T
            ks = [int(k) for k in row]
            axes.plot(ks, mean, color=colour, marker=marker, linestyle=line, linewidth=1.4, label=method)
            axes.fill_between(ks, low, high, color=colour, alpha=0.08, linewidth=0)
        axes.set_xscale("log", base=2)
        axes.set_xticks(ks, list(row))
        axes.set_xlabel("samples (k)")
        axes.set_ylabel("accuracy (share of problems)")
        figure.suptitle(verdict(found).replace("; ", ";\n"), fontsize=9)
        axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
        figure.savefig(path, dpi=150)


def measure(folder: Path, generator: LanguageModel, large, each: int = EACH, samples: int = SAMPLES) -> dict:
    """The report on the reward models in `folder`; `generator` and `large` are local language models."""
    from helpers.rewards import RewardModel, StepReward, density_ratio

    problems = test_problems(each)
    drawn = generator.sample(
        [make_prompt(SYSTEM, p.question) for p in problems],
        samples,
        temperature=TEMPERATURES[0],
        max_tokens=MAX_TOKENS,
        seed=SEED,
        progress=True,
    )
    outcome, process = RewardModel.load(folder / "course-rm"), StepReward.load(folder / "course-prm")
    ratio, sibling = density_ratio(large, generator), Likelihood(large)
    return report(candidates(problems, drawn, outcome, process, ratio, sibling))


def write(found: dict, folder: Path) -> None:
    """The report as data, as text and as a picture."""
    (folder / "reward_report.json").write_text(json.dumps(found, indent=2) + "\n")
    (folder / "reward_report.md").write_text(as_markdown(found))
    draw(found, folder / "reward_report.png")


def main() -> None:
    from helpers.engine.local import LocalModel

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rewards", type=Path, default=MODELS, help="folder of course-rm and course-prm")
    parser.add_argument("--model", type=Path, default=MODELS / "course-lm")
    parser.add_argument("--large", type=Path, default=MODELS / "course-lm-large")
    parser.add_argument("--each", type=int, default=EACH, help="problems of each kind")
    args = parser.parse_args()
    found = measure(args.rewards, LocalModel.load(args.model), LocalModel.load(args.large), args.each)
    write(found, args.rewards)
    print(as_markdown(found))


if __name__ == "__main__":
    main()
