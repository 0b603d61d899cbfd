"""llama.cpp with the weights of a model of ours, the peer of `make bench`: each token that it finds most
probable is ours too. Two that are equally probable up to rounding may change places.
"""

import pytest
import torch

from bench import llama
from bench.sampling import load, prompts
from deploy.real import NAME

pytestmark = pytest.mark.real
ROUNDING = 0.01  # nats


@pytest.mark.parametrize("name", [None, NAME])
def test_the_converted_model_finds_the_same_tokens_most_probable(name):
    model = load(name)
    ids = [model.chat_tokenizer.encode(messages) for messages in prompts(6)]
    with llama.serving(model, threads=1, slots=4) as url:
        theirs = llama.draw(url, ids, 1, 150, temperature=0.0)
    behind = [behind_the_most_probable(model.model, *pair) for pair in zip(ids, theirs, strict=True)]
    assert max(behind) < ROUNDING


def behind_the_most_probable(network, prompt, drawn) -> float:
    """The largest distance of a drawn token's log-probability from the largest one at its place."""
    [tokens] = drawn
    with torch.inference_mode():
        logits = network(torch.tensor([[*prompt, *tokens]])).logits[0, len(prompt) - 1 : -1]
    chosen = logits.gather(1, torch.tensor(tokens)[:, None])[:, 0]
    return float((logits.amax(1) - chosen).max())
