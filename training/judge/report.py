"""Measures the judge on held-out questions: how often the candidate that it chooses is right.

The same candidates for every way to choose - at random, by majority, by either judge, by an oracle - with 95
% intervals over questions and paired differences; what could not be read is counted; the same models give the
same report. Writes `judge_report.{json,md,png}`.
"""

from __future__ import annotations

import json
import random
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from helpers.answers import extract_answer
from helpers.estimators import Interval, bootstrap, maj_at_k, paired_difference, wilson
from helpers.judges import UNDECIDED, as_text, groupwise_prompt, pointwise_prompt, read_verdict
from helpers.models import LanguageModel
from helpers.plots.figure import BLUE, canvas
from helpers.prompts import make_prompt
from training.judge.data import LARGEST_GROUP, Question, candidates
from training.pools import TEMPERATURES

CRITERION, MAX_TOKENS, PLACES, GOOD = "correctness", 400, 3, 5.0
WAYS = ("one at random", "majority vote", "point-wise judge", "group-wise judge", "any is right")


def score_all(
    judge: LanguageModel, questions: Sequence[Question], texts: Sequence[Sequence[str]]
) -> list[list[float]]:
    """Point-wise scores of `texts[i]` as answers to `questions[i]`; UNDECIDED where the reply could not be
    read.
    """
    template = pointwise_prompt(CRITERION)
    prompts = [
        [
            {
                "role": "user",
                "content": template.format(
                    conversation=as_text([*_turns(q), {"role": "assistant", "content": text}])
                ),
            }
        ]
        for q, row in zip(questions, texts, strict=True)
        for text in row
    ]
    replies = iter(judge.sample(prompts, temperature=0, max_tokens=MAX_TOKENS, progress=True))
    found = [[read_verdict(next(replies)[0].text, "score", 0, 10).value for _ in row] for row in texts]
    return [[UNDECIDED if value is None else float(value) for value in row] for row in found]


def choose_all(
    judge: LanguageModel, questions: Sequence[Question], texts: Sequence[Sequence[str]]
) -> list[int | None]:
    """Which of `texts[i]`, in this order, the group-wise judge names as best; 0: none is right; None: not
    readable.
    """
    prompts = [
        [{"role": "user", "content": groupwise_prompt(CRITERION, as_text(_turns(q)), row)}]
        for q, row in zip(questions, texts, strict=True)
    ]
    replies = judge.sample(prompts, temperature=0, max_tokens=MAX_TOKENS, progress=True)
    verdicts = [read_verdict(r[0].text, "best", 0, len(row)) for r, row in zip(replies, texts, strict=True)]
    return [None if v.value is None else int(v.value) for v in verdicts]


def measure(judge: LanguageModel, questions: Sequence[Question], seed: int = 0) -> dict:
    """All figures as plain values; an interval is [mean, low, high]."""
    rng = random.Random(seed)
    shown = [rng.sample(list(t), len(t)) for t in (dict.fromkeys(q.samples) for q in questions)]
    scores = score_all(judge, questions, shown)
    best = choose_all(judge, questions, [row[:LARGEST_GROUP] for row in shown])
    right = [[q.right(text) for text in q.samples] for q in questions]
    ways: dict[str, list[float]] = {name: [] for name in WAYS}
    for q, ok, texts, row, named in zip(questions, right, shown, scores, best, strict=True):
        scored = [row[texts.index(text)] for text in q.samples]
        ways["one at random"].append(float(np.mean(ok)))
        ways["majority vote"].append(maj_at_k([extract_answer(t) for t in q.samples], q.answer, len(ok)))
        ways["point-wise judge"].append(float(ok[scored.index(max(scored))]))
        ways["group-wise judge"].append(float(q.right(texts[named - 1]) if named else ok[0]))
        ways["any is right"].append(float(any(ok)))
    mixed = [i for i, ok in enumerate(right) if 0 < sum(ok) < len(ok)]
    judged = [
        (q.right(t), s)
        for q, row, line in zip(questions, shown, scores, strict=True)
        for t, s in zip(row, line, strict=True)
    ]
    return {
        "judge": judge.name,
        "questions": len(questions),
        "samples": len(questions[0].samples),
        "temperature": TEMPERATURES[0],
        "chosen is right": {
            "all questions": _group(ways, range(len(questions))),
            "right and wrong among the samples": _group(ways, mixed),
        },
        "scored 5 or more": {
            "right candidates": _share([s >= GOOD for ok, s in judged if ok]),
            "wrong candidates": _share([s >= GOOD for ok, s in judged if not ok]),
        },
        "unreadable": {
            "point-wise": _share([s == UNDECIDED for _, s in judged]),
            "group-wise": _share([named is None for named in best]),
        },
        "one right of three, by its place": _places(judge, questions, rng),
    }


