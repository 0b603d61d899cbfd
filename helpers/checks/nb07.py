"""The checks beside the exercises of 07_verifier_search: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. The graded tests
are others, on more inputs: passing here is a good sign, not the grade. Exercises 6 to 8 are in
`nb07_results`.
"""

from collections.abc import Callable, Sequence
from functools import partial

from helpers.checks.core import Case, check
from helpers.checks.nb07_results import best_plan, result_vote, run_query
from helpers.checks.scripted_steps import Group, ScriptedSteps
from helpers.search import State

__all__ = [
    "beam",
    "best_plan",
    "dvts",
    "particles",
    "result_vote",
    "rollout_value",
    "run_query",
    "select_and_back_up",
]

Place = tuple[str, ...]


def rollout_value(mine: Callable[..., list[float]]) -> None:
    """Exercise 1."""
    said = {0: ["14", "9", "14", None], 1: ["7", "7.0", "8", "7"]}
    golds = ["14", "7"]
    done, failed = State(0, ("Final: 14",)), State(1, ("Final: 8",))

    def run(states: list[State], k: int) -> tuple[list[float], ScriptedSteps]:
        steps = ScriptedSteps(answer=lambda state, i: said[state.problem][i % 4])
        return [float(value) for value in mine(steps, list(states), list(golds), k)], steps

    share = (
        "The share of a state's answers that are right.",
        "sum(answers_match(answer, golds[state.problem]) for answer in row) / len(row)",
    )
    own = ("Each state belongs to a problem: state.problem says which right answer.", *share[1:])
    none = ("None is wrong, and counts in the whole.", "Divide by len(row), None included.")
    ended = ("A finished state has one answer, not k.", "Divide by len(row), not by k.")
    same = ("7.0 is 7: compare with answers_match.", *share[1:])
    once = ("One call for all states.", "rows = steps.roll_out(states, k), outside of any loop")
    cases = [
        Case("problem 0, k=2, answers 14, 9", lambda: run([State(0)], 2)[0], [0.5], share),
        Case("the same, k=4, answers 14, 9, 14, None", lambda: run([State(0)], 4)[0], [0.5], none),
        Case("problem 1 alone, k=1, answer 7", lambda: run([State(1)], 1)[0], [1.0], own),
        Case("the same, k=2, answers 7, 7.0", lambda: run([State(1)], 2)[0], [1.0], same),
        Case("problems 1 and 0, k=4", lambda: run([State(1), State(0)], 4)[0], [0.75, 0.5], own),
        Case("finished: 14 is right, 8 is wrong; k=4", lambda: run([done, failed], 4)[0], [1.0, 0.0], ended),
        Case("calls for three states", lambda: len(run([State(1), State(0), done], 2)[1].calls), 1, once),
        Case("k in the call", lambda: run([State(0)], 3)[1].calls[0][2], 3, once),
    ]
    check("rollout_value", cases)


LINES = {
    (): ["a", "b", "c", "d"],
    ("a",): ["aa", "Final: 7"],
    ("b",): ["Final: 2", "bb"],
    ("c",): ["ca", "cb"],
    ("b", "bb"): ["Final: 3", "Final: 4"],
    ("a", "aa"): ["Final: 5", "Final: 6"],
}
MARKS = {"a": 0.6, "b": 0.9, "c": 0.6, "d": 0.1, "aa": 0.2, "Final: 7": 0.15, "Final: 2": 0.8, "bb": 0.1}


def _script() -> ScriptedSteps:
    def line(state: State, i: int) -> str:
        known = LINES.get(state.lines, ["Final: 9"])
        return known[i % len(known)]

    return ScriptedSteps(line, lambda state: MARKS.get(state.lines[-1], 0.3) if state.lines else 1.0)


def _ends(groups: Sequence[Group]) -> list[list[str]]:
    return [sorted(" | ".join(state.lines) for state in group) for group in groups]


