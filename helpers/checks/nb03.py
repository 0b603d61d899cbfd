"""The checks beside the exercises of 03_tree_of_thought: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. The graded tests
are others, on more inputs: passing here is a good sign, not the grade. Exercises 1 and 2 are in
`nb03_expressions`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf, log

from helpers.checks.core import Case, check
from helpers.checks.nb03_expressions import expression_vote, safe_eval
from helpers.checks.scripted import ScriptedModel, stand_in
from helpers.models import LanguageModel, Message, Sample
from helpers.search import Level, State

__all__ = ["agreement", "expand", "expression_vote", "keep_best", "safe_eval", "tree_search"]

Prompts = Sequence[list[Message]]
ROOM = 48  # of a line: MAX_LINE while `expand` is tried
CHAINS = ["12 - 5 = 7", "12 - 5 = 6"]


def expand(mine: Callable[[LanguageModel, Prompts, list[State], int], list[State]]) -> None:
    """Exercise 3."""
    prompts = [[{"role": "user", "content": name}] for name in ("pens", "cups")]
    deep = State(1, ("1 + 1 = 2",), -1.5)

    def reply(messages: list[Message], i: int) -> str:
        start = "Then" if messages[-1]["role"] == "assistant" else "First"
        return ["{} 6 + 1 = 7\nmore", "{} 6 + 2 = 8\nmore", " ", "{} 6 + 1 = 7\nless"][i].format(start)

    def call(states: list[State], k: int) -> tuple[ScriptedModel, list[State]]:
        model = _Scored(reply)
        with stand_in(getattr(mine, "__globals__", {}), MAX_LINE=ROOM):
            return model, list(mine(model, prompts, states, k))

    def lines(states: list[State], k: int) -> list[list[str]]:
        return sorted([f"problem {s.problem}", *s.lines] for s in call(states, k)[1])

    def sent(key: str) -> object:
        return call([State(0), deep], 2)[0].calls[0][key]

    def logprob(state: State, k: int) -> float:
        return next(new.logprob for new in call([state], k)[1] if "6 + 1" in new.lines[-1])

    shape = (
        "One conversation for each state, k samples for each conversation.",
        "conversations = [conversation(prompts, state) for state in states]",
        "for state, samples in zip(states, drawn): for sample in samples: state.then(sample.text, "
        "sample.logprob)",
    )
    stop = ("A step is one line. Where should the sample stop?", 'model.sample(…, stop=["\\n"])')
    empty = ("A line of nothing but spaces is no step.", "if sample.text.strip(): …")
    merge = (
        "Two new states with the same problem and the same lines are one.",
        "Keep them in a dict under the key (new.problem, new.lines); setdefault keeps the first.",
    )
    once = ("One call for all states together.", "model.sample(conversations, k, …), outside of any loop")
    warm = ("k greedy lines are k times the same line.", "temperature=1.0")
    room = ("A line needs less room than a whole reply.", "max_tokens=MAX_LINE")
    adds = ("`then` adds them up, if it is told.", "state.then(sample.text, sample.logprob)")
    [two, four] = [["First 6 + 1 = 7", "First 6 + 2 = 8"], ["Then 6 + 1 = 7", "Then 6 + 2 = 8"]]
    roots = [["problem 0", line] for line in two]
    deeper = [["problem 1", "1 + 1 = 2", line] for line in four]
    cases = [
        Case("expand(model, prompts, [State(0)], k=2)", lambda: lines([State(0)], 2), roots,
            (*shape[:2], *stop)),
        Case("expand(…, [a state with one line], k=2)", lambda: lines([deep], 2), deeper, shape),
        Case("expand(…, both states, k=2)", lambda: lines([State(0), deep], 2), roots + deeper, shape),
        Case("k=3, the third sample is empty", lambda: lines([State(0)], 3), roots, empty),
        Case("k=4, the fourth line is the first again", lambda: lines([State(0)], 4), roots, merge),
        Case("calls of the model for two states", lambda: len(call([State(0), deep], 2)[0].calls), 1, once),
        Case("n", lambda: sent("n"), 2, once),
        Case("stop", lambda: list(sent("stop")), ["\n"], stop),
        Case("the conversation that the model got for a state of problem 1", lambda: list(sent("prompts")[1]),
            [*prompts[1], {"role": "assistant", "content": "1 + 1 = 2\n"}],
            ("Each state belongs to a problem: state.problem says which prompt.", shape[1])),
        Case("temperature", lambda: float(sent("temperature")), 1.0, warm),
        Case("max_tokens", lambda: sent("max_tokens"), ROOM, room),
        Case("new states of two roots, of problems 0 and 1, k=2",
            lambda: len(call([State(0), State(1)], 2)[1]), 4,
            ("Equal lines of *different* problems are different states.", *merge[1:])),
        Case("new states of two states of one problem, whose lines so far differ, k=2",
            lambda: len(call([deep, State(1, ("2 + 2 = 4",), -1.0)], 2)[1]), 4,
            ("The same line behind other lines makes another state: all lines belong to the key.",
            *merge[1:])),
        Case("the log-probability, where it was -1.5 and the new line has -0.5", lambda: logprob(deep, 1),
            -2.0, adds),
        Case("the log-probability, where the line comes first with -0.5 and again with -1.25",
            lambda: logprob(State(0), 4), -0.5,
            ("Of equal states the *first* stays, as it was.", *merge[1:])),
    ]  # fmt: skip
    shown = "State 0 and a state with one line, k=2:\n"
    check("expand", cases, lambda: shown + "\n".join(map(str, call([State(0), deep], 2)[1])))


def agreement(mine: Callable[[Sequence[State], Sequence[Sequence[str | None]]], list[float]]) -> None:
    """Exercise 4."""
    first, second = (State(0, (line,)) for line in CHAINS)
    share = (
        "First the winner over all roll-outs of the problem, then each state's share of it.",
        "votes[state.problem][answer] += …, in a dict of Counters",
        "row.count(winner) / len(row)",
    )
    pooled = (
        "The second state agrees with itself, but not with the winner of its problem.",
        "There is one winner for each problem, not one for each state.",
    )
    none = ("None never votes, but it is a roll-out: it stays in len(row).", "if answer is not None: …")
    weight = (
        "How loudly does a roll-out vote? As loudly as its state is probable.",
        "votes[state.problem][answer] += exp(state.logprob)",
    )
    every = (
        "Every roll-out votes. Three of one state have three votes, not one.",
        "for answer in row: votes[state.problem][answer] += exp(state.logprob)",
    )
    apart = ("Each problem has its own winner.", "Keep one Counter for each problem: votes[state.problem]")
    nobody = ("No votes, no winner: the score is 0.0.", "max of an empty Counter is an error: look first.")
    tie = (
        "A tie goes to the answer seen first, whatever its text.",
        "max(count, key=count.get) takes the first of equals.",
    )
    sure = [State(0, CHAINS[:1], log(0.9)), State(0, CHAINS[1:], log(0.02)), State(0, ("5",), log(0.02))]

    def case(call: str, states: list[State], answers: list, expected: list[float], hints: tuple) -> Case:
        def run() -> list[float]:
            return [float(score) for score in mine(list(states), [list(row) for row in answers])]

        return Case(f"agreement({call}, {answers})", run, expected, hints)

    two, three = [first, second], [first, second, State(0, ("5",))]
    rows = [["8", "8", "8"], ["9", "7", "7"], ["9", "6", "6"]]
    cases = [
        case("two states", two, [["14", "14"], ["14", "9"]], [1.0, 0.5], share),
        case("two states", two, [["14", "14", "14"], ["9", "9", "8"]], [1.0, 0.0], pooled),
        case("two states", two, [["14", None], [None, None]], [0.5, 0.0], none),
        case("probabilities 0.9, 0.02, 0.02", sure, [["14"], ["9"], ["9"]], [1.0, 0.0, 0.0], weight),
        case("three states", three, rows, [1.0, 0.0, 0.0], every),
        case("three states", three, [["7", "8", "8"], ["7", "9", "9"], ["7", "6", "6"]], [1 / 3] * 3, every),
        case("two problems", [first, State(1)], [["14", "14"], ["9", "8"]], [1.0, 0.5], apart),
        case("two states", two, [["8", "8"], ["9", "9"]], [1.0, 0.0], tie),
        case("two states", two, [["9", "9"], ["8", "8"]], [1.0, 0.0], tie),
        case("one state", [first], [["8", "8", "9", "9", "9"]], [0.6], share),
        case("one state", [first], [[None, None]], [0.0], nobody),
    ]
    check("agreement", cases, lambda: f"roll-outs {rows}\nscores    {list(mine(three, rows))}")


def keep_best(mine: Callable[[Sequence[State], Sequence[float], int], list[State]]) -> None:
    """Exercise 5."""

    def kept(problems: list[int], scores: list[float], b: int) -> list[int]:
        """The places of the states that are kept: problem by problem, each in the learner's order."""
        states = [State(problem, (f"line {i}",), i - 9.0) for i, problem in enumerate(problems)]
        found = [states.index(state) for state in mine(list(states), list(scores), b)]
        return sorted(found, key=lambda i: (problems[i], found.index(i)))

    def case(problems: list[int], scores: list[float], b: int, expected: list[int], hints: tuple) -> Case:
        call = f"states of problems {problems}, scores {scores}, b={b}: the places that are kept"
        return Case(call, lambda: kept(problems, scores, b), expected, hints)

    best = ("The highest scores first.", "sorted(…, key=lambda pair: pair[0], reverse=True)[:b]")
    each = (
        "b states of each problem, not b in all.",
        "Go through the problems one by one: for problem in {state.problem for state in states}: …",
    )
    gaps = ("Not every number from 0 on is a problem here.", *each[1:])
    tie = (
        "Equal scores stay in their order.",
        "sorted keeps the order of equals, also with reverse=True. Sort by the score alone, not by the pair.",
    )
    out = ("-inf means ruled out, whatever room there is.", "if score > -inf")
    cases = [
        case([0, 0, 0], [0.1, 0.7, 0.3], 1, [1], best),
        case([0, 0, 0], [0.1, 0.7, 0.3], 2, [1, 2], best),
        case([0, 1, 0, 1], [0.5, 0.1, 0.7, 0.2], 1, [2, 3], each),
        case([5, 2, 5], [0.5, 0.1, 0.7], 1, [1, 2], gaps),
        case([0, 0, 0], [0.5, 0.7, 0.5], 2, [1, 0], tie),
        case([0, 0, 0], [0.5, 0.5, 0.5], 2, [0, 1], tie),
        case([0, 0, 0], [-0.5, 0.0, -0.2], 5, [1, 2, 0], best),
        case([0, 0, 1], [-inf, 0.5, -inf], 3, [1], out),
    ]
    last = ([0, 1, 0, 1], [0.5, 0.1, 0.7, 0.2], 1)
    shown = "problems {}, scores {}, b={}: kept ".format(*last)
    check("keep_best", cases, lambda: f"{shown}{kept(*last)}")


