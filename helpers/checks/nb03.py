"""The checks beside the exercises of 03_tree_of_thought: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. The graded tests are
others, on more inputs: passing here is a good sign, not the grade.
"""

import builtins
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from math import inf, log

from helpers.checks.core import Case, check
from helpers.checks.scripted import ScriptedModel
from helpers.models import LanguageModel, Message, Sample
from helpers.prompts import SYSTEM_EXPRESSION, make_prompt
from helpers.search import Level, State

Run = dict[str, object]
Prompts = Sequence[list[Message]]
SECONDS = 10  # an expression that takes longer is not answered at once
CHAINS = ["12 - 5 = 7", "12 - 5 = 6"]


def safe_eval(mine: Callable[[str], int | None]) -> None:
    """Exercise 1."""
    walk = (
        "Begin with a function that gives the value of one node: a Constant is its value, a BinOp computes both sides first.",
        "def value_of(node): … if isinstance(node, ast.BinOp): left, right = value_of(node.left), value_of(node.right)",
        "if isinstance(node.op, ast.Add): return left + right; and so on. safe_eval calls value_of(ast.parse(text, mode='eval').body).",
    )
    spaces = (
        "Python takes a space at the beginning for an indentation.",
        "text.strip() takes away spaces at both ends.",
    )
    minus = (
        "A minus in front of a number is a node of its own kind.",
        "if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub): return -value_of(node.operand)",
    )
    long_minus = (
        "This minus is the character U+2212. Python does not know it.",
        'text.replace("\\u2212", "-")',
    )
    tail = ("Only what stands before the first `=` counts.", 'text.split("=")[0]')
    exact = (
        "Floats are not exact. Fractions are.",
        "Make each number a Fraction as soon as you read it: Fraction(node.value).",
        "At the end: value.denominator == 1 says whether it is whole, and int(value) makes it an int.",
    )
    whole = ("7 / 2 is not a whole number, so there is no answer: None.", "value.denominator == 1 tells.")
    other = (
        "What does your function do with a node that it does not know?",
        "Let value_of raise ValueError at its end, and let safe_eval catch it and return None.",
    )
    true = (
        "For Python, True is an integer. For us it is not a number.",
        "type(node.value) is int is stricter than isinstance(node.value, int).",
    )
    broken = (
        "Reading can fail, and so can computing. In both cases there is no value.",
        "try: … except (SyntaxError, ValueError, ZeroDivisionError): return None",
    )
    long = (
        "Some texts are made to keep you busy. Look at the length before you look at anything else.",
        "if len(text) > MAX_CHARS: return None",
    )
    power = ("Nobody asked for powers. Compute only what stands in the table.", *other)
    cases = [
        ("12 - 5 + 7", 14, walk),
        ("2 * (3 + 4)", 14, walk),
        ("2 + 3 * 4", 14, walk),
        ("7 // 2 * 2", 6, walk),
        (" 12 - 5 ", 7, spaces),
        ("-5 + 19", 14, minus),
        ("~5", None, ("Not every sign in front of a number is a minus.", *minus[1:])),
        ("12 \u2212 5", 7, long_minus),
        ("12 - 5 + 7 = 15", 14, tail),
        ("20 / 4", 5, exact),
        ("49 * (1 / 49)", 1, exact),
        ("7 / 2", None, whole),
        ("2 ** 3", None, power),
        ("len('abc')", None, other),
        ("1.5 + 1.5", None, other),
        ("True + 1", None, true),
        ("12 -", None, broken),
        ("", None, broken),
        ("1 / 0", None, broken),
        ("(" * 5000 + "1" + ")" * 5000, None, long),
        ("1" + " + 1" * 80, None, long),
        ("9**9**9", None, power),
    ]

    def run(text: str) -> int | None:
        with _time_limit():
            return mine(text)

    def uses_eval() -> bool:
        with _watched_eval() as calls:
            run("12 - 5 + 7")
        return bool(calls)

    shown = [
        (text if len(text) < 40 else f"{text[:12]}… {len(text)} characters", text, *r) for text, *r in cases
    ]
    ban = (
        "eval runs any Python, so a filter in front of it must think of everything that can go wrong.",
        "Compute the nodes of ast.parse(text, mode='eval').body yourself, as above.",
    )
    tried = [Case(f"safe_eval({s!r})", partial(run, t), gold, h) for s, t, gold, h in shown]
    check("safe_eval", [*tried, Case("does it call eval?", uses_eval, False, ban)])


