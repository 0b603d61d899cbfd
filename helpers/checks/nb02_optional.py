"""The checks beside the optional exercises of 02_majority_vote, 5 and 6: cases and hints."""

from collections.abc import Callable, Sequence
from functools import partial

from helpers.checks.core import Case, check
from helpers.checks.votes import Answers, Vote, first_answer, first_of_leaders, truth


def weighted_vote(mine: Callable[[Answers, Sequence[float]], str | None]) -> None:
    """Exercise 5."""
    add = (
        "Two samples say 13. Their weights count *together*: the sum, not the mean, nor the larger one.",
        "Add up the weights of equal answers; the largest sum wins.",
        "total = Counter(); for answer, weight in zip(answers, weights): total[answer] += weight",
    )
    pairs = (
        "Which weight belongs to which answer? Leave an unread answer out together with its weight.",
        "for answer, weight in zip(answers, weights): if answer is not None: …",
    )
    nobody = ("Nobody voted: None, as in majority_vote.", "if not total: return None")
    zero = (
        "A weight of 0 is a vote, too: all sums are 0, so it is a tie.",
        "Whether somebody voted is a question of the answers, not of the weights.",
    )
    tie = (
        "A tie: the first seen among the leaders, as in majority_vote.",
        "A Counter keeps its keys in the order in which they came, and max takes the first of the largest.",
        "max(total, key=total.get)",
    )
    cases: list[tuple[list[str | None], list[float], str | None, tuple[str, ...]]] = [
        (["14", "13", "13"], [0.5, 0.25, 0.5], "13", add),
        (["14", "13", "13"], [1.0, 0.25, 0.5], "14", add),
        (["13", "14", "15", "14"], [1.0, 0.75, 0.25, 0.5], "14", add),
        (["9", "9", "9", "14"], [0.25, 0.25, 0.25, 1.0], "14", add),
        ([None, "14", "13"], [1.0, 0.25, 0.5], "13", pairs),
        (["14", None, "13"], [0.25, 0.75, 0.5], "13", pairs),
        ([None], [1.0], None, nobody),
        ([], [], None, nobody),
        (["14", "13"], [0.0, 0.0], "14", zero),
        ([None, "13"], [1.0, 0.0], "13", zero),
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


def decided(mine: Callable[[Answers, int, Vote], bool]) -> None:
    """Exercise 6. Votes of two kinds are handed in."""

    def verdict(answers: list[str | None], n: int, vote: Vote = first_of_leaders) -> object:
        return truth(mine(list(answers), n, vote))

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
    handed = (
        "`vote` is another rule here. Ask the one that is handed in, do not count yourself.",
        "vote(answers + [rival] * rest) == vote(answers)",
    )
    first = "vote takes the first answer that could be read"
    others: list[tuple[list[str | None], int, bool]] = [(["14"], 9, True), ([None, "14"], 9, True)]
    text = "decided({}, {}, {})"
    own = [
        Case(text.format(a, n, "majority_vote"), partial(verdict, a, n), gold, h) for a, n, gold, h in cases
    ]
    other = [
        Case(
            f"{text.format(a, n, 'vote')}, where {first}", partial(verdict, a, n, first_answer), gold, handed
        )
        for a, n, gold in others
    ]
    check("decided", [*own, *other])
