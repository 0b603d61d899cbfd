"""Process reward models that differ in their labels alone: exact ones, and those of roll-outs, which need no
more than the final answer (Math-Shepherd: Wang et al. 2023, arXiv 2312.08935).

Both read the same solutions of the generator. A line counts as right by roll-outs if any of them ends right
(the paper's hard estimation).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

import torch
from tqdm.auto import tqdm
from transformers import AutoTokenizer

from helpers.estimators import best_of_k, bootstrap, maj_at_k, paired_difference
from helpers.models import LanguageModel
from helpers.problems import Problem
from helpers.prompts import make_prompt
from helpers.rewards import StepReward
from training.comparing import accepts, in_words, point
from training.live import Practice
from training.reward.data import Group, Solution, label
from training.reward.start import begin
from training.reward.train import Recipe, Scorer, save, train
from training.solutions import from_notebook

LEARNING = Recipe(epochs=4, rows=8)
UNTRAINED, EXACT, ROLLED = "no labels (the circuit alone)", "exact labels", "labels by roll-outs"


@dataclass(frozen=True)
class Drawn:
    """A right and a wrong solution of a problem, with exact labels for their lines."""

    lesson: Practice
    solutions: tuple[Solution, Solution]


def pairs_of(lessons: Sequence[Practice], texts: Sequence[Sequence[str]]) -> list[Drawn]:
    """The first right and the first wrong text of each problem that has both, where exact labels can tell."""
    found = []
    for lesson, row in zip(lessons, texts, strict=True):
        own = [label(text.strip(), lesson.worked, 1) for text in dict.fromkeys(row) if text.strip()]
        told = [solution for solution in own if solution.steps is not None]
        right, wrong = ([s for s in told if s.right is kind] for kind in (True, False))
        if right and wrong:
            found.append(Drawn(lesson, (right[0], wrong[0])))
    return found


def by_rollouts(model: LanguageModel, drawn: Sequence[Drawn], n: int, path: Path) -> list[Drawn]:
    """The same solutions, labelled by `n` roll-outs a line. Labels are kept in `path`, a line for each
    problem, so a killed run goes on.
    """
    own = from_notebook("08", "rollout_labels")
    path.touch()
    known = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    with path.open("a", encoding="utf-8") as file:
        for i, each in enumerate(tqdm(drawn, desc="roll-outs", unit="problem")):
            if i >= len(known):
                shares = [
                    own.rollout_labels(model, each.lesson.problem, solution.text, accepts, n, seed=i)
                    for solution in each.solutions
                ]
                known.append(shares)
                file.write(json.dumps(shares) + "\n")
                file.flush()
    return [
        replace(
            each,
            solutions=tuple(
                replace(solution, steps=tuple(share > 0 for share in row))
                for solution, row in zip(each.solutions, shares, strict=True)
            ),
        )
        for each, shares in zip(drawn, known, strict=True)
    ]


def verifiers(
    lm: Path, exact: Sequence[Drawn], rolled: Sequence[Drawn], recipe: Recipe, run: Path
) -> dict[str, StepReward]:
    """A process reward model for each kind of label, and the one that both begin as."""
    tokenizer = AutoTokenizer.from_pretrained(lm)
    torch.manual_seed(recipe.seed)
    folders = {UNTRAINED: save(Scorer(*begin(lm, tokenizer, recipe.seed)), tokenizer, run / "untrained")}
    for name, drawn in ((EXACT, exact), (ROLLED, rolled)):
        groups = [Group(each.lesson.problem.question, "", each.solutions) for each in drawn]
        folders[name] = train(groups, lm, recipe, run / name.replace(" ", "-"))
    return {name: StepReward.load(process) for name, (_, process) in folders.items()}


def line_scores(verifier: StepReward, texts: Sequence[tuple[str, str]]) -> list[list[float]]:
    """The score of each line of each pair (question, solution)."""
    talks = [[*make_prompt("", q), {"role": "assistant", "content": text}] for q, text in texts]
    return verifier.score(talks)


def read_lines(verifier: StepReward, drawn: Sequence[Drawn]) -> dict[str, list[float]]:
    """How it reads lines: for each wrong solution that begins right, the share of pairs (right line, wrong
    line) in order, and whether the first line below one half is the first wrong one; for each right
    solution, whether any line lies below.
    """
    ordered = from_notebook("08", "ordered").ordered
    solutions = [(each.lesson.problem.question, s) for each in drawn for s in each.solutions]
    scores = line_scores(verifier, [(question, s.text) for question, s in solutions])
    found: dict[str, list[float]] = {"in order": [], "first wrong line": [], "false alarm": []}
    for row, (_, solution) in zip(scores, solutions, strict=True):
        low = [score < 0.5 for score in row]
        if all(solution.steps):
            found["false alarm"].append(float(any(low)))
        else:
            found["first wrong line"].append(
                float(True in low and low.index(True) == solution.steps.index(False))
            )
            if any(solution.steps):
                found["in order"].append(ordered(row, solution.steps))
    return found


def chosen(verifier: StepReward, problems: Sequence[Problem], table: dict[str, list], k: int) -> list[float]:
    """For each problem, how often the best of k by the score of its last line is right; `table` as
    `training.guess_and_check.measured` makes it.
    """
    asked = [(p.question, text) for p, row in zip(problems, table["texts"], strict=True) for text in row]
    once = list(dict.fromkeys(pair for pair in asked if pair[1].strip()))
    last = {pair: row[-1] for pair, row in zip(once, line_scores(verifier, once), strict=True)}
    rows = [
        [last.get((p.question, text), 0.0) for text in row]
        for p, row in zip(problems, table["texts"], strict=True)
    ]
    return [best_of_k(right, row, k) for right, row in zip(table["right"], rows, strict=True)]


def step_verifiers(
    lm: Path,
    model: LanguageModel,
    learned: Sequence[Drawn],
    tested: Sequence[Drawn],
    held: tuple[Sequence[Problem], dict[str, list]],
    run: Path,
    rollouts: int = 8,
    recipe: Recipe = LEARNING,
) -> tuple[list[dict], list[dict], list[str]]:
    """Rows of a figure, rows of a table, and what came out in words. `held`: problems that are held out, and
    their samples.
    """
    run.mkdir(parents=True, exist_ok=True)
    rolled = by_rollouts(model, learned, rollouts, run / f"rollouts-{rollouts}.jsonl")
    problems, table = held
    k = min(16, len(table["right"][0]))
    read, best = {}, {}
    for name, verifier in verifiers(lm, learned, rolled, recipe, run).items():
        read[name] = read_lines(verifier, tested)
        best[name] = chosen(verifier, problems, table, k)
    vote = [maj_at_k(row, p.answer, k) for row, p in zip(table["answers"], problems, strict=True)]
    rows = [point(values, label=f"best of {k}: {name}") for name, values in best.items()]
    rows.append(point(vote, label=f"vote of {k}"))
    told = [
        {
            "verifier": name,
            "pairs of lines in order": str(bootstrap(found["in order"])),
            "first wrong line found": fmean(found["first wrong line"]),
            "false alarms on right solutions": fmean(found["false alarm"]),
        }
        for name, found in read.items()
    ]
    return rows, told, _said(learned, rolled, read, best, vote, k)


def _said(exact, rolled, read, best, vote, k: int) -> list[str]:
    same = [
        a == b
        for one, other in zip(exact, rolled, strict=True)
        for s, t in zip(one.solutions, other.solutions, strict=True)
        for a, b in zip(s.steps, t.steps, strict=True)
    ]
    told = f"{len(same):,} lines of {2 * len(exact)} solutions"
    lines = [f"{told}: roll-outs label {fmean(same):.0%} of them rightly."]
    pairs = paired_difference(read[ROLLED]["in order"], read[EXACT]["in order"])
    lines.append(f"{ROLLED} minus {EXACT}, pairs of lines in order: {in_words(pairs)}")
    for one, other, theirs in (
        (ROLLED, EXACT, best[EXACT]),
        (ROLLED, UNTRAINED, best[UNTRAINED]),
        (ROLLED, f"the vote of {k}", vote),
    ):
        lines.append(f"{one} minus {other}, best of {k}: {in_words(paired_difference(best[one], theirs))}")
    return lines
