"""Answers of learners, right and wrong, as tests of the checks try them."""

from collections.abc import Mapping

import pytest


def each(variants: Mapping[str, Mapping[str, list[str]]], kind: str) -> list:
    """Parameters (exercise, code), one for each answer that is `kind`, "right" or "wrong"."""
    return [
        pytest.param(exercise, code, id=f"{exercise}-{kind}{i}")
        for exercise, answers in variants.items()
        for i, code in enumerate(answers[kind])
    ]
