"""llama.cpp with the weights of a model of ours, the peer of `make bench`: it must draw what ours draws."""

import pytest

from bench import llama
from bench.sampling import load, prompts
from deploy.real import NAME

pytestmark = pytest.mark.real


@pytest.mark.parametrize("name", [None, NAME])
def test_the_converted_model_writes_the_same_greedy_texts(name):
    model = load(name)
    asked = prompts(6)
    ours = model.sample(asked, temperature=0.0, max_tokens=150)
    ids = [model.chat_tokenizer.encode(messages) for messages in asked]
    with llama.serving(model, threads=1, slots=4) as url:
        theirs = llama.draw(url, ids, 1, 150, temperature=0.0)
    texts = [model.tokenizer.decode(tokens, skip_special_tokens=True) for [tokens] in theirs]
    assert texts == [sample.text for [sample] in ours]
