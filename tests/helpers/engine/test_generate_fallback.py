"""Models that the decode loop cannot take over: the same samples from `generate`."""

import pytest
import torch

from bench.random_model import byte_tokenizer, random_model
from helpers.engine.batch import Request
from helpers.engine.generate_fallback import GenerateEngine
from helpers.engine.local import LocalModel
from helpers.models import Decoding
from tests.helpers.tiny import BASE, ask, tiny

HYBRID = {
    "layer_types": ["mamba", "attention"],
    "num_hidden_layers": 2,
    "num_local_experts": 0,
    "num_experts_per_tok": 0,
    "shared_intermediate_size": 64,
    "mamba_n_heads": 8,
    "mamba_d_head": 8,
    "mamba_d_state": 8,
    "mamba_n_groups": 1,
    "mamba_chunk_size": 8,
}


def fallback(model: LocalModel) -> GenerateEngine:
    return GenerateEngine(model.model, model.chat_tokenizer, model.ends, model.context)


def test_the_samples_are_those_of_the_decode_loop():
    model = tiny()
    prompts = [model.chat_tokenizer.encode(ask("How many?")), model.chat_tokenizer.encode(ask("Why?"))]
    requests = [
        Request(prompt, i, Decoding(temperature, top_p, max_tokens=20, stop=stop, seed=3))
        for prompt in prompts
        for temperature, top_p, stop in [(0.0, 1.0, ()), (1.0, 1.0, ()), (0.7, 0.8, ("e", "x"))]
        for i in range(3)
    ]
    expected, found = model.engine().run(requests), fallback(model).run(requests)
    assert [(c.text, c.tokens, c.finish_reason) for c in found] == [
        (c.text, c.tokens, c.finish_reason) for c in expected
    ]
    for one, other in zip(found, expected, strict=True):
        assert one.logprobs == pytest.approx(other.logprobs, abs=1e-4)
    assert {c.finish_reason for c in found} == {"stop", "length"}


def test_a_hybrid_of_granite_4_samples_greedily_and_otherwise():
    from transformers import AutoConfig

    network = random_model(AutoConfig.for_model("granitemoehybrid", **(BASE | HYBRID)), scale=8)
    network.generation_config.repetition_penalty = 1.5
    model = LocalModel(network, byte_tokenizer(), "hybrid")
    [[one, two], [other, _]] = model.sample([ask("How many?"), ask("Why?")], 2, temperature=0, max_tokens=12)
    ids = list(model.chat_tokenizer.encode(ask("How many?")))
    for _ in range(one.tokens):
        with torch.inference_mode():
            ids.append(network(torch.tensor([ids])).logits[0, -1].argmax().item())
    assert (
        one.text
        == two.text
        == model.chat_tokenizer.decode([i for i in ids[-one.tokens :] if i not in model.ends])
    )
    assert other.prompt_tokens == len(model.chat_tokenizer.encode(ask("Why?")))
    drawn = model.sample([ask("How many?")], 5, max_tokens=12, seed=1)
    again = model.sample([ask("How many?")], 5, max_tokens=12, seed=1)
    assert [s.text for s in drawn[0]] == [s.text for s in again[0]]
    assert len({sample.text for sample in drawn[0]}) > 1


def test_a_prompt_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match="shorten it"):
        fallback(tiny()).run([Request(tuple(range(3)) * 100)])