def expression_vote(mine: Callable[[LanguageModel, list[str], int], list[Run]]) -> None:
    """Exercise 2. It runs with the learner's own safe_eval, on simple expressions."""
    scripts = {
        "How many pens?": ["9 + 1", "2 + 3", "3 + 2"],
        "How many cups?": ["no idea", "no idea", "1 - 1"],
        "How many mugs?": ["4 + 5", "8 + 1", "7 + 3", "2 + 8"],
        "How many jars?": ["no idea", "no idea"],
    }

    def call(k: int, *questions: str) -> tuple[ScriptedModel, list[Run]]:
        model = ScriptedModel(lambda messages, i: scripts[messages[-1]["content"]][i])
        return model, mine(model, list(questions), k)

    def one(question: str, key: str) -> object:
        return call(len(scripts[question]), question)[1][0][key]

    def seen(key: str) -> object:
        return call(2, "How many pens?", "How many cups?")[0].calls[0][key]

    shape = (
        "model.sample gives a list of k samples for each prompt. Each of them has .text and .tokens.",
        "values = [safe_eval(sample.text) for sample in samples]",
    )
    vote = (
        "Count the values, not the texts: 2 + 3 and 3 + 2 are the same opinion.",
        "Counter(values) counts; votes = Counter(v for v in values if v is not None)",
        'winner = max(votes, key=votes.get), and "pred" is str(winner).',
    )
    none = (
        "None never votes. But 0 is a value like any other.",
        "if value is not None, rather than: if value",
    )
    tie = (
        "Both values have two votes. Which one was seen first?",
        "max(votes, key=votes.get) takes the first of equals.",
    )
    nobody = (
        "No expression could be computed, so nobody voted.",
        "Look whether `votes` is empty before you take the winner.",
    )
    first = ("The first expression with the winning value.", "samples[values.index(winner)].text")
    once = (
        "One call with all prompts, and k as the number of samples.",
        "model.sample(prompts, k, temperature=1.0, …)",
    )
    warm = ("Greedy samples are all the same.", "temperature=1.0")
    pens, cups, mugs, jars = scripts
    cases = [
        Case("the values of 9 + 1, 2 + 3, 3 + 2", lambda: list(one(pens, "values")), [10, 5, 5], shape),
        Case("pred", lambda: one(pens, "pred"), "5", vote),
        Case("expression", lambda: one(pens, "expression"), "2 + 3", first),
        Case("tokens", lambda: one(pens, "tokens"), 12, ("The tokens of all k samples together.", "sum(sample.tokens for sample in samples)")),
        Case("pred of 'no idea', 'no idea', '1 - 1'", lambda: one(cups, "pred"), "0", none),
        Case("pred of 4 + 5, 8 + 1, 7 + 3, 2 + 8", lambda: one(mugs, "pred"), "9", tie),
        Case("pred of 'no idea', 'no idea'", lambda: one(jars, "pred"), None, nobody),
        Case("expression of 'no idea', 'no idea'", lambda: one(jars, "expression"), None, nobody),
        Case("preds of two questions", lambda: [run["pred"] for run in call(3, pens, cups)[1]], ["5", "0"], shape),
        Case("the values of 'no idea', 'no idea', '1 - 1'", lambda: list(one(cups, "values")), [None, None, 0], ("All values, those that are None as well.", shape[1])),
        Case("the messages that the model got", lambda: list(seen("prompts")[0]), make_prompt(SYSTEM_EXPRESSION, pens), ("Which system prompt asks for an expression?", "make_prompt(SYSTEM_EXPRESSION, question)")),
        Case("calls of the model", lambda: len(call(2, pens, cups)[0].calls), 1, once),
        Case("n", lambda: seen("n"), 2, once),
        Case("is the temperature above 0?", lambda: seen("temperature") > 0, True, warm),
    ]  # fmt: skip
    check("expression_vote", cases)


