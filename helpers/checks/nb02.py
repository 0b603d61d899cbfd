"""The checks beside the exercises of 02_majority_vote: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. The graded tests are
others, on more inputs: passing here is a good sign, not the grade.
"""

from collections.abc import Callable, Sequence
from functools import partial

from helpers.checks.core import Case, check
from helpers.checks.scripted import ScriptedModel
from helpers.models import LanguageModel, Message, Sample
from helpers.problems import Problem
from helpers.prompts import make_prompt

Answers = Sequence[str | None]
Vote = Callable[[Answers], str | None]
QUESTIONS = ["A box holds 6 eggs. How many are in 4 boxes?", "What is 47 x 8?"]


def draw(mine: Callable[[LanguageModel, list[str], int, float], list[list[Sample]]], system: str) -> None:
    """Exercise 1. `system` is the notebook's system prompt."""

    def reply(messages: list[Message], i: int) -> str:
        return f"Final: {10 * sum(q in messages[-1]['content'] for q in QUESTIONS[1:]) + i}"

    def call(n: int = 3, temperature: float = 0.7) -> tuple[ScriptedModel, list[list[Sample]]]:
        model = ScriptedModel(reply)
        return model, mine(model, list(QUESTIONS), n, temperature)

    def texts(n: int) -> list[list[str]]:
        return [[sample.text for sample in samples] for samples in call(n)[1]]

    def seen(key: str, temperature: float = 0.7) -> object:
        return call(temperature=temperature)[0].calls[0][key]

    shape = (
        "One list for each question, with n samples in each. That is what model.sample gives; pass it on.",
        "All prompts go in as one list, and `n` is an argument of model.sample.",
        "return model.sample(prompts, n, temperature=temperature, max_tokens=MAX_TOKENS)",
    )
    once = (
        "The model works on many samples at a time, but only if it gets them at a time.",
        "No loop around model.sample: one call with all prompts and with n.",
    )
    prompt = (
        "make_prompt(system, question) joins the two messages. Which system prompt makes the model reason?",
        "prompts = [make_prompt(SYSTEM_COT, question) for question in questions]",
    )
    warm = (
        "Which temperature was asked for, and which one did the model get?",
        "model.sample(prompts, n, temperature=temperature, …)",
    )
    room = (
        "MAX_TOKENS is the room for one reply, whatever n is.",
        "model.sample(prompts, n, …, max_tokens=MAX_TOKENS)",
    )
    right = [make_prompt(system, question) for question in QUESTIONS]
    name = "draw(model, two questions, n={}, temperature=0.7)"
    cases = [
        Case(f"{name.format(3)}: the texts", lambda: texts(3), _scripted(3), shape),
        Case(f"{name.format(1)}: the texts", lambda: texts(1), _scripted(1), shape),
        Case("how often model.sample was called", lambda: len(call()[0].calls), 1, once),
        Case("the prompts", lambda: list(seen("prompts")), right, prompt),
        Case("the temperature, when 0.7 is asked for", lambda: float(seen("temperature")), 0.7, warm),
        Case("the temperature, when 1.0 is asked for", lambda: float(seen("temperature", 1.0)), 1.0, warm),
        Case("is max_tokens 128 or more?", lambda: seen("max_tokens") >= 128, True, room),
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
    listed = [Case(f"majority_vote({a})", partial(mine, list(a)), gold, h) for a, gold, h in cases]
    check("majority_vote", [*listed, again])


def vote_all(
    mine: Callable[[list[list[Sample]], list[Problem], Vote], list[dict[str, object]]], vote: Vote
) -> None:
    """Exercise 3. `vote` is the learner's own majority_vote."""
    problems = [Problem(name, "How many?", gold, "word") for name, gold in [("a", "14"), ("b", "36")]]
    pool = [
        [_sample("Final: 14", 10), _sample("Final: 13", 20), _sample("Final: 14", 30)],
        [
            _sample("30 + 6 = 36\nFinal: 3", 5, "length"),
            *(_sample(f"Final: {number}", 5) for number in (35, 36, 35)),
            _sample("I give up: 36?", 2),
        ],
    ]

    def field(key: str) -> list[object]:
        return [row[key] for row in mine([list(samples) for samples in pool], list(problems), vote)]

    shown = "a: 14, 13, 14 (right is 14); b: cut off, 35, 36, 35, no answer (right is 36)"
    rows = ("A list with one dict for each problem, in the order of the problems.",)
    voted = (
        "Two steps for each problem: read all its samples, then vote.",
        "Read with `read_answer(sample)`: it knows when a reply has not said its answer.",
        "answers = [read_answer(sample) for sample in samples]; vote(answers)",
    )
    right = (
        "Is the *vote* right? Whether the right answer occurs among the samples is another question.",
        "answers_match(vote, problem.answer)",
    )
    tokens = (
        "A vote costs all of its samples, also those that lost and those that could not be read.",
        "sum(sample.tokens for sample in samples)",
    )
    unread = (
        "How many samples of this problem could not be read?",
        "answers.count(None)",
    )
    cases = [
        Case(f"{shown}: how many dicts?", lambda: len(field("vote")), 2, (*rows, *voted[:1])),
        Case(f"{shown}: vote", lambda: field("vote"), ["14", "35"], voted),
        Case(f"{shown}: right", lambda: [_truth(x) for x in field("right")], [True, False], right),
        Case(
            "tokens, when the samples have 10, 20, 30 and 5, 5, 5, 5, 2",
            lambda: field("tokens"),
            [60, 22],
            tokens,
        ),
        Case(f"{shown}: unread", lambda: field("unread"), [0, 2], unread),
    ]
    check("vote_all", cases)


def estimate_maj(mine: Callable[..., float], vote: Vote) -> None:
    """Exercise 4. `vote` is the learner's own majority_vote."""
    pool: list[str | None] = ["14"] * 5 + ["13"] * 3
    silent: list[str | None] = ["14"] * 2 + [None] * 6

    def run(answers: list[str | None], k: int, **options: int) -> float:
        return float(mine(list(answers), "14", k, vote, **{"draws": 1000, **options}))

    one = (
        "With k = 1 the vote is one sample. What is the mean accuracy of one sample of this pool?",
        "Draw k of the answers, vote, compare with gold; do that `draws` times, and return the mean.",
        "rng = random.Random(seed) before the loop, rng.sample(answers, k) inside",
    )
    three = (
        "Is every draw a new one? Make the random generator once, before the loop.",
        "Vote over the k answers that were drawn, not over all.",
    )
    whole = (
        "All of the pool is drawn: every draw gives the same vote.",
        "Without replacement no sample is drawn twice: rng.sample, not rng.choices.",
    )
    none = (
        "Some draws hold nothing that can be read. They count, as wrong ones.",
        "Draw from *all* answers, None included. The vote leaves None out afterwards.",
    )
    seeded = (
        "The same seed must give the same number, so that a figure can be made again.",
        "rng = random.Random(seed), and use rng only",
    )
    text = "estimate_maj({}, '14', {}, majority_vote, draws=1000)"
    pool_text, silent_text = "['14'] * 5 + ['13'] * 3", "['14'] * 2 + [None] * 6"
    exact = {1: 5 / 8, 3: 5 / 7, 8: 1.0}  # C(5,3) + 3 C(5,2) of C(8,3) = 40 of 56
    cases = [
        Case(text.format(pool_text, 1), lambda: run(pool, 1), exact[1], one, same=_near),
        Case(text.format(pool_text, 3), lambda: run(pool, 3), exact[3], three, same=_near),
        Case(text.format(pool_text, 8), lambda: run(pool, 8), exact[8], whole, same=_near),
        Case(text.format(silent_text, 1), lambda: run(silent, 1), 0.25, none, same=_near),
        Case(text.format(silent_text, 8), lambda: run(silent, 8), 1.0, none, same=_near),
        Case(
            "twice the same seed, the same number?",
            lambda: run(pool, 3, draws=50, seed=7) == run(pool, 3, draws=50, seed=7),
            True,
            seeded,
        ),
        Case(
            "does another seed draw anew? (20 seeds, 20 draws each)",
            lambda: (
                len(some := {run(pool, 3, draws=20, seed=s) for s in range(20)}) > 1
                or abs(min(some) - exact[3]) < 1e-6
            ),
            True,
            ("Does the seed reach the random generator?", "rng = random.Random(seed)"),
        ),
    ]
    check("estimate_maj", cases)


def weighted_vote(mine: Callable[[Answers, Sequence[float]], str | None]) -> None:
    """Exercise 5."""
    add = (
        "Add up the weights of equal answers; the largest sum wins.",
        "total = Counter(); for answer, weight in zip(answers, weights): total[answer] += weight",
    )
    pairs = (
        "Which weight belongs to which answer? Leave an unread answer out together with its weight.",
        "for answer, weight in zip(answers, weights): if answer is not None: …",
    )
    nobody = ("Nobody voted: None, as in majority_vote.", "if not total: return None")
    tie = (
        "A tie: the first seen among the leaders, as in majority_vote.",
        "A Counter keeps its keys in the order in which they came, and max takes the first of the largest.",
        "max(total, key=total.get)",
    )
    cases: list[tuple[list[str | None], list[float], str | None, tuple[str, ...]]] = [
        (["14", "13", "13"], [1.0, 0.25, 0.5], "14", add),
        (["14", "13", "13"], [0.5, 0.25, 0.5], "13", add),
        (["13", "14", "15", "14"], [1.0, 0.75, 0.25, 0.5], "14", add),
        (["9", "9", "9", "14"], [0.25, 0.25, 0.25, 1.0], "14", add),
        ([None, "14", "13"], [1.0, 0.25, 0.5], "13", pairs),
        (["14", None, "13"], [0.25, 0.75, 0.5], "13", pairs),
        ([None], [1.0], None, nobody),
        ([], [], None, nobody),
        (["9", "14", "14"], [1.0, 0.5, 0.5], "9", tie),
        (["14", "9", "14"], [0.5, 1.0, 0.5], "14", tie),
    ]
    check(
        "weighted_vote",
        [
            Case(f"weighted_vote({a}, {w})", partial(mine, list(a), list(w)), gold, h)
            for a, w, gold, h in cases
        ],
    )


def decided(mine: Callable[[Answers, int, Vote], bool], vote: Vote) -> None:
    """Exercise 6. `vote` is the learner's own majority_vote."""

    def truth(answers: list[str | None], n: int) -> object:
        return _truth(mine(list(answers), n, vote))

    still = (
        "Could the samples that are still to come change the vote? Think of the worst that can happen.",
        "The worst case: all the rest give the same answer, one that is already there or a new one.",
        "For each rival: is vote(answers + [rival] * rest) still the same?",
    )
    new = (
        "An answer that nobody gave so far can still come, and win.",
        'Among the rivals should be one that is not in the list, such as "something new".',
    )
    silent = (
        "A sample that could not be read was paid for too: it is one of the n.",
        "rest = n - len(answers)",
    )
    lead = (
        "More than half of all n is enough, but it is not needed: the rivals may have split the others.",
        "Compare the leader with the best rival and the rest, not with n / 2.",
    )
    tie = (
        "Who wins if the rival draws level? The rule of the tie: the first seen among the leaders.",
        "`vote` knows the rule: ask it about answers + [rival] * rest.",
    )
    end = ("Nothing is left to come: the vote is decided, whatever it is.",)
    cases: list[tuple[list[str | None], int, bool, tuple[str, ...]]] = [
        (["14", "14", "14"], 5, True, still),
        (["14", "14", "13"], 5, False, still),
        (["14", "14"], 5, False, new),
        (["14"], 2, True, tie),
        (["14", "14", "14", "13"], 6, True, tie),
        (["13", "14", "14", "14"], 6, False, tie),
        (["14", "14", None, None], 5, True, silent),
        (["14", "14", "14", "13", "12", "11", "10"], 8, True, lead),
        ([], 4, False, still),
        ([None, None, None], 4, False, new),
        (["14", "13"], 2, True, end),
        ([None, None], 2, True, end),
    ]
    text = "decided({}, {}, majority_vote)"
    check("decided", [Case(text.format(a, n), partial(truth, a, n), gold, h) for a, n, gold, h in cases])


def _scripted(n: int) -> list[list[str]]:
    return [[f"Final: {10 * place + i}" for i in range(n)] for place in range(len(QUESTIONS))]


def _sample(text: str, tokens: int, finish_reason: str = "stop") -> Sample:
    return Sample(text, tokens, -1.0, finish_reason)


def _truth(verdict: object) -> object:
    """numpy's True is as good as Python's; anything else stays what it is."""
    return bool(verdict) if type(verdict).__name__ in ("bool", "bool_") else verdict


def _near(yours: object, expected: object) -> bool:
    """Within what 1000 random draws allow; exact where nothing is left to chance."""
    slack = 1e-6 if expected == 1.0 else 0.06
    return isinstance(yours, float) and abs(yours - expected) <= slack
