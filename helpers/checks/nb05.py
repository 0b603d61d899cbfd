"""The checks beside the exercises of 05_best_of_n_reward_model: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. The graded tests
are others, on more inputs: passing here is a good sign, not the grade.
"""

from collections.abc import Callable, Sequence
from functools import partial
from statistics import fmean

from helpers.checks.core import Case, check
from helpers.checks.nb05_simulation import OWN_GENERATOR, leaves_chance_alone, simulate
from helpers.checks.nb05_two_models import best_by_both, density_ratio
from helpers.checks.scripted import ScriptedReward
from helpers.models import Message, Sample
from helpers.problems import Problem
from helpers.rewards import RewardModel

__all__ = [
    "accuracy_at_k",
    "best_by_both",
    "best_of_n",
    "density_ratio",
    "score_pool",
    "simulate",
    "weighted_vote",
]

Answers = Sequence[str | None]
Scores = Sequence[float]
Choose = Callable[[Answers, Scores], str | None]
PROBLEMS = [Problem("a", "What is 7 x 2?", "14", "word"), Problem("b", "What is 6 x 6?", "36", "word")]
TEXTS = [["Final: 14", "Final: 13"], ["Final: 36", "Final: 14", "Final: 36"]]
Trial = tuple[list[str | None], list[float], str | None]  # answers, scores, which of them was chosen
# Answers by score: the best one is right, and each score names its place.
SIX: dict[float, str | None] = {1.0: "14", 3.0: "13", 2.0: "14", 5.0: "13", 4.0: None, 6.0: "14"}


def score_pool(mine: Callable[[RewardModel, list[Problem], list[list[Sample]]], list[list[float]]]) -> None:
    """Exercise 1."""
    worth = {"Final: 14": 1.0, "Final: 13": 2.0, "Final: 36": 3.0, " Final: 36\n": 4.0}

    def mark(conversation: Sequence[Message]) -> float:
        bonus = 10.0 if PROBLEMS[0].question in conversation[0]["content"] else 20.0
        return bonus + worth.get(conversation[-1]["content"], 0.0)

    def run(problems: list[Problem], texts: list[list[str]]) -> tuple[object, ScriptedReward]:
        judge = ScriptedReward(mark)
        pool = [[Sample(text, 3, -1.0, "length" if text == "" else "stop") for text in row] for row in texts]
        found = mine(judge, list(problems), pool)
        rows = isinstance(found, list | tuple) and all(isinstance(row, list | tuple) for row in found)
        return [list(row) for row in found] if rows else found, judge

    def sent() -> list[list[Message]]:
        return [list(conversation) for call in run(PROBLEMS[:1], TEXTS[:1])[1].calls for conversation in call]

    turns = (
        "A conversation is a list of two messages: the user's question, then the assistant's text as it is.",
        '[{"role": "user", "content": problem.question}, {"role": "assistant", "content": sample.text}]',
    )
    once = (
        "reward.score takes a *list* of conversations. It can share work between them only if it gets them "
        "all at once.",
        "First make one flat list of conversations: for each problem, for each of its samples. Then "
        "one call.",
    )
    shape = (
        "A list for each problem, with a score for each of its samples. reward.score gives one flat list: "
        "the first len(samples) scores belong to the first problem.",
        "The lists need not be equally long, so cut by the length of each.",
        "scores = iter(flat); return [[next(scores) for _ in samples] for samples in pool]",
    )
    own = (
        "Each sample must be scored below *its* question.",
        "for problem, samples in zip(problems, pool): for sample in samples: …",
    )
    every = ("Every sample has its score: equal ones, those that were cut off, empty ones.", *shape[1:])
    second = [23.0, 21.0, 23.0]
    cases = [
        Case("the conversations of the first problem", sent, _talks(PROBLEMS[0], TEXTS[0]), turns),
        Case("score_pool for the first problem alone", lambda: run(PROBLEMS[:1], TEXTS[:1])[0],
            [[11.0, 12.0]], shape),
        Case("two samples of the first problem, three of the second", lambda: run(PROBLEMS, TEXTS)[0],
            [[11.0, 12.0], second], (*own, *shape)),
        Case("the same two: how often reward.score was called", lambda: len(run(PROBLEMS, TEXTS)[1].calls), 1,
            once),
        Case("a problem without samples, then the second one", lambda: run(PROBLEMS, [[], TEXTS[1]])[0],
            [[], second], shape),
        Case("both with the sample 'Final: 14'", lambda: run(PROBLEMS, [TEXTS[0], ["Final: 14"] * 2])[0],
            [[11.0, 12.0], [21.0, 21.0]], (*own, *every)),
        Case("the second problem twice", lambda: run(PROBLEMS[1:] * 2, [["Final: 13"], TEXTS[1]])[0],
            [[22.0], second], every),
        Case("a sample that was cut off and is empty",
            lambda: run(PROBLEMS, [["", "Final: 14"], TEXTS[1]])[0], [[10.0, 11.0], second], every),
        Case("a text with blanks around it", lambda: run(PROBLEMS[1:], [[" Final: 36\n"]])[0], [[24.0]],
            turns)
    ]  # fmt: skip
    check("score_pool", cases)