BEAM_HINTS = {
    "first": (
        "Each root is a group of its own.",
        "groups = steps.expand([[root] for root in roots], n)",
    ),
    "many": (
        "n first lines are written from each root.",
        "groups = steps.expand([[root] for root in roots], n)",
    ),
    "whole": (
        "Return what the last `expand` gave: nothing is thrown away at the end.",
        "return groups",
    ),
    "write": (
        "The kept states are written on, n // m lines each.",
        "groups = steps.expand(kept, n // m)",
    ),
    "keep": (
        "The m states with the highest scores are kept.",
        "ranked = sorted(zip(scores, group), key=lambda pair: -pair[0])",
        "kept.append([state for _, state in ranked[:m]])",
    ),
    "tie": (
        "Of equal scores the earlier state is kept.",
        "Sort by the score alone, key=lambda pair: -pair[0]: sorted keeps equals in their order.",
    ),
    "ended": (
        "A finished state competes with the others: it is kept if it is among the m best, and only then.",
        "Do not sort finished states apart: steps.expand leaves them as they are.",
    ),
    "on": (
        "One finished state is not the end: go on as long as some state is unfinished.",
        "if all(state.finished for group in groups for state in group): break",
    ),
    "stop": (
        "When every state is finished there is nothing left to write.",
        "if all(state.finished for group in groups for state in group): break",
    ),
    "deep": (
        "The first lines count: `depth` lines, `depth` calls of expand.",
        "for _ in range(depth - 1): …",
    ),
    "unread": (
        "With depth=1 no line is written on, so none is scored: score before `expand`.",
        "for _ in range(depth - 1): …",
    ),
    "each": (
        "m of each group, not m in all.",
        "for group, scores in zip(groups, steps.score(groups)): …",
    ),
    "once": (
        "One call for all groups.",
        "steps.expand and steps.score stand outside of the loop over groups.",
    ),
}


def beam(mine: Callable[..., list[Group]]) -> None:
    """Exercise 2."""

    def run(n: int, m: int, depth: int, roots: tuple[int, ...] = (0,)) -> tuple[list[Group], ScriptedSteps]:
        steps = _script()
        return [list(group) for group in mine(steps, [State(i) for i in roots], n, m, depth)], steps

    def calls(what: str, *settings: object) -> list[int]:
        return [k for name, _, k in run(*settings)[1].calls if name == what]

    def kept(*settings: object) -> list[list[str]]:
        """What the last `expand` was asked to write on from."""
        return _ends([groups for name, groups, _ in run(*settings)[1].calls if name == "expand"][-1])

    cases = [
        Case("how often expand is called, depth=1", lambda: len(calls("expand", 4, 2, 1)), 1, BEAM_HINTS["deep"]),
        Case("lines from the root, n=4, m=2, depth=1", lambda: calls("expand", 4, 2, 1), [4], BEAM_HINTS["many"]),
        Case("how many states come back, n=4, m=2, depth=1", lambda: [len(g) for g in run(4, 2, 1)[0]], [4], BEAM_HINTS["whole"]),
        Case("two roots, n=4, m=2, depth=1", lambda: _ends(run(4, 2, 1, (0, 1))[0]), [["a", "b", "c", "d"]] * 2, BEAM_HINTS["first"]),
        Case("calls of score with depth=1", lambda: len(calls("score", 4, 2, 1)), 0, BEAM_HINTS["unread"]),
        Case("how often expand is called, depth=2", lambda: len(calls("expand", 4, 2, 2)), 2, BEAM_HINTS["deep"]),
        Case("kept of a (0.6) and b (0.9), n=2, m=1, depth=2", lambda: kept(2, 1, 2), [["b"]], BEAM_HINTS["keep"]),
        Case("kept of a, c (0.6 both), b (0.9) and d (0.1), n=4, m=2, depth=2", lambda: kept(4, 2, 2), [["a", "b"]], BEAM_HINTS["tie"]),
        Case("lines from each state, n=8, m=2, depth=2", lambda: calls("expand", 8, 2, 2), [8, 4], BEAM_HINTS["write"]),
        Case("how many states come back, n=4, m=2, depth=2", lambda: [len(g) for g in run(4, 2, 2)[0]], [4], BEAM_HINTS["whole"]),
        Case("how often expand is called, depth=3 (some states are finished)", lambda: len(calls("expand", 4, 2, 3)), 3, BEAM_HINTS["on"]),
        Case("n=4, m=2, depth=3", lambda: _ends(run(4, 2, 3)[0]), [["a | aa | Final: 5", "a | aa | Final: 6", "b | Final: 2"]], BEAM_HINTS["ended"]),
        Case("calls of expand with depth=9: the beam has ended before", lambda: calls("expand", 4, 2, 9), [4, 2, 2], BEAM_HINTS["stop"]),
        Case("two roots, n=2, m=1, depth=2", lambda: _ends(run(2, 1, 2, (0, 1))[0]), [["b | Final: 2", "b | bb"]] * 2, BEAM_HINTS["each"]),
        Case("calls of score for two roots, depth=3", lambda: len(calls("score", 4, 2, 3, (0, 1))), 2, BEAM_HINTS["once"]),
        Case("calls of expand for two roots, depth=3", lambda: calls("expand", 4, 2, 3, (0, 1)), [4, 2, 2], BEAM_HINTS["once"]),
    ]  # fmt: skip
    check("beam", cases)


