import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from helpers.engine.chat_template import ChatTokenizer
from helpers.prompts import make_prompt
from training.lm.report import MODELS
from training.reward.data import SYSTEM
from training.reward.start import begin, freeze

QUESTION = "Leo has 12 apples. He gives 5 away and buys 7. How many apples has Leo?"
RIGHT = "Gives 5: 12 - 5 = 7\nBuys 7: 7 + 7 = 14\nFinal: 14"


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(MODELS / "course-lm")


@pytest.fixture(scope="module")
def begun(tokenizer):
    return begin(MODELS / "course-lm", tokenizer)


def states(model, layer, ids):
    """What `layer` makes of the tokens, [tokens, channels]."""
    kept = []
    hook = model.layers[layer].register_forward_hook(lambda module, inputs, output: kept.append(output))
    with torch.no_grad():
        model(torch.tensor([ids]))
    hook.remove()
    return (kept[0][0] if isinstance(kept[0], tuple) else kept[0])[0]


def surprises(begun, tokenizer, answer):
    """The surprise at each token of the conversation."""
    model, at = begun
    ids = ChatTokenizer(tokenizer).encode(
        [*make_prompt(SYSTEM, QUESTION), {"role": "assistant", "content": answer}]
    )
    return states(model, len(model.layers) - 2, ids)[:, at.surprise]


def test_the_lower_layers_are_the_language_model(begun, tokenizer):
    ids = tokenizer(RIGHT)["input_ids"]
    below = AutoModel.from_pretrained(MODELS / "course-lm", dtype=torch.float32)
    own = states(below, len(below.layers) - 1, ids)
    wide = states(begun[0], len(below.layers) - 1, ids)
    assert torch.allclose(wide[:, : begun[1].first], own, atol=0.05 * own.abs().max())
    assert wide[:, list(begun[1].expected)].abs().max() == 0


def test_a_slip_surprises_and_a_right_line_and_the_question_do_not(begun, tokenizer):
    calm = surprises(begun, tokenizer, RIGHT)
    assert (calm.abs() > 0.3).sum() <= 1  # the first word: there are several ways to begin
    slipped = surprises(begun, tokenizer, RIGHT.replace("7 + 7 = 14", "7 + 7 = 19"))
    assert slipped.max() > 3 * calm.max() and slipped.argmax() > len(slipped) - 12
    operand = surprises(begun, tokenizer, RIGHT.replace("12 - 5 = 7", "13 - 5 = 8"))
    assert operand.max() > 3 * calm.max()


def test_the_last_layer_alone_is_trained_and_begins_with_the_mean(begun, tokenizer):
    model, at = begun
    freeze(model)
    trained = [name for name, weight in model.named_parameters() if weight.requires_grad]
    assert trained and all(name.startswith(f"layers.{len(model.layers) - 1}.") for name in trained)
    seen = []
    for answer in (RIGHT, RIGHT.replace("= 14", "= 19")):
        text = [*make_prompt(SYSTEM, QUESTION), {"role": "assistant", "content": answer}]
        with torch.no_grad():
            seen.append(model(torch.tensor([ChatTokenizer(tokenizer).encode(text)]))[0][0, -1])
    assert seen[1][at.mean] > seen[0][at.mean] + 0.2 and seen[1][at.most] > seen[0][at.most]
