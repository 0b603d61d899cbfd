"""The checks beside the exercises of 09_budget: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. The graded tests are
others, on more inputs; the policy is graded on other questions.
"""

from collections.abc import Callable, Sequence
from functools import partial
from statistics import fmean

from helpers.checks.core import Case, check
from helpers.pools.budget import (
    Outcome,
    Policy,
    Price,
    Question,
    Recorded,
    Reply,
    Terms,
    practice_questions,
    replay,
)

__all__ = ["allocate", "cascade", "cost", "crossing", "policy"]

PRICE = Price("small", "a model", 1e9, 1.0, 0.1, 2.0, 1000.0, 10.0, "today", "nobody")
NAMES = ("tokens", "flops", "dollars", "seconds")


def cost(mine: Callable[..., dict[str, float]]) -> None:
    """Exercise 1."""
    million = (
        "Prices are for a million tokens.",
        "dollars = (fresh * price.read + cached * price.cached + sum(written) * price.write) / 1e6",
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
        "Every reply is paid, and computed, in full.",
        "2 * price.parameters * (fresh + sum(written))",
    )
    once = ("The prompt is read once, however many replies are drawn from it.", "fresh * price.read, without * len(written)")  # fmt: skip
    empty = ("A reward model reads and writes nothing: the list may be empty.", "max(written, default=0)")
    said = "prices 1, 0.1 and 2 dollars a million, 1000 and 10 tokens/s, 1e9 parameters; "

    def run(name: str, read: int, written: list[int], cached: int = 0) -> float:
        return float(mine(PRICE, read, list(written), cached)[name])

    def case(name: str, expected: float, hints: tuple[str, ...], *args: object) -> Case:
        text = f"{said}cost(price, {', '.join(map(str, args))})[{name!r}]"
        return Case(text, lambda: run(name, *args), expected, hints, same=_near)

    cases = [
        Case("the keys", lambda: sorted(mine(PRICE, 10, [1])), ["dollars", "flops", "seconds"], ("Return a dict with these three.", '{"dollars": …, "seconds": …, "flops": …}')),
        case("dollars", 0.00104, million, 1000, [20]),
        case("seconds", 3.0, longest, 1000, [20]),
        case("flops", 2.04e12, all_of_it, 1000, [20]),
        case("dollars", 0.00116, once, 1000, [20, 40, 20]),
        case("seconds", 5.0, longest, 1000, [20, 40, 20]),
        case("flops", 2.16e12, all_of_it, 1000, [20, 40, 20]),
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
    doubt = (
        "The doubt of a question: the share of its first samples that did not give its most frequent answer.",
        "(len(first) - max(votes.values(), default=0)) / len(first), where votes counts what is not None",
    )
    one = (
        "One sample at a time, always to the question with the largest doubt / samples by now.",
        "given[max(open_ones, key=lambda i: doubt[i] / given[i])] += 1, until sum(given) is total",
    )
    tie = ("A tie goes to the question that comes first.", "max with a key gives the first of equals")
    none = ("None is no answer: it never counts as agreement.", "Counter(a for a in first if a is not None)")
    sure = ("A question without doubt gets nothing more: then some stays unspent.", "open_ones: doubt[i] > 0")
    most = ("No question gets more than `most` in all.", "open_ones: doubt[i] > 0 and given[i] < most")
    stop = ("Stop when nobody may get another sample, or it never ends.", "if not open_ones: break")
    paid = (
        "The first samples are drawn already, also when that is more than `total`.",
        "begin with len(first)",
    )
    rows = (
        ([agreed, split], 12, 32, [4, 8], doubt),
        ([split, unread], 16, 32, [7, 9], one),
        ([["7", "8"], ["7", "8"], ["7", "8"]], 7, 32, [3, 2, 2], tie),
        ([unread, agreed], 10, 32, [6, 4], none),
        ([agreed, agreed], 100, 32, [4, 4], (*sure, *stop)),
        ([split, unread], 30, 9, [9, 9], (*most, *stop)),
        ([split, agreed], 4, 32, [4, 4], paid),
        ([[None, None]], 5, 32, [5], (*none, *doubt)),
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


def cascade(mine: Callable[..., str | None]) -> None:
    """Exercise 4."""

    run = partial(_cascaded, mine)
    share = (
        "The share counts all small samples, unread ones too; `agree` itself is enough.",
        "if votes and votes[best] / len(answers) >= agree: return best",
    )
    asked = ("The large model costs money: ask it only where the small one is unsure.", "return best before ask_large() stands anywhere")  # fmt: skip
    once = ("Ask once and keep what it says in a variable.", "answer = ask_large()")
    last = (
        "Without support the large model has the last word.",
        "support=0: votes[answer] / len(answers) >= 0",
    )
    support = ("Its answer needs at least the share `support` of the small samples.", "if votes[answer] / size >= support: return answer; else None")  # fmt: skip
    nobody = ("Nothing readable anywhere: None.", "if answer is not None and …")
    first = (
        "A tie goes to the answer that was seen first.",
        "max(votes, key=votes.get), with votes a Counter",
    )
    rows = (
        (["5", "5", "7", "5"], "7", (0.75,), ("5", 0), share),
        (["5", "5", "7", "6"], "7", (0.75,), ("7", 1), (*share, *last)),
        (["5", "5", None, None], "7", (0.75,), ("7", 1), share),
        (["7", "5", "5", "7"], "9", (0.5,), ("7", 0), first),
        (["5", "6", "7", "8"], "9", (0.5,), ("9", 1), last),
        (["5", "6", "7", "8"], "9", (0.5, 0.25), (None, 1), support),
        (["5", "6", "7", "8"], "6", (0.5, 0.25), ("6", 1), support),
        (["5", "6", "7", "8"], None, (0.5,), (None, 1), nobody),
        ([None, None], "7", (0.5,), ("7", 1), (*nobody, "The share of no answer is 0.")),
        ([], "7", (0.5,), ("7", 1), ("No small samples: every share is 0.", "Divide by max(1, len(answers)).")),
        (["5", "6"], "5", (1.0, 0.5), ("5", 1), (*once, *asked)),
    )  # fmt: skip
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
            (*asked, *once),
        )
        for answers, large, more, gold, _ in rows
    ]
    kept = ("Leave the caller's list as it is.", "Counter makes a new thing; answers.remove changes yours")

    def after() -> list:
        mine(given := ["5", None, "6"], lambda: "7", 0.75)
        return given

    check("cascade", [*cases, Case("the answers afterwards", after, ["5", None, "6"], kept)])


