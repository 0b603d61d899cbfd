"""Measures the course models: `make model-report`.

Every figure comes from held-out problems and phrasings, with a 95 % interval over problems; the same models
give the same report. Writes `prebuilt/models/report.{json,md,png}`.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from config import ROOT
from helpers.answers import answers_match, extract_answer
from helpers.estimators import Interval, bootstrap, maj_at_k, paired_difference, wilson
from helpers.models import LanguageModel
from helpers.plots.figure import BLUE, GREEN, GREY, PURPLE, VERMILLION, canvas
from helpers.problems import Problem, multiplication_problems, seed_problems, word_problems
from helpers.prompts import FINAL_FORMAT, SYSTEM_BASELINE, make_prompt

MODELS = ROOT / "prebuilt" / "models"
PHRASINGS = ROOT / "training" / "data" / "phrasings_unseen.json"
STEP_BY_STEP = f"Reason step by step. {FINAL_FORMAT}"
SAMPLES, SEED, LONGEST = 32, 0, 220


@dataclass(frozen=True)
class Scaling:
    """One model on the test problems: a value per problem for each measure, all in the order of
    `problems`.
    """

    problems: list[Problem]
    at_once: list[float]
    pass_1: list[float]
    majority: list[float]
    covered: list[float]
    tokens: list[float]

    def column(self, name: str, keep: Callable[[Problem], bool] = lambda p: True) -> list[float]:
        return [v for p, v in zip(self.problems, getattr(self, name), strict=True) if keep(p)]


def test_problems() -> list[Problem]:
    """20 word problems of each of 2 to 7 steps, and 60 products of three by two digits (smaller ones are
    mastered).
    """
    return word_problems(range(2, 8), 20, SEED) + multiplication_problems((3, 2), 60, SEED)


def measure(model: LanguageModel, problems: Sequence[Problem]) -> Scaling:
    """Greedy answers at once, and `SAMPLES` chains of thought a problem at temperature 1."""
    at_once = model.sample(
        [make_prompt(SYSTEM_BASELINE, p.question) for p in problems], temperature=0, max_tokens=32
    )
    chains = model.sample(
        [make_prompt(STEP_BY_STEP, p.question) for p in problems],
        SAMPLES,
        temperature=1.0,
        max_tokens=LONGEST,
        seed=SEED,
        progress=True,
    )
    answers = [[extract_answer(s.text) for s in samples] for samples in chains]
    correct = [[answers_match(a, p.answer) for a in row] for row, p in zip(answers, problems, strict=True)]
    return Scaling(
        list(problems),
        [
            float(answers_match(extract_answer(s[0].text), p.answer))
            for s, p in zip(at_once, problems, strict=True)
        ],
        [float(np.mean(row)) for row in correct],
        [maj_at_k(row, p.answer, SAMPLES) for row, p in zip(answers, problems, strict=True)],
        [float(any(row)) for row in correct],
        [float(np.mean([s.tokens for s in samples])) for samples in chains],
    )


def obeys(kind: str, text: str) -> bool:
    """Whether the form of a reply is the one that the instruction asked for."""
    text = text.strip()
    if kind == "at_once":
        return re.fullmatch(r"(Final: )?-?\d+\.?", text) is not None
    if kind == "expression":
        return (
            re.fullmatch(r"[\d\s+\-*/()]+", text) is not None and re.search(r"\d\s*[-+*/]", text) is not None
        )
    lines = text.splitlines()
    return any(re.search(r"\d [-+*/] \d+ = \d", line) for line in lines) and (
        re.fullmatch(r"Final: -?\d+", lines[-1]) is not None
    )


def obedience(model: LanguageModel) -> dict[str, list[float]]:
    """For each kind of instruction the share of four held-out problems on which each unseen phrasing was
    obeyed.
    """
    phrasings = json.loads(PHRASINGS.read_text(encoding="utf-8"))
    problems = word_problems((2, 3, 4, 5), 1, SEED + 1)
    found = {}
    for kind, systems in phrasings.items():
        prompts = [make_prompt(system, p.question) for system in systems for p in problems]
        replies = [s[0].text for s in model.sample(prompts, temperature=0, max_tokens=LONGEST)]
        share = [obeys(kind, reply) for reply in replies]
        found[kind] = [
            float(np.mean(share[i : i + len(problems)])) for i in range(0, len(share), len(problems))
        ]
    return found


def seeds_by_vote(model: LanguageModel, n: int = 16) -> dict[str, bool]:
    """Which of the four seed problems a majority of `n` chains of thought solves."""
    problems = seed_problems()
    samples = model.sample(
        [make_prompt(STEP_BY_STEP, p.question) for p in problems],
        n,
        temperature=1.0,
        max_tokens=LONGEST,
        seed=SEED,
    )
    return {
        p.id: maj_at_k([extract_answer(s.text) for s in row], p.answer, n) > 0.5
        for p, row in zip(problems, samples, strict=True)
    }


def report(model: LanguageModel, weak: LanguageModel) -> dict:
    """All figures as plain values; an interval is [mean, low, high]."""
    problems = test_problems()
    strong, weaker = measure(model, problems), measure(weak, problems)

    def interval(i: Interval) -> list[float]:
        return [round(x, 4) for x in (i.mean, i.low, i.high)]

    def group(keep: Callable[[Problem], bool]) -> dict:
        at_once = strong.column("at_once", keep)
        return {
            "problems": len(at_once),
            "at once, greedy": interval(wilson(int(sum(at_once)), len(at_once))),
            "pass@1": interval(bootstrap(strong.column("pass_1", keep))),
            f"maj@{SAMPLES}": interval(bootstrap(strong.column("majority", keep))),
            f"maj@{SAMPLES} - pass@1": interval(
                paired_difference(strong.column("majority", keep), strong.column("pass_1", keep))
            ),
            f"pass@{SAMPLES}": interval(bootstrap(strong.column("covered", keep))),
            "weak pass@1": interval(bootstrap(weaker.column("pass_1", keep))),
            "pass@1 - weak": interval(
                paired_difference(strong.column("pass_1", keep), weaker.column("pass_1", keep))
            ),
            "tokens a chain": round(float(np.mean(strong.column("tokens", keep))), 1),
        }

    groups = {"all": group(lambda p: True)}
    for steps in range(2, 8):
        groups[f"{steps} steps"] = group(lambda p, s=steps: p.kind == "word" and p.steps == s)
    groups["multiplication"] = group(lambda p: p.kind == "multiplication")
    return {
        "model": model.name,
        "weak": weak.name,
        "samples": SAMPLES,
        "temperature": 1.0,
        "groups": groups,
        "obeys unseen phrasings": {k: interval(bootstrap(v)) for k, v in obedience(model).items()},
        "seed problems, majority of 16": seeds_by_vote(model),
    }


def as_markdown(found: dict) -> str:
    """The report as the README shows it."""
    k = found["samples"]
    columns = (
        "at once, greedy",
        "pass@1",
        f"maj@{k}",
        f"maj@{k} - pass@1",
        f"pass@{k}",
        "weak pass@1",
        "tokens a chain",
    )
    lines = ["| problems | n | " + " | ".join(columns) + " |", "| --- " * (len(columns) + 2) + "|"]
    for name, row in found["groups"].items():
        cells = [
            f"{v[0]:.2f} [{v[1]:.2f}, {v[2]:.2f}]" if isinstance(v, list) else f"{v:.0f}"
            for v in map(row.get, columns)
        ]
        lines.append(f"| {name} | {row['problems']} | " + " | ".join(cells) + " |")
    lines.append("")
    for kind, (mean, low, high) in found["obeys unseen phrasings"].items():
        lines.append(
            f"- obeys 30 unseen phrasings of *{kind.replace('_', ' ')}*: {mean:.2f} [{low:.2f}, {high:.2f}]"
        )
    solved = found["seed problems, majority of 16"]
    verdicts = ", ".join(f"{name} {'right' if right else 'wrong'}" for name, right in solved.items())
    lines.append(f"- seed problems, majority of 16: {sum(solved.values())} of {len(solved)} ({verdicts})")
    gap = found["groups"]["all"]["pass@1 - weak"]
    lines.append(f"- pass@1 above `{found['weak']}`: {gap[0]:.2f} [{gap[1]:.2f}, {gap[2]:.2f}]")
    return "\n".join(lines) + "\n"


def draw(found: dict, path: Path) -> None:
    """Accuracy by number of steps: at once, one chain, majority, coverage, and the weak model."""
    k, rows = found["samples"], list(found["groups"].items())[1:]
    series = (
        ("at once, greedy", "answer at once", VERMILLION, "s"),
        ("weak pass@1", "one chain, weak model", PURPLE, "v"),
        ("pass@1", "one chain of thought", BLUE, "o"),
        (f"maj@{k}", f"majority of {k}", GREEN, "D"),
        (f"pass@{k}", f"any of {k} is right", GREY, "^"),
    )
    with canvas(width=8, height=4.6) as (figure, [axes]):
        at = np.arange(len(rows))
        for i, (key, label, colour, marker) in enumerate(series):
            mean, low, high = (np.array([row[key][j] for _, row in rows]) for j in range(3))
            axes.errorbar(
                at + 0.07 * (i - 2),
                mean,
                yerr=np.clip([mean - low, high - mean], 0, None),
                label=label,
                color=colour,
                marker=marker,
                capsize=2,
                linewidth=1.2,
            )
        axes.set_xticks(at, [name for name, _ in rows])
        axes.set_ylim(-0.02, 1.05)
        axes.set_ylabel("accuracy (share of problems)")
        axes.set_xlabel(
            "held-out problems by number of arithmetic steps, 20 each; 60 products of 3 by 2 digits"
        )
        a = found["groups"]["all"]
        voted = a[f"maj@{k}"][0]
        axes.set_title(
            f"Thinking lifts {found['model']} from {a['at once, greedy'][0]:.0%} "
            f"to {a['pass@1'][0]:.0%}, voting to {voted:.0%}"
        )
        axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
        figure.savefig(path, dpi=150)


def write(found: dict, folder: Path) -> None:
    """The report as data, as text and as a picture."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(found, indent=2) + "\n")
    (folder / "report.md").write_text(as_markdown(found))
    draw(found, folder / "report.png")