def _places(
    judge: LanguageModel, questions: Sequence[Question], rng: random.Random
) -> dict[str, list[float]]:
    """How often the group-wise judge finds the only right one of three candidates, by where it is shown."""
    made = [(q, *candidates(q, rng)) for q in questions]
    made = [(q, rng.choice(right), rng.sample(wrong, 2)) for q, right, wrong in made if len(wrong) > 1]
    found = {}
    for place in range(PLACES):
        rows = [[*wrong[:place], right, *wrong[place:]] for _, right, wrong in made]
        chosen = choose_all(judge, [q for q, _, _ in made], rows)
        found[f"shown as number {place + 1}"] = _share([c == place + 1 for c in chosen])
    return found


def _group(ways: dict[str, list[float]], at: Sequence[int]) -> dict:
    if not at:
        return {"questions": 0}
    part = {name: [values[i] for i in at] for name, values in ways.items()}
    vote = part["majority vote"]
    return {
        "questions": len(at),
        **{name: _plain(bootstrap(values)) for name, values in part.items()},
        "point-wise - majority": _plain(paired_difference(part["point-wise judge"], vote)),
        "group-wise - majority": _plain(paired_difference(part["group-wise judge"], vote)),
    }


def _turns(question: Question) -> list[dict[str, str]]:
    return make_prompt(question.system, question.question)


def _share(outcomes: Sequence[bool]) -> list[float]:
    return _plain(wilson(sum(outcomes), len(outcomes))) if len(outcomes) else []


def _plain(i: Interval) -> list[float]:
    return [round(float(x), 4) for x in (i.mean, i.low, i.high)]


def shown(interval: Sequence[float]) -> str:
    """An interval as text."""
    return f"{interval[0]:.2f} [{interval[1]:.2f}, {interval[2]:.2f}]" if interval else "-"


def verdict(found: dict) -> str:
    """In one sentence, whether the judges beat the majority vote on these candidates."""
    row = found["chosen is right"]["all questions"]
    said = []
    for kind in ("point-wise", "group-wise"):
        gap = row[f"{kind} - majority"]
        word = "beats" if gap[1] > 0 else "loses to" if gap[2] < 0 else "cannot be told from"
        said.append(f"the {kind} judge {word} the majority vote (difference {shown(gap)})")
    return f"On all questions {said[0]}; {said[1]}."


def as_markdown(found: dict) -> str:
    """The report as a table and a few lines."""
    lines = [
        f"`{found['judge']}`, {found['questions']} held-out questions, {found['samples']} samples of the "
        f"course model each at temperature {found['temperature']:g}. How often the chosen one is right, "
        "mean [95 % interval over questions]:",
        "",
        "| questions | n | " + " | ".join(WAYS) + " |",
        "| --- " * (len(WAYS) + 2) + "|",
    ]
    for name, row in found["chosen is right"].items():
        cells = [shown(row.get(way, ())) for way in WAYS]
        lines.append(f"| {name} | {row['questions']} | " + " | ".join(cells) + " |")
    lines += ["", verdict(found), ""]
    for title in ("scored 5 or more", "unreadable", "one right of three, by its place"):
        values = "; ".join(f"{name} {shown(value)}" for name, value in found[title].items())
        lines.append(f"- {title}: {values}")
    return "\n".join(lines) + "\n"


def draw(found: dict, path: Path) -> None:
    """Two panels: the ways to choose, and the place of the right candidate."""
    row = found["chosen is right"]["all questions"]
    by_place = found["one right of three, by its place"]
    panels = (
        (WAYS, [row[w] for w in WAYS], f"{row['questions']} questions, {found['samples']} candidates each"),
        (tuple(by_place), list(by_place.values()), "group-wise: one right of three candidates"),
    )
    with canvas(2, width=10, height=3.8) as (figure, axes):
        for ax, (names, values, title) in zip(axes, panels, strict=True):
            mean, low, high = np.array(values).T
            ax.bar(range(len(names)), mean, yerr=[mean - low, high - mean], capsize=3, color=BLUE, width=0.6)
            ax.set_xticks(range(len(names)), [name.replace(" ", "\n", 1) for name in names], fontsize=8)
            ax.set_title(title, fontsize=9)
            ax.set_ylim(0, 1)
        axes[0].set_ylabel("chosen candidate is right (share)")
        figure.suptitle(textwrap.fill(verdict(found), 110), fontsize=9)
        figure.savefig(path, dpi=150)


def write(found: dict, folder: Path) -> None:
    """The report as data, as text and as a picture."""
    (folder / "judge_report.json").write_text(json.dumps(found, indent=2) + "\n")
    (folder / "judge_report.md").write_text(as_markdown(found))
    draw(found, folder / "judge_report.png")
