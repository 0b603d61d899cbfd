"""Measures the course models: `make model-report`.

Every figure comes from held-out problems and phrasings, with a 95 % interval over problems; the same models
give the same report. Writes `prebuilt/models/report.{json,md,png}`.
"""

from __future__ import annotations

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
from helpers.prompts import SYSTEM_BASELINE, make_prompt
from training import marks
from training.pools import DIGITS, MAX_TOKENS, STEPS, TEMPERATURES
from training.pools import SYSTEM as STEP_BY_STEP

MODELS = ROOT / "prebuilt" / "models"
PHRASINGS = ROOT / "training" / "data" / "phrasings_unseen.json"
SAMPLES, VOTES, TEMPERATURE, SEED, LONGEST = 32, (8, 32), TEMPERATURES[0], 0, MAX_TOKENS


@dataclass(frozen=True)
class Scaling:
    """One model on the test problems: a value per problem for each measure, all in the order of
    `problems`.
    """

    problems: list[Problem]
    greedy: list[float]
    pass_1: list[float]
    voted: dict[int, list[float]]  # by the number of votes
    covered: list[float]
    tokens: list[float]

    def where(self, values: Sequence[float], keep: Callable[[Problem], bool]) -> list[float]:
        return [v for p, v in zip(self.problems, values, strict=True) if keep(p)]


def test_problems() -> list[Problem]:
    """20 word problems of each of 2 to 8 steps, and 20 products of each of three sizes."""
    return word_problems(STEPS, 20, SEED) + [
        p for digits in DIGITS for p in multiplication_problems(digits, 20, SEED)
    ]


def greedily(
    model: LanguageModel, problems: Sequence[Problem], system: str = STEP_BY_STEP, longest: int = LONGEST
) -> list[float]:
    """1 where the reply at temperature 0 is right, for each problem."""
    replies = model.sample(
        [make_prompt(system, p.question) for p in problems], temperature=0, max_tokens=longest
    )
    return [
        float(answers_match(extract_answer(s.text), p.answer))
        for [s], p in zip(replies, problems, strict=True)
    ]


def measure(model: LanguageModel, problems: Sequence[Problem]) -> Scaling:
    """Greedy, and `SAMPLES` chains of thought a problem."""
    chains = model.sample(
        [make_prompt(STEP_BY_STEP, p.question) for p in problems],
        SAMPLES,
        temperature=TEMPERATURE,
        max_tokens=LONGEST,
        seed=SEED,
        progress=True,
    )
    answers = [[extract_answer(s.text) for s in samples] for samples in chains]
    correct = [[answers_match(a, p.answer) for a in row] for row, p in zip(answers, problems, strict=True)]
    return Scaling(
        list(problems),
        greedily(model, problems),
        [float(np.mean(row)) for row in correct],
        {k: [maj_at_k(row, p.answer, k) for row, p in zip(answers, problems, strict=True)] for k in VOTES},
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
        temperature=TEMPERATURE,
        max_tokens=LONGEST,
        seed=SEED,
    )
    return {
        p.id: maj_at_k([extract_answer(s.text) for s in row], p.answer, n) > 0.5
        for p, row in zip(problems, samples, strict=True)
    }