def into_readme(found: dict, readme: Path = MODELS.parent.parent / "README.md") -> None:
    """Replaces the report in the README, between its two marks."""
    before, _, rest = readme.read_text(encoding="utf-8").partition("<!-- report -->\n")
    after = rest.partition("<!-- /report -->")[2]
    text = f"{before}<!-- report -->\n{as_markdown(found)}<!-- /report -->{after}"
    readme.write_text(text, encoding="utf-8")


def draw_loss(curve: Path, path: Path) -> None:
    """The loss curve of a run, from its `loss.csv` (stage, step, tokens, loss, seconds)."""
    stage, tokens, loss = np.loadtxt(curve, delimiter=",", usecols=(0, 2, 3), unpack=True)
    with canvas(width=7, height=3.4) as (figure, [axes]):
        for number, colour in ((1, BLUE), (2, VERMILLION)):
            part = stage == number
            axes.plot(tokens[part] / 1e6, loss[part], color=colour, linewidth=1, label=f"stage {number}")
        axes.legend(frameon=False)
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("")
        axes.set_xlabel("tokens seen (millions)")
        axes.set_ylabel("loss on replies (nats a token)")
        axes.set_title(f"The loss falls to {np.mean(loss[-10:]):.3f} nats a token")
        figure.savefig(path, dpi=150)


def main() -> None:
    from helpers.engine.local import LocalModel

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODELS / "course-lm")
    parser.add_argument("--weak", type=Path, default=MODELS / "course-lm-weak")
    parser.add_argument("--out", type=Path, default=MODELS)
    args = parser.parse_args()
    found = report(LocalModel.load(args.model), LocalModel.load(args.weak))
    write(found, args.out)
    if args.out == MODELS:
        into_readme(found)
    print(as_markdown(found))


if __name__ == "__main__":
    main()