SCRIPT = {
    "": ["12 - 5 = 7", "12 - 5 = 6"],
    "12 - 5 = 7\n": ["7 + 7 = 14", "Final: 7"],
    "12 - 5 = 6\n": ["6 + 7 = 13", "6 + 7 = 14"],
    "12 - 5 = 7\n7 + 7 = 14\n": ["Final: 14", "Final: 14"],
    "12 - 5 = 6\n6 + 7 = 13\n": ["13 + 1 = 14", "13 + 2 = 15"],
}
LIKED = {"12 - 5 = 7": 0.9, "12 - 5 = 6": 0.2, "7 + 7 = 14": 0.8, "Final: 7": 0.5, "Final: 14": 0.95}
START = (
    "Begin: kept = [State(problem) for problem in range(len(prompts))]",
    "In each round: states = expand(model, prompts, unfinished, k), then scores, then kept.",
)
PAIR = (
    "Two things are returned, in this order.",
    "Begin with kept = [State(problem) for problem in range(len(prompts))], levels = []. End with return "
    "answers, levels.",
)
FINISHED = (
    "A finished state goes on competing, but it is not expanded any more.",
    "states = [s for s in kept if s.finished] + expand(model, prompts, [s for s in kept if not s.finished], "
    "k)",
)
MANY = (
    "Each prompt has a root of its own, and a place in `answers`.",
    "State(0), State(1), …: [State(problem) for problem in range(len(prompts))]",
)
WIDTH = (
    "k is how many lines each state proposes, b how many states of a problem are kept.",
    "expand(…, k), keep_best(…, b)",
)
TRIPLE = (
    "Which three things belong to a level?",
    "levels.append((states, scores, kept)), once in each round, after keep_best.",
)
TOGETHER = (
    "All states of one depth go into one call, finished ones as well.",
    "One expand(model, prompts, unfinished, k) and one evaluate(model, prompts, states) in each round.",
)
STOP = ("Nothing unfinished is left: stop.", "if not unfinished: break")
DEEP = ("After `depth` rounds the search ends, answer or not.", "for _ in range(depth): …")
NONE = (
    "An unfinished state is no answer: None.",
    "next((s for s in kept if s.finished and s.problem == i), None)",
)
BEST = (
    "Which finished state is the answer? The one that the *evaluation* found best.",
    "keep_best puts the best first, so it is the first finished one of this problem in kept.",
)
ALL = (
    "The number of a state's problem is its place among all the prompts, so both functions need them all.",
    "expand(model, prompts, unfinished, k) and evaluate(model, prompts, states)",
)
PRUNED = ("Only what is kept at the *end* is an answer; this state was pruned on the way.", *NONE[1:])


