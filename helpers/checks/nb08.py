"""The checks beside the exercises of 08_training_for_search: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. The graded tests are
others, on more inputs: passing here is a good sign, not the grade.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import log

from helpers.checks.core import Case, check
from helpers.checks.nb08_searches import PENS, SYSTEM_COT, Check, linearise, rollout_labels
from helpers.checks.scripted import ScriptedModel
from helpers.models import LanguageModel
from helpers.problems import Problem
from helpers.prompts import make_prompt

__all__ = [
    "advantages",
    "guess_and_check",
    "linearise",
    "merge_votes",
    "policy_weights",
    "rest_em",
    "rollout_labels",
]

CUPS = Problem("cups", "How many cups are 3 and 3?", "6", "word")
REPLIES = {
    PENS.question: ["9 - 2 = 7\nFinal: 7", "Final: 8", "9 - 2 = 7\nFinal: 7", "cut Final: 7", "So:\nFinal: 7", "Final: 7"],
    CUPS.question: ["Final: 5", "Final: 9", "Final: 5", "cut Final: 6", "", "Final: 5"],
}  # fmt: skip


class _Model(ScriptedModel):
    """Its replies that hold "cut" ran into the limit."""

    def sample(self, prompts, n=1, *options, **changes):
        drawn = super().sample(prompts, n, *options, **changes)
        return [[replace(s, finish_reason="length") if "cut" in s.text else s for s in row] for row in drawn]


def _ends_right(problem: Problem, text: str) -> bool:
    return text.endswith(f"Final: {problem.answer}")


def _rows(value: object) -> object:
    """A list of lists, whatever sequences they are; what has another shape is shown as it is."""
    if not isinstance(value, list | tuple):
        return value
    return [list(row) if isinstance(row, list | tuple) else row for row in value]


def _exactly(yours: object, expected: object) -> bool:
    return yours == expected


def guess_and_check(
    mine: Callable[[LanguageModel, list[Problem], Check, int, int, int], list[list[str]]],
) -> None:
    """Exercise 1."""

    def call(*problems: Problem, m: int = 4, by: Check = _ends_right) -> tuple[_Model, object]:
        model = _Model(lambda messages, i: REPLIES[messages[-1]["content"]][i])
        return model, mine(model, list(problems), by, 6, m, 5)

    def kept(*problems: Problem, **options) -> object:
        return _rows(call(*problems, **options)[1])

    def ends_in_8(problem: Problem, text: str) -> bool:
        return text.endswith("8")

    def asked(key: str) -> object:
        value = call(PENS, CUPS)[0].calls[0][key]
        return list(map(list, value)) if key == "prompts" else value

    pens = ["9 - 2 = 7\nFinal: 7", "So:\nFinal: 7", "Final: 7"]
    keep = (
        "Which samples ended by themselves, and are accepted? Keep their texts.",
        "[s.text for s in samples if s.finish_reason == 'stop' and check(problem, s.text)]",
        "list(dict.fromkeys(texts))[:m] keeps each text once, where it came first, and at most m of them.",
    )
    once = ("One call with the prompts of all problems.", "model.sample(prompts, k, …), outside of any loop")
    how = ("The spec names how to draw.", "temperature=1.0, max_tokens=MAX_TOKENS, seed=seed")
    cases = [
        Case("kept of one problem, at most 4", lambda: kept(PENS), [pens], keep),
        Case("kept of the same, at most 2", lambda: kept(PENS, m=2), [pens[:2]], ("The first m of the *different* texts.", *keep[1:])),
        Case("kept of one problem by a checker that accepts what ends in 8", lambda: kept(PENS, by=ends_in_8), [["Final: 8"]], ("The checker is given: `check`, not the notebook's own.", keep[1])),
        Case("a problem that is never answered right", lambda: kept(CUPS, PENS), [[], pens], ("A list for each problem, also an empty one.", *keep[1:])),
        Case("the same problem twice", lambda: kept(PENS, PENS), [pens, pens], ("A list for each *place*: no dict of problems.", *keep[1:])),
        Case("no problems", lambda: kept(), [], keep),
        Case("calls of the model for two problems", lambda: len(call(PENS, CUPS)[0].calls), 1, once),
        Case("samples of a problem (k)", lambda: asked("n"), 6, how),
        Case("the prompts", lambda: asked("prompts"), [make_prompt(SYSTEM_COT, p.question) for p in (PENS, CUPS)], ("make_prompt makes them.", "make_prompt(SYSTEM_COT, problem.question)")),
        Case("the temperature", lambda: float(asked("temperature")), 1.0, how),
        Case("the seed", lambda: asked("seed"), 5, how),
        Case("max_tokens", lambda: asked("max_tokens"), "128 or more", how, same=lambda yours, _: yours >= 128),
    ]  # fmt: skip
    check("guess_and_check", cases)


def rest_em(mine: Callable) -> None:
    """Exercise 2."""

    def run(
        rounds: int = 3, empty: Sequence[int] = (), half: Sequence[int] = ()
    ) -> tuple[list[tuple], object]:
        log: list[tuple] = []

        def collect(model: str, number: int) -> list[list[str]]:
            log.append(("collect", model, number))
            if number in empty:
                return [[], []]
            return [[] if number in half else ["more"], [f"from {model}"]]

        def train(start: str, kept: list[list[str]], number: int) -> str:
            log.append(("train", start, str(kept), number))
            return f"model {number}"

        def measure(model: str) -> str:
            log.append(("measure", model))
            return f"figures of {model}"

        return log, mine("base", collect, train, measure, rounds)

    def only(kind: str, **options) -> list[tuple]:
        return [row[1:] for row in run(**options)[0] if row[0] == kind]

    def returned(**options) -> object:
        value = run(**options)[1]
        return _rows(value) if isinstance(value, tuple) else value

    every = (
        "How many rounds are there, and what is the number of the first?",
        "for number in range(1, rounds + 1): range leaves its end out",
    )
    newest = (
        "The samples of a round come from the newest model.",
        "kept = collect(model, number), with number = 1, 2, …",
    )
    base = ("Every training begins again from the base.", "model = train(base, kept, number)")
    both = (
        "The last model and a list of figures, the base's first.",
        "figures = [measure(base)], then one more in each round",
        "return model, figures",
    )
    nothing = (
        "Nothing was kept where *all* lists are empty: one text is enough to train.",
        "if any(kept): model = train(…)",
        "Measure in any case.",
    )
    cases = [
        Case("the rounds for which is collected", lambda: [row[1] for row in only("collect")], [1, 2, 3], every),
        Case("which models are sampled, in which round", lambda: only("collect"), [("base", 1), ("model 1", 2), ("model 2", 3)], newest),
        Case("from which model each training begins", lambda: [row[0] for row in only("train")], ["base"] * 3, base),
        Case("on what each training learns", lambda: [row[1] for row in only("train")], ["[['more'], ['from base']]", "[['more'], ['from model 1']]", "[['more'], ['from model 2']]"], ("Only what this round kept.", "train(base, kept, number)")),
        Case("the numbers that train gets", lambda: [row[2] for row in only("train")], [1, 2, 3], base),
        Case("round 2 keeps texts of one problem alone: trainings", lambda: [row[2] for row in only("train", half=(2,))], [1, 2, 3], nothing),
        Case("what is returned after 2 rounds", lambda: returned(rounds=2), ["model 2", ["figures of base", "figures of model 1", "figures of model 2"]], both),
        Case("no rounds at all", lambda: returned(rounds=0), ["base", ["figures of base"]], both),
        Case("round 1 keeps nothing: trainings", lambda: [row[2] for row in only("train", empty=(1,))], [2, 3], nothing),
        Case("round 2 keeps nothing: what is returned", lambda: returned(empty=(2,)), ["model 3", ["figures of base", "figures of model 1", "figures of model 1", "figures of model 3"]], nothing),
        Case("round 2 keeps nothing: which models are sampled", lambda: [row[0] for row in only("collect", empty=(2,))], ["base", "model 1", "model 1"], newest),
    ]  # fmt: skip
    check("rest_em", cases)


def advantages(mine: Callable[[Sequence[float]], list[float]]) -> None:
    """Exercise 3."""

    def case(rewards: list[float], expected: list[float], hints: tuple[str, ...], **options) -> Case:
        call = f"advantages({rewards})"
        return Case(call, lambda: list(map(float, mine(list(rewards)))), expected, hints, **options)

    def unchanged() -> list[float]:
        given = [1.0, 0.0]
        mine(given)
        return given

    spread = (
        "How far is each reward from the mean, measured in spreads?",
        "spread = fmean((r - mean) ** 2 for r in rewards) ** 0.5, which divides by n",
        "[(r - mean) / spread for r in rewards]",
    )
    agree = (
        "Where all agree there is no spread to divide by.",
        "if max(rewards) == min(rewards): return [0.0] * len(rewards), before anything is divided",
    )
    cases = [
        case([1.0, 0.0, 0.0, 1.0], [1.0, -1.0, -1.0, 1.0], spread),
        case([1.0, 0.0, 0.0, 0.0], [3**0.5, *[-(3**-0.5)] * 3], spread),
        case([0.0, 2.0, 4.0], [-(1.5**0.5), 0.0, 1.5**0.5], spread),
        case([-1.0, 1.0], [-1.0, 1.0], ("Rewards may be any numbers, not only 0 and 1: when do all agree?", *agree[1:])),
        case([1.0, 1.0, 1.0], [0.0, 0.0, 0.0], agree, same=_exactly),
        case([0.1, 0.1, 0.1], [0.0, 0.0, 0.0], ("A float mean of equal numbers may be off by a hair, and so the spread is not 0. Exactly 0.0 is asked for.", *agree[1:]), same=_exactly),
        case([1.0], [0.0], agree),
        case([], [], ("A group may be empty.", "max of an empty list is an error: look first.")),
        Case("are the rewards that you were given unchanged?", unchanged, [1.0, 0.0], ("Make a new list.", *spread[1:])),
    ]  # fmt: skip
    check("advantages", cases)


def policy_weights(mine: Callable) -> None:
    """Exercise 4."""

    def case(ratios: list[list[float]], signs: list[float], expected: list[list[float]], hints: tuple[str, ...], clip: float = 0.2) -> Case:  # fmt: skip
        old = [[-1.5] * len(row) for row in ratios]
        new = [[-1.5 + log(ratio) for ratio in row] for row in ratios]

        def run() -> list[list[float]]:
            found = mine([list(r) for r in new], [list(r) for r in old], list(signs), clip)
            return [[float(w) for w in row] for row in found]

        return Case(f"ratios {ratios}, advantages {signs}, clip {clip}", run, expected, hints)

    weight = (
        "A token's weight is its ratio times the advantage of its sample.",
        "ratio = exp(now - before), for the tokens of a sample side by side",
        "for now, before, advantage in zip(new, old, advantages): for a, b in zip(now, before): …",
    )
    good = (
        "A good token (advantage above 0) stops pulling above 1 + clip, and only there.",
        "0.0 if advantage > 0 and ratio > 1 + clip",
    )
    bad = (
        "A bad token (advantage below 0) stops pulling below 1 - clip, and only there.",
        "0.0 if advantage < 0 and ratio < 1 - clip",
    )
    cases = [
        case([[1.0, 1.0], [1.0]], [1.0, 0.0], [[1.0, 1.0], [0.0]], ("At first all ratios are 1: accepted 1, the rest 0.", *weight[1:])),
        case([[1.0, 1.1, 0.9]], [2.0], [[2.0, 2.2, 1.8]], weight),
        case([[1.1]], [-1.0], [[-1.1]], weight),
        case([[1.3, 1.1]], [1.0], [[0.0, 1.1]], good),
        case([[0.5]], [1.0], [[0.5]], ("A good token that has become less probable must come back.", good[1])),
        case([[0.7, 0.9]], [-1.0], [[0.0, -0.9]], bad),
        case([[0.82]], [-1.0], [[-0.82]], ("The lower bound is 1 - clip, not 1 / (1 + clip).", bad[1])),
        case([[1.5]], [-1.0], [[-1.5]], ("A bad token that has become more probable must go.", bad[1])),
        case([[1.15, 1.05]], [1.0], [[0.0, 1.05]], ("The clip is given.", good[1]), clip=0.1),
        case([[], [1.0]], [1.0, -1.0], [[], [-1.0]], ("A sample may be empty; its list stays.", *weight[1:])),
        case([], [], [], weight),
        Case("without a clip: ratio 1.15, advantage 1", lambda: [list(map(float, row)) for row in mine([[log(1.15)]], [[0.0]], [1.0])], [[1.15]], ("The clip is 0.2, if nothing is said.", "def policy_weights(new, old, advantages, clip=0.2)")),
    ]  # fmt: skip
    check("policy_weights", cases)


def merge_votes(mine: Callable) -> None:
    """Exercise 5."""

    def case(answers: list[list[str | None]], texts: list[str], m: int, least: float, expected: list[list[str]], hints: tuple[str, ...]) -> Case:  # fmt: skip
        def run() -> object:
            rows = [list(row) for row in answers]
            return _rows(mine(rows, [list(row) for row in texts], m, least))

        return Case(
            f"merge_votes({answers}, {[*map(list, texts)]}, m={m}, least={least})", run, expected, hints
        )

    majority = (
        "Count the answers; whose texts belong to the first among them?",
        "votes = Counter(answer for answer in row if answer is not None); best = max(votes, key=votes.get)",
        "[text for answer, text in zip(row, own) if answer == best]",
    )
    sure = (
        "Is the majority large enough to teach? Measure it against all samples, also those without an answer.",
        "if votes[best] >= least * len(row): …, else an empty list",
    )
    cases = [
        case([["4", "5", "4"]], ["abc"], 4, 0.5, [["a", "c"]], majority),
        case([["4", "5", "4", None]], ["abcd"], 4, 0.5, [["a", "c"]], ("Two of four are one half: *at least* `least` is enough.", sure[1])),
        case([["4", "4"]], ["ba"], 4, 0.5, [["b", "a"]], ("In the order in which they came.", "list(dict.fromkeys(texts))[:m]: a set has no order")),
        case([["9", "10"], ["10", "9"]], ["ab", "cd"], 4, 0.5, [["a"], ["c"]], ("A tie goes to the first seen, not to the larger one.", *majority[1:])),
        case([["4", "4", "4", "5"]], ["aaba"], 4, 0.5, [["a", "b"]], ("The same text once.", "list(dict.fromkeys(texts))[:m]")),
        case([["4", "4", "4", "5", "5"]], ["aaabc"], 4, 0.5, [["a"]], ("Every *sample* votes, also one whose text was there before.", "Count first, remove repeats afterwards.")),
        case([["4", "4", "4"]], ["aab"], 2, 0.5, [["a", "b"]], ("At most m *different* texts: remove repeats before you cut.", "list(dict.fromkeys(texts))[:m]")),
        case([["4", "4", "4"]], ["abc"], 2, 0.5, [["a", "b"]], ("At most m.", "list(dict.fromkeys(texts))[:m]")),
        case([["4", "5", "6", "4"]], ["abcd"], 4, 0.75, [[]], sure),
        case([["4", None, None]], ["abc"], 4, 0.5, [[]], sure),
        case([[None, None, "4", "4"]], ["abcd"], 4, 0.5, [["c", "d"]], ("None never votes, however often it stands there.", *majority[1:])),
        case([[None], []], ["a", ""], 4, 0.0, [[], []], ("Nobody voted: an empty list.", *majority[1:])),
    ]  # fmt: skip
    check("merge_votes", cases)
