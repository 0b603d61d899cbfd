"""What is read of prompts that begin alike, and that nothing else changes by it."""

import numpy as np
import pytest
import torch

from bench.random_model import random_model
from helpers.engine.batch import Request
from helpers.engine.decoder import Decoder, decoder
from helpers.engine.prompt_cache import BLOCK, PromptCache
from helpers.models import Decoding
from tests.helpers.tiny import KINDS, ask, tiny

HEAD = tuple(range(10, 10 + 2 * BLOCK))  # what prompts have in common
ENDS = [(7,) * 9, (8,) * 30, (9,) * (3 * BLOCK), (5, 6)]


WRITTEN_OUT, BY_TRANSFORMERS = "qwen3", "granite"  # how their forward pass is computed


@pytest.fixture(params=[WRITTEN_OUT, BY_TRANSFORMERS])
def model(request, monkeypatch):
    """With a decoder of its own, which has read nothing; `model.read` are the ids of each forward pass."""
    model = tiny(request.param)
    made = decoder(model.model)
    monkeypatch.setattr(model, "_decoder", made)
    monkeypatch.setattr(model, "read", [], raising=False)
    read = made.read
    made.read = lambda ids, *more: model.read.append(ids.copy()) or read(ids, *more)
    return model


def run(model, prompts, n=1, **options):
    decoding = Decoding(**{"max_tokens": 12, "seed": 3} | options)
    return model.engine().run([Request(tokens, i, decoding) for tokens in prompts for i in range(n)])


def texts(model, prompts, n=1, **options):
    return [completion.text for completion in run(model, prompts, n, **options)]


def unshared(model, prompts, n=1, **options):
    """The texts without anything shared."""
    kept, model.decoder.prompts = model.decoder.prompts, None
    try:
        return texts(model, prompts, n, **options)
    finally:
        model.decoder.prompts = kept


def count(model):
    """Tokens read so far, padding included."""
    total = sum(ids.size for ids in model.read)
    model.read.clear()
    return total


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_shared_beginnings_change_no_text_and_no_log_probability(model, n, temperature):
    prompts = [HEAD + end for end in ENDS]
    options = {"n": n, "temperature": temperature}
    expected = unshared(model, prompts, **options)
    kept, model.decoder.prompts = model.decoder.prompts, None
    plain, model.decoder.prompts = run(model, prompts, **options), kept
    for some in (prompts, prompts[::-1], [*prompts, HEAD[:20] + (3,) * 40]):  # the second and third: known
        done = run(model, some, **options)
        found = {some[i // n] + (i % n,): each for i, each in enumerate(done)}
        for i, (text, before) in enumerate(zip(expected, plain, strict=True)):
            again = found[prompts[i // n] + (i % n,)]
            assert again.text == text
            assert again.logprobs == pytest.approx(before.logprobs, abs=1e-4)


def test_a_beginning_that_prompts_of_one_batch_share_is_read_once(model):
    prompts = [HEAD + end for end in ENDS[:3]]
    run(model, prompts)
    first, *rest = model.read
    assert len(first) == 1 and sum(len(ids) for ids in rest) == 2
    known = 2 * BLOCK
    longest = max(len(prompt) - 1 - known for prompt in prompts)
    assert all(ids.shape[1] <= longest for ids in rest)


def test_what_an_earlier_call_has_read_is_not_read_again(model):
    run(model, [HEAD + ENDS[1]])
    assert count(model) == len(HEAD + ENDS[1]) - 1
    run(model, [HEAD + ENDS[2]])
    assert count(model) == len(ENDS[2]) - 1
    run(model, [HEAD + ENDS[2]])  # again: a block that is not full is read anew
    assert count(model) == (len(ENDS[2]) - 1) % BLOCK
    run(model, [(*HEAD, 1)])
    assert count(model) == 0


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("shorter_first", [True, False])
def test_a_prompt_may_be_the_beginning_of_another(model, together, shorter_first):
    prompts = [HEAD[:-3], HEAD, (*HEAD, 4), HEAD + ENDS[2]][:: 1 if shorter_first else -1]
    expected = unshared(model, prompts)
    groups = [prompts] if together else [[prompt] for prompt in prompts]
    assert [text for group in groups for text in texts(model, group)] == expected


@pytest.mark.parametrize("kind", [WRITTEN_OUT, BY_TRANSFORMERS])
def test_weights_that_change_make_what_was_read_worthless(kind):
    model = tiny(kind, seed=6)
    prompts = [ask("How many are left of it?", system="Be brief, and be right.")]
    options = {"temperature": 0, "max_tokens": 12}
    model.sample(prompts, **options)
    assert model.decoder.prompts.held > 0
    with torch.no_grad():
        model.model.model.layers[0].self_attn.k_proj.weight.mul_(-1)
    [[after]] = model.sample(prompts, **options)
    model._decoder = decoder(model.model)
    [[fresh]] = model.sample(prompts, **options)
    assert after == fresh
    tiny.cache_clear()  # others get an untouched one


@pytest.mark.parametrize("blocks", [0, 1, 3, 7])
def test_a_small_cache_is_never_exceeded_and_changes_no_text(model, blocks):
    prompts = [HEAD[: i + 16] + end for i in range(4) for end in ENDS]
    expected = unshared(model, prompts)
    model.decoder.prompts = PromptCache(limit=blocks * BLOCK * model.decoder.token_bytes)
    for _ in range(2):
        assert texts(model, prompts) == expected
        assert model.decoder.prompts.held <= model.decoder.prompts.limit


def test_prompts_of_unlike_length_are_read_with_little_padding(model):
    rng = np.random.default_rng(0)
    prompts = [tuple(rng.integers(3, 250, length).tolist()) for length in range(20, 200, 3)]
    run(model, prompts, max_tokens=1)
    assert count(model) < 1.25 * sum(map(len, prompts))


def test_nothing_is_kept_where_a_layer_sees_a_part_or_a_number_is_rounded():
    for kind in KINDS:
        plain = "window" not in kind
        assert (decoder(tiny(kind).model).prompts is not None) == plain, kind
    half = random_model(tiny(BY_TRANSFORMERS).model.config, 0, scale=8).bfloat16()
    assert decoder(half).prompts is None


def test_a_row_alone_reads_its_prompt_once_and_depends_on_nothing_else(model):
    prompt, written = HEAD + ENDS[1], list(range(40, 60))
    with torch.inference_mode():
        expected = model.model(input_ids=torch.tensor([[*prompt, *written]])).logits[0, -1:]
        first = model.decoder.alone(prompt, written)
        assert torch.allclose(first, expected, atol=1e-3)
        texts(model, [HEAD + end for end in ENDS], 2)
        model.decoder.alone(HEAD + ENDS[2], written)
        read = []
        handle = model.model.base_model.register_forward_pre_hook(
            lambda _, __, options: read.append(options["input_ids"].shape[1]), with_kwargs=True
        )
        again, short = model.decoder.alone(prompt, written), model.decoder.alone(prompt, written[:3])
        handle.remove()
        fresh = decoder(model.model).alone(prompt, written[:3])
    assert torch.equal(first, again) and torch.equal(short, fresh)
    if model.decoder.prompts is not None and type(model.decoder) is Decoder:
        assert read == [1 + len(written), 1 + 3]