def best_of_n(mine: Callable[[list, list[float]], object]) -> None:
    """Exercise 2."""
    place = (
        "Find the place of the highest score first, then take the candidate at that place.",
        "max(range(len(scores)), key=lambda i: scores[i]) is the place.",
    )
    negative = (
        "All scores are negative here. What does your search start from?",
        'Start from the first score or from float("-inf"), not from 0. max needs no start at all.',
    )
    first = (
        "Two candidates have the same score: the first one wins.",
        "max gives the first of equals, if you compare the scores alone: with key=…",
    )
    whole = (
        "Only the scores are compared. A candidate may be anything, also None, and None may win.",
        "max(zip(scores, candidates)) compares the candidates when scores are equal. Use key=….",
    )
    empty = ("There is no candidate, so there is none to choose: None.", "if not candidates: return None")
    cases: list[tuple[list, list[float], object, tuple[str, ...]]] = [
        (["13", "14", "15"], [-2.0, 3.5, 1.0], "14", place),
        (["14", "13"], [3.0, 1.0], "14", place),
        (["7", "8", "9"], [9.0, 10.0, 2.0], "8", place),
        (["13", "14", "15"], [-9.0, -4.0, -5.0], "14", negative),
        (["13", "14"], [1.0, 1.0], "13", first),
        (["14", "13"], [1.0, 1.0], "14", first),
        (["9", "14", "13"], [-1.0, 2.0, 2.0], "14", first),
        ([None, "14"], [2.0, 1.0], None, whole),
        ([{"text": "a"}, {"text": "b"}], [1.0, 1.0], {"text": "a"}, whole),
        (["", "14"], [2.0, 1.0], "", whole),
        ([], [], None, empty),
    ]
    check(
        "best_of_n",
        [Case(f"best_of_n({c}, {s})", partial(mine, list(c), list(s)), gold, h) for c, s, gold, h in cases],
    )


def weighted_vote(mine: Choose) -> None:
    """Exercise 3."""
    add = (
        "Add up sigmoid(score) for equal answers; the largest sum wins.",
        "for answer, score in zip(answers, scores): total[answer] = total.get(answer, 0) + sigmoid(score)",
    )
    negative = (
        "A negative score is a small weight, not a vote against. The weight is sigmoid(score).",
        "sigmoid(-4) is 0.018, sigmoid(0) is 0.5.",
        "First the sigmoid of each score, then the sum of the weights of equal answers.",
    )
    bounded = (
        "No sample has a weight above 1, so two good ones outweigh the very best one.",
        "The weight is sigmoid(score), not exp(score), and not the score itself.",
    )
    many = (
        "The sum counts, neither the mean nor the highest: answers that many samples give deserve more.",
        "total[answer] = total.get(answer, 0) + sigmoid(score)",
    )
    none = ("None never votes, whatever its score.", "if answer is not None: …")
    nobody = ("Nobody voted: None.", "return max(total, key=total.get) if total else None")
    tie = (
        "A tie: the first seen among the leaders.",
        "A dict keeps its keys in the order in which they came, and max takes the first of the largest.",
    )
    cases: list[tuple[list[str | None], list[float], str | None, tuple[str, ...]]] = [
        (["14", "13"], [2.0, -2.0], "14", add),
        (["13", "13", "14"], [-4.0, -4.0, 2.0], "14", add),
        (["14", "13", "13"], [2.0, 1.5, 1.5], "13", many),
        (["13", "14", "13"], [-1.0, 0.5, -0.5], "13", negative),
        (["9", "9", "9", "14"], [-0.1, -0.1, -0.1, 1.0], "9", negative),
        (["13", "14", "14"], [8.0, 1.0, 1.0], "14", bounded),
        (["14", "13", "13", "13"], [3.0, 0.0, 0.0, 0.0], "13", many),
        ([None, "14"], [9.0, -3.0], "14", none),
        ([None, "14", "13"], [-5.0, 2.0, 1.0], "14", ("Leave None out together with its score.", *none[1:])),
        ([None, None], [1.0, 2.0], None, nobody),
        ([], [], None, nobody),
        (["9", "14"], [1.0, 1.0], "9", tie),
        (["14", "9"], [1.0, 1.0], "14", tie),
        (["14", "9", "9", "14"], [0.0, 0.0, 0.0, 0.0], "14", tie),
    ]
    check(
        "weighted_vote",
        [
            Case(f"weighted_vote({a}, {s})", partial(mine, list(a), list(s)), gold, h)
            for a, s, gold, h in cases
        ],
    )