def report(model: LanguageModel, weak: LanguageModel, large: LanguageModel) -> dict:
    """All figures as plain values; an interval is [mean, low, high]."""
    problems, small = test_problems(), word_problems(range(1, 4), 30, SEED, small=True)
    found = measure(model, problems)
    others = {other.name: greedily(other, problems) for other in (weak, large)}

    def interval(i: Interval) -> list[float]:
        return [round(x, 4) for x in (i.mean, i.low, i.high)]

    def share(right: Sequence[float]) -> list[float]:
        return interval(wilson(int(sum(right)), len(right)))

    def group(keep: Callable[[Problem], bool]) -> dict:
        here = {name: found.where(values, keep) for name, values in others.items()}
        greedy, votes = found.where(found.greedy, keep), {k: found.where(found.voted[k], keep) for k in VOTES}
        gains = {k: paired_difference(votes[k], greedy) for k in VOTES}
        return (
            {"problems": len(greedy)}
            | {f"{name}, greedy": share(right) for name, right in here.items()}
            | {"greedy": share(greedy), "pass@1": interval(bootstrap(found.where(found.pass_1, keep)))}
            | {f"maj@{k}": interval(bootstrap(votes[k])) for k in VOTES}
            | {f"maj@{k} - greedy": interval(gains[k]) for k in VOTES}
            | {
                f"pass@{SAMPLES}": share(found.where(found.covered, keep)),
                "tokens a chain": round(float(np.mean(found.where(found.tokens, keep))), 1),
            }
        )

    groups = {"words": group(lambda p: p.kind == "word"), "products": group(lambda p: p.kind != "word")}
    groups |= {f"{n} steps": group(lambda p, n=n: p.kind == "word" and p.steps == n) for n in STEPS}
    return {
        "model": model.name,
        "others": [weak.name, large.name],
        "samples": SAMPLES,
        "temperature": TEMPERATURE,
        "groups": groups,
        "small problems": {
            "at once": share(greedily(model, small, SYSTEM_BASELINE, 32)),
            "step by step": share(greedily(model, small)),
        },
        "obeys unseen phrasings": {k: interval(bootstrap(v)) for k, v in obedience(model).items()},
        "seed problems, majority of 16": seeds_by_vote(model),
    }


def shown(value: Sequence[float], sign: str = "") -> str:
    """A mean with its interval."""
    return "{0:{3}.2f} [{1:{3}.2f}, {2:{3}.2f}]".format(*value, sign)


def as_markdown(found: dict) -> str:
    """The report as the README shows it."""
    k, (weak, large) = found["samples"], (f"{name}, greedy" for name in found["others"])
    columns = (
        weak,
        "greedy",
        "pass@1",
        *(f"maj@{n}" for n in VOTES),
        f"maj@{k} - greedy",
        f"pass@{k}",
        large,
    )
    lines = [
        f"| problems | n | {' | '.join(columns)} | tokens a chain |",
        "| --- " * (len(columns) + 3) + "|",
    ]
    for name, row in found["groups"].items():
        cells = " | ".join(shown(row[c], "+" * (" - " in c)) for c in columns)
        lines.append(f"| {name} | {row['problems']} | {cells} | {row['tokens a chain']:.0f} |")
    small = found["small problems"]
    lines += [
        "",
        "- problems of one to three steps with numbers below 100, greedy: "
        f"at once {shown(small['at once'])}, step by step {shown(small['step by step'])}",
    ]
    for kind, value in found["obeys unseen phrasings"].items():
        lines.append(f"- obeys 30 unseen phrasings of *{kind.replace('_', ' ')}*: {shown(value)}")
    solved = found["seed problems, majority of 16"]
    verdicts = ", ".join(f"{name} {'right' if right else 'wrong'}" for name, right in solved.items())
    lines.append(f"- seed problems, majority of 16: {sum(solved.values())} of {len(solved)} ({verdicts})")
    return "\n".join(lines) + "\n"


def draw(found: dict, path: Path) -> None:
    """Accuracy by number of steps: one chain, majority, coverage, and one chain of the siblings."""
    k, (weak, large) = found["samples"], found["others"]
    words, products = found["groups"]["words"], found["groups"]["products"]
    rows = [(name, row) for name, row in found["groups"].items() if name != "words"]
    rows.append(rows.pop(0))  # products at the end
    series = (
        (f"{weak}, greedy", f"{weak}, one chain", PURPLE, "v"),
        ("greedy", "one chain (greedy)", BLUE, "o"),
        (f"maj@{k}", f"majority of {k}", GREEN, "D"),
        (f"pass@{k}", f"any of {k} is right", GREY, "^"),
        (f"{large}, greedy", f"{large}, one chain", VERMILLION, "s"),
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
        axes.set_xlabel("held-out problems by number of arithmetic steps, 20 each; 60 products")
        gains = " and ".join(f"{row[f'maj@{k} - greedy'][0]:+.0%}" for row in (words, products))
        axes.set_title(f"A vote of {k} against one chain of {found['model']}: {gains} on words and products")
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
    marks.write(readme, "report", as_markdown(found))


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
