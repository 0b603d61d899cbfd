"""The classes of model that people bring, as tiny checkpoints with their real template features."""

import pytest
import torch

from helpers.answers import extract_answer
from helpers.engine.local import LocalModel
from tests.helpers.classes import CLASSES, checkpoint
from tests.helpers.tiny import ask


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    """Load the tiny checkpoint of a kind, written once."""
    folders = {}

    def load(kind: str, **options) -> LocalModel:
        if kind not in folders:
            folders[kind] = checkpoint(tmp_path_factory.mktemp("class"), kind)
        return LocalModel.load(folders[kind], device="cpu", **options)

    return load


def argmax(model: LocalModel, ids, steps: int) -> list[int]:
    """The likeliest continuation, one plain forward pass a token."""
    ids = list(ids)
    for _ in range(steps):
        with torch.inference_mode():
            ids.append(model.model(torch.tensor([ids])).logits[0, -1].argmax().item())
    return ids[-steps:]


@pytest.mark.parametrize("kind", CLASSES)
def test_greedy_is_greedy_whatever_the_checkpoint_has_for_defaults(load, kind):
    model = load(kind)
    assert (
        model.model.generation_config.repetition_penalty == 1.5
    )  # it would turn the choice if it were heard
    messages = ask("How many?", system="Be brief.")
    ids = model.chat_tokenizer.encode(messages)
    expected = argmax(model, ids, 24)
    ends = [i for i, token in enumerate(expected) if token in model.ends]
    expected = expected[: ends[0] + 1] if ends else expected
    [[one, two]] = model.sample([messages], 2, temperature=0, max_tokens=24)
    assert one.text == two.text and one.tokens == two.tokens == len(expected)
    assert one.token_logprobs == pytest.approx(two.token_logprobs, abs=1e-4)  # the last digit may differ
    shown = expected[:-1] if ends else expected
    assert one.text.removeprefix("<think>\n") == model.chat_tokenizer.decode(shown)


def test_sampling_hears_what_is_asked_not_the_checkpoint(load):
    model = load("qwen3")
    samples = model.sample([ask("How many?")], 200, temperature=1.0, max_tokens=1)[0]
    assert len({sample.text for sample in samples}) > 2  # its top_k is 2


@pytest.mark.parametrize(("kind", "number"), [("llama", 3), ("qwen2", 2), ("granite", 1)])
def test_every_end_token_ends(load, tmp_path, kind, number):
    model = load(kind)
    assert len(model.ends) == number
    third = argmax(model, model.chat_tokenizer.encode(ask("Why?")), 3)
    ends = [*sorted(model.ends), third[-1]]
    other = LocalModel.load(checkpoint(tmp_path, kind, eos_token_id=ends), device="cpu")
    [[sample]] = other.sample([ask("Why?")], temperature=0, max_tokens=24)
    assert sample.finish_reason == "stop" and sample.tokens == third.index(third[-1]) + 1


@pytest.mark.parametrize(
    ("kind", "system", "thinking", "expected"),
    [
        ("qwen2", "", False, "<|im_start|>system\nYou are Qwen.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
                             "<|im_start|>assistant\n"),
        ("qwen2", "Be brief.", False, "<|im_start|>system\nBe brief.<|im_end|>\n"
                                      "<|im_start|>user\nHi<|im_end|>\n"
                                      "<|im_start|>assistant\n"),
        ("qwen3", "", False, "<|im_start|>user\nHi<|im_end|>\n"
                             "<|im_start|>assistant\n<think>\n\n</think>\n\n"),
        ("qwen3", "", True, "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"),
        ("qwen3 always thinking", "", False, "<|im_start|>user\nHi<|im_end|>\n"
                                             "<|im_start|>assistant\n<think>\n"),
        ("llama", "", False, "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
                             "<|start_header_id|>assistant<|end_header_id|>\n\n"),
        ("granite", "", False, "<|start_of_role|>system<|end_of_role|>You are Granite.<|end_of_text|>\n"
                               "<|start_of_role|>user<|end_of_role|>Hi<|end_of_text|>\n"
                               "<|start_of_role|>assistant<|end_of_role|>"),
        ("granite", "", True, "<|start_of_role|>system<|end_of_role|>You are Granite. "
                              "Think first.<|end_of_text|>\n"
                              "<|start_of_role|>user<|end_of_role|>Hi<|end_of_text|>\n"
                              "<|start_of_role|>assistant<|end_of_role|>"),
        ("mistral", "Be brief.", False, "<s>[INST] Be brief.\n\nHi [/INST]"),
    ],
)  # fmt: skip
def test_the_model_reads_what_its_own_template_makes(load, kind, system, thinking, expected):
    model = load(kind, thinking=thinking)
    assert model.name.endswith(" (thinking)") == thinking  # recorded samples of both are kept apart
    assert model.tokenizer.decode(model.chat_tokenizer.encode(ask("Hi", system))) == expected


def test_thinking_is_counted_kept_in_the_text_and_never_an_answer(load):
    model = load("qwen3 always thinking")
    [[cut]] = model.sample([ask("How many?")], temperature=0, max_tokens=12)
    assert cut.text.startswith("<think>\n") and cut.tokens == len(cut.token_logprobs) == 12
    assert extract_answer(cut.text + " 7") is None  # cut off: nothing was stated
    assert extract_answer(cut.text + " 7</think>\nFinal: 14") == "14"
    opened = [*ask("How many?"), {"role": "assistant", "content": "So"}]
    assert not model.sample([opened], max_tokens=5)[0][0].text.startswith("<think>")
    thoughts = model.tokenizer("<think>\n3 + 4 = 7\n</think>\n\nFinal: 7")["input_ids"]
    assert model.chat_tokenizer.decode(thoughts) == "<think>\n3 + 4 = 7\n</think>\n\nFinal: 7"


def test_a_folder_that_is_no_model_is_one_sentence(tmp_path):
    for content, kind in (("", OSError), ('{"model_type": "unheard-of"}', ValueError)):
        if content:
            (tmp_path / "config.json").write_text(content)
        with pytest.raises(kind, match=r"holds no complete model|does not know") as caught:
            LocalModel.load(tmp_path)
        assert "\n" not in str(caught.value) and "MODEL" in str(caught.value)


def test_a_model_without_its_weights_is_one_sentence(tmp_path):
    folder = checkpoint(tmp_path, "llama")
    (folder / "model.safetensors").unlink()
    with pytest.raises(OSError, match="holds no complete model"):
        LocalModel.load(folder, device="cpu")
