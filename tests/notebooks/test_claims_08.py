"""What notebook 08 says of its figures: no sentence goes further than the intervals, and what the text says of the
record and of the live run is true of both.
"""

import json
import re

import pytest

from config import ROOT
from helpers.estimators import Interval
from tests.notebooks.reading import read
from tests.notebooks.whole import untrue
from training.solutions import from_notebook

PATH = ROOT / "solutions" / "08_training_for_search" / "08_training_for_search.ipynb"
RECORD = json.loads((ROOT / "prebuilt" / "guess_and_check.json").read_text(encoding="utf-8"))
UP, DOWN, OPEN = Interval(0.1, 0.05, 0.15, 60), Interval(-0.1, -0.15, -0.05, 60), Interval(0.1, -0.1, 0.3, 60)
LIVE = {
    "is right more often than one sample": "fmean(vote(before, 8)) > fmean(coverage(before, 1))",
    "Before the mistake some continuations get there; behind it hardly any does": (
        "fmean(ahead) > fmean(behind) and sum(lost) < 0.1 * len(lost)"
    ),
    "So the roll-outs can be tested": "len(wrong) >= 8",
    "The same samples of the base, those of round 1, teach three copies": (
        "len(taught) == 3 and costs[0]['kept'] == sum(map(len, guess_and_check(base, problems, accepts, K, KEEP, seed=1)))"
    ),
    "differ by nothing but training on right answers": "trained is not base",
    "A vote of two is one sample": (
        "abs(fmean(vote(before, 2)) - fmean(vote(before, 1))) < 0.03"
    ),
    "so that there is something left to *add*": "left > 0",
    "a right line and a wrong one are told apart all the same": "order.low > 0.5",
}  # fmt: skip


def of(rows: list[dict], label: str) -> dict:
    return next(row for row in rows if label in row["label"])


def line(lines: list[str], *parts: str) -> str:
    return next(each for each in lines if all(part in each for part in parts))


def of_the_record() -> dict[str, bool]:
    """The sentences about recorded figures, and whether the record says so."""
    plan, read, best = RECORD["plan"], RECORD["reading"], RECORD["verifiers"]
    none, exact, rolled = read
    once = next(row for row in RECORD["rounds"] if (row["round"], row["k"]) == (0, 1))
    stream, one, many = RECORD["puzzles"]
    draft, copy, alone = (of(RECORD["corrector"], name) for name in ("the draft", "copy that", "without"))
    false, first = "false alarms on right solutions", "first wrong line found"
    return {
        "runs the three teachers for two rounds": plan["rounds"] == 2,
        "It learns from 400 problems of two to six steps, with 8 samples each": (
            (plan["learned"] * 5, plan["samples"]) == (400, 8)
        ),
        "measures on 120 held-out ones with 32": (
            (plan["measured"] * 5, plan["measured_samples"]) == (120, 32) and RECORD["rounds"][0]["n"] == 120
        ),
        "one sample gains by right answers and by GRPO": all(
            line(RECORD["compared"], f"{teacher}, after", "pass@1:").endswith(": higher")
            for teacher in ("right answers", "GRPO")
        ),
        "*loses* breadth, five points of pass@32": "-5.0" in line(RECORD["compared"], "the vote, after", "32: ")
        and line(RECORD["compared"], "the vote, after", "32: ").endswith(": lower"),
        "The vote of 8 is not settled to rise or to fall, whoever taught": all(
            each.endswith("not settled") for each in RECORD["compared"] if "vote of 8" in each
        ),
        "are not settled for the same teacher": not any(
            line(RECORD["compared"], f"{teacher}, after", "pass@1:").endswith("higher")
            and line(RECORD["compared"], f"{teacher}, after", "pass@32:").endswith("lower")
            for teacher in ("right answers", "GRPO", "the vote")
        ),
        "the right texts are no fewer than before": all(
            float(was) <= float(now)
            for each in RECORD["compared"]
            for was, now in re.findall(r"([\d.]+) different right texts before, ([\d.]+) after", each)
        ),
        "The two verifiers are close": (
            "not settled" in line(RECORD["verified"], "exact labels, pairs")
            and "not settled" in line(RECORD["verified"], "exact labels, best")
        ),
        "Both raise a false alarm on nearly every second right solution": (
            all(0.4 < row[false] < 0.5 for row in (exact, rolled)) and rolled[false] <= exact[false]
        ),
        "the first wrong line is found in a third of the solutions": (
            all(0.3 < row[first] < 0.4 for row in (exact, rolled))
        ),
        "94 hold a wrong line, 90 do not": all(
            abs(row[name] * n - round(row[name] * n)) < 1e-9 for row in read for name, n in ((first, 94), (false, 90))
        ),
        "nearly all pairs can be in order": all(
            float(row["pairs of lines in order"][:4]) > 0.95 for row in (exact, rolled)
        ),
        "which chooses no better than at random": best[0]["low"] < once["accuracy"],
        "Both verifiers beat the copy that learned nothing": best[0]["high"] < min(r["low"] for r in best[1:3]),
        "**lose to the vote of 16**": (
            line(RECORD["verified"], "the vote of 16").endswith("lower") and best[1]["high"] < best[3]["low"]
        ),
        "The recorded bars are of the third kind": alone["high"] < draft["low"],
        "900 pairs taught the copy": RECORD["corrected"][0].startswith("900 pairs"),
        "the check is not settled to differ from the draft": (
            "not settled" in line(RECORD["corrected"], "learned minus the draft")
        ),
        "only the copy's own first solutions are far below both": alone["high"] < min(draft["low"], copy["low"]),
        "which are two thirds of 6,000": abs(int(RECORD["streams"][2].split()[0]) / 6000 - 2 / 3) < 0.01,
        "The recorded streams **lose**": RECORD["streams"][1].endswith("fewer."),
        "one stream solves fewer puzzles than one solution": stream["high"] < one["low"],
        "at five times its tokens": "256 tokens on average, a solution 50" in RECORD["streams"][0],
        "six solutions with a check solve fourteen times as many": (
            "any of 6" in many["label"] and round(many["accuracy"] / stream["accuracy"]) == 14
        ),
        "150 steps": plan["puzzle_steps"] == 150,
        "8 roll-outs from each of 2,633 lines": RECORD["verified"][0].startswith("3,193 lines of 560") and 3193 - 560 == 2633,
    }  # fmt: skip


