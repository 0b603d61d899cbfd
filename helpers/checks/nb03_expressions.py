"""The checks beside exercises 1 and 2 of 03_tree_of_thought: expressions. Those of the tree are in `nb03`."""

import builtins
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from helpers.checks.core import Case, check
from helpers.checks.scripted import ScriptedModel
from helpers.models import LanguageModel
from helpers.prompts import SYSTEM_EXPRESSION, make_prompt

Run = dict[str, object]
SECONDS = 10  # an expression that takes longer is given up

WALK = (
    "Begin with a function that gives the value of one node: a Constant is its value, a BinOp computes both "
    "sides first.",
    "def value_of(node): … if isinstance(node, ast.BinOp): left, right = value_of(node.left), "
    "value_of(node.right)",
    "if isinstance(node.op, ast.Add): return left + right; and so on. safe_eval calls "
    "value_of(ast.parse(text, mode='eval').body).",
)
SPACES = (
    "Python takes a space at the beginning for an indentation.",
    "text.strip() takes away spaces at both ends.",
)
MINUS = (
    "A minus in front of a number is a node of its own kind.",
    "if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub): return -value_of(node.operand)",
)
SIGNS = ("Of the signs in front of a number only the minus counts.", *MINUS[1:])
LONG_MINUS = ("This minus is the character U+2212. Python does not know it.", 'text.replace("\\u2212", "-")')
TAIL = ("Only what stands before the first `=` counts.", 'text.split("=")[0]')
DOWN = (
    "`//` rounds down, also below zero. int(…) rounds towards zero.",
    "left // right of two Fractions rounds down: Fraction(left // right).",
)
EXACT = (
    "Floats are not exact. Fractions are.",
    "Make each number a Fraction as soon as you read it: Fraction(node.value).",
    "At the end: value.denominator == 1 says whether it is whole, and int(value) makes it an int.",
)
WHOLE = ("7 / 2 is not a whole number, so there is no answer: None.", "value.denominator == 1 tells.")
OTHER = (
    "What does your function do with a node that it does not know?",
    "Let value_of raise ValueError at its end, and let safe_eval catch it and return None.",
)
TRUE = (
    "For Python, True is an integer. For us it is not a number.",
    "type(node.value) is int is stricter than isinstance(node.value, int).",
)
BROKEN = (
    "Reading can fail, and so can computing. In both cases there is no value.",
    "try: … except (SyntaxError, ValueError, ZeroDivisionError): return None",
)
LONG = (
    "Some texts are made to keep you busy. Look at the length before you look at anything else.",
    "if len(text) > MAX_CHARS: return None, as the first line: before anything is cut away or replaced",
)
POWER = ("Nobody asked for powers. Compute only what stands in the table.", *OTHER)
NO_EVAL = (
    "eval runs any Python, so a filter in front of it must think of everything that can go wrong.",
    "Compute the nodes of ast.parse(text, mode='eval').body yourself, as above.",
)
EXPRESSIONS = [
    ("12 - 5 + 7", 14, WALK),
    ("2 * (3 + 4)", 14, WALK),
    ("2 + 3 * 4", 14, WALK),
    ("7 // 2 * 2", 6, WALK),
    (" 12 - 5 ", 7, SPACES),
    ("-5 + 19", 14, MINUS),
    ("-7 // 2", -4, DOWN),
    ("~5", None, SIGNS),
    ("+14", None, SIGNS),
    ("12 \u2212 5", 7, LONG_MINUS),
    ("12 - 5 + 7 = 15", 14, TAIL),
    ("14 = 7 = 7", 14, TAIL),
    ("20 / 4", 5, EXACT),
    ("49 * (1 / 49)", 1, EXACT),
    ("5 - 5", 0, ("0 is a whole number like any other.", "value.denominator == 1 says whether it is whole; "
        "its value does not matter.")),
    ("7 / 2", None, WHOLE),
    ("2 ** 3", None, POWER),
    ("7 % 4", None, OTHER),
    ("len('abc')", None, OTHER),
    ("1.5 + 1.5", None, OTHER),
    ("True + 1", None, TRUE),
    ("12 -", None, BROKEN),
    ("", None, BROKEN),
    ("1 / 0", None, BROKEN),
    ("1" + "+1" * 99 + " ", 100, ("MAX_CHARS characters are still allowed.",
        "if len(text) > MAX_CHARS: …, with > and not >=")),
    ("(" * 5000 + "1" + ")" * 5000, None, LONG),
    ("1" + " + 1" * 80, None, LONG),
    ("12 - 5 = " + "7" * 300, None, LONG),
    ("42" + " " * 300, None, LONG),
    ("9**9**9", None, POWER),
]  # fmt: skip


def safe_eval(mine: Callable[[str], int | None]) -> None:
    """Exercise 1."""

    def run(text: str) -> int | None:
        with _time_limit():
            return mine(text)

    def uses_eval() -> bool:
        with _watched_eval() as calls:
            run("12 - 5 + 7")
        return bool(calls)

    def call(text: str) -> str:
        shown = text if len(text) < 40 else f"{text[:12]}… {len(text)} characters"
        return f"safe_eval({shown!r})"

    def seen() -> str:
        wild = ("25 - 7 + 12 - 5 + 3 = 30", "9**9**9", "__import__('os').getcwd()")
        return "\n".join(f"{text:28}{run(text)}" for text in wild)

    tried = [Case(call(text), partial(run, text), gold, hints) for text, gold, hints in EXPRESSIONS]
    check("safe_eval", [*tried, Case("does it call eval?", uses_eval, False, NO_EVAL)], seen)


