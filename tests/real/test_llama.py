"""llama.cpp with the weights of a course model, the peer of `make bench`: it must draw what ours draws."""

import pytest

from bench import llama
from bench.sampling import load, prompts

pytestmark = pytest.mark.real


def test_the_converted_model_writes_the_same_greedy_texts():
    model = load(None)
    asked = prompts(6)
    ours = model.sample(asked, temperature=0.0, max_tokens=150)
    ids = [model.chat_tokenizer.encode(messages) for messages in asked]
    with llama.serving(model, threads=1, slots=4) as url:
        theirs = llama.draw(url, ids, 1, 150, temperature=0.0)
    texts = [model.tokenizer.decode(tokens, skip_special_tokens=True) for [tokens] in theirs]
    assert texts == [sample.text for [sample] in ours]
