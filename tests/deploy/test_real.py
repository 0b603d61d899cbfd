"""A converted model is the model that was read, is there whole or not at all, and is found by its name."""

import json

import pytest
from safetensors import safe_open
from transformers import AutoConfig

from bench.random_model import byte_tokenizer, random_model
from deploy import real
from helpers.engine import local
from helpers.engine.local import LocalModel
from tests.helpers.tiny import BASE, ask


def stand_in(tied: bool = True):
    """A Llama of three layers, as transformers gives it from a GGUF file: bfloat16, with a quantisation."""
    import torch

    config = AutoConfig.for_model("llama", **(BASE | {"tie_word_embeddings": tied}))
    model = random_model(config, 0, scale=8).to(torch.bfloat16)
    model.config.quantization_config = {"quant_method": "gguf", "gguf_file": "x.gguf"}
    return model, byte_tokenizer()


@pytest.mark.parametrize("tied", [True, False])
def test_the_folder_holds_the_same_model(tmp_path, tied):
    model, tokenizer = stand_in(tied)
    folder = real.write(model, tokenizer, tmp_path / "smollm2")
    config = json.loads((folder / "config.json").read_text())
    assert "quantization_config" not in config and str(tmp_path) not in json.dumps(config)
    assert config["architectures"] == ["LlamaForCausalLM"] and config["dtype"] == "bfloat16"
    with safe_open(folder / "model.safetensors", "pt") as weights:
        assert ("lm_head.weight" in weights.keys()) is not tied  # noqa: SIM118 - no mapping
    prompts = [ask("What is 3 + 4?"), ask("Hello.")]
    expected = LocalModel(model.float(), tokenizer).sample(prompts, temperature=0, max_tokens=12)
    found = LocalModel.load(folder).sample(prompts, temperature=0, max_tokens=12)
    assert [s.text for [s] in found] == [s.text for [s] in expected]


def test_a_conversion_that_broke_leaves_nothing_and_can_be_repeated(tmp_path, monkeypatch):
    model, tokenizer = stand_in()
    with monkeypatch.context() as broken:
        broken.setattr(tokenizer, "save_pretrained", lambda folder: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            real.write(model, tokenizer, tmp_path / "smollm2")
    assert not (tmp_path / "smollm2").exists()
    assert (real.write(model, tokenizer, tmp_path / "smollm2") / "config.json").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["smollm2"]


def test_its_name_finds_it_and_says_what_to_do_before(tmp_path, monkeypatch):
    monkeypatch.setattr(local, "INSTALLED", tmp_path)
    monkeypatch.chdir(tmp_path.parent)
    with pytest.raises(FileNotFoundError, match=r"smollm2 is not installed: run `make real`\."):
        LocalModel.load("smollm2")
    real.write(*stand_in(), tmp_path / "smollm2")
    assert LocalModel.load("smollm2").name == "smollm2"


def test_without_the_package_it_says_what_to_do(monkeypatch):
    monkeypatch.setattr(real, "PACKAGE", "no_such_package")
    with pytest.raises(FileNotFoundError, match="run `make real`"):
        real.gguf_file()