def expand(mine: Callable[[LanguageModel, Prompts, list[State], int], list[State]]) -> None:
    """Exercise 3."""
    prompts = [[{"role": "user", "content": name}] for name in ("pens", "cups")]
    deep = State(1, ("1 + 1 = 2",), -1.5)

    def reply(messages: list[Message], i: int) -> str:
        start = "Then" if messages[-1]["role"] == "assistant" else "First"
        return ["{} 6 + 1 = 7\nmore", "{} 6 + 2 = 8\nmore", " ", "{} 6 + 1 = 7\nless"][i].format(start)

    def call(states: list[State], k: int) -> tuple[ScriptedModel, list[State]]:
        model = _Scored(reply)
        return model, list(mine(model, prompts, states, k))

    def lines(states: list[State], k: int) -> list[list[str]]:
        return sorted([f"problem {s.problem}", *s.lines] for s in call(states, k)[1])

    def seen(key: str) -> object:
        return call([State(0), deep], 2)[0].calls[0][key]

    shape = (
        "One conversation for each state, k samples for each conversation.",
        "conversations = [conversation(prompts, state) for state in states]",
        "for state, samples in zip(states, drawn): for sample in samples: state.then(sample.text, sample.logprob)",
    )
    stop = ("A step is one line. Where should the sample stop?", 'model.sample(…, stop=["\\n"])')
    empty = ("A line of nothing but spaces is no step.", "if sample.text.strip(): …")
    merge = (
        "Two new states with the same problem and the same lines are one.",
        "Keep them in a dict under the key (new.problem, new.lines); setdefault keeps the first.",
    )
    once = ("One call for all states together.", "model.sample(conversations, k, …), outside of any loop")
    [two, four] = [["First 6 + 1 = 7", "First 6 + 2 = 8"], ["Then 6 + 1 = 7", "Then 6 + 2 = 8"]]
    roots = [["problem 0", line] for line in two]
    deeper = [["problem 1", "1 + 1 = 2", line] for line in four]
    cases = [
        Case("expand(model, prompts, [State(0)], k=2)", lambda: lines([State(0)], 2), roots, (*shape[:2], *stop)),
        Case("expand(…, [a state with one line], k=2)", lambda: lines([deep], 2), deeper, shape),
        Case("expand(…, both states, k=2)", lambda: lines([State(0), deep], 2), roots + deeper, shape),
        Case("k=3, the third sample is empty", lambda: lines([State(0)], 3), roots, empty),
        Case("k=4, the fourth line is the first again", lambda: lines([State(0)], 4), roots, merge),
        Case("calls of the model for two states", lambda: len(call([State(0), deep], 2)[0].calls), 1, once),
        Case("n", lambda: seen("n"), 2, once),
        Case("stop", lambda: list(seen("stop")), ["\n"], stop),
        Case("the conversation that the model got for a state of problem 1", lambda: list(seen("prompts")[1]), [*prompts[1], {"role": "assistant", "content": "1 + 1 = 2\n"}], ("Each state belongs to a problem: state.problem says which prompt.", shape[1])),
        Case("is the temperature above 0?", lambda: seen("temperature") > 0, True, ("k greedy lines are k times the same line.", "temperature=1.0")),
        Case("new states of two roots, of problems 0 and 1, k=2", lambda: len(call([State(0), State(1)], 2)[1]), 4, ("Equal lines of *different* problems are different states.", *merge[1:])),
        Case("the log-probability, where it was -1.5 and the new line has -0.5", lambda: call([deep], 1)[1][0].logprob, -2.0, ("`then` adds them up, if it is told.", "state.then(sample.text, sample.logprob)")),
    ]  # fmt: skip
    check("expand", cases)


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
    apart = ("Each problem has its own winner.", "Keep one Counter for each problem: votes[state.problem]")
    nobody = ("No votes, no winner: the score is 0.0.", "max of an empty Counter is an error: look first.")
    tie = ("A tie goes to the answer seen first.", "max(count, key=count.get) takes the first of equals.")
    sure = [State(0, CHAINS[:1], log(0.9)), State(0, CHAINS[1:], log(0.02)), State(0, ("5",), log(0.02))]

    def case(
        call: str, states: list[State], answers: list, expected: list[float], hints: tuple[str, ...]
    ) -> Case:
        run = lambda: [float(score) for score in mine(list(states), [list(row) for row in answers])]  # noqa: E731
        return Case(f"agreement({call}, {answers})", run, expected, hints)

    two = [first, second]
    cases = [
        case("two states", two, [["14", "14"], ["14", "9"]], [1.0, 0.5], share),
        case("two states", two, [["14", "14", "14"], ["9", "9", "8"]], [1.0, 0.0], pooled),
        case("two states", two, [["14", None], [None, None]], [0.5, 0.0], none),
        case("probabilities 0.9, 0.02, 0.02", sure, [["14"], ["9"], ["9"]], [1.0, 0.0, 0.0], weight),
        case("two problems", [first, State(1)], [["14", "14"], ["9", "8"]], [1.0, 0.5], apart),
        case("two states", two, [["8", "8"], ["9", "9"]], [1.0, 0.0], tie),
        case("one state", [first], [["8", "8", "9", "9", "9"]], [0.6], share),
        case("one state", [first], [[None, None]], [0.0], nobody),
    ]
    check("agreement", cases)


