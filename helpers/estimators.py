"""Accuracies from one pool of samples, and how sure one may be of them.

`pass_at_k`, `maj_at_k`, `best_of_k` and `weighted_vote_at_k` say how often a method would be right on one
problem with k of its n recorded samples, drawn without replacement in random order: the expectation over all
draws, never one lucky run. `wilson`, `bootstrap` and `paired_difference` give 95 % intervals over problems.
Everything random takes a seed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import comb, prod, sqrt

import numpy as np

from helpers.answers import answers_match, vote_key

Z = 1.959963984540054  # 97.5 % of a normal distribution lie below
EXACT_SAMPLES = 256  # maj_at_k counts exactly up to here: beyond, drawing is faster
CHUNK = 2_000_000  # random numbers held at a time


@dataclass(frozen=True)
class Interval:
    """A mean with its 95 % interval, over `n` problems."""

    mean: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.mean:.2f} [{self.low:.2f}, {self.high:.2f}]"


def wilson(successes: int, n: int) -> Interval:
    """The share `successes` / `n` of independent yes-or-no outcomes, with its Wilson score interval.

    Right for few problems, and for shares near 0 and 1, where mean ± 2 standard errors is wrong (Wilson
    1927).
    """
    if n < 1 or not 0 <= successes <= n:
        raise ValueError(f"wilson needs n >= 1 and 0 <= successes <= n, not {successes} of {n}.")
    share, spread = successes / n, Z * Z / n
    centre = (share + spread / 2) / (1 + spread)
    half = Z * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == n else centre + half
    return Interval(share, low, high, n)


def bootstrap(values: Sequence[float], seed: int = 0, draws: int = 10_000) -> Interval:
    """The mean of one value for each problem, with its percentile bootstrap interval (Efron 1979).

    Problems are drawn with replacement. Values that are all the same have an interval of width 0: for few
    yes-or-no outcomes `wilson` is the better choice.
    """
    values = _numbers(values)
    low, high = np.quantile(_means(values, seed, draws), [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high), len(values))


def _means(values: np.ndarray, seed: int, draws: int) -> np.ndarray:
    """The means of so many resamples."""
    n = len(values)
    if draws * n <= CHUNK:
        return _resamples(n, seed, draws) @ values / n
    rng, rows = np.random.default_rng(seed), max(1, CHUNK // n)
    sizes = [(min(rows, draws - done), n) for done in range(0, draws, rows)]
    return np.concatenate([values[rng.integers(n, size=size)].mean(axis=1) for size in sizes])


@lru_cache(maxsize=4)
def _resamples(n: int, seed: int, draws: int) -> np.ndarray:
    """How often each of n problems is in each resample, [draws, n]: the same for all points of a figure."""
    drawn = np.random.default_rng(seed).integers(n, size=(draws, n))
    drawn += n * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=n * draws).reshape(draws, n).astype(float)


def paired_difference(a: Sequence[float], b: Sequence[float], seed: int = 0) -> Interval:
    """The mean of a - b over the same problems in the same order, with its bootstrap interval.

    Far narrower than two separate intervals, because what makes a problem hard makes it hard for both.
    """
    a, b = _numbers(a), _numbers(b)
    if len(a) != len(b):
        raise ValueError(
            f"paired_difference needs the same problems in both, not {len(a)} and {len(b)} values."
        )
    return bootstrap(a - b, seed)


def pass_at_k(n: int, c: int, k: int) -> float:
    """The probability that at least one of k of the n samples is right when c of them are: coverage.

    1 - C(n - c, k) / C(n, k), as the stable product of Chen et al. 2021 (arXiv 2107.03374).
    """
    _check(n, k)
    if not 0 <= c <= n:
        raise ValueError(f"pass_at_k needs 0 <= c <= n, not c = {c} of n = {n}.")
    return 1.0 - prod(1.0 - k / i for i in range(n - c + 1, n + 1)) if n - c >= k else 1.0


def best_of_k(correct: Sequence[bool], scores: Sequence[float], k: int) -> float:
    """The probability that the sample with the highest of k scores is right. Exact.

    Samples with the same score win equally often, as the first of a random order does.
    """
    correct, scores = np.asarray(correct, dtype=float), np.asarray(scores, dtype=float)
    _check(len(correct), k)
    if correct.shape != scores.shape or np.isnan(scores).any():
        raise ValueError("best_of_k needs one score for each sample, and no NaN among them.")
    n, lower, total = len(scores), len(scores), 0.0
    for score in np.unique(scores)[::-1]:
        same = scores == score
        # the best score of a subset is this one if the subset holds no higher one, and not only lower ones
        ways = comb(lower, k) - comb(lower - int(same.sum()), k)
        total += ways / comb(n, k) * float(correct[same].mean())
        lower -= int(same.sum())
    return total


def maj_at_k(answers: Sequence[str | None], gold: str, k: int, seed: int = 0, draws: int = 10_000) -> float:
    """The probability that a majority vote over k of the samples gives `gold` (Wang et al. 2022, arXiv
    2203.11171).

    Answers with the same `vote_key` are one vote: 0.5 and 1/2. None never votes; when nobody votes the vote
    is wrong. A tie goes to the answer seen first among the leaders, in a random order: each of t leaders wins
    one time in t. Exact up to 256 samples, whatever the seed; `draws` random draws beyond.
    """
    _check(len(answers), k)
    if len(answers) > EXACT_SAMPLES:
        return weighted_vote_at_k(answers, [1.0] * len(answers), gold, k, seed, draws)
    votes = Counter(vote_key(answer) for answer in answers if answer is not None)
    ways = 0.0
    for answer, own in votes.items():
        if answers_match(answer, gold):
            rivals = [count for other, count in votes.items() if other != answer]
            silent = len(answers) - sum(votes.values())
            ways += sum(
                comb(own, m) * _not_beaten(rivals, silent, k - m, m) for m in range(1, min(own, k) + 1)
            )
    return float(min(1.0, ways / comb(len(answers), k)))


def weighted_vote_at_k(
    answers: Sequence[str | None],
    weights: Sequence[float],
    gold: str,
    k: int,
    seed: int = 0,
    draws: int = 10_000,
) -> float:
    """The share of `draws` random draws of k samples in which the answer with the largest sum of weights is
    `gold`.

    Weights are not negative: pass a probability or exp(score). None never votes, ties as in `maj_at_k`.
    """
    weights = np.asarray(weights, dtype=float)
    _check(len(answers), k)
    if weights.shape != (len(answers),) or not (weights >= 0).all():
        raise ValueError(
            "weighted_vote_at_k needs a weight >= 0 for each sample: pass probabilities or exp(score)."
        )
    answers = [vote_key(answer) for answer in answers]
    texts = list(dict.fromkeys(answer for answer in answers if answer is not None))
    right = np.array([answers_match(text, gold) for text in texts] + [False])  # the last: nobody voted
    group = np.array([texts.index(a) if a is not None else -1 for a in answers])
    rng, n, hits = np.random.default_rng(seed), len(answers), 0
    rows = max(1, CHUNK // n)
    for done in range(0, draws, rows):
        drawn = rng.random((min(rows, draws - done), n)).argsort(axis=1)[:, :k]
        hits += int(right[_winners(group[drawn], weights[drawn], len(texts))].sum())
    return hits / draws


def _winners(group: np.ndarray, weight: np.ndarray, answers: int) -> np.ndarray:
    """The winning answer of each row of `group` (rows × votes, -1: silence); `answers` where nobody voted."""
    rows, k = group.shape
    total, first = np.full((rows, answers + 1), -1.0), np.full((rows, answers + 1), k)
    for answer in range(answers):
        own = group == answer
        voted = own.any(axis=1)
        total[voted, answer] = np.where(own, weight, 0.0).sum(axis=1)[voted]
        first[voted, answer] = own.argmax(axis=1)[voted]
    leads = np.isclose(total, total.max(axis=1, keepdims=True), rtol=1e-12, atol=0.0)
    winner = np.where(leads, first, k + 1).argmin(axis=1)
    return np.where((group >= 0).any(axis=1), winner, answers)


def _not_beaten(rivals: list[int], silent: int, rest: int, m: int) -> float:
    """In how many ways `rest` samples can be drawn from the rivals' votes and the silent ones so that no
    rival has more than m votes; a way in which j rivals have m too counts 1 / (j + 1).

    The samples of each rival multiply a polynomial: ways[j, r] counts draws of r samples with j rivals at m.
    """
    strong = [count for count in rivals if count >= m]
    others = silent + sum(count for count in rivals if count < m)  # too few to reach m: any of them will do
    ways = np.zeros((rest // m + 1, rest + 1))
    ways[0] = [comb(others, r) for r in range(rest + 1)]
    for count in strong:
        before, ways = ways, np.zeros_like(ways)
        for i in range(min(m, rest + 1)):
            ways[:, i:] += comb(count, i) * before[:, : rest + 1 - i]
        if rest >= m:
            ways[1:, m:] += comb(count, m) * before[:-1, : rest + 1 - m]
    return float(sum(ways[:, rest] / np.arange(1, len(ways) + 1)))


def _check(n: int, k: int) -> None:
    if not 1 <= k <= n:
        raise ValueError(
            f"k must lie between 1 and the number of samples: k = {k}, but there are {n} samples."
        )


def _numbers(values: Sequence[float]) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or not len(values) or np.isnan(values).any():
        raise ValueError("One number for each problem is needed, at least one, and none of them NaN.")
    return values
