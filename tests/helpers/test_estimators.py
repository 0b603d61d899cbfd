"""Estimators against brute force over all draws, and intervals against the literature and simulation."""

import math
from collections import Counter
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import estimators
from helpers.estimators import (
    Interval,
    best_of_k,
    bootstrap,
    maj_at_k,
    paired_difference,
    pass_at_k,
    weighted_vote_at_k,
    wilson,
)

votes = st.lists(st.sampled_from(["7", "8", "9", "10", None]), min_size=1, max_size=6)


def vote(answers, weights=None):
    """A vote written as plainly as can be: the reference for the estimators."""
    total = Counter()
    for answer, weight in zip(answers, weights or [1.0] * len(answers), strict=True):
        if answer is not None:
            total[answer] += weight
    return next((a for a in answers if a is not None and total[a] == max(total.values())), None)


def over_all_orders(n, k, right):
    draws = list(permutations(range(n), k))
    return sum(map(right, draws)) / len(draws)


# Against brute force


@given(votes, st.data())
def test_maj_at_k_is_the_mean_over_all_draws(answers, data):
    k = data.draw(st.integers(1, len(answers)))
    expected = over_all_orders(len(answers), k, lambda draw: vote([answers[i] for i in draw]) == "7")
    assert maj_at_k(answers, "7", k) == pytest.approx(expected)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=6), st.data())
def test_best_of_k_is_the_mean_over_all_draws(samples, data):
    correct, scores = zip(*samples, strict=True)
    k = data.draw(st.integers(1, len(samples)))
    expected = over_all_orders(len(samples), k, lambda draw: correct[max(draw, key=lambda i: scores[i])])
    assert best_of_k(correct, scores, k) == pytest.approx(expected)


@given(st.integers(1, 9), st.data())
def test_pass_at_k_is_the_mean_over_all_draws(n, data):
    c, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    draws = list(combinations(range(n), k))
    assert pass_at_k(n, c, k) == pytest.approx(sum(any(i < c for i in draw) for draw in draws) / len(draws))


@settings(max_examples=20)
@given(votes, st.data())
def test_a_weighted_vote_is_near_the_mean_over_all_draws(answers, data):
    k = data.draw(st.integers(1, len(answers)))
    weights = data.draw(
        st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0]), min_size=len(answers), max_size=len(answers))
    )
    expected = over_all_orders(
        len(answers), k, lambda draw: vote([answers[i] for i in draw], [weights[i] for i in draw]) == "7"
    )
    drawn = weighted_vote_at_k(answers, weights, "7", k, draws=4000)
    assert abs(drawn - expected) < 5 * math.sqrt(0.25 / 4000)


# Relations that hold for any pool

pools = st.lists(st.sampled_from(["7", "8", "9", None]), min_size=2, max_size=40)


@given(pools)
def test_one_vote_is_the_share_of_right_samples(answers):
    assert maj_at_k(answers, "7", 1) == pytest.approx(answers.count("7") / len(answers))


@given(pools, st.data())
def test_no_choice_is_better_than_coverage(answers, data):
    k = data.draw(st.integers(1, len(answers)))
    correct = [a == "7" for a in answers]
    coverage = pass_at_k(len(answers), sum(correct), k)
    assert maj_at_k(answers, "7", k) <= coverage + 1e-12
    assert best_of_k(correct, list(range(len(answers))), k) <= coverage + 1e-12
    assert best_of_k(correct, correct, k) == pytest.approx(coverage), "a perfect judge"
    assert best_of_k(correct, [0] * len(correct), k) == pytest.approx(np.mean(correct)), (
        "a judge who knows nothing"
    )


@given(pools, st.integers(1, 3))
def test_the_order_of_the_pool_and_the_seed_do_not_matter(answers, k):
    k = min(k, len(answers))
    assert maj_at_k(answers, "7", k) == pytest.approx(maj_at_k(sorted(answers, key=str), "7", k, seed=9))


def test_large_pools_are_exact_up_to_a_size_and_drawn_beyond():
    answers = ["7"] * 100 + ["8"] * 90 + [str(i) for i in range(100, 160)] + [None] * 6
    assert len(answers) == estimators.EXACT_SAMPLES
    drawn = weighted_vote_at_k(answers, [1.0] * 256, "7", 32)
    assert maj_at_k(answers, "7", 32) == pytest.approx(drawn, abs=0.02)
    assert maj_at_k([*answers, None], "7", 32, seed=1) == pytest.approx(drawn, abs=0.04)
    assert maj_at_k([*answers, None], "7", 32, seed=1) == maj_at_k([*answers, None], "7", 32, seed=1)


def test_probabilities_stay_probabilities_in_large_pools():
    assert maj_at_k(["7"] * 256, "7", 128) == pytest.approx(1.0)
    assert 0 <= maj_at_k(["7", "8"] * 128, "7", 255) <= 1
    assert pass_at_k(10_000, 1, 100) == pytest.approx(0.01)


