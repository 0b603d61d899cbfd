"""What is compiled, against numpy and torch."""

from functools import partial

import numba
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.engine import compiled, compiled_attention, token_sampler

SEEDS = st.integers(0, 2**32 - 1)


def normal(generator, *shape, scale=1.0):
    return generator.normal(0, scale, shape).astype(np.float32)


@given(
    SEEDS,
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(1, 70),
    st.integers(0, 2),
    st.sampled_from(["float32", "float16", "bfloat16"]),
)
def test_a_product_is_added_in_shares(seed, rows, outs, size, share, kind):
    generator = np.random.default_rng(seed)
    x, weight, y = (normal(generator, *shape) for shape in ((rows, size), (outs, size), (rows, outs)))
    narrow = torch.from_numpy(weight).to(getattr(torch, kind))
    expected = y + x @ narrow.float().numpy().T
    if kind != "float32":
        weight = narrow.view(torch.int16).numpy().view({"float16": np.int16, "bfloat16": np.uint16}[kind])
    whole, middle = y.copy(), min(4 * share, outs)
    compiled.product(x, weight, whole, 0, outs)
    compiled.product(x, weight, y, middle, outs)
    compiled.product(x, weight, y, 0, middle)
    np.testing.assert_array_equal(y, whole)
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 8), st.integers(2, 300), st.sampled_from([0.0, 0.3, 1.0, 2.0]))
def test_what_is_compiled_draws_as_torch_does(seed, rows, vocabulary, temperature):
    generator = np.random.default_rng(seed)
    logits = torch.from_numpy(normal(generator, rows, vocabulary, scale=4))
    logits[:, generator.integers(vocabulary)] = float("-inf")  # as a grammar rules a token out
    options = np.full(rows, temperature, np.float32), np.ones(rows, np.float32)
    draws = generator.random(rows, dtype=np.float32)
    here = token_sampler.draw(logits, *options, draws)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_sampler, "SHARED", 0)
        patch.setattr(torch, "get_num_threads", lambda: 3)
        for one, other in zip(here, token_sampler.draw(logits, *options, draws), strict=True):
            np.testing.assert_array_equal(one, other)
        patch.setattr(token_sampler, "_draw_compiled", partial(by_torch, logits, options[1]))
        there = token_sampler.draw(logits, *options, draws)

    sure = ~here[2] & ~there[2]
    assert (here[0] == there[0])[sure].all()
    np.testing.assert_allclose(here[1][sure], there[1][sure], rtol=1e-4, atol=1e-4)


def by_torch(logits, top_p, _, temperature, draws, rounding):
    return token_sampler._draw_by_torch(logits, temperature, top_p, draws, rounding)


@pytest.mark.parametrize("length", [0, 1, 3, 8, 13])
def test_rows_attend_to_a_prompt_and_to_what_they_wrote(length):
    generator, kv, heads, size, first, last = np.random.default_rng(length), 2, 6, 5, 2, 7
    qkv = normal(generator, 3, heads + 2 * kv, size)
    prompt_keys, prompt_values = (normal(generator, 2, kv, 13, size) for _ in "ab")
    keys, values = (normal(generator, 3, kv, 9, size) for _ in "ab")
    prompt_of, lengths, seen = (
        np.array([1, 0, 1]),
        np.full(3, length),
        np.empty((3, heads, size), np.float32),
    )
    compiled_attention.attend(
        qkv, prompt_keys, prompt_values, prompt_of, lengths, keys, values, first, last, seen
    )
    for row, prompt in enumerate(prompt_of):
        parts = qkv[row]
        assert (keys[row, :, last - 1] == parts[heads:-kv]).all()
        assert (values[row, :, last - 1] == parts[-kv:]).all()
        for head in range(heads):
            group = head // (heads // kv)
            of_row = [
                np.concatenate([known[prompt, group, :length], own[row, group, first:last]])
                for known, own in ((prompt_keys, keys), (prompt_values, values))
            ]
            weights = np.exp(of_row[0] @ parts[head])
            expected = weights / weights.sum() @ of_row[1]
            np.testing.assert_allclose(seen[row, head], expected, rtol=1e-3, atol=1e-4)


def test_a_token_that_rounding_could_turn_is_doubtful():
    logits = torch.tensor([[0.0, 1.0, 1.0 + 1e-6], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    temperature = np.array([0, 1, 1], np.float32)
    draws = np.array([0.5, 1 / 3, 0.5], np.float32)
    token, log_prob, doubtful = token_sampler.draw(logits, temperature, np.ones(3, np.float32), draws)
    assert doubtful.tolist() == [True, True, False] and token[0] == 2 and token[2] == 1
    assert log_prob[2] == pytest.approx(np.log(1 / 3), abs=1e-6)


@pytest.mark.parametrize("error", [RuntimeError("no locator"), OSError(28, "No space left on device")])
def test_where_nothing_can_be_kept_it_is_compiled_all_the_same(monkeypatch, error):
    njit = numba.njit

    def refusing(*signature, cache=False, **options):
        if cache:
            raise error
        return njit(*signature, **options)

    monkeypatch.setattr(numba, "njit", refusing)
    double = compiled.jit(compiled.float32(compiled.float32))(lambda x: 2 * x)
    assert double(1.5) == 3
