"""The check beside exercise 5 of 05_best_of_n_reward_model, the simulation: cases and hints."""

import random
from collections.abc import Callable, Sequence
from statistics import fmean, pstdev

from helpers.checks.core import Case, check

TRIALS = 80  # with 60 candidates each: every slack below is 7 standard errors or more
OWN_GENERATOR = (
    "Draw from `rng` only. random.seed and random.random change the numbers of all other code, too.",
    "rng = random.Random(seed), and then rng.random(), rng.choice(…), rng.gauss(…), rng.sample(…)",
)


def simulate(
    mine: Callable[[int, float, float, int], tuple[list[str], list[float]]], right: str, wrong: Sequence[str]
) -> None:
    """Exercise 5. `right` and `wrong` are the notebook's RIGHT and WRONG."""

    def draw(n: int, p: float, d: float) -> list[tuple[str, float]]:
        pairs: list[tuple[str, float]] = []
        for seed in range(TRIALS):
            answers, scores = mine(n, p, d, seed)
            pairs += zip(answers, scores, strict=True)
        return pairs

    def marks(kind: bool) -> list[float]:
        return [score for answer, score in draw(60, 0.5, 2.0) if (answer == right) is kind]

    def popular() -> float:
        slips = [answer for answer, _ in draw(60, 0.0, 1.0)]
        return sum(answer == wrong[0] for answer in slips) / max(1, len(slips))

    two = (
        "Two lists, each with n entries: the answers, and the scores in the same order.",
        "answers, scores = [], []; for _ in range(n): …; return answers, scores",
    )
    chance = (
        "rng.random() is below p with probability p.",
        "correct = rng.random() < p; answers.append(RIGHT if correct else rng.choice(WRONG))",
    )
    slip = ("A wrong answer is drawn from WRONG, each entry as likely.", "rng.choice(WRONG)")
    mean = (
        "The mean of the scores is d * d / 2 for a right answer and -d * d / 2 for a wrong one.",
        "rng.gauss(d * d / 2 if correct else -d * d / 2, d)",
    )
    spread = ("The second argument of rng.gauss is the standard deviation: d.", *mean[1:])
    certain = (
        "With d = 0 each score is 0: its mean is 0, and so is its standard deviation.",
        *mean[1:],
    )
    seeded = (
        "The same seed must give the same candidates, another seed others.",
        "rng = random.Random(seed), and use rng only",
    )
    cases = [
        Case("simulate(3, 1.0, 0.0, 1): the answers", lambda: list(mine(3, 1.0, 0.0, 1)[0]), [right] * 3,
            two),
        Case("simulate(3, 1.0, 0.0, 1): the scores", lambda: list(map(float, mine(3, 1.0, 0.0, 1)[1])),
            [0.0] * 3, certain),
        Case("with p = 0, n = 50: how many different wrong answers?",
            lambda: len(set(mine(50, 0.0, 1.0, 1)[0])), len(set(wrong)),
            (slip[0] + " Each candidate is drawn anew.", slip[1])),
        Case("with p = 0.5, n = 50: does the number of right ones vary with the seed?",
            lambda: len({list(mine(50, 0.5, 1.0, seed)[0]).count(right) for seed in range(20)}) > 1, True,
            chance),
        Case("with p = 0: is any answer right?", lambda: right in mine(50, 0.0, 1.0, 1)[0], False, chance),
        Case("with p = 0.5: the share of right answers",
            lambda: fmean(answer == right for answer, _ in draw(60, 0.5, 1.0)), 0.5, chance,
            same=_about(0.06)),
        Case(f"of the wrong ones, the share of {wrong[0]}", popular, list(wrong).count(wrong[0]) / len(wrong),
            slip, same=_about(0.06)),
        Case("with p = 1, n = 50: how many different scores?", lambda: len(set(mine(50, 1.0, 1.0, 1)[1])), 50,
            ("Each candidate gets a score of its own.", *mean[1:])),
        Case("d = 2: mean score of the right ones", lambda: fmean(marks(True)), 2.0, mean, same=_about(0.3)),
        Case("d = 2: mean score of the wrong ones", lambda: fmean(marks(False)), -2.0, mean,
            same=_about(0.3)),
        Case("d = 2: their standard deviation", lambda: pstdev(marks(False)), 2.0, spread, same=_about(0.25)),
        Case("twice the same seed: the same?", lambda: mine(9, 0.5, 1.0, 7) == mine(9, 0.5, 1.0, 7), True,
            seeded),
        Case("another seed: the same?", lambda: mine(9, 0.5, 1.0, 7) == mine(9, 0.5, 1.0, 8), False, seeded),
        Case("are Python's own random numbers left alone?",
            lambda: leaves_chance_alone(lambda: mine(9, 0.5, 1.0, 7)), True, OWN_GENERATOR)
    ]  # fmt: skip
    check("simulate", cases)


def leaves_chance_alone(run: Callable[[], object]) -> bool:
    """Whether `run` leaves the global generator of `random` as it was; it is put back in any case."""
    before = random.getstate()
    try:
        run()
        return random.getstate() == before
    finally:
        random.setstate(before)


def _about(slack: float) -> Callable[[object, object], bool]:
    return lambda yours, expected: isinstance(yours, float) and abs(yours - expected) <= slack
