"""The checks beside the exercises of 02_majority_vote: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. The graded tests
are others, on more inputs: passing here is a good sign, not the grade.
"""

from collections.abc import Callable
from functools import partial

from helpers.checks.core import Case, check
from helpers.checks.nb02_estimate import estimate_maj
from helpers.checks.nb02_optional import decided, weighted_vote
from helpers.checks.scripted import ScriptedModel, stand_in
from helpers.checks.votes import Vote, first_of_leaders, last_answer, truth
from helpers.models import LanguageModel, Message, Sample
from helpers.problems import Problem
from helpers.prompts import make_prompt

__all__ = ["decided", "draw", "estimate_maj", "majority_vote", "vote_all", "weighted_vote"]

QUESTIONS = ["A box holds 6 eggs. How many are in 4 boxes?", "What is 47 x 8?"]
ROOM = 1024  # of a reply: MAX_TOKENS while `draw` is tried, and no default of anything

DRAW_HINTS = {
    "shape": (
        "One list for each question, with n samples in each. That is what model.sample gives; pass it on.",
        "All prompts go in as one list, and `n` is an argument of model.sample.",
        "return model.sample(prompts, n, temperature=temperature, max_tokens=MAX_TOKENS)",
    ),
    "once": (
        "The model draws many samples side by side, but only if it is asked for all of them at once.",
        "No loop around model.sample: one call with all prompts and with n.",
    ),
    "prompt": (
        "make_prompt(system, question) joins the two messages. Which system prompt makes the model reason?",
        "prompts = [make_prompt(SYSTEM_COT, question) for question in questions]",
    ),
    "warm": (
        "Which temperature was asked for, and which one did the model get?",
        "model.sample(prompts, n, temperature=temperature, …)",
    ),
    "room": (
        "MAX_TOKENS, at the top of the notebook, is the room for one reply, whatever n is. Was it passed on?",
        "model.sample(prompts, n, …, max_tokens=MAX_TOKENS)",
    ),
    "seed": (
        "The same call gives the same samples if you leave the seed as it is. The n samples differ anyway.",
        "model.sample(prompts, n, temperature=temperature, max_tokens=MAX_TOKENS), without a seed",
    ),
}


def draw(mine: Callable[[LanguageModel, list[str], int, float], list[list[Sample]]], system: str) -> None:
    """Exercise 1. `system` is the notebook's system prompt."""

    def reply(messages: list[Message], i: int) -> str:
        return _reply(QUESTIONS.index(messages[-1]["content"]), i)

    def call(
        n: int = 3, temperature: float = 0.7, questions: list[str] = QUESTIONS
    ) -> tuple[ScriptedModel, list[list[Sample]]]:
        model = ScriptedModel(reply)
        with stand_in(getattr(mine, "__globals__", {}), MAX_TOKENS=ROOM):
            return model, mine(model, list(questions), n, temperature)

    def texts(n: int, questions: list[str] = QUESTIONS) -> list[list[str]]:
        return [[sample.text for sample in samples] for samples in call(n, questions=questions)[1]]

    def seen(key: str, temperature: float = 0.7) -> object:
        return call(temperature=temperature)[0].calls[0][key]

    right = [make_prompt(system, question) for question in QUESTIONS]
    name = "draw(model, two questions, n={}, temperature=0.7)"
    hints = DRAW_HINTS
    cases = [
        Case(f"{name.format(3)}: the texts", lambda: texts(3), _scripted(3), hints["shape"]),
        Case(f"{name.format(1)}: the texts", lambda: texts(1), _scripted(1), hints["shape"]),
        Case(
            "draw(model, [A, B, A], n=2, temperature=0.7): the texts",
            lambda: texts(2, [*QUESTIONS, QUESTIONS[0]]),
            [*_scripted(2), _scripted(2)[0]],
            hints["shape"],
        ),
        Case("how often model.sample was called", lambda: len(call()[0].calls), 1, hints["once"]),
        Case("the prompts", lambda: list(seen("prompts")), right, hints["prompt"]),
        Case(
            "the temperature, when 0.7 is asked for", lambda: float(seen("temperature")), 0.7, hints["warm"]
        ),
        Case(
            "the temperature, when 1.0 is asked for",
            lambda: float(seen("temperature", 1.0)),
            1.0,
            hints["warm"],
        ),
        Case(
            f"is max_tokens {ROOM} or more, when MAX_TOKENS is {ROOM}?",
            lambda: seen("max_tokens") >= ROOM,
            True,
            hints["room"],
        ),
        Case(
            "the same call twice: the same seed?", lambda: seen("seed") == seen("seed"), True, hints["seed"]
        ),
    ]
    check("draw", cases)