@pytest.mark.parametrize("sentence", of_the_record())
def test_what_the_text_says_of_the_record_is_true(sentence):
    assert of_the_record()[sentence], sentence


def test_each_claim_is_a_sentence_of_the_notebook():
    text = "\n".join(cell.source for cell in read(PATH).cells)
    assert [sentence for sentence in [*LIVE, *of_the_record()] if sentence not in text] == []


@pytest.mark.parametrize(
    ("one", "many", "said"),
    [
        (UP, DOWN, "cross: training sharpened"),
        (UP, UP, "it adds"),
        (UP, OPEN, "cannot tell"),
        (OPEN, OPEN, "Nothing is settled"),
        (OPEN, DOWN, "Breadth was lost, and no gain"),
        (OPEN, UP, "no gain of one sample is settled"),
        (DOWN, OPEN, "did harm"),
    ],
)
def test_curves_cross_only_where_both_ends_are_settled(one, many, said):
    found = from_notebook("08", "crossing").crossing(one, many)
    assert said in found and ("The curves cross" in found) == (one is UP and many is DOWN)


def test_training_that_gained_nothing_never_pays():
    break_even = from_notebook("08", "break_even").break_even
    votes = {1: [0.4, 0.5] * 20, 2: [0.4, 0.5] * 20, 4: [0.7, 0.6] * 20}
    assert break_even(100, 0.5, votes, [0.5, 0.4] * 20).startswith("never")
    assert break_even(90, 0.5, votes, [0.6, 0.55] * 20) == "after 60 questions (one sample now is worth a vote of 4)"
    assert break_even(90, 0.5, votes, [0.9, 0.95] * 20).startswith("in accuracy (no vote of up to 4")


def test_no_teacher_is_best_unless_it_is_ahead_of_each_other():
    best = from_notebook("08", "best_of_teachers").best_of_teachers
    low, high = [0.2, 0.4, 0.3] * 20, [0.5, 0.6, 0.5] * 20
    mixed = [x + (0.1 if i % 2 else -0.1) for i, x in enumerate(high)]
    assert best({"a": high, "b": low}) == "a"
    assert best({"a": high, "b": low, "c": mixed}) == "not settled"
    assert best({"a": high}) == "not settled"


def test_a_ratio_and_a_check_are_praised_only_where_an_interval_says_so():
    own = from_notebook("08", "worth_of_ratio", "what_was_learned", "direction")
    assert "says more" in own.worth_of_ratio(UP) and "says less" in own.worth_of_ratio(DOWN)
    assert "cannot tell" in own.worth_of_ratio(OPEN)
    assert own.what_was_learned(OPEN, DOWN).startswith("The check is not settled to pay")
    assert "forgotten" in own.what_was_learned(UP, DOWN)
    assert "does harm" in own.what_was_learned(DOWN, UP) and "learned to solve" in own.what_was_learned(DOWN, UP)
    assert [own.direction(gain).rpartition(": ")[2] for gain in (UP, DOWN, OPEN)] == ["rises", "falls", "not settled"]


def test_an_interval_of_zeros_has_a_width():
    cautious = from_notebook("08", "cautious").cautious
    assert cautious([0.0] * 9)["high"] > 0.2 and cautious([1.0] * 9)["low"] < 0.8
    assert cautious([0.0, 0.5, 0.25])["n"] == 3


def test_recorded_differences_are_read_from_their_words():
    rows = from_notebook("08", "recorded_gaps").recorded_gaps(RECORD["compared"])
    assert len(rows) == 9
    assert (rows[0]["label"], rows[0]["panel"]) == ("right answers", "pass@1")
    assert [rows[0][key] for key in ("gain", "low", "high")] == pytest.approx([0.056, 0.023, 0.09])
    assert {row["panel"] for row in rows} == {"pass@1", "pass@32", "vote of 8"}


def test_a_model_that_remembers_draws_the_same_samples_once():
    from helpers.checks.scripted import ScriptedModel

    scripted = ScriptedModel(lambda messages, i: f"Final: {i}")
    scripted.logprobs = None
    model = from_notebook("08", "Remembering").Remembering(scripted)
    prompts = [[{"role": "user", "content": "How many?"}]]
    assert model.sample(prompts, 2, seed=1) is model.sample(prompts, 2, seed=1)
    model.sample(prompts, 2, seed=2)
    assert len(scripted.calls) == 2


@pytest.mark.slow
def test_what_the_text_says_of_the_live_figures_is_true():
    assert untrue(read(PATH), LIVE, PATH.parent) == []