def keep_best(mine: Callable[[Sequence[State], Sequence[float], int], list[State]]) -> None:
    """Exercise 5."""

    def case(
        problems: list[int], scores: list[float], b: int, expected: list[int], hints: tuple[str, ...]
    ) -> Case:
        states = [State(problem, (f"line {i}",), i - 9.0) for i, problem in enumerate(problems)]

        def run() -> list[int]:
            kept = list(mine(list(states), list(scores), b))
            return sorted(
                (states.index(state) for state in kept), key=lambda i: (problems[i], kept.index(states[i]))
            )

        return Case(
            f"states of problems {problems}, scores {scores}, b={b}: the places that are kept",
            run,
            expected,
            hints,
        )

    best = ("The highest scores first.", "sorted(…, key=lambda pair: pair[0], reverse=True)[:b]")
    each = (
        "b states of each problem, not b in all.",
        "Go through the problems one by one: for problem in {state.problem for state in states}: …",
    )
    tie = (
        "Equal scores stay in their order.",
        "sorted keeps the order of equals, also with reverse=True. Sort by the score alone, not by the pair.",
    )
    out = ("-inf means ruled out, whatever room there is.", "if score > -inf")
    cases = [
        case([0, 0, 0], [0.1, 0.7, 0.3], 1, [1], best),
        case([0, 0, 0], [0.1, 0.7, 0.3], 2, [1, 2], best),
        case([0, 1, 0, 1], [0.5, 0.1, 0.7, 0.2], 1, [2, 3], each),
        case([0, 0, 0], [0.5, 0.7, 0.5], 2, [1, 0], tie),
        case([0, 0, 0], [0.5, 0.5, 0.5], 2, [0, 1], tie),
        case([0, 0, 0], [-0.5, 0.0, -0.2], 5, [1, 2, 0], best),
        case([0, 0, 1], [-inf, 0.5, -inf], 3, [1], out),
    ]
    check("keep_best", cases)