def policy(mine: Policy) -> None:
    """Exercise 5. Questions that are made up, and then the practice questions."""
    sure, lost = _question("sure", "aaaa", "aa"), _question("lost", "bcde", "fg")
    returned = (
        "Return the answer of a reply that you have drawn, or None.",
        "replies = tools.small(2) … return replies[0].answer",
    )
    spend = (
        "Nothing may be spent beyond the limit: buy less, or look at tools.left before you buy.",
        "except OutOfBudget, or fewer replies",
    )
    luck = (
        "The same replies must give the same decision: no random numbers, nothing remembered between questions.",
        "no global list, no counter outside of the function",
    )
    answer = (
        "Here every reply of both models says the same. Silence earns nothing.",
        "if the replies agree, return their answer",
    )
    silent = (
        "Where all replies disagree none of them is right more often than not: keep silent.",
        "return None when no answer has enough behind it",
    )
    earn = (
        "Compare with the fixed policies in the table above: who earns most, and where does it lose?",
        "Begin with two small replies. If they agree and their sums hold, answer; else ask the large model; "
        "answer what two of the three say, else None.",
    )

    def earned(questions: Sequence[Recorded]) -> list[Outcome]:
        return replay(mine, questions)

    def practice(part: slice = slice(None)) -> list[Recorded]:
        return practice_questions()[0][part]

    def plain(question: Question, tools) -> str | None:
        return tools.small()[0].answer

    def above() -> bool:
        both = (fmean(o.utility for o in replay(each, practice())) for each in (mine, plain))
        own, other = both
        return own > max(0.0, other)

    cases = [
        Case("replay(policy, one made-up question): how many outcomes?", lambda: len(earned([sure])), 1, (*returned, *spend)),
        Case("all replies say a: answered?", lambda: earned([sure])[0].answered, True, answer),
        Case("all replies say something else: answered?", lambda: earned([lost])[0].answered, False, silent),
        Case("all practice questions: within the limit?", lambda: all(o.spent <= Terms().limit + 1e-12 for o in earned(practice())), True, spend),
        Case("twenty practice questions, there and back: the same outcomes?", lambda: earned(practice(slice(20))) == earned(practice(slice(20))[::-1])[::-1], True, luck),
        Case("more utility than silence and than one small reply, on the practice questions?", above, True, earn),
    ]  # fmt: skip
    check("policy", cases)


def _question(name: str, small: str, large: str) -> Recorded:
    """A made-up question: a letter is the answer of a reply; the right one is the first of the large model's."""
    letters = {"small": small * 4, "large": large * 4}
    replies = {
        model: tuple(Reply(model, i, letter, 60, -2.0, True) for i, letter in enumerate(text))
        for model, text in letters.items()
    }
    if name == "lost":  # sixteen different answers, so that no two agree
        replies = {
            model: tuple(Reply(model, i, f"{model[0]}{i}", 60, -30.0, False) for i in range(16))
            for model in letters
        }
    rewards = {model: tuple(0.0 for _ in held) for model, held in replies.items()}
    greedy = {model: held[0] for model, held in replies.items()}
    return Recorded(name, 3, Question("word", 60), large[0], replies, rewards, greedy)


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
