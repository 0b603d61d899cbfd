"""The checks beside the exercises of 05_best_of_n_reward_model: cases and hints.

Each function takes what the learner wrote and shows the feedback of `helpers.checks.core`. The graded tests are
others, on more inputs: passing here is a good sign, not the grade.
"""

from collections.abc import Callable, Sequence
from functools import partial
from statistics import fmean, pstdev

from helpers.checks.core import Case, check
from helpers.checks.scripted import ScriptedLogprobs, ScriptedReward
from helpers.models import LanguageModel, Message, Sample
from helpers.problems import Problem
from helpers.rewards import RewardModel

Answers = Sequence[str | None]
Scores = Sequence[float]
Choose = Callable[[Answers, Scores], str | None]
PROBLEMS = [Problem("a", "What is 7 x 2?", "14", "word"), Problem("b", "What is 6 x 6?", "36", "word")]
TEXTS = [["Final: 14", "Final: 13"], ["Final: 36", "Final: 14", "Final: 36"]]
TRIALS = 40


def score_pool(mine: Callable[[RewardModel, list[Problem], list[list[Sample]]], list[list[float]]]) -> None:
    """Exercise 1."""

    def reward() -> ScriptedReward:
        worth = {"Final: 14": 1.0, "Final: 13": 2.0, "Final: 36": 3.0}

        def mark(conversation: Sequence[Message]) -> float:
            bonus = 10.0 if PROBLEMS[0].question in conversation[0]["content"] else 20.0
            return bonus + worth.get(conversation[-1]["content"], 0.0)

        return ScriptedReward(mark)

    def run(problems: list[Problem], texts: list[list[str]]) -> tuple[list[list[float]], ScriptedReward]:
        judge = reward()
        pool = [[Sample(text, 3, -1.0, "stop") for text in row] for row in texts]
        return mine(judge, list(problems), pool), judge

    def scores(count: int) -> list[list[float]]:
        return [list(row) for row in run(PROBLEMS[:count], TEXTS[:count])[0]]

    def sent() -> list[list[Message]]:
        return [list(conversation) for call in run(PROBLEMS[:1], TEXTS[:1])[1].calls for conversation in call]

    turns = (
        "A conversation is a list of two messages: the user's question, then the assistant's text.",
        '[{"role": "user", "content": problem.question}, {"role": "assistant", "content": sample.text}]',
    )
    once = (
        "reward.score takes a *list* of conversations. It can do many at a time only if it gets them at a time.",
        "First make one flat list of conversations: for each problem, for each of its samples. Then one call.",
    )
    shape = (
        "reward.score gives a flat list. Which scores belong to the first problem? Its first len(samples) ones.",
        "The lists need not be equally long, so cut by the length of each.",
        "scores = iter(flat); return [[next(scores) for _ in samples] for samples in pool]",
    )
    own = (
        "Each sample must be scored below *its* question.",
        "for problem, samples in zip(problems, pool): for sample in samples: …",
    )
    shown = "two samples of the first problem, three of the second"
    cases = [
        Case("the conversations of the first problem", sent, _talks(PROBLEMS[0], TEXTS[0]), turns),
        Case("score_pool for the first problem alone", lambda: scores(1), [[11.0, 12.0]], (*own[:1], *shape)),
        Case(shown, lambda: scores(2), [[11.0, 12.0], [23.0, 21.0, 23.0]], (*own, *shape)),
        Case(
            f"{shown}: how often reward.score was called", lambda: len(run(PROBLEMS, TEXTS)[1].calls), 1, once
        ),
        Case(
            "a problem without samples, then the second one",
            lambda: [list(row) for row in run(PROBLEMS, [[], TEXTS[1]])[0]],
            [[], [23.0, 21.0, 23.0]],
            shape,
        ),
    ]
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
        "First the sigmoid of each score, then the sum of the weights of equal answers; no mean.",
    )
    bounded = (
        "No sample has a weight above 1, so two good ones outweigh the very best one.",
        "The weight is sigmoid(score), not exp(score), and not the score itself.",
    )
    many = (
        "The sum counts, not the mean: answers that many samples give deserve more.",
        "total[answer] = total.get(answer, 0) + sigmoid(score)",
    )
    none = (
        "None never votes, whatever its score.",
        "if answer is not None: …",
    )
    nobody = ("Nobody voted: None.", "return max(total, key=total.get) if total else None")
    tie = (
        "A tie: the first seen among the leaders.",
        "A dict keeps its keys in the order in which they came, and max takes the first of the largest.",
    )
    cases: list[tuple[list[str | None], list[float], str | None, tuple[str, ...]]] = [
        (["14", "13"], [2.0, -2.0], "14", add),
        (["13", "13", "14"], [-4.0, -4.0, 2.0], "14", add),
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
    answers: list[str | None] = ["14"] * 3 + ["13"] * 2 + [None]
    scores = [1.0, 6.0, 2.0, 5.0, 3.0, 4.0]  # the best one is right, the second is wrong, the third is None

    def top(given: Answers, marks: Scores) -> str | None:
        return given[max(range(len(marks)), key=lambda i: marks[i])]

    def run(choose: Choose, k: int, draws: int = 500, seed: int = 0, gold: str = "14") -> float:
        return float(mine(choose, list(answers), list(scores), gold, k, draws=draws, seed=seed))

    def drawn() -> list[bool]:
        asked: list[tuple[tuple, tuple]] = []

        def noting(given: Answers, marks: Scores) -> str | None:
            asked.append((tuple(given), tuple(marks)))
            return "14"

        run(noting, 3, draws=20)
        own = dict(zip(scores, answers, strict=True))
        return [
            len(asked) == 20,
            all(len(g) == len(m) == len(set(m)) == 3 for g, m in asked),
            all(own.get(mark) == answer for g, m in asked for answer, mark in zip(g, m, strict=True)),
            len({frozenset(m) for _, m in asked}) > 3,
            any(None in given for given, _ in asked),
        ]

    def twins() -> int:
        sizes: list[int] = []
        mine(
            lambda given, marks: sizes.append(len(given)) or "14",
            ["14"] * 4,
            [1.0] * 4,
            "14",
            3,
            draws=1,
            seed=0,
        )
        return sizes[0]

    pairs = (
        "An answer and its score must be drawn together.",
        "samples = list(zip(answers, scores)); drawn = rng.sample(samples, k)",
    )
    one = (
        "With k = 1 the choice is the one sample that was drawn. Three of six are right.",
        "Is rng made once, before the loop? Else every trial draws the same.",
        *pairs,
    )
    whole = (
        "With all six drawn there is nothing left to chance: the best score is that of a right answer.",
        "Does each answer keep its own score? Draw the two together, not one after the other.",
        "Without replacement no place is drawn twice: rng.sample, not rng.choices.",
    )
    gold = (
        "Right is what matches `gold`; answers_match knows that 14.0 is 14.",
        "answers_match(choose(…), gold)",
    )
    seeded = ("The same seed must give the same number.", "rng = random.Random(seed), once, before the loop.")
    text = "accuracy_at_k(highest score, ['14', '14', '14', '13', '13', None], scores, '14', {})"
    cases = [
        Case(text.format(1), lambda: run(top, 1), 0.5, one, same=_near),
        Case(text.format(6), lambda: run(top, 6), 1.0, whole, same=_near),
        Case(
            "what `choose` gets, k = 3, 20 draws: [20 calls?, 3 different samples each?, each answer with its score?, new ones each time?, unread ones too?]",
            drawn,
            [True] * 5,
            (
                "The five questions stand in the order of the list: which is the first False?",
                "None is an answer like others here: draw from all samples.",
                *pairs,
            ),
        ),
        Case(
            "four samples, all with answer '14' and score 1.0, k = 3: how many does `choose` get?",
            twins,
            3,
            ("Two places with the same answer and score are two samples: no set, no dict.", *pairs),
        ),
        Case("gold written as '14.0', k = 6", lambda: run(top, 6, gold="14.0"), 1.0, gold, same=_near),
        Case("`choose` gives None", lambda: run(lambda a, s: None, 2), 0.0, gold, same=_near),
        Case(
            "twice the same seed, the same number?",
            lambda: run(top, 2, 30, 7) == run(top, 2, 30, 7),
            True,
            seeded,
        ),
        Case(
            "do 20 seeds give different numbers?",
            lambda: len({run(top, 2, 20, seed) for seed in range(20)}) > 1,
            True,
            ("Does the seed reach the random generator?", *seeded[1:]),
        ),
    ]
    check("accuracy_at_k", cases)


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
        return [score for answer, score in draw(50, 0.5, 2.0) if (answer == right) is kind]

    def popular() -> float:
        slips = [answer for answer, _ in draw(50, 0.0, 1.0)]
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
    seeded = (
        "The same seed must give the same candidates, another seed others.",
        "rng = random.Random(seed), and use rng only",
    )
    cases = [
        Case("simulate(3, 1.0, 0.0, 1): the answers", lambda: list(mine(3, 1.0, 0.0, 1)[0]), [right] * 3, two),
        Case(
            "simulate(3, 1.0, 0.0, 1): the scores", lambda: list(map(float, mine(3, 1.0, 0.0, 1)[1])), [0.0] * 3, two
        ),
        Case("with p = 0, n = 50: how many different wrong answers?", lambda: len(set(mine(50, 0.0, 1.0, 1)[0])), len(set(wrong)), (slip[0] + " Each candidate is drawn anew.", slip[1])),
        Case("with p = 0.5, n = 50: does the number of right ones vary with the seed?", lambda: len({list(mine(50, 0.5, 1.0, seed)[0]).count(right) for seed in range(9)}) > 1, True, chance),
        Case("with p = 0: is any answer right?", lambda: right in mine(50, 0.0, 1.0, 1)[0], False, chance),
        Case(
            "with p = 0.5: the share of right answers",
            lambda: fmean(answer == right for answer, _ in draw(50, 0.5, 1.0)),
            0.5,
            chance,
            same=_about(0.06),
        ),
        Case(
            f"of the wrong ones, the share of {wrong[0]}",
            popular,
            list(wrong).count(wrong[0]) / len(wrong),
            slip,
            same=_about(0.06),
        ),
        Case("d = 2: mean score of the right ones", lambda: fmean(marks(True)), 2.0, mean, same=_about(0.35)),
        Case("d = 2: mean score of the wrong ones", lambda: fmean(marks(False)), -2.0, mean, same=_about(0.35)),
        Case("d = 2: their standard deviation", lambda: pstdev(marks(False)), 2.0, spread, same=_about(0.3)),
        Case("twice the same seed: the same?", lambda: mine(9, 0.5, 1.0, 7) == mine(9, 0.5, 1.0, 7), True, seeded),
        Case("another seed: the same?", lambda: mine(9, 0.5, 1.0, 7) == mine(9, 0.5, 1.0, 8), False, seeded),
    ]  # fmt: skip
    check("simulate", cases)


def density_ratio(
    mine: Callable[[LanguageModel, LanguageModel, list[list[Message]], list[str]], list[float]],
) -> None:
    """Exercise 6."""
    logs = {"strong": {"a b": [-0.5, -0.25], "c": [-4.0]}, "weak": {"a b": [-1.0, -2.0], "c": [-1.0]}}
    prompts: list[list[Message]] = [[{"role": "user", "content": question}] for question in ("one?", "two?")]

    def run(texts: list[str]) -> tuple[list[float], list[ScriptedLogprobs]]:
        models = [
            ScriptedLogprobs(lambda prompt, text, own=own: list(own[text]), name)
            for name, own in logs.items()
        ]
        found = mine(*models, prompts[: len(texts)], list(texts))
        return [float(value) for value in found], models

    def asked() -> list[list[list[Message]]]:
        return [list(call[0]) for model in run(["a b", "c"])[1] for call in model.calls]

    total = (
        "The log-probability of a text is the sum over its tokens; strong minus weak.",
        "[sum(s) - sum(w) for s, w in zip(strong.logprobs(…), weak.logprobs(…))]",
    )
    sign = ("Strong minus weak: where the strong model finds the text less probable, it is negative.", *total)
    each = ("One number for each text, in order.", *total[1:])
    once = (
        "logprobs takes all prompts and all texts at once.",
        "by_strong = strong.logprobs(prompts, texts), and the same for weak",
    )
    cases = [
        Case("strong [-0.5, -0.25], weak [-1.0, -2.0]", lambda: run(["a b"])[0], [2.25], total),
        Case("strong [-4.0], weak [-1.0]", lambda: run(["c"])[0], [-3.0], sign),
        Case("both texts", lambda: run(["a b", "c"])[0], [2.25, -3.0], each),
        Case(
            "how often each model was asked",
            lambda: [len(model.calls) for model in run(["a b", "c"])[1]],
            [1, 1],
            once,
        ),
        Case("the prompts that both got", asked, [prompts, prompts], once),
    ]
    check("density_ratio", cases)


def best_by_both(mine: Callable[[list, list[float], list[float]], object]) -> None:
    """Exercise 7."""
    both = (
        "Add the two logarithms of each candidate, and take the candidate with the largest sum.",
        "max(range(len(candidates)), key=lambda i: logprobs[i] + log_sigmoid(scores[i]))",
    )
    logs = (
        "exp(-800) is 0 for a computer, so every product is 0. Stay with logarithms.",
        "log_sigmoid, not log(sigmoid(…)), which no longer tells very low scores apart.",
        "logprobs[i] + log_sigmoid(scores[i])",
    )
    scale = (
        "r is sigmoid(score), a probability: from some score on, more score hardly helps.",
        "Add log_sigmoid(score), not the score.",
    )
    first = ("Equal sums: the first candidate wins.", "max with a key gives the first of equals.")
    empty = ("No candidates: None.", "if not candidates: return None")
    cases: list[tuple[list, list[float], list[float], object, tuple[str, ...]]] = [
        (["13", "14"], [-1.0, -1.5], [-6.0, 6.0], "14", both),
        (["14", "13"], [-1.0, -9.0], [1.0, 2.0], "14", both),
        (["13", "14"], [-3.0, -2.0], [30.0, 20.0], "14", scale),
        (["13", "14"], [-900.0, -800.0], [3.0, 3.0], "14", logs),
        (["13", "14"], [-2.0, -2.0], [-900.0, -800.0], "14", logs),
        ([None, "14"], [-1.0, -2.0], [5.0, 5.0], None, ("Candidates are not looked at: None may win.",)),
        (["14", "13"], [-1.0, -1.0], [2.0, 2.0], "14", first),
        (["13", "14"], [-1.0, -1.0], [2.0, 2.0], "13", first),
        ([], [], [], None, empty),
    ]
    check(
        "best_by_both",
        [
            Case(f"best_by_both({c}, {p}, {s})", partial(mine, list(c), list(p), list(s)), gold, h)
            for c, p, s, gold, h in cases
        ],
    )


def _talks(problem: Problem, texts: Sequence[str]) -> list[list[Message]]:
    return [
        [{"role": "user", "content": problem.question}, {"role": "assistant", "content": text}]
        for text in texts
    ]


def _near(yours: object, expected: object) -> bool:
    """Within what 500 random draws allow; exact where nothing is left to chance."""
    slack = 1e-6 if expected in (0.0, 1.0) else 0.11
    return isinstance(yours, float) and abs(yours - expected) <= slack


def _about(slack: float) -> Callable[[object, object], bool]:
    return lambda yours, expected: isinstance(yours, float) and abs(yours - expected) <= slack
