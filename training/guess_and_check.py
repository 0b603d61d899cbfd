"""Records what notebook 08 shows on more problems: `python -m training.guess_and_check`.

The three teachers - right answers (ReST-EM), GRPO, the vote - teach copies of the generator for several
rounds, at equal samples, and each copy is measured on held-out problems. Two more copies learn puzzles, one
from solutions, one from searches; one learns to correct its own drafts; and two process reward models learn
from exact labels and from those of roll-outs. The functions are those of the solution notebook: there is no
second copy.

Samples and models are kept in a folder of `training/runs` that belongs to the weights, so a killed run goes
on. Writes `prebuilt/guess_and_check.json`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from config import ROOT
from helpers.answers import stated_answer
from helpers.engine.local import LocalModel
from helpers.estimators import maj_at_k, paired_difference, pass_at_k
from helpers.models import DEFAULT, Decoding, Message, Sample
from helpers.pools import Pool
from helpers.problems import Problem, word_problems
from helpers.prompts import make_prompt
from training.comparing import accepts, in_words, point
from training.live import fine_tune, follow_policy, practice
from training.own_corrector import own_corrector
from training.pools import MODEL, SYSTEM, fingerprint
from training.puzzle_models import puzzle_models
from training.solutions import from_notebook
from training.step_verifiers import pairs_of, step_verifiers

RUNS = ROOT / "training" / "runs"
RECORD = ROOT / "prebuilt" / "guess_and_check.json"
STEPS, MAX_TOKENS = (2, 3, 4, 5, 6), 256
TEACHERS = ("right answers", "GRPO", "the vote")


@dataclass(frozen=True)
class Plan:
    """How much is done: problems of each number of steps to learn from and to measure on, samples of each."""

    rounds: int = 2
    learned: int = 80
    samples: int = 8
    kept: int = 4
    measured: int = 24
    measured_samples: int = 32
    puzzles: int = 6000
    puzzle_steps: int = 150
    held_puzzles: int = 150
    seed: int = 0


class Recorded:
    """A model whose samples are kept in a folder."""

    def __init__(self, model: LocalModel, name: str, pool: Pool):
        self.model, self.name, self._pool = model, name, pool

    def sample(
        self, prompts: Sequence[list[Message]], n: int = 1, decoding: Decoding = DEFAULT, **changes
    ) -> list[list[Sample]]:
        """`model.sample`; what was drawn before is read."""
        self.model.name = self.name  # a pool knows a model by its name
        return self._pool.sample(self.model, prompts, n, decoding, live=True, progress=True, **changes)


def taught(teacher: str, model: Recorded, number: int, lm: Path, problems, plan: Plan, folder: Path) -> Path:
    """One round of a teacher: samples of `model`, and the folder of the copy that learned from them.

    GRPO goes on from the model that drew the samples, in `lm`; the others begin from the same `lm` in every
    round.
    """
    own = from_notebook("08", "guess_and_check", "advantages", "policy_weights", "merge_votes")
    prompts = [make_prompt(SYSTEM, p.question) for p in problems]
    if teacher == "right answers":
        kept = own.guess_and_check(model, problems, accepts, plan.samples, plan.kept, seed=number)
        fine_tune(lm, prompts, kept, folder)
        return folder / "model"
    drawn = model.sample(prompts, plan.samples, temperature=1.0, max_tokens=MAX_TOKENS, seed=number)
    texts = [[s.text for s in row if s.finish_reason == "stop"] for row in drawn]
    if teacher == "the vote":
        answers = [[stated_answer(text) for text in row] for row in texts]
        fine_tune(lm, prompts, own.merge_votes(answers, texts, plan.kept), folder)
    else:
        rewards = [[float(accepts(p, t)) for t in row] for p, row in zip(problems, texts, strict=True)]
        advantages = [own.advantages(row) for row in rewards]
        follow_policy(lm, prompts, texts, advantages, own.policy_weights, folder)
    return folder / "model"


def measured(model: Recorded, problems: Sequence[Problem], samples: int) -> dict[str, list]:
    """Answers of each problem's samples, which of them are right, their texts, and tokens of a sample."""
    prompts = [make_prompt(SYSTEM, p.question) for p in problems]
    drawn = model.sample(prompts, samples, temperature=1.0, max_tokens=MAX_TOKENS, seed=5)
    texts = [[s.text for s in row] for row in drawn]
    return {
        "texts": texts,
        "answers": [[stated_answer(text) for text in row] for row in texts],
        "right": [[accepts(p, text) for text in row] for p, row in zip(problems, texts, strict=True)],
        "tokens": [sum(s.tokens for s in row) / len(row) for row in drawn],
    }


def rows_of(found: dict, samples: int, **columns) -> list[dict]:
    """pass@k of one model, k = 1, 2, 4, ... `samples`."""
    ks = [2**i for i in range(samples.bit_length()) if 2**i <= samples]
    return [point([pass_at_k(samples, sum(r), k) for r in found["right"]], **columns, k=k) for k in ks]


def different(found: dict) -> float:
    """Different right texts of a solved problem, on average."""
    counts = [
        len({t for t, ok in zip(row, marks, strict=True) if ok})
        for row, marks in zip(found["texts"], found["right"], strict=True)
        if any(marks)
    ]
    return sum(counts) / max(1, len(counts))