def dvts(mine: Callable[..., list[Group]]) -> None:
    """Exercise 3."""

    def run(n: int, m: int, depth: int, roots: int = 1) -> tuple[list[Group], ScriptedSteps]:
        steps = _script()
        return [list(group) for group in mine(steps, [State(i) for i in range(roots)], n, m, depth)], steps

    def widths(n: int, m: int, depth: int, roots: int) -> list[int]:
        return [len(groups) for name, groups, _ in run(n, m, depth, roots)[1].calls if name == "expand"]

    trees = (
        "n // m trees for each root, each with a width of m.",
        "beam(steps, [root for root in roots for _ in range(n // m)], m, 1, depth)",
    )
    one = ("Each tree keeps its best state only.", "A beam with m states of which 1 is kept.", *trees[1:])
    whole = (
        "One group for each root: the finals of all its trees.",
        "Tree groups i * (n // m) to (i + 1) * (n // m) belong to root i.",
    )
    together = (
        "All trees grow in the same calls.",
        "One beam for all trees of all roots, not one in a loop.",
    )
    cases = [
        Case("n=4, m=2, depth=1: two trees of two lines", lambda: _ends(run(4, 2, 1)[0]), [["a", "b", "c", "d"]], trees),
        Case("n=4, m=2, depth=2: a tree goes on from b, one from c", lambda: _ends(run(4, 2, 2)[0]), [["b | Final: 2", "b | bb", "c | ca", "c | cb"]], one),
        Case("n=4, m=4, depth=2: one tree", lambda: _ends(run(4, 4, 2)[0]), [["b | Final: 2", "b | Final: 2", "b | bb", "b | bb"]], trees),
        Case("two roots, n=4, m=2, depth=1", lambda: _ends(run(4, 2, 1, 2)[0]), [["a", "b", "c", "d"]] * 2, whole),
        Case("groups in each call of expand, two roots, depth=2", lambda: widths(4, 2, 2, 2), [4, 4], together),
        Case("how many groups are returned for three roots", lambda: len(run(4, 2, 3, 3)[0]), 3, whole),
    ]  # fmt: skip
    check("dvts", cases)


def particles(size: Callable[[list[float]], float], mine: Callable[[list[float], float], list[int]]) -> None:
    """Exercise 4."""

    def places(weights: list[float], u: float) -> list[int]:
        return [int(place) for place in mine(list(weights), u)]

    def ess(weights: list[float]) -> float:
        return float(size(list(weights)))

    formula = (
        "The sum, squared, divided by the sum of the squares.",
        "sum(weights) ** 2 / sum(w * w for w in weights)",
    )
    zero = ("0 / 0 has no value: say 0.0.", "if not any(weights): return 0.0")
    pointers = (
        "n pointers at the same distance, the first at u / n of the whole length.",
        "pointer = (i + u) / n * sum(weights), for i in range(n)",
    )
    border = (
        "A pointer on a border belongs to the later weight.",
        "Go on while pointer >= end of the weight (not >). numpy: searchsorted(…, side='right').",
    )
    scale = ("The weights need not add up to 1.", *pointers[1:])
    alone = ("All weights are 0: each place once.", "if not any(weights): return list(range(len(weights)))")
    wanted: list[tuple[list[float], float, list[int], tuple[str, ...]]] = [
        ([1.0, 1.0, 1.0, 1.0], 0.5, [0, 1, 2, 3], pointers),
        ([0.0, 4.0, 0.0, 4.0], 0.5, [1, 1, 3, 3], pointers),
        ([1.0, 3.0], 0.75, [1, 1], pointers),
        ([1.0, 3.0], 0.25, [0, 1], pointers),
        ([0.125, 0.375], 0.25, [0, 1], scale),
        ([1.0, 1.0, 2.0], 0.5, [0, 2, 2], border),
        ([0.0, 2.0], 0.0, [1, 1], border),
        ([0.0, 0.0], 0.5, [0, 1], alone),
    ]
    cases = [
        Case("effective_sample_size([2.0, 2.0])", lambda: ess([2.0, 2.0]), 2.0, formula),
        Case("effective_sample_size([1.0, 0.0, 0.0])", lambda: ess([1.0, 0.0, 0.0]), 1.0, formula),
        Case("effective_sample_size([3.0, 1.0])", lambda: ess([3.0, 1.0]), 1.6, formula),
        Case("effective_sample_size([0.0, 0.0])", lambda: ess([0.0, 0.0]), 0.0, zero),
        Case("effective_sample_size([])", lambda: ess([]), 0.0, zero),
    ]
    cases += [Case(f"resample({w}, {u})", partial(places, w, u), gold, hints) for w, u, gold, hints in wanted]
    check("particles", cases)


