"""Measures how course-lm and course-corrector check solutions of held-out problems:
`python -m training.corrector.report`.

Both get the same drafts of course-lm and the same requests, in words that training did not use, and answer
greedily. Every comparison is paired and has a 95 % interval over problems; a reply without an answer leaves
the draft's, and is counted; the same models give the same report. Writes
`prebuilt/models/corrector_report.{json,md,png}`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from helpers.answers import answers_match
from helpers.estimators import Interval, bootstrap, paired_difference, wilson
from helpers.models import LanguageModel, Message, Sample
from helpers.plots import draw_flips
from helpers.problems import Problem, multiplication_problems, word_problems
from helpers.prompts import FINAL_FORMAT, make_prompt
from training.lm.report import MODELS
from training.pools import answer_in_form
from training.reward.data import DIGITS, MAX_TOKENS, STEPS, SYSTEM

EACH, SEED = 12, 3
DRAFTS = {"greedy": 0.0, "temperature 1": 1.0}
TURN = "Check your solution step by step. Keep what is right and correct what is wrong."
WORDINGS = {
    "a second turn": TURN,
    "one turn": "Examine the proposed solution line by line, then write the right one.",
}
NAMES = ("course-lm", "course-corrector")


def test_problems(each: int = EACH) -> list[Problem]:
    """`each` word problems of 2 to 8 steps, and `each` multiplications of three sizes."""
    products = (p for digits in DIGITS for p in multiplication_problems(digits, each, SEED))
    return [*word_problems(STEPS, each, SEED), *products]


def request(wording: str, question: str, draft: str) -> list[Message]:
    """The request to check `draft` in one of the `WORDINGS`."""
    text = f"{WORDINGS[wording]} {FINAL_FORMAT}"
    if wording == "one turn":
        return make_prompt("", f"Question: {question}\n\nProposed solution:\n{draft}\n\n{text}")
    said = [{"role": "assistant", "content": draft}, {"role": "user", "content": text}]
    return [*make_prompt(SYSTEM, question), *said]


def checked(
    model: LanguageModel, wording: str, problems: Sequence[Problem], drafts: Sequence[Sample]
) -> dict[str, list]:
    """One reply for each draft, as columns: whether it is in form, repeats the draft's text, keeps its
    answer; whether the draft was right, and whether the answer that stands is.
    """
    asked = [request(wording, p.question, d.text) for p, d in zip(problems, drafts, strict=True)]
    replies = [s for [s] in model.sample(asked, temperature=0.0, max_tokens=MAX_TOKENS)]
    old, new = [answer_in_form(d) for d in drafts], [answer_in_form(r) for r in replies]
    stands = [b if b is not None else a for a, b in zip(old, new, strict=True)]
    return {
        "in form": [b is not None for b in new],
        "copied": [r.text.strip() == d.text.strip() for r, d in zip(replies, drafts, strict=True)],
        "kept": [a == b for a, b in zip(old, stands, strict=True)],
        "before": _right(old, problems),
        "after": _right(stands, problems),
    }


def row(columns: dict[str, list]) -> dict:
    """The figures of one setting as plain values; an interval is [mean, low, high]."""
    before, after = columns["before"], columns["after"]
    pairs = list(zip(before, after, strict=True))
    flips = {f"{_word(a)} to {_word(b)}": pairs.count((a, b)) for a in (True, False) for b in (True, False)}
    right, wrong = sum(before), len(before) - sum(before)
    shares = {key: _plain(_share(columns[key])) for key in ("in form", "copied", "kept", "before", "after")}
    return {
        **shares,
        "flips": flips,
        "broken, of the right": _plain(wilson(flips["right to wrong"], right)) if right else None,
        "mended, of the wrong": _plain(wilson(flips["wrong to right"], wrong)) if wrong else None,
        "after minus before": _plain(paired_difference(after, before)),
    }


def measure(generator: LanguageModel, corrector: LanguageModel, each: int = EACH) -> dict:
    """All figures: for each kind of draft and each wording the rows of both models, and how far they lie
    apart.
    """
    problems, models = test_problems(each), dict(zip(NAMES, (generator, corrector), strict=True))
    asked = [make_prompt(SYSTEM, p.question) for p in problems]

    def solve(model: LanguageModel, temperature: float) -> list[Sample]:
        drawn = model.sample(asked, temperature=temperature, max_tokens=MAX_TOKENS, seed=SEED)
        return [sample for [sample] in drawn]

    drafts = {kind: solve(generator, temperature) for kind, temperature in DRAFTS.items()}
    alone = {NAMES[0]: drafts["greedy"], NAMES[1]: solve(corrector, 0.0)}
    alone = {name: _right(map(answer_in_form, samples), problems) for name, samples in alone.items()}
    found = {
        "problems": len(problems),
        "without a draft, greedy": {name: _plain(_share(right)) for name, right in alone.items()},
        "rows": [],
    }
    for kind, own in drafts.items():
        for wording in WORDINGS:
            both = {name: checked(model, wording, problems, own) for name, model in models.items()}
            untrained, trained = (both[name]["after"] for name in NAMES)
            found["rows"].append(
                {
                    "drafts": kind,
                    "wording": wording,
                    **{name: row(columns) for name, columns in both.items()},
                    "trained minus untrained": _plain(paired_difference(trained, untrained)),
                    "trained minus the corrector without a draft": _plain(
                        paired_difference(trained, alone[NAMES[1]])
                    ),
                }
            )
    return found


def as_markdown(found: dict) -> str:
    """The report as text."""
    lines = [
        f"{found['problems']} held-out problems, a draft of course-lm each, checked greedily in words that "
        "training did not "
        "use. In brackets: 95 % intervals over problems. A reply without an answer leaves the draft's.",
        "",
        "| drafts | request | checked by | in form | text copied | answer kept | before | after "
        "| after - before | broken, of the right | mended, of the wrong |",
        "| --- " * 11 + "|",
    ]
    for each in found["rows"]:
        for name in NAMES:
            r = each[name]
            keys = ("in form", "copied", "kept", "before", "after", "after minus before")
            cells = [
                each["drafts"],
                each["wording"],
                name,
                *(_shown(r[key], key.startswith("after m")) for key in keys),
            ]
            cells += [_shown(r[key]) for key in ("broken, of the right", "mended, of the wrong")]
            lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        "| drafts | request | trained - untrained | trained - the corrector without a draft |",
        "| --- | --- | --- | --- |",
    ]
    for each in found["rows"]:
        gains = (each["trained minus untrained"], each["trained minus the corrector without a draft"])
        lines.append(
            f"| {each['drafts']} | {each['wording']} | " + " | ".join(_shown(g, True) for g in gains) + " |"
        )
    alone = found["without a draft, greedy"]
    lines += ["", "Without a draft, greedy: " + ", ".join(f"{n} {_shown(v)}" for n, v in alone.items()) + "."]
    return "\n".join([*lines, "", verdict(found), ""])


def verdict(found: dict) -> str:
    """Whether the trained correction is better than the untrained one, and than solving anew, setting by
    setting.
    """

    def said(key: str) -> str:
        gains = [each[key] for each in found["rows"]]
        better, worse = sum(low > 0 for _, low, _ in gains), sum(high < 0 for _, _, high in gains)
        mean = sum(gain[0] for gain in gains) / len(gains)
        return f"better in {better}, worse in {worse} of {len(gains)} settings, {mean:+.3f} on average"

    return (
        f"Trained against untrained correction: {said('trained minus untrained')}. Trained correction "
        "against the corrector "
        f"that solves without a draft: {said('trained minus the corrector without a draft')}. (Better and "
        "worse: the 95 % "
        "interval lies on one side of 0.)"
    )


def write(found: dict, folder: Path) -> None:
    """The report as data, as text and as a picture: the flips of both models on greedy drafts."""
    (folder / "corrector_report.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    (folder / "corrector_report.md").write_text(as_markdown(found), encoding="utf-8")
    first = found["rows"][0]
    matrices = {
        f"checked by {name}": {tuple(kind.split(" to ")): n for kind, n in first[name]["flips"].items()}
        for name in NAMES
    }
    parts = [
        f"{name.removeprefix('checked by ')} mends {m['wrong', 'right']} and breaks {m['right', 'wrong']}"
        for name, m in matrices.items()
    ]
    title = "; ".join(parts)
    draw_flips(matrices, title=title, model="greedy drafts of course-lm").save(
        folder / "corrector_report.png"
    )


def _right(answers, problems: Sequence[Problem]) -> list[bool]:
    return [answers_match(answer, p.answer) for answer, p in zip(answers, problems, strict=True)]


def _word(right: bool) -> str:
    return "right" if right else "wrong"


def _share(values: Sequence[bool]) -> Interval:
    return bootstrap(values) if 0 < sum(values) < len(values) else wilson(sum(values), len(values))


def _plain(interval: Interval) -> list[float]:
    return [round(x, 4) for x in (interval.mean, interval.low, interval.high)]


def _shown(value: list[float] | None, signed: bool = False) -> str:
    if value is None:
        return ""
    return "{:{f}} [{:{f}}, {:{f}}]".format(*value, f="+.2f" if signed else ".2f")


def main() -> None:
    from helpers.engine.local import LocalModel

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--models", type=Path, default=MODELS, help="folder of both models, and of the report"
    )
    args = parser.parse_args()
    found = measure(*(LocalModel.load(args.models / name) for name in NAMES))
    write(found, args.models)
    print(as_markdown(found))


if __name__ == "__main__":
    main()
