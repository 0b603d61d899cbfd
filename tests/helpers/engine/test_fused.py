"""The forward pass written out, against the model's own."""

from copy import deepcopy

import numpy as np
import pytest
import torch

from helpers.engine import forward, fused
from helpers.engine.decoder import Decoder, FusedDecoder, decoder
from helpers.engine.kv_cache import KVCache
from tests.helpers.tiny import KINDS, ask, tiny

SUPPORTED = {"qwen3", "qwen2", "llama"}
PROMPTS = [(5, 6, 7, 8, 9), (11, 12, 13), (40,) * 5]


def logits(model, rows, steps):
    """Logits of the model itself after each of `steps` tokens of every row."""
    whole = [model.model(torch.tensor([[*PROMPTS[p], *steps[:, i]]])).logits[0] for i, p in enumerate(rows)]
    return torch.stack([own[len(PROMPTS[p]) - 1 : -1] for own, p in zip(whole, rows, strict=True)], 1)


def read(made, rows):
    """A cache of rows that continue these prompts, as it is when the prompts are read."""
    lengths, used = [len(prompt) for prompt in PROMPTS], sorted(set(rows))
    numbers = [used.index(p) for p in rows]
    cache = KVCache([lengths[p] - 1 for p in used], numbers, 9, "cpu")
    for place, p in enumerate(used):
        made.read_whole(np.array([PROMPTS[p][:-1]]), cache, place)
    return cache


@pytest.mark.parametrize(  # products by BLAS, or compiled; threads share the columns, or the rows
    ("many", "block", "threads", "large"),
    [
        (1, 256, 1, 0),
        (1, 2, 3, 0),
        (100, 256, 3, 0),
        (1, 256, 1, 10**9),
        (100, 2, 3, 10**9),
        (1, 2, 3, 10**9),
    ],
)
@pytest.mark.parametrize("batches", [[[0]], [[0, 1, 2]], [[1, 1, 0, 2, 1]], [[0, 1], [2, 2, 2, 0, 1]]])
@pytest.mark.parametrize("kind", sorted(SUPPORTED))
def test_steps_give_the_logits_of_the_model(monkeypatch, kind, batches, many, block, threads, large):
    for name, value in (("MANY", many), ("BLOCK", block), ("LARGE", large)):
        monkeypatch.setattr(forward, name, value)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    compare(tiny(kind), batches)


@pytest.mark.parametrize(
    ("numbers", "kept"), [("float32", np.float32), ("float16", np.int16), ("bfloat16", np.uint16)]
)
@pytest.mark.parametrize("kind", sorted(SUPPORTED))
def test_weights_that_were_stored_in_two_bytes_are_read_so(kind, numbers, kept):
    model = deepcopy(tiny(kind))
    model.model = model.model.to(getattr(torch, numbers)).float()
    made = compare(model, [[0, 1], [2, 2, 2, 0, 1]])
    # where queries have no norm, their projection is scaled by a root, which two bytes cannot hold
    assert {x.dtype for x in made.network.compact} == {np.dtype(kept if kind == "qwen3" else np.float32)}


def compare(model, batches):
    rows = [row for batch in batches for row in batch]
    steps = np.random.default_rng(0).integers(3, 250, (4, len(rows)))
    with torch.inference_mode():
        expected = logits(model, rows, steps)
        made = decoder(model.model)
        caches = [read(made, batch) for batch in batches]
        token = np.array([PROMPTS[p][-1] for p in rows])
        for number, following in enumerate(steps):
            at = np.array([len(PROMPTS[p]) - 1 + number for p in rows])
            torch.testing.assert_close(made.step(token, at, caches), expected[number], atol=2e-4, rtol=1e-4)
            for cache in caches:
                cache.advance()
            token = following
    return made


def test_other_models_go_through_transformers():
    for kind in KINDS:
        assert type(decoder(tiny(kind).model)) is (FusedDecoder if kind in SUPPORTED else Decoder)
    assert not fused.supports(tiny(seed=3).model.double())


def test_a_model_is_not_copied_where_memory_is_short(monkeypatch):
    model = tiny().model
    needed = fused.COPIES * sum(weight.nbytes for weight in model.parameters())
    for free, expected in ((needed, FusedDecoder), (needed - 1, Decoder)):
        monkeypatch.setattr(fused, "free_memory", lambda free=free: free)
        assert type(decoder(model)) is expected


@pytest.mark.parametrize("change", ["in place", "another tensor"])
def test_a_model_that_was_trained_is_taken_over_again(change):
    model = tiny(seed=4)
    [[before]] = model.sample([ask("How many?")], temperature=0, max_tokens=12)
    weight = model.model.model.layers[0].mlp.up_proj.weight
    with torch.no_grad():
        if change == "in place":
            weight.mul_(-1)
        else:
            weight.data = -weight
    [[after]] = model.sample([ask("How many?")], temperature=0, max_tokens=12)
    made = Decoder(model.model)
    model._decoder = made
    [[expected]] = model.sample([ask("How many?")], temperature=0, max_tokens=12)
    assert model.decoder is made and before.token_logprobs != after.token_logprobs
    assert after.text == expected.text and after.token_logprobs == pytest.approx(
        expected.token_logprobs, abs=1e-4
    )
    tiny.cache_clear()  # others get an untouched one