def select_and_back_up(select: Callable[..., Place], back_up: Callable[..., None]) -> None:
    """Exercise 5."""
    tree = {(): [("a",), ("b",)], ("a",): [("a", "x"), ("a", "y")], ("b",): []}

    flat = {(): tree[()]}

    def go(
        known: dict[Place, list], visits: dict[Place, int], totals: dict[Place, float], c: float
    ) -> list[str]:
        return list(select({place: list(row) for place, row in known.items()}, dict(visits), dict(totals), c))

    def added(visits: dict[Place, int], place: Place, reward: float) -> list[dict]:
        mine = dict(visits), {place: float(count) for place, count in visits.items()}
        back_up(*mine, place, reward)
        return [dict(sorted(part.items())) for part in mine]

    leaf = (
        "A place that has no children, or an empty list of them, is a leaf: there the way ends.",
        "while children.get(place): …",
        "return place",
    )
    fresh = (
        "A child without a visit goes first.",
        "new = [child for child in children[place] if not visits.get(child)]",
    )
    down = ("Go on until you stand at a leaf.", "while children.get(place): place = …")
    value = (
        "W / n + c * sqrt(ln N / n): n and W are the child's, N is the parent's.",
        "totals[child] / visits[child] + c * sqrt(log(visits[place]) / visits[child])",
    )
    first = ("Equal values: the first child.", "max with a key gives the first of equals.")
    up = (
        "The place, and all that is left of it when you take lines off its end.",
        "for end in range(len(place) + 1): place[:end] …",
    )
    absent = ("A place that is not there begins at 0.", "visits[place] = visits.get(place, 0) + 1")
    ten = {(): 10, ("a",): 8, ("b",): 2}, {("a",): 6.0, ("b",): 1.0}
    cases = [
        Case("a tree without children", lambda: go({}, {(): 1}, {(): 0.0}, 1.0), [], leaf),
        Case("the root has an empty list of children", lambda: go({(): []}, {(): 1}, {(): 0.0}, 1.0), [], leaf),
        Case("a was visited, b was not", lambda: go(flat, {(): 2, ("a",): 1}, {(): 1, ("a",): 1}, 1.0), ["b"], fresh),
        Case("neither was visited", lambda: go(flat, {(): 1}, {(): 0.0}, 1.0), ["a"], fresh),
        Case("a won, b did not; c=0", lambda: go(flat, {(): 3, ("a",): 1, ("b",): 1}, {("a",): 1.0, ("b",): 0.0}, 0.0), ["a"], value),
        Case("10 visits: a won 6 of 8, b 1 of 2; c=0.4", lambda: go(flat, *ten, 0.4), ["a"], value),
        Case("the same; c=1", lambda: go(flat, *ten, 1.0), ["b"], value),
        Case("both alike; c=1", lambda: go(flat, {(): 2, ("a",): 1, ("b",): 1}, {("a",): 1.0, ("b",): 1.0}, 1.0), ["a"], first),
        Case("a won, b did not; below a are x and y, not visited", lambda: go(tree, {(): 3, ("a",): 1, ("b",): 1}, {("a",): 1.0, ("b",): 0.0}, 0.0), ["a", "x"], down),
        Case("b is neglected, and has an empty list of children; c=5", lambda: go(tree, {(): 4, ("a",): 2, ("b",): 1}, {("a",): 1.0, ("b",): 0.0}, 5.0), ["b"], leaf),
        Case("below a, of 4 visits: x won 2 of 3, y 0 of 1; c=1", lambda: go(tree, {(): 100, ("a",): 4, ("b",): 96, ("a", "x"): 3, ("a", "y"): 1}, {("a",): 2.0, ("b",): 0.0, ("a", "x"): 2.0, ("a", "y"): 0.0}, 1.0), ["a", "x"], value),
        Case("back_up, place ('a', 'x'), reward 1", lambda: added({(): 3, ("a",): 2}, ("a", "x"), 1), [{(): 4, ("a",): 3, ("a", "x"): 1}, {(): 4.0, ("a",): 3.0, ("a", "x"): 1}], up),
        Case("back_up, the root, reward 0", lambda: added({(): 3}, (), 0), [{(): 4}, {(): 3.0}], up),
        Case("back_up into empty dictionaries", lambda: added({}, ("b",), 0.5), [{(): 1, ("b",): 1}, {(): 0.5, ("b",): 0.5}], absent),
    ]  # fmt: skip
    check("select_and_back_up", cases)
