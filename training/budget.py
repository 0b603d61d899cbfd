"""`python -m training.budget` records what notebook 09 replays, `prebuilt/budget/`.

Replies of a small and a large model to practice questions and to held-out ones, and the reward model's
scores. Small and large are course-lm and course-lm-large; while there is no large one, course-lm-weak and
course-lm. The held-out table is sealed with the key that stands in the notebook's hidden tests. At the
end the fixed policies and the reference policy of the notebook are replayed on both tables, and the exit
status is 1 where the reference does not clear its thresholds.

`--snapshots FOLDER...` records accuracies of models of one training run instead, for the figure of
training compute against samples. A killed run goes on: what was drawn and scored is kept in
`training/runs/budget`, by the weights.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import random
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
import numpy as np

from config import ROOT
from helpers.answers import answers_match, vote_key
from helpers.estimators import bootstrap, maj_at_k, paired_difference
from helpers.models import LanguageModel, Sample
from helpers.pools import PREBUILT, NotRecorded, Pool, budget
from helpers.problems import Problem, multiplication_problems, word_problems
from helpers.prompts import make_prompt
from training.lm.report import MODELS
from training.pools import (
    DIGITS,
    MAX_TOKENS,
    STAMP,
    STEPS,
    SYSTEM,
    answer_in_form,
    fingerprint,
    pool_problems,
)
from training.solutions import SOLUTIONS, from_notebook

RUNS = ROOT / "training" / "runs" / "budget"
TEMPERATURE, LARGE_SAMPLES = 0.7, 8
PRACTICE_SAMPLES, POLICY_SAMPLES = 32, 16  # of the small model: for votes, and for a policy (with a reward)
HELD_OUT_EACH, HELD_OUT_SEED = 15, 9  # of each number of steps and size of product
SNAPSHOT_EACH, SNAPSHOT_SAMPLES, KS = 12, 32, (1, 2, 4, 8, 16, 32)
SCORED = 256  # texts scored between two lines of the file
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def roles(models: Path) -> tuple[Path, Path]:
    """The folders of the small and the large model."""
    names = ("course-lm", "course-lm-large")
    if not (models / names[1] / "config.json").exists():
        names = ("course-lm-weak", "course-lm")
    return models / names[0], models / names[1]


def held_out_problems(each: int = HELD_OUT_EACH) -> list[Problem]:
    """Problems of the same kinds as the practice questions, and none of them."""
    known = {problem.question for problem in pool_problems()}
    found = []
    for steps in STEPS:
        drawn = [p for p in word_problems(steps, 100, HELD_OUT_SEED) if p.question not in known]
        found += drawn[:each]
    for digits in DIGITS:
        drawn = [
            p for p in multiplication_problems(digits, each + 20, HELD_OUT_SEED) if p.question not in known
        ]
        found += drawn[:each]
    return found


def drawn(
    model: LanguageModel, weights: str, problems: Sequence[Problem], n: int, temperature: float
) -> list[list[Sample]]:
    """`n` samples for each problem: those of `prebuilt/pools` where they are of these weights, else live,
    kept.
    """
    prompts = [make_prompt(SYSTEM, problem.question) for problem in problems]
    options = {"temperature": temperature, "max_tokens": MAX_TOKENS}
    stamp = PREBUILT / STAMP
    if stamp.exists() and json.loads(stamp.read_text())["weights"] == weights:
        try:
            return Pool().sample(model, prompts, n, live=False, **options)
        except NotRecorded:
            pass
    return Pool(RUNS / weights[:12]).sample(model, prompts, n, live=True, progress=True, **options)


def rewarded(
    scorer, weights: str, problems: Sequence[Problem], pool: Sequence[Sequence[Sample]]
) -> list[list[float]]:
    """A reward for each sample. Known ones are read from a file in `RUNS`, to which new ones are added."""
    talks = {
        _digest(p, s.text): [*make_prompt("", p.question), {"role": "assistant", "content": s.text}]
        for p, row in zip(problems, pool, strict=True)
        for s in row
    }
    path = RUNS / f"rewards-{weights[:12]}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    known: dict[str, float] = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        known |= json.loads(line)
    missing = [key for key in talks if key not in known]
    with path.open("a") as file:
        for start in range(0, len(missing), SCORED):
            keys = missing[start : start + SCORED]
            new = dict(
                zip(keys, (round(x, 3) for x in scorer.score([talks[key] for key in keys])), strict=True)
            )
            file.write(json.dumps(new) + "\n")
            file.flush()
            known |= new
    return [[known[_digest(p, s.text)] for s in row] for p, row in zip(problems, pool, strict=True)]


def row(problem: Problem, pools: dict, rewards: dict, greedy: dict, holds, secret: str) -> dict:
    """A question as the table holds it: answers as letters, in an order that `secret` and the question
    decide.
    """
    texts = [answer_in_form(s) for samples in (*pools.values(), greedy.values()) for s in samples]
    order = sorted({vote_key(text) for text in texts if text is not None})
    random.Random(f"{secret} {problem.id}").shuffle(order)
    letters = {key: LETTERS[i] if i < len(LETTERS) else f"a{i}" for i, key in enumerate(order)}
    right = [letters[key] for key in order if answers_match(key, problem.answer)]

    def said(sample: Sample) -> list:
        answer = answer_in_form(sample)
        letter = None if answer is None else letters[vote_key(answer)]
        return [letter, sample.tokens, round(sample.logprob, 2), int(holds(sample.text))]

    asked = {s.prompt_tokens for samples in pools.values() for s in samples}
    found = {"id": problem.id, "kind": problem.kind, "steps": problem.steps, "tokens": max(asked)}
    found |= {"right": right[0] if right else ""}
    found |= {model: [said(sample) for sample in samples] for model, samples in pools.items()}
    return found | {"rewards": rewards, "greedy": {model: said(sample) for model, sample in greedy.items()}}


def record(models: Path, problems: Sequence[Problem], samples: int, secret: str = "") -> dict:
    """The table of these problems."""
    from helpers.engine.local import LocalModel
    from helpers.rewards import RewardModel

    folders = dict(zip(("small", "large"), roles(models), strict=True))
    judge = models / "course-rm"
    scorer, holds = RewardModel.load(judge), from_notebook("05", "sums_hold").sums_hold
    pools, rewards, greedy = {}, {}, {}
    for model, folder in folders.items():
        local, weights = LocalModel.load(folder), fingerprint(folder)
        count = samples if model == "small" else LARGE_SAMPLES
        pools[model] = drawn(local, weights, problems, count, TEMPERATURE)
        greedy[model] = [one for [one] in drawn(local, weights, problems, 1, 0.0)]
        bought = [held[:POLICY_SAMPLES] for held in pools[model]]
        rewards[model] = rewarded(scorer, fingerprint(judge), problems, bought)
    rows = [
        row(
            problem,
            {model: pools[model][i] for model in folders},
            {model: rewards[model][i] for model in folders},
            {model: greedy[model][i] for model in folders},
            holds,
            secret,
        )
        for i, problem in enumerate(problems)
    ]
    names = {model: folder.name for model, folder in folders.items()} | {"reward": judge.name}
    parts = {name: fingerprint(models / name)[:12] for name in names.values()}
    return {"models": names, "weights": parts, "temperature": TEMPERATURE, "questions": rows}


def write_tables(models: Path, out: Path, every: int = 1) -> None:
    """The practice table, and the held-out one, sealed."""
    secret, out = key(), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    practice = record(models, pool_problems()[::every], PRACTICE_SAMPLES)
    (out / budget.PRACTICE.name).write_bytes(as_json(practice))
    held_out = record(models, held_out_problems()[::every], POLICY_SAMPLES, secret)
    (out / budget.HELD_OUT.name).write_bytes(budget.seal(as_json(held_out), secret))


def as_json(table: dict) -> bytes:
    """A table, one question a line."""
    head = json.dumps({name: value for name, value in table.items() if name != "questions"})
    lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in table["questions"])
    return f'{head[:-1]}, "questions": [\n{lines}\n]}}\n'.encode()


def key(path: Path | None = None) -> str:
    """The key of the held-out questions: `KEY = "..."` in a hidden test of the notebook."""
    path = path or next(SOLUTIONS.glob("09_*/*.ipynb"))
    cells = nbformat.read(path, as_version=4).cells
    return next(found[1] for cell in cells if (found := re.search(r'\bKEY = "([^"]+)"', cell.source)))


def standing(out: Path) -> tuple[list[str], bool]:
    """What the fixed policies and the reference earn on both tables, in words; and whether the reference is
    clearly above the best fixed policy on both, and on the held-out one the upper bar of the grade lies 0.04
    or more above that policy and below the reference's interval.
    """
    names = ("say_nothing", "one_small", "vote_of_8", "vote_or_silence", "one_large", "best_of_4", "policy")
    lesson, lines, clear = from_notebook("09", *names), [], True
    practice, _ = budget.practice_questions(out / budget.PRACTICE.name)
    hidden = budget.held_out_questions(key(), out / budget.HELD_OUT.name)
    for name, questions in (("practice", practice), ("held out", hidden)):
        earned = {
            each: [
                o.utility
                for o in budget.steady(getattr(lesson, each), questions, budget.TERMS, budget.AS_GRADED)
            ]
            for each in names
        }
        lines += [f"{name}, {each}: {bootstrap(values)}" for each, values in earned.items()]
        best = max(names[:-1], key=lambda each: np.mean(earned[each]))
        gain = paired_difference(earned["policy"], earned[best])
        lines.append(f"{name}: the reference minus {best} {gain}")
        clear = clear and gain.low > 0
    own, top = bootstrap(earned["policy"]), float(np.mean(earned[best]))
    lines.append(
        f"held out: bars {budget.BARS}, the best fixed policy {top:.3f}, the reference from {own.low:.3f}"
    )
    return lines, clear and top + 0.04 < budget.BARS[1] < own.low


def measured(folder: Path, each: int, samples: int) -> list[dict]:
    """The accuracy of votes of k samples of the model in `folder`, on `each` held-out problems a kind: a
    row for each k. Its "each" is the accuracy on every problem, so that two rows are compared by problem.
    """
    from helpers.engine.local import LocalModel

    model, weights = LocalModel.load(folder), fingerprint(folder)
    problems = held_out_problems(each)
    pool = drawn(model, weights, problems, samples, TEMPERATURE)
    answers = [[answer_in_form(s) for s in samples] for samples in pool]
    known = {
        "snapshot": f"{folder.parent.name}/{folder.name}",
        "weights": weights[:12],
        "parameters": sum(p.numel() for p in model.model.parameters()),
        "trained on": trained_on(folder),
        "written": round(float(np.mean([s.tokens for row in pool for s in row])), 1),
        "n": len(problems),
    }
    rows = []
    for k in (k for k in KS if k <= samples):
        shares = [round(maj_at_k(a, p.answer, k), 3) for a, p in zip(answers, problems, strict=True)]
        mean = bootstrap(shares)
        found = {"k": k, "accuracy": mean.mean, "low": mean.low, "high": mean.high, "each": shares}
        rows.append({**known, **found})
    return rows


def trained_on(folder: Path) -> int:
    """The tokens that a snapshot has seen: by its name `stage-1-000220` and the run's `loss.csv` (stage,
    step, tokens, ...), whose last line is that of a folder of another name.
    """
    with (folder.parent / "loss.csv").open() as file:
        lines = [[float(x) for x in line[:3]] for line in csv.reader(file)]
    place = re.fullmatch(r"stage-(\d+)-(\d+)", folder.name)
    if place is None:
        return int(lines[-1][2])
    stage, step = map(int, place.groups())
    (_, s0, t0), (_, s1, t1) = lines[0], lines[1]
    before = max((line[2] for line in lines if line[0] < stage), default=0)
    return round(before + step * (t1 - t0) / (s1 - s0))


def write_snapshots(folders: Sequence[Path], out: Path, each: int, samples: int) -> None:
    """Writes the accuracies of these folders, which replace those that were recorded before."""
    path = Path(out) / budget.SNAPSHOTS.name
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = []
    for folder in folders:
        rows += measured(folder, each, samples)
        lines = ",\n".join(json.dumps(row) for row in rows)
        path.write_text(f'{{"temperature": {TEMPERATURE}, "rows": [\n{lines}\n]}}\n')
        print(
            f"{folder}: "
            + ", ".join(
                f"{r['k']}: {r['accuracy']:.2f}"
                for r in rows
                if r["snapshot"] == f"{folder.parent.name}/{folder.name}"
            )
        )


def _digest(problem: Problem, text: str) -> str:
    return hashlib.sha256(f"{problem.question}\n{text}".encode()).hexdigest()[:16]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", type=Path, default=MODELS, help="folder of the course models")
    parser.add_argument("--out", type=Path, default=budget.FOLDER)
    parser.add_argument("--every", type=int, default=1, help="for a trial: only every so-many-th question")
    parser.add_argument(
        "--snapshots", type=Path, nargs="+", metavar="FOLDER", help="in the order of their training"
    )
    parser.add_argument(
        "--each", type=int, default=SNAPSHOT_EACH, help="problems of each kind for a snapshot"
    )
    parser.add_argument(
        "--samples", type=int, default=SNAPSHOT_SAMPLES, help="of a snapshot, for each problem"
    )
    parser.add_argument("--check", action="store_true", help="record nothing, only replay what is there")
    args = parser.parse_args()
    if args.snapshots:
        write_snapshots(args.snapshots, args.out, args.each, args.samples)
        return 0
    if not args.check:
        write_tables(args.models, args.out, args.every)
    lines, clear = standing(args.out)
    print(*lines, sep="\n")
    if not clear:
        print("The bars do not stand between the fixed policies and the reference: change terms or bars.")
    return 0 if clear else 1


if __name__ == "__main__":
    sys.exit(main())