def majority_vote(mine: Vote) -> None:
    """Exercise 2."""
    count = (
        "Count how often each answer occurs. `Counter` from the standard library does it in one line.",
        "counts = Counter(answers), and then the answer with the largest count",
    )
    none = (
        "None is not an answer: leave it out before you count.",
        "read = [answer for answer in answers if answer is not None]",
    )
    nobody = ("Nobody voted. Say so with None.", "if not read: return None")
    tie = (
        "A tie. Which of the leaders comes first in the list?",
        "Walk through the answers in their order, and stop at the first one that has the top count.",
        "best = max(counts.values()); return next(a for a in read if counts[a] == best)",
    )
    leaders = (
        "The first answer of the list is not a leader here.",
        "Among those with the top count only: next(a for a in read if counts[a] == best)",
    )
    cases: list[tuple[list[str | None], str | None, tuple[str, ...]]] = [
        (["14", "14", "13"], "14", count),
        (["13", "14", "14"], "14", count),
        (["9", "14", "100", "14", "9", "14"], "14", count),
        (["13", "14", "15", "14"], "14", count),
        (["0", "0", "14"], "0", count),
        ([None, None, None, "14"], "14", none),
        (["14", None, "13", None, "13", None], "13", none),
        ([None, None], None, nobody),
        ([], None, nobody),
        (["14", "13", "13", "14"], "14", tie),
        (["9", "100", "100", "9"], "9", tie),
        (["100", "9", "9", "100"], "100", tie),
        (["7", "30", "200", "200", "30"], "30", leaders),
        ([None, "8", "7"], "8", tie),
    ]
    again = Case(
        "majority_vote(['14', '13']), twenty times: which results?",
        lambda: sorted({str(mine(["14", "13"])) for _ in range(20)}),
        ["14"],
        tie,
    )
    kept = (
        "The caller still needs the list. Make a new one instead of changing it.",
        "read = [answer for answer in answers if answer is not None]",
    )

    def after() -> list[str | None]:
        mine(given := [None, "8", "7", "7"])
        return given

    listed = [Case(f"majority_vote({a})", partial(mine, list(a)), gold, h) for a, gold, h in cases]
    unchanged = Case("the list [None, '8', '7', '7'] after majority_vote", after, [None, "8", "7", "7"], kept)
    check("majority_vote", [*listed, again, unchanged])


VOTE_ALL_HINTS = {
    "rows": ("A list with one dict for each problem, in the order of the problems.",),
    "voted": (
        "Two steps for each problem: read all its samples, then vote.",
        "Read with `read_answer(sample)`: it knows when a reply has not said its answer.",
        "answers = [read_answer(sample) for sample in samples]; vote(answers)",
    ),
    "handed": (
        "Another rule is handed in as `vote` here. Did you call that one, or your majority_vote?",
        "winner = vote(answers)",
    ),
    "right": (
        "Is the *vote* right? Whether the right answer occurs among the samples is another question.",
        "answers_match(vote, problem.answer)",
    ),
    "equal": (
        "14.0 and 14 are one number in two spellings, and `==` compares spellings.",
        "answers_match(vote, problem.answer)",
    ),
    "tokens": (
        "A vote costs all of its samples, also those that lost and those that could not be read.",
        "sum(sample.tokens for sample in samples)",
    ),
    "unread": (
        "How many samples of this problem could not be read? A reply that was cut off is one of them.",
        "Read with `read_answer(sample)`: `stated_answer` does not see how the reply ended.",
        "answers.count(None)",
    ),
}


def vote_all(mine: Callable[[list[list[Sample]], list[Problem], Vote], list[dict[str, object]]]) -> None:
    """Exercise 3. Votes of two kinds are handed in."""
    problems = [
        Problem(name, "How many?", gold, "word") for name, gold in [("a", "14"), ("b", "36"), ("c", "14")]
    ]
    pool = [
        [_sample("Final: 14", 10), _sample("Final: 14", 20), _sample("Final: 13", 30)],
        [
            _sample("30 + 6 = 36\nFinal: 3", 5, "length"),
            *(_sample(f"Final: {number}", 5) for number in (35, 35, 36)),
            *(_sample("I give up: 36?", 2) for _ in range(2)),
        ],
        [_sample("Final: 14", 7)],
    ]

    def field(key: str, vote: Vote = first_of_leaders) -> list[object]:
        return [row[key] for row in mine([list(samples) for samples in pool], list(problems), vote)]

    shown = (
        "a: 14, 14, 13 (right is 14); b: cut off, 35, 35, 36, no answer, no answer (right is 36); "
        "c: 14 (right is 14)"
    )
    sizes = "tokens, when the samples have 10, 20, 30 and 5, 5, 5, 5, 2, 2 and 7"
    other = f"{shown}; vote takes the last answer that could be read"
    hints = VOTE_ALL_HINTS
    cases = [
        Case(
            f"{shown}: how many dicts?", lambda: len(field("vote")), 3, (*hints["rows"], *hints["voted"][:1])
        ),
        Case(f"{shown}: vote", lambda: field("vote"), ["14", "35", "14"], hints["voted"]),
        Case(f"{other}: vote", lambda: field("vote", last_answer), ["13", "36", "14"], hints["handed"]),
        Case(
            f"{shown}: right", lambda: [truth(x) for x in field("right")], [True, False, True], hints["right"]
        ),
        Case(
            f"{other}: right",
            lambda: [truth(x) for x in field("right", last_answer)],
            [False, True, True],
            hints["right"],
        ),
        Case(
            "vote always says '14.0'; right is 14, 36, 14: right",
            lambda: [truth(x) for x in field("right", lambda answers: "14.0")],
            [True, False, True],
            hints["equal"],
        ),
        Case(sizes, lambda: field("tokens"), [60, 24, 7], hints["tokens"]),
        Case(f"{shown}: unread", lambda: field("unread"), [0, 3, 0], hints["unread"]),
    ]
    check("vote_all", cases)


def _scripted(n: int) -> list[list[str]]:
    return [[_reply(place, i) for i in range(n)] for place in range(len(QUESTIONS))]


def _reply(place: int, i: int) -> str:
    return "So it is. " * (i % 2) + f"Final: {10 * place + i}"


def _sample(text: str, tokens: int, finish_reason: str = "stop") -> Sample:
    return Sample(text, tokens, -1.0, finish_reason)