SCRIPTS = {
    "How many pens?": ["9 + 1", "2 + 3", "3 + 2"],
    "How many cups?": ["no idea", "no idea", "1 - 1"],
    "How many mugs?": ["4 + 5", "8 + 1", "7 + 3", "2 + 8"],
    "How many lids?": ["7 + 3", "4 + 5", "8 + 1", "2 + 8"],
    "How many jars?": ["no idea", "no idea"],
}


def expression_vote(mine: Callable[[LanguageModel, list[str], int], list[Run]]) -> None:
    """Exercise 2. It runs with the learner's own safe_eval, on simple expressions."""
    pens, cups, mugs, lids, jars = SCRIPTS

    def call(k: int, *questions: str) -> tuple[ScriptedModel, list[Run]]:
        model = ScriptedModel(lambda messages, i: SCRIPTS[messages[-1]["content"]][i])
        return model, mine(model, list(questions), k)

    def one(question: str, key: str) -> object:
        return call(len(SCRIPTS[question]), question)[1][0][key]

    def sent(key: str) -> object:
        return call(2, pens, cups)[0].calls[0][key]

    shape = (
        "For each question: the values of its samples, then the vote.",
        "values = [safe_eval(sample.text) for sample in samples]",
        "votes = Counter(value for value in values if value is not None)",
    )
    vote = ("The most frequent value, as text.", "winner = max(votes, key=votes.get); str(winner)")
    first = (
        "Where does the winner stand first among the values? There stands its text.",
        "samples[values.index(winner)].text",
    )
    none = ("None never votes, and 0 is a value like any other.", "if value is not None: …")
    tie = ("A tie goes to the value that was seen first.", "Counter keeps the order: max(votes, "
        "key=votes.get) takes the first of equals.")  # fmt: skip
    nobody = ("If nobody voted, pred and expression are None, and no text.", "if votes: …")
    tokens = ("The tokens of all k samples, whether they can be computed or not.",
        "sum(sample.tokens for sample in samples)")  # fmt: skip
    once = (
        "One call for everything: build the list of prompts first.",
        "prompts = [make_prompt(SYSTEM_EXPRESSION, question) for question in questions]",
        "model.sample(prompts, k, temperature=TEMPERATURE, max_tokens=MAX_TOKENS)",
    )
    twice = (
        "A list with one entry for each question: a dict with questions as keys would lose the second.",
        "runs = []; for samples in drawn: runs.append({…})",
    )
    cases = [
        Case("the values of 9 + 1, 2 + 3, 3 + 2", lambda: list(one(pens, "values")), [10, 5, 5], shape),
        Case("pred", lambda: one(pens, "pred"), "5", vote),
        Case("expression", lambda: one(pens, "expression"), "2 + 3", first),
        Case("tokens", lambda: one(pens, "tokens"), 12, tokens),
        Case("tokens of 'no idea', 'no idea', '1 - 1'", lambda: one(cups, "tokens"), 10, tokens),
        Case("pred of 'no idea', 'no idea', '1 - 1'", lambda: one(cups, "pred"), "0", none),
        Case("pred of 4 + 5, 8 + 1, 7 + 3, 2 + 8", lambda: one(mugs, "pred"), "9", tie),
        Case("pred of 7 + 3, 4 + 5, 8 + 1, 2 + 8", lambda: one(lids, "pred"), "10", tie),
        Case("pred of 'no idea', 'no idea'", lambda: one(jars, "pred"), None, nobody),
        Case("expression of 'no idea', 'no idea'", lambda: one(jars, "expression"), None, nobody),
        Case("preds of two questions", lambda: [run["pred"] for run in call(3, pens, cups)[1]], ["5", "0"],
            shape),
        Case("preds, where a question stands twice",
            lambda: [run["pred"] for run in call(3, pens, cups, pens)[1]], ["5", "0", "5"], twice),
        Case("the values of 'no idea', 'no idea', '1 - 1'", lambda: list(one(cups, "values")),
            [None, None, 0], ("All values, those that are None as well.", shape[1])),
        Case("the messages that the model got", lambda: list(sent("prompts")[0]),
            make_prompt(SYSTEM_EXPRESSION, pens),
            ("Which system prompt asks for an expression?", "make_prompt(SYSTEM_EXPRESSION, question)")),
        Case("calls of the model", lambda: len(call(2, pens, cups)[0].calls), 1, once),
        Case("n", lambda: sent("n"), 2, once),
        Case("temperature", lambda: float(sent("temperature")), 0.7,
            ("Greedy samples are all the same.", "temperature=TEMPERATURE")),
        Case("max_tokens", lambda: sent("max_tokens"), "128 or more",
            ("Room for one reply.", "max_tokens=MAX_TOKENS"), same=lambda yours, _: yours >= 128),
    ]  # fmt: skip
    check("expression_vote", cases, lambda: f"{pens} {SCRIPTS[pens]}\n{call(3, pens)[1][0]}")


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