def compared(before: dict, after: dict, problems: Sequence[Problem], samples: int, name: str) -> list[str]:
    """What the rounds of one teacher changed, each line from the measured values."""

    def coverage(found: dict, k: int) -> list[float]:
        return [pass_at_k(samples, sum(row), k) for row in found["right"]]

    def vote(found: dict) -> list[float]:
        return [maj_at_k(row, p.answer, 8) for row, p in zip(found["answers"], problems, strict=True)]

    def tokens(found: dict) -> float:
        return sum(found["tokens"]) / len(found["tokens"])

    lines = [
        f"{name}, after minus before, pass@{k}: "
        + in_words(paired_difference(coverage(after, k), coverage(before, k)))
        for k in (1, samples)
    ]
    return [
        *lines,
        f"{name}, vote of 8: {in_words(paired_difference(vote(after), vote(before)))}",
        f"{name}: {different(before):.1f} different right texts before, {different(after):.1f} after; "
        f"{tokens(before):.0f} and {tokens(after):.0f} tokens a sample",
    ]


def drawn_texts(model: Recorded, problems: Sequence[Problem], samples: int) -> list[list[str]]:
    """The texts of each problem's samples that ended by themselves: those of the first round."""
    prompts = [make_prompt(SYSTEM, p.question) for p in problems]
    drawn = model.sample(prompts, samples, temperature=1.0, max_tokens=MAX_TOKENS, seed=1)
    return [[s.text for s in row if s.finish_reason == "stop"] for row in drawn]


def three_teachers(
    lm: Path, opened: Callable[[Path], Recorded], problems, held, before: dict, plan: Plan, run: Path
) -> tuple[list[dict], list[str]]:
    """Rows of a figure, and what came out in words, of all rounds; `before`: what the base does."""
    rows, lines = [], []
    for teacher in TEACHERS:
        model, after, newest = opened(lm), before, lm
        rows += rows_of(before, plan.measured_samples, method=teacher, round=0)
        for number in range(1, plan.rounds + 1):
            name = f"{teacher} {number}".replace(" ", "-")
            start = newest if teacher == "GRPO" else lm
            newest = taught(teacher, model, number, start, problems, plan, run / name)
            model = opened(newest)
            after = measured(model, held, plan.measured_samples)
            rows += rows_of(after, plan.measured_samples, method=teacher, round=number)
        lines += compared(before, after, held, plan.measured_samples, teacher)
    return rows, lines


def record(lm: Path, plan: Plan, run: Path) -> dict:
    """All that is kept, from the model in `lm`; samples and models lie in `run`."""
    pool = Pool(run / "samples")

    def opened(folder: Path) -> Recorded:
        name = "base" if folder == lm else folder.parent.name
        return Recorded(LocalModel.load(folder), name, pool)

    lessons = practice(STEPS, plan.learned, seed=8 + plan.seed)
    problems, held = [lesson.problem for lesson in lessons], word_problems(STEPS, plan.measured)
    base = opened(lm)
    before = measured(base, held, plan.measured_samples)
    rows, lines = three_teachers(lm, opened, problems, held, before, plan, run)
    texts = drawn_texts(base, problems, plan.samples)
    rewards = [[float(accepts(p, text)) for text in row] for p, row in zip(problems, texts, strict=True)]
    corrected = own_corrector(lm, base, (problems, texts, rewards), held, run / "corrector", opened)
    asked = {problem.question for problem in problems}
    others = [
        p for p in practice(STEPS, plan.measured, seed=108 + plan.seed) if p.problem.question not in asked
    ]
    new = drawn_texts(base, [lesson.problem for lesson in others], plan.samples)
    pairs = pairs_of(lessons, texts), pairs_of(others, new)
    verified = step_verifiers(lm, base.model, *pairs, (held, before), run / "step-verifiers")
    streams = partial(puzzle_models, lm, run, pool_of=partial(Recorded, pool=pool))
    puzzles, said = streams(plan.puzzles, plan.puzzle_steps, plan.held_puzzles)
    return {
        "model": lm.name,
        "weights": fingerprint(lm),
        "plan": asdict(plan),
        "rounds": rows,
        "compared": lines,
        "corrector": corrected[0],
        "corrected": corrected[1],
        "verifiers": verified[0],
        "reading": verified[1],
        "verified": verified[2],
        "puzzles": [point(values, label=label) for label, values in puzzles.items()],
        "streams": said,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL, help="the generator that is trained")
    parser.add_argument("--out", type=Path, default=RECORD)
    parser.add_argument("--rounds", type=int, default=Plan.rounds)
    parser.add_argument("--learned", type=int, default=Plan.learned, help="problems of each number of steps")
    parser.add_argument("--measured", type=int, default=Plan.measured, help="likewise, held out")
    args = parser.parse_args()
    plan = Plan(rounds=args.rounds, learned=args.learned, measured=args.measured)
    run = RUNS / f"guess_and_check-{fingerprint(args.model)[:8]}-{args.learned}"
    found = record(args.model, plan, run)
    args.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print("\n".join([*found["compared"], *found["streams"], f"written to {args.out}"]))


if __name__ == "__main__":
    main()