def tree_search(mine: Callable[..., tuple[list[State | None], list[Level]]]) -> None:
    """Exercise 6. It runs with the learner's own expand and keep_best."""
    prompts = [[{"role": "user", "content": name}] for name in ("apples", "pens")]

    def reply(messages: list[Message], i: int) -> str:
        said = messages[-1]["content"] if messages[-1]["role"] == "assistant" else ""
        return SCRIPT.get(said, ["Final: 99"])[i % 2 if said in SCRIPT else 0]

    def search(
        k: int = 2, b: int = 2, depth: int = 5, n: int = 1, likes: dict = LIKED
    ) -> tuple[list[State | None], list[Level]]:
        def evaluate(model: LanguageModel, prompts: Prompts, states: Sequence[State]) -> list[float]:
            return [likes.get(state.lines[-1], 0.1) for state in states]

        return mine(_Scored(reply), prompts[:n], evaluate, k, b, depth)

    def calls() -> list[int]:
        """How often the model and the evaluation were called in three rounds."""
        model, rated = _Scored(reply), []

        def evaluate(model: LanguageModel, prompts: Prompts, states: Sequence[State]) -> list[float]:
            rated.append(states)
            return [LIKED.get(state.lines[-1], 0.1) for state in states]

        mine(model, prompts[:1], evaluate, 2, 2, 5)
        return [len(model.calls), len(rated)]

    def path(**settings: object) -> list[str] | None:
        [answer] = search(**settings)[0]
        return list(answer.lines) if answer else None

    def samples_drawn() -> list[int]:
        model = ScriptedModel(reply)
        mine(model, prompts[:1], lambda model, prompts, states: [1.0 for _ in states], 2, 1, 5)
        return sorted({call["n"] for call in model.calls})

    def level(at: int, part: int) -> list[str]:
        return sorted(state.lines[-1] for state in search()[1][at][part])

    right = ["12 - 5 = 7", "7 + 7 = 14", "Final: 14"]
    short = LIKED | {"Final: 7": 0.97}
    late = LIKED | {"7 + 7 = 14": 0.05, "6 + 7 = 13": 0.9, "13 + 1 = 14": 0.8, "13 + 2 = 15": 0.7}
    name = "tree_search(model, one prompt, evaluate, k=2, b={}, depth={})"
    cases = [
        Case("type of what is returned", lambda: type(search()).__name__, "tuple", PAIR),
        Case("the first level: states", lambda: level(0, 0), sorted(CHAINS), START),
        Case("the second level: kept", lambda: level(1, 2), ["7 + 7 = 14", "Final: 7"], START),
        Case("the third level: states", lambda: level(2, 0), ["Final: 14", "Final: 7"], FINISHED),
        Case(f"{name.format(2, 5)}: the path of the answer", path, right, (*FINISHED, *BEST)),
        Case("number of levels", lambda: len(search()[1]), 3, STOP),
        Case("number of levels with depth=2", lambda: len(search(depth=2)[1]), 2, DEEP),
        Case(f"{name.format(2, 1)}: the answer", lambda: path(depth=1), None, NONE),
        Case("the answer, where `Final: 7` scores 0.97 and `Final: 14` 0.95", lambda: path(likes=short),
            [right[0], "Final: 7"], BEST),
        Case("the answer after depth=3, where `Final: 7` was kept at the second level "
            "and pruned at the third", lambda: path(likes=late, depth=3), None, PRUNED),
        Case("the problems of the answers to two prompts", lambda: [s and s.problem for s in search(n=2)[0]],
            [0, 1], MANY),
        Case("where one of two is answered at once: prompts behind the calls of the model",
            lambda: _asked(mine, prompts)[0], ["apples pens", "pens", "pens"], ALL),
        Case("the same: prompts that evaluate gets", lambda: _asked(mine, prompts)[1], [2, 2, 2], ALL),
        Case("samples of a state with k=2, b=1", samples_drawn, [2], WIDTH),
        Case("in three rounds: calls of the model, calls of evaluate", calls, [3, 3], TOGETHER),
        Case("the first level: scores", lambda: sorted(search()[1][0][1]), [0.2, 0.9], TRIPLE),
    ]  # fmt: skip
    check("tree_search", cases, lambda: "the path found: " + " → ".join(path() or []))


def _asked(mine: Callable, prompts: Prompts) -> tuple[list[str], list[int]]:
    """In three rounds, where the first prompt is answered in the first: whose samples are asked for in each,
    and how many prompts the evaluation gets.
    """
    model = ScriptedModel(lambda messages, i: "Final: 1" if messages[0] == prompts[0][0] else f"{i} + 1 = 2")
    rated = []

    def evaluate(model: LanguageModel, prompts: Prompts, states: Sequence[State]) -> list[float]:
        rated.append(len(prompts))
        return [1.0 for _ in states]

    mine(model, prompts, evaluate, 2, 1, 3)
    names = [{talk[0]["content"] for talk in call["prompts"]} for call in model.calls]
    return [" ".join(sorted(each)) for each in names], rated


class _Scored(ScriptedModel):
    """Scripted replies; the log-probability of sample i is -0.5 - i / 4."""

    def sample(self, prompts: Prompts, n: int = 1, **options: object) -> list[list[Sample]]:
        rows = super().sample(prompts, n, **options)
        return [[replace(sample, logprob=-0.5 - i / 4) for i, sample in enumerate(row)] for row in rows]