def accuracy_at_k(mine: Callable[..., float]) -> None:
    """Exercise 4."""

    def run(k: int, choose: Choose = _best, **options: object) -> tuple[object, list[Trial]]:
        return _trials(mine, k, choose, **options)

    pairs = (
        "An answer and its score must be drawn together.",
        "samples = list(zip(answers, scores)); drawn = rng.sample(samples, k)",
    )
    whole = (
        "With all six drawn nothing is left to chance: the best score is that of a right answer.",
        *pairs,
    )
    trial = (
        "The five questions stand in the order of the list: which is the first False?",
        "1: one call of `choose` a draw. 2: rng.sample, not rng.choices. 3: an answer with its score, also "
        "None. 4: make rng once, before the loop. 5: leave the drawn samples in the order "
        "in which they came.",
        *pairs,
    )
    gold = (
        "Right is what matches `gold`; answers_match knows that 14.0 is 14.",
        "answers_match(choose(…), gold)",
    )
    seeded = (
        "The same seed, the same draws; another seed, others.",
        "rng = random.Random(seed), once, before the loop.",
    )
    text = "accuracy_at_k(highest score, answers, scores, '14', k = 6)"
    cases = [
        Case(text, lambda: run(6, draws=20, seed=0)[0], 1.0, whole),
        Case("what `choose` gets, k = 3, 200 draws: [200 calls?, 3 different places each?, each answer with "
            "its score?, new ones each time?, each place first and last at times?]", partial(_drawn, mine),
            [True] * 5, trial),
        Case("is the result the share of trials whose choice was right?", partial(_share, mine), True, gold),
        Case("four samples, all with answer '14' and score 1.0, k = 3: how many does `choose` get?",
            partial(_twins, mine), 3, ("Two places with the same answer and score are two samples: no set, "
            "no dict.", *pairs)),
        Case("gold written as '14.0', k = 6", lambda: run(6, gold="14.0", draws=5, seed=0)[0], 1.0, gold),
        Case("`choose` gives None", lambda: run(2, lambda a, s: None, draws=5, seed=0)[0], 0.0, gold),
        Case("twice the same seed: the same draws?",
            lambda: run(2, draws=30, seed=7) == run(2, draws=30, seed=7), True, seeded),
        Case("another seed: the same draws?",
            lambda: run(2, draws=30, seed=7)[1] == run(2, draws=30, seed=8)[1], False, seeded),
        Case("calls of `choose` with draws=7, and without draws",
            lambda: [len(run(2, draws=7)[1]), len(run(2)[1])], [7, 50],
            ("`draws` says how many trials there are.", "for _ in range(draws): …")),
        Case("are Python's own random numbers left alone?",
            lambda: leaves_chance_alone(lambda: run(2, draws=5, seed=3)), True, OWN_GENERATOR),
        Case("are the lists that you were given unchanged?", partial(_untouched, mine), True,
            ("rng.shuffle changes a list. Draw from it instead.", *pairs[1:]))
    ]  # fmt: skip
    check("accuracy_at_k", cases)


def _trials(
    mine: Callable[..., float], k: int, choose: Choose, gold: str = "14", **options: int
) -> tuple[object, list[Trial]]:
    """What accuracy_at_k gives on SIX samples, and the trials that `choose` saw."""
    seen: list[Trial] = []

    def noting(given: Answers, marks: Scores) -> str | None:
        seen.append((list(given), list(marks), choose(given, marks)))
        return seen[-1][-1]

    return mine(noting, list(SIX.values()), list(SIX), gold, k, **options), seen


def _best(given: Answers, marks: Scores) -> str | None:
    return given[max(range(len(marks)), key=lambda i: marks[i])]


def _drawn(mine: Callable[..., float]) -> list[bool]:
    trials = _trials(mine, 3, _best, draws=200, seed=1)[1]
    return [
        len(trials) == 200,
        all(len(given) == len(marks) == len(set(marks)) == 3 for given, marks, _ in trials),
        all(SIX.get(m) == a for given, marks, _ in trials for a, m in zip(given, marks, strict=True)),
        len({frozenset(marks) for _, marks, _ in trials}) > 10,
        len({marks[0] for _, marks, _ in trials}) == len({marks[-1] for _, marks, _ in trials}) == 6,
    ]


def _share(mine: Callable[..., float]) -> bool:
    found, trials = _trials(mine, 2, _best, draws=40, seed=5)
    return abs(float(found) - fmean(pick == "14" for *_, pick in trials)) < 1e-9


def _twins(mine: Callable[..., float]) -> int:
    sizes: list[int] = []

    def choose(given: Answers, marks: Scores) -> str:
        sizes.append(len(given))
        return "14"

    mine(choose, ["14"] * 4, [1.0] * 4, "14", 3, draws=1, seed=0)
    return sizes[0]


def _untouched(mine: Callable[..., float]) -> bool:
    given = list(SIX.values()), list(SIX)
    mine(_best, *given, "14", 2, draws=5, seed=0)
    return given == (list(SIX.values()), list(SIX))


def _talks(problem: Problem, texts: Sequence[str]) -> list[list[Message]]:
    return [
        [{"role": "user", "content": problem.question}, {"role": "assistant", "content": text}]
        for text in texts
    ]
