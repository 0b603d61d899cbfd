"""Texts that begin alike: the same numbers as one by one, nothing read twice, no pass too large."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.random_model import course_config, random_model
from helpers.engine.prefix_scoring import WORTH, passes

LIMIT = 120
ids = st.integers(3, 250)
heads = st.sampled_from([(5,), (5, 6, 7), tuple(range(20, 50)), ()])
pairs = st.lists(st.tuples(heads, st.lists(ids, min_size=1, max_size=30).map(tuple)), max_size=24)


@pytest.fixture(scope="module")
def model():
    return random_model(course_config()).eval()


def whole(model, head, tail):
    with torch.inference_mode():
        return model(torch.tensor([head + tail]), use_cache=False).logits[0]


@settings(max_examples=25, deadline=None)
@given(pairs=pairs)
def test_every_pair_is_read_once_within_the_bound_as_if_it_stood_alone(model, pairs):
    seen = []
    for each in passes(model, pairs, LIMIT, padding=0):
        rows, width = each.inputs["input_ids"].shape
        assert rows == 1 or rows * (each.start + width) <= LIMIT
        with torch.inference_mode():
            logits = model(**each.inputs).logits
        for (head, tail), part in zip(each.pairs, logits, strict=True):
            own = len(head) + len(tail) - each.start
            torch.testing.assert_close(
                part[:own], whole(model, head, tail)[each.start :], atol=2e-4, rtol=1e-3
            )
        seen += each.pairs
    assert len(seen) == len(set(seen)) and set(seen) == set(pairs)


def test_a_question_is_read_once_for_many_answers_and_with_few_of_them_again(model):
    head = tuple(range(20, 50))
    many = [(head, (n, n + 1)) for n in range(WORTH)]
    (shared,) = passes(model, many, 1000, padding=0)
    assert shared.start == len(head) - 1 and shared.inputs["input_ids"].shape == (WORTH, 3)
    (apart,) = passes(model, many[1:], 1000, padding=0)
    assert apart.start == 0 and apart.inputs["input_ids"].shape == (WORTH - 1, 32)


def test_without_a_padding_token_each_pass_holds_one_pair(model):
    rows = [((4, 5, 6), (n,) * n) for n in range(1, 8)]
    assert [len(each.pairs) for each in passes(model, rows, 1000, padding=None)] == [1] * 7
