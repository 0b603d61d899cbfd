"""The checks beside the exercises of 09_budget: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. Each case is there for
one rule, so that its hint fits. The graded tests are others, on more inputs; the policy is graded on other
questions.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from statistics import fmean

from helpers.checks.core import Case, check
from helpers.pools.budget import (
    BARS,
    Policy,
    Price,
    Question,
    Tools,
    practice_questions,
    replay,
    steady,
)

__all__ = ["allocate", "cascade", "cost", "crossing", "policy"]

PRICE = Price("small", "a model", 1e9, 1.0, 0.1, 2.0, 1000.0, 10.0, "today", "nobody")
NAMES = ("tokens", "flops", "dollars", "seconds")


def cost(mine: Callable[..., dict[str, float]]) -> None:
    """Exercise 1."""
    million = (
        "Prices are for a million tokens: what is read at price.read, what is written at price.write.",
        "dollars = (fresh * price.read + cached * price.cached + sum(written) * price.write) / 1e6",
    )
    speeds = (
        "Tokens divided by tokens a second: the prompt at price.reading, the reply at price.writing.",
        "fresh / price.reading + max(written, default=0) / price.writing",
    )
    cached = (
        "Cached tokens have a price of their own, and cost neither time nor arithmetic.",
        "fresh = read - cached, and then fresh in all three places; cached only in the dollars",
    )
    longest = (
        "Side by side: one waits for the longest reply, not for all of them after each other.",
        "seconds = fresh / price.reading + max(written, default=0) / price.writing",
    )
    all_of_it = (
        "Every reply is paid, and computed, in full; only in the seconds the longest one counts alone.",
        "sum(written) in the dollars and in the FLOPs",
    )
    twice = (
        "2 operations for each parameter and token, those read and those written.",
        "2 * price.parameters * (fresh + sum(written))",
    )
    once = ("The prompt is read once, however many replies are drawn from it.", "fresh * price.read, without * len(written)")  # fmt: skip
    empty = ("A reward model only reads: the list may be empty.", "max(written, default=0)")
    said = "prices 1, 0.1 and 2 dollars a million, 1000 and 10 tokens/s, 1e9 parameters; "

    def run(name: str, read: int, written: list[int], cached: int = 0) -> float:
        return float(mine(PRICE, read, list(written), cached)[name])

    def case(name: str, expected: float, hints: tuple[str, ...], *args: object) -> Case:
        text = f"{said}cost(price, {', '.join(map(str, args))})[{name!r}]"
        return Case(text, lambda: run(name, *args), expected, hints, same=_near)

    cases = [
        Case("the keys", lambda: sorted(mine(PRICE, 10, [1])), ["dollars", "flops", "seconds"], ("Return a dict with these three.", '{"dollars": …, "seconds": …, "flops": …}')),
        case("dollars", 0.00104, million, 1000, [20]),
        case("seconds", 3.0, speeds, 1000, [20]),
        case("flops", 2.04e12, twice, 1000, [20]),
        case("dollars", 0.00016, all_of_it, 0, [20, 40, 20]),
        case("flops", 1.6e11, all_of_it, 0, [20, 40, 20]),
        case("seconds", 4.0, longest, 0, [20, 40, 20]),
        case("dollars", 0.00116, once, 1000, [20, 40, 20]),
        case("seconds", 5.0, once, 1000, [20, 40, 20]),
        case("flops", 2.16e12, once, 1000, [20, 40, 20]),
        case("dollars", 0.00032, cached, 1000, [20], 800),
        case("seconds", 2.2, cached, 1000, [20], 800),
        case("flops", 4.4e11, cached, 1000, [20], 800),
        case("seconds", 1.0, empty, 1000, []),
        case("dollars", 0.001, empty, 1000, []),
    ]  # fmt: skip
    check("cost", cases)


def crossing(mine: Callable[[list[dict], dict], dict | None]) -> None:
    """Exercise 2."""

    def point(n: int, accuracy: float, scale: float) -> dict:
        return {"n": n, "accuracy": accuracy, **{name: scale * (i + 1) for i, name in enumerate(NAMES)}}

    single = {"accuracy": 0.75, "tokens": 4.0, "flops": 4.0, "dollars": 6.0, "seconds": 4.0}
    points = [point(8, 0.875, 3.0), point(1, 0.5, 1.0), point(4, 0.75, 4.0), point(2, 0.625, 2.0)]
    smallest = (
        "Of all points that are good enough, the one with the smallest n; the list has any order.",
        'min((p for p in points if p["accuracy"] >= single["accuracy"]), key=lambda p: p["n"])',
    )
    equal = ("At least as good: equal is enough.", ">= and not >")
    ratio = (
        "Divide the small model's cost at this n by the large model's, for each of CURRENCIES.",
        '{"n": first["n"], **{name: first[name] / single[name] for name in CURRENCIES}}',
    )
    never = ("When no point is good enough there is nothing to return.", "if not good: return None")

    def after() -> list[dict]:
        mine(given := [dict(each) for each in points], dict(single))
        return given

    def run(some: Sequence[dict], other: dict = single) -> dict | None:
        return mine([dict(each) for each in some], dict(other))

    text = "n = 8, 1, 4, 2 with accuracies 0.875, 0.5, 0.75, 0.625; the large one 0.75"
    full = {"n": 4, "tokens": 1.0, "flops": 2.0, "dollars": 2.0, "seconds": 4.0}
    cases = [
        Case(f"{text}: n", lambda: run(points)["n"], 4, (*smallest, *equal)),
        Case(f"{text}: all", lambda: _floats(run(points)), _floats(full), ratio),
        Case("the same, the large one 0.8: n", lambda: run(points, {**single, "accuracy": 0.8})["n"], 8, smallest),
        Case("the same, the large one 0.2: n", lambda: run(points, {**single, "accuracy": 0.2})["n"], 1, smallest),
        Case("the same, the large one 0.9", lambda: run(points, {**single, "accuracy": 0.9}), None, never),
        Case("no points at all", lambda: run([]), None, never),
        Case("the points afterwards", after, points, ("Leave the caller's list as it is.", "sorted(points, …) makes a new list; points.sort() changes it")),
    ]  # fmt: skip
    check("crossing", cases)


def allocate(mine: Callable[[list[list[str | None]], int, int], list[int]]) -> None:
    """Exercise 3."""
    agreed, split, unread = ["7", "7", "7", "7"], ["7", "8", "7", "9"], [None, None, "7", None]
    nearly, halves = ["7", "7", "7", "8"], ["7", "7", "8", "8"]
    paid = (
        "The first samples are drawn already and are part of `total`: here nothing is left to give out.",
        "given begins with len(first) for each question; while sum(given) < total: …",
    )
    doubt = (
        "The doubt of a question: the share of its first samples that did not give its most frequent answer.",
        "(len(first) - max(votes.values(), default=0)) / len(first), where votes counts what is not None",
    )
    number = (
        "How many different answers there are is not the doubt: count the samples beside the most frequent one.",
        doubt[1],
    )
    tie = ("A tie goes to the question that comes first.", "max with a key gives the first of equals")
    one = (
        "One sample at a time, always to the question with the largest doubt / samples by now.",
        "given[max(open_ones, key=lambda i: doubt[i] / given[i])] += 1, until sum(given) is total",
    )
    none = (
        "An unread sample (None) is no answer and never agrees, but it is one of the first samples: it adds to the doubt.",
        "Counter(a for a in first if a is not None), and divide by len(first)",
    )
    sure = ("A question without doubt gets nothing more: then some stays unspent.", "open_ones: doubt[i] > 0")
    most = ("No question gets more than `most` in all.", "open_ones: doubt[i] > 0 and given[i] < most")
    stop = ("Stop when nobody may get another sample, or it never ends.", "if not open_ones: break")
    less = ("They stay, also when they alone are more than `total`.", "begin with len(first)")
    nothing = ("Where nothing could be read the doubt is 1.", "max(votes.values(), default=0)")
    rows = (
        ([split, agreed], 8, 32, [4, 4], paid),
        ([agreed, split], 12, 32, [4, 8], doubt),
        ([["7"] * 5 + ["8", "9", "1"], [*halves, *halves]], 17, 32, [8, 9], number),
        ([split, unread], 9, 32, [4, 5], none),
        ([["7", "8"], ["7", "8"], ["7", "8"]], 7, 32, [3, 2, 2], tie),
        ([split, nearly], 15, 32, [10, 5], one),
        ([agreed, agreed], 100, 32, [4, 4], (*sure, *stop)),
        ([split, unread], 30, 9, [9, 9], (*most, *stop)),
        ([split, agreed], 4, 32, [4, 4], less),
        ([[None, None]], 5, 32, [5], nothing),
        ([], 5, 32, [], ("No questions: an empty list.", "return given, which is [] then")),
    )

    def run(answers: list, total: int, limit: int) -> list[int]:
        return list(mine([list(first) for first in answers], total, limit))

    cases = [
        Case(f"allocate({answers}, {total}, {limit})", partial(run, answers, total, limit), gold, hints)
        for answers, total, limit, gold, hints in rows
    ]

    def after() -> list:
        mine(given := [list(split), list(unread)], 14, 32)
        return given

    kept = ("Leave the caller's lists as they are.", "make a new list for the numbers")
    check("allocate", [*cases, Case("the answers afterwards", after, [split, unread], kept)])


ASKED = (
    "The large model costs money: ask it only where the small one is unsure.",
    "return best before ask_large() stands anywhere",
)
ONCE = ("Ask once and keep what it says in a variable.", "answer = ask_large()")


def _cascade_rows() -> tuple[tuple, ...]:
    """Answers, what the large model says, `agree` and `support`, the answer with the calls, and hints."""
    equal = (
        "At least `agree`: equal is enough, and the large model is not asked.",
        "votes[best] / len(answers) >= agree",
    )
    share = (
        "The share counts all small samples, unread ones too.",
        "votes[best] / len(answers), and not / sum(votes.values())",
    )
    none = (
        "None is no answer: it has no votes and is never the most frequent one.",
        "votes = Counter(answer for answer in answers if answer is not None)",
    )
    last = (
        "Without support the large model has the last word.",
        "support=0: votes[answer] / len(answers) >= 0, and not > 0",
    )
    support = (
        "Its answer needs at least the share `support` of all the small samples; else no answer is given.",
        "return answer if votes[answer] / size >= support else None",
    )
    enough = ("At least `support`: equal is enough.", "votes[answer] / size >= support, and not >")
    nobody = ("The large model said nothing readable: None.", "if answer is not None and …")
    first = (
        "A tie goes to the answer that was seen first.",
        "max(votes, key=votes.get), with votes a Counter",
    )
    empty = ("No small samples: every share is 0.", "Divide by max(1, len(answers)).")
    unread = ("No small answer could be read: the large model is asked, and `votes` is empty.", "if votes: … before max(votes, …)")  # fmt: skip
    return (
        (["5", "5", "7", "5"], "7", (0.7,), ("5", 0), ASKED),
        (["5", "5", "7", "5"], "7", (0.75,), ("5", 0), equal),
        (["5", "5", "7", "6"], "7", (0.75,), ("7", 1), last),
        (["5", "6", "7", "8"], "9", (0.5,), ("9", 1), last),
        (["5", "5", None, None], "7", (0.75,), ("7", 1), share),
        (["5", None, None, None], "7", (0.75,), ("7", 1), none),
        (["7", "5", "5", "7"], "9", (0.5,), ("7", 0), first),
        (["5", "6", "7", "8"], "9", (0.5, 0.25), (None, 1), support),
        (["5", "6", "7", "8"], "6", (0.5, 0.25), ("6", 1), enough),
        (["6", None, None, None], "6", (0.5, 0.5), (None, 1), support),
        (["5", "6", "7", "8"], None, (0.5,), (None, 1), nobody),
        ([None, None], "7", (0.5,), ("7", 1), unread),
        ([], "7", (0.5,), ("7", 1), empty),
        (["5", "6"], "5", (1.0, 0.5), ("5", 1), ONCE),
    )  # fmt: skip


def cascade(mine: Callable[..., str | None]) -> None:
    """Exercise 4."""
    run, rows = partial(_cascaded, mine), _cascade_rows()
    cases = [
        Case(
            f"cascade({answers}, ask_large, {', '.join(map(str, more))}), where the large one says {large!r}: the answer",
            lambda a=answers, x=large, m=more: run(a, x, *m)[0],
            gold[0],
            hints,
        )
        for answers, large, more, gold, hints in rows
    ]
    cases += [
        Case(
            f"… {answers}, agree {more[0]}: how often was the large model asked?",
            lambda a=answers, x=large, m=more: run(a, x, *m)[1],
            gold[1],
            (*ASKED, *ONCE),
        )
        for answers, large, more, gold, _ in rows
    ]
    kept = ("Leave the caller's list as it is.", "Counter makes a new thing; answers.remove changes yours")

    def after() -> list:
        mine(given := ["5", None, "6"], lambda: "7", 0.75)
        return given

    check("cascade", [*cases, Case("the answers afterwards", after, ["5", None, "6"], kept)])


def policy(mine: Policy) -> None:
    """Exercise 5, on the practice questions. Any design will do: what counts are the rules and the utility."""
    returned = (
        "Return the answer of a reply that you have drawn, or None.",
        "replies = tools.small(2) … return replies[0].answer",
    )
    spend = (
        "Nothing may be spent beyond the limit, and only so many replies are recorded: buy less, or look at "
        "tools.left before you buy.",
        "except OutOfBudget, or fewer replies",
    )
    luck = (
        "The same replies must give the same decision: no random numbers, nothing remembered between questions.",
        "no random.choice, no list or counter outside of the function",
    )
    earn = (
        "Compare with the fixed policies in the table above: who earns most, and where does it lose?",
        "Be silent where too little speaks for an answer: see the figure above.",
    )
    more = (
        "Silence by agreement alone is what vote_or_silence does. Which of its answers are wrong, and what would have told?",
        "Begin with a few small replies and trust those whose sums hold. If two agree, answer; else ask the "
        "large model; answer what two of them say, else None.",
    )

    @cache
    def earned(each: Policy) -> float:
        return fmean(o.utility for o in replay(each, practice_questions()[0]))

    def above(low: float) -> bool:
        return earned(mine) >= low

    def same() -> bool:
        try:
            return bool(steady(mine, practice_questions()[0]))
        except ValueError:
            return False

    cases = [
        Case("replay(policy, one practice question): how many outcomes?", lambda: len(replay(mine, practice_questions()[0][:1])), 1, (*returned, *spend)),
        Case("replay(policy, all practice questions): how many outcomes?", lambda: len(replay(mine, practice_questions()[0])), len(practice_questions()[0]), (*spend, *returned)),
        Case("the practice questions five times, each time in another order: the same outcomes?", same, True, luck),
        Case(f"a utility of {BARS[0]} or more a practice question?", lambda: above(BARS[0]), True, earn),
        Case("0.05 or more above vote_or_silence, on the practice questions?", lambda: above(earned(_vote_or_silence) + 0.05), True, more),
    ]  # fmt: skip
    check("policy", cases, lambda: f"{earned(mine):+.3f} a practice question; held-out questions decide.")


def _vote_or_silence(question: Question, tools: Tools) -> str | None:
    """The best of the fixed policies of the notebook."""
    answers = [reply.answer for reply in tools.small(8) if reply.answer]
    best = max(answers, key=answers.count, default=None)
    return best if answers.count(best) >= 4 else None


def _floats(found: object) -> object:
    return {key: float(value) for key, value in found.items()} if isinstance(found, dict) else found


def _near(yours: object, expected: object) -> bool:
    return isinstance(yours, float) and abs(yours - expected) <= 1e-9 * abs(expected)


def _cascaded(
    mine: Callable[..., str | None], answers: list, large: str | None, *more: float
) -> tuple[str | None, int]:
    """What a cascade answers where the large model says `large`, and how often it asked it."""
    calls: list[int] = []

    def ask_large() -> str | None:
        calls.append(1)
        return large

    return mine(list(answers), ask_large, *more), len(calls)