def tree_search(mine: Callable[..., tuple[list[State | None], list[Level]]]) -> None:
    """Exercise 6. It runs with the learner's own expand and keep_best."""
    prompts = [[{"role": "user", "content": name}] for name in ("apples", "pens")]
    script = {
        "": ["12 - 5 = 7", "12 - 5 = 6"],
        "12 - 5 = 7\n": ["7 + 7 = 14", "Final: 7"],
        "12 - 5 = 6\n": ["6 + 7 = 13", "6 + 7 = 14"],
        "12 - 5 = 7\n7 + 7 = 14\n": ["Final: 14", "Final: 14"],
    }

    def reply(messages: list[Message], i: int) -> str:
        said = messages[-1]["content"] if messages[-1]["role"] == "assistant" else ""
        return script.get(said, ["Final: 99"])[i % 2 if said in script else 0]

    likes = {"12 - 5 = 7": 0.9, "12 - 5 = 6": 0.2, "7 + 7 = 14": 0.8, "Final: 7": 0.5, "Final: 14": 0.95}

    def evaluate(model: LanguageModel, prompts: Prompts, states: Sequence[State]) -> list[float]:
        return [likes.get(state.lines[-1], 0.1) for state in states]

    def search(k: int = 2, b: int = 2, depth: int = 5, n: int = 1) -> tuple[list[State | None], list[Level]]:
        return mine(ScriptedModel(reply), prompts[:n], evaluate, k, b, depth)

    def path(**settings: int) -> list[str] | None:
        [answer] = search(**settings)[0]
        return list(answer.lines) if answer else None

    def samples_drawn() -> list[int]:
        model = ScriptedModel(reply)
        mine(model, prompts[:1], evaluate, 2, 1, 5)
        return sorted({call["n"] for call in model.calls})

    def level(at: int, part: int) -> list[str]:
        return sorted(state.lines[-1] for state in search()[1][at][part])

    start = (
        "Begin: kept = [State(problem) for problem in range(len(prompts))]",
        "In each round: states = expand(model, prompts, unfinished, k), then scores, then kept.",
    )
    finished = (
        "A finished state goes on competing, but it is not expanded any more.",
        "states = [s for s in kept if s.finished] + expand(model, prompts, [s for s in kept if not s.finished], k)",
    )
    many = (
        "Each prompt has a root of its own, and a place in `answers`.",
        "State(0), State(1), …: [State(problem) for problem in range(len(prompts))]",
    )
    width = (
        "k is how many lines each state proposes, b how many states of a problem are kept.",
        "expand(…, k), keep_best(…, b)",
    )
    triple = (
        "Which three things belong to a level?",
        "levels.append((states, scores, kept)), once in each round, after keep_best.",
    )
    stop = ("Nothing unfinished is left: stop.", "if not unfinished: break")
    deep = ("After `depth` rounds the search ends, answer or not.", "for _ in range(depth): …")
    none = (
        "An unfinished state is no answer: None.",
        "next((s for s in kept if s.finished and s.problem == i), None)",
    )
    right = [*list(script)[3].splitlines(), "Final: 14"]
    name = "tree_search(model, one prompt, evaluate, k=2, b={}, depth={})"
    cases = [
        Case(
            "type of what is returned",
            lambda: type(search()).__name__,
            "tuple",
            (
                "Two things are returned, in this order.",
                "Begin with kept = [State(problem) for problem in range(len(prompts))], levels = []. End with return answers, levels.",
            ),
        ),
        Case("the first level: states", lambda: level(0, 0), sorted(CHAINS), start),
        Case("the second level: kept", lambda: level(1, 2), ["7 + 7 = 14", "Final: 7"], start),
        Case("the third level: states", lambda: level(2, 0), ["Final: 14", "Final: 7"], finished),
        Case(name.format(2, 5) + ": the path of the answer", path, right, finished),
        Case("number of levels", lambda: len(search()[1]), 3, stop),
        Case("number of levels with depth=2", lambda: len(search(depth=2)[1]), 2, deep),
        Case(name.format(2, 1) + ": the answer", lambda: path(depth=1), None, none),
        Case(
            "the problems of the answers to two prompts",
            lambda: [s and s.problem for s in search(n=2)[0]],
            [0, 1],
            many,
        ),
        Case("samples of a state with k=2, b=1", samples_drawn, [2], width),
        Case("the first level: scores", lambda: sorted(search()[1][0][1]), [0.2, 0.9], triple),
    ]
    check("tree_search", cases)


class _Scored(ScriptedModel):
    """Scripted replies whose log-probability is -0.5."""

    def sample(self, prompts: Prompts, n: int = 1, **options: object) -> list[list[Sample]]:
        rows = super().sample(prompts, n, **options)
        return [[replace(sample, logprob=-0.5) for sample in row] for row in rows]


@contextmanager
def _time_limit() -> Iterator[None]:
    """Raises TimeoutError inside the block after SECONDS, where the system can do that."""
    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: object) -> None:
        raise TimeoutError(f"no answer after {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _watched_eval() -> Iterator[list[object]]:
    """Within the block every call of `eval` is noted."""
    original, calls = builtins.eval, []

    def eval(*given: object) -> object:
        calls.append(given)
        return original(*given)

    builtins.eval = eval
    try:
        yield calls
    finally:
        builtins.eval = original
