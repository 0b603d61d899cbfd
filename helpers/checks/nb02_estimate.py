"""The check beside exercise 4 of 02_majority_vote: cases and hints."""

from collections.abc import Callable

from helpers.checks.core import Case, check
from helpers.checks.votes import last_answer, recording

HINTS = {
    "one": (
        "Draw k of the answers, apply `vote`, compare the outcome with gold; do that `draws` times.",
        "sum(answers_match(vote(rng.sample(answers, k)), gold) for _ in range(draws)) / draws",
    ),
    "count": (
        "One election for each of the `draws`, and one call of `vote` in each.",
        "for _ in range(draws)",
    ),
    "size": ("Vote over the k answers that were drawn, not over all.", "vote(rng.sample(answers, k))"),
    "twice": ("*Without replacement*: no sample is drawn twice.", "rng.sample, not rng.choices"),
    "none": (
        "Unread samples were paid for: draw from *all* answers, None included. The vote leaves None out.",
        "rng.sample(answers, k), without leaving anything out before",
    ),
    "order": (
        "Who comes first wins a tie, so the order of a draw may not depend on the answers: do not sort it.",
        "vote(rng.sample(answers, k)), as it was drawn",
    ),
    "new": (
        "Is every election a new draw? Make the random generator once, before the loop.",
        "rng = random.Random(seed) before the loop, rng.sample(answers, k) inside",
    ),
    "seeded": (
        "The seed alone decides which elections come, so that a figure can be made again.",
        "rng = random.Random(seed), and use rng only",
    ),
    "kept": ("Leave the caller's list as it is.", "rng.sample makes a new list; rng.shuffle changes yours"),
}


def estimate_maj(mine: Callable[..., float]) -> None:
    """Exercise 4. A vote is handed in that writes down each election, so that no luck is involved."""
    pool: list[str | None] = [str(number) for number in range(28)] + [None, None]

    def run(*outcomes: str | None, seed: int = 0) -> tuple[list[list[str | None]], object]:
        """The elections, and the share for votes that have these outcomes, again and again."""
        seen, vote = recording(outcomes)
        return seen, mine(list(pool), "14", 5, vote, draws=60, seed=seed)

    def elections(seed: int = 0) -> list[list[str | None]]:
        return run(None, seed=seed)[0]

    def shuffled() -> list[list[str | None]]:
        seen, vote = recording([None])
        mine([str(7 * number % 29) for number in range(29)] + [None], "14", 5, vote, draws=60, seed=0)
        return seen

    def doubled(election: list[str | None]) -> bool:
        return any(election.count(answer) > pool.count(answer) for answer in election)

    def after() -> list[str | None]:
        mine(given := list(pool), "14", 5, last_answer, draws=20, seed=0)
        return given

    text = "30 answers, k = 5, draws = 60: "
    cases = [
        Case(f"{text}the share when every vote is right", lambda: run("14")[1], 1.0, HINTS["one"]),
        Case(
            f"{text}… when the votes are 14.0, None, 13, 14, …",
            lambda: run("14.0", None, "13", "14")[1],
            0.5,
            HINTS["one"],
        ),
        Case(f"{text}how many elections?", lambda: len(elections()), 60, HINTS["count"]),
        Case(
            f"{text}how many votes in each?",
            lambda: sorted({len(e) for e in elections()}),
            [5],
            HINTS["size"],
        ),
        Case(
            f"{text}a sample twice in one election?",
            lambda: any(map(doubled, elections())),
            False,
            HINTS["twice"],
        ),
        Case(f"{text}is None drawn, too?", lambda: any(None in e for e in elections()), True, HINTS["none"]),
        Case(f"{text}is each election sorted?", lambda: all(map(_sorted, shuffled())), False, HINTS["order"]),
        Case(
            f"{text}are most elections different?",
            lambda: len(set(map(str, elections()))) > 30,
            True,
            HINTS["new"],
        ),
        Case(
            "the same seed twice: the same elections?",
            lambda: elections() == elections(),
            True,
            HINTS["seeded"],
        ),
        Case(
            "another seed: other elections?", lambda: elections() != elections(seed=1), True, HINTS["seeded"]
        ),
        Case("the list of answers afterwards", after, pool, HINTS["kept"]),
    ]
    check("estimate_maj", cases)


def _sorted(election: list[str | None]) -> bool:
    """Whether the answers stand in the order of their numbers or texts, up or down."""
    read = [answer for answer in election if answer is not None]
    return any(read in (up := sorted(read, key=key), up[::-1]) for key in (int, str))