def test_answers_that_are_equal_in_value_are_one_vote():
    answers = ["0.5", "0.5", r"\frac{1}{2}", "1/2", "3", "3", "3"]
    assert maj_at_k(answers, "1/2", 1) == pytest.approx(4 / 7)
    assert maj_at_k(answers, "1/2", 7) == weighted_vote_at_k(answers, [1.0] * 7, "1/2", 7) == 1.0


def test_silence_never_wins():
    assert maj_at_k([None, None, "7"], "7", 3) == 1.0
    assert maj_at_k([None, None, "7"], "7", 2) == pytest.approx(2 / 3)
    assert maj_at_k([None], "7", 1) == weighted_vote_at_k([None], [1.0], "7", 1) == 0.0


# Known values


def test_pass_at_k_of_the_paper():
    # HumanEval's estimator: 1 - C(n - c, k) / C(n, k)
    for n, c, k in [(200, 10, 1), (200, 10, 10), (200, 10, 100), (20, 3, 5), (5, 5, 1), (5, 0, 5)]:
        assert pass_at_k(n, c, k) == pytest.approx(1 - math.comb(n - c, k) / math.comb(n, k))


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # Newcombe 1998, Statistics in Medicine 17, table I: method 3, without continuity correction
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_of_the_literature(successes, n, low, high):
    interval = wilson(successes, n)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)
    assert (interval.mean, interval.n) == (successes / n, n)
    mirrored = wilson(n - successes, n)
    assert mirrored.low == pytest.approx(1 - interval.high)


def test_an_interval_reads_well():
    assert str(Interval(0.618, 0.5512, 0.6891, 200)) == "0.62 [0.55, 0.69]"


# Intervals


def test_bootstrap_agrees_with_the_standard_error():
    values = np.random.default_rng(1).random(400)
    interval, error = bootstrap(values), values.std() / 20
    assert interval.mean == pytest.approx(values.mean()) and interval.n == 400
    assert interval.low == pytest.approx(values.mean() - 1.96 * error, abs=0.1 * error)
    assert interval.high == pytest.approx(values.mean() + 1.96 * error, abs=0.1 * error)


def test_bootstrap_depends_on_its_seed_alone():
    values = list(np.random.default_rng(2).random(50))
    assert bootstrap(values, seed=3) == bootstrap(values, seed=3) != bootstrap(values, seed=4)


def test_bootstrap_in_chunks_is_the_same_distribution(monkeypatch):
    values = list(np.random.default_rng(2).random(50))
    whole = bootstrap(values)
    monkeypatch.setattr(estimators, "CHUNK", 990)
    parts = bootstrap(values)
    assert (parts.low, parts.high) == pytest.approx((whole.low, whole.high), abs=0.01)


@given(st.integers(1, 300), st.data())
def test_wilson_contains_the_share_and_narrows_with_n(n, data):
    successes = data.draw(st.integers(0, n))
    small, large = wilson(successes, n), wilson(4 * successes, 4 * n)
    assert 0 <= small.low <= small.mean <= small.high <= 1
    assert large.high - large.low < small.high - small.low


def test_a_paired_difference_is_narrower_than_two_intervals():
    rng = np.random.default_rng(5)
    hard = rng.random(200)
    a, b = hard + 0.05 + 0.01 * rng.standard_normal(200), hard
    difference = paired_difference(a, b)
    assert difference.low > 0.04 and difference.high < 0.06
    assert bootstrap(a).low < bootstrap(b).high, "apart from each other they would not differ"
    assert paired_difference(b, a).mean == pytest.approx(-difference.mean)
    assert paired_difference([True, False], [False, False]).mean == 0.5


# Bad input


@pytest.mark.parametrize(
    "call",
    [
        lambda: pass_at_k(4, 1, 5),
        lambda: pass_at_k(4, 5, 1),
        lambda: pass_at_k(4, 1, 0),
        lambda: maj_at_k([], "7", 1),
        lambda: maj_at_k(["7"], "7", 2),
        lambda: best_of_k([True], [1.0, 2.0], 1),
        lambda: best_of_k([True], [float("nan")], 1),
        lambda: weighted_vote_at_k(["7"], [-1.0], "7", 1),
        lambda: weighted_vote_at_k(["7"], [float("nan")], "7", 1),
        lambda: weighted_vote_at_k(["7"], [], "7", 1),
        lambda: wilson(3, 2),
        lambda: wilson(0, 0),
        lambda: bootstrap([]),
        lambda: bootstrap([1.0, float("nan")]),
        lambda: paired_difference([1.0], [1.0, 2.0]),
    ],
)
def test_bad_input_gets_one_sentence(call):
    with pytest.raises(ValueError) as raised:
        call()
    assert str(raised.value).endswith(".") and "\n" not in str(raised.value)
