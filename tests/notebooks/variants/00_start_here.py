"""Answers to the practice exercise of 00_start_here as learners write them: data for the grading tests."""

RIGHT = [
    """
def mean_tokens(samples):
    return sum(s.tokens for s in samples) / len(samples) if samples else 0.0
""",
    """
def mean_tokens(samples):
    total = 0
    for sample in samples:
        total += sample.tokens
    return total / max(len(samples), 1)
""",
    """
import numpy as np


def mean_tokens(samples):
    return np.mean([s.tokens for s in samples]) if len(samples) > 0 else 0
""",
    """
from statistics import mean


def mean_tokens(samples):
    return mean([s.tokens for s in samples] or [0.0])
""",
    """
def mean_tokens(samples):
    try:
        return sum(map(lambda s: s.tokens, samples)) / len(samples)
    except ZeroDivisionError:
        return 0.0
""",
    # a running mean
    """
def mean_tokens(samples):
    mean = 0.0
    for count, sample in enumerate(samples, 1):
        mean += (sample.tokens - mean) / count
    return mean
""",
    # pandas
    """
import pandas as pd


def mean_tokens(samples):
    return 0.0 if len(samples) == 0 else pd.Series([sample.tokens for sample in samples]).mean()
""",
    # a fraction
    """
from fractions import Fraction


def mean_tokens(samples):
    return float(Fraction(sum(s.tokens for s in samples), len(samples) or 1))
""",
]

WRONG = [
    # not written
    """
def mean_tokens(samples):
    raise NotImplementedError()
""",
    # nothing is returned
    """
def mean_tokens(samples):
    print(sum(s.tokens for s in samples) / max(len(samples), 1))
""",
    # the sum
    """
def mean_tokens(samples):
    return sum(s.tokens for s in samples)
""",
    # divides by zero
    """
def mean_tokens(samples):
    return sum(s.tokens for s in samples) / len(samples)
""",
    # None instead of 0.0
    """
def mean_tokens(samples):
    if samples:
        return sum(s.tokens for s in samples) / len(samples)
""",
    # whole numbers only
    """
def mean_tokens(samples):
    return sum(s.tokens for s in samples) // max(len(samples), 1)
""",
    # characters, not tokens
    """
def mean_tokens(samples):
    return sum(len(s.text) for s in samples) / max(len(samples), 1)
""",
    # the loop returns in its first round
    """
def mean_tokens(samples):
    for s in samples:
        return s.tokens / len(samples)
    return 0.0
""",
    # the answer to the visible test alone
    """
def mean_tokens(samples):
    return 5.5 if samples else 0.0
""",
    # the first sample is left out
    """
def mean_tokens(samples):
    return sum(s.tokens for s in samples[1:]) / max(len(samples), 1)
""",
    # the median
    """
from statistics import median


def mean_tokens(samples):
    return median([s.tokens for s in samples]) if samples else 0.0
""",
    # equal sizes count once
    """
def mean_tokens(samples):
    sizes = {s.tokens for s in samples}
    return sum(sizes) / len(sizes) if sizes else 0.0
""",
]

VARIANTS = {"practice_mean_tokens": {"points": 1, "right": RIGHT, "wrong": WRONG}}
