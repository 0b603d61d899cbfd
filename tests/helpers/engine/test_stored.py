"""A folder that is read without the classes of transformers, against the same folder read by them."""

import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

from bench.random_model import byte_tokenizer, random_model
from config import ROOT
from helpers.engine import fused
from helpers.engine.local import LocalModel
from helpers.engine.stored import StoredModel, count_parameters
from tests.helpers.tiny import BASE, KINDS, ask, tiny

STORED = ("qwen3", "qwen2", "llama")
PROMPTS = [ask("How many?"), ask("Why?", system="Be brief.")]


def saved(folder, kind="qwen3", **options):
    """The folder of a small random model."""
    name, own = KINDS[kind]
    config = AutoConfig.for_model(name, **(BASE | own | options))
    random_model(config, 0, scale=8).save_pretrained(folder)
    byte_tokenizer().save_pretrained(folder)
    return folder


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kind", STORED)
def test_its_samples_are_those_of_the_model_that_transformers_makes(tmp_path, kind, tied):
    folder = saved(tmp_path, kind, tie_word_embeddings=tied)
    model = LocalModel.load(folder, device="cpu")
    assert isinstance(model._model, StoredModel)
    samples = model.sample(PROMPTS, 3, max_tokens=20, seed=1)
    other = LocalModel(AutoModelForCausalLM.from_pretrained(folder), model.tokenizer)
    assert samples == other.sample(PROMPTS, 3, max_tokens=20, seed=1)
    assert count_parameters(str(folder), model.config) == other.model.num_parameters()
    texts = [sample.text for [sample, *_] in samples]
    assert model.logprobs(PROMPTS, texts) == other.logprobs(PROMPTS, texts)
    assert not isinstance(model._model, StoredModel)
    assert samples == model.sample(PROMPTS, 3, max_tokens=20, seed=1)


def test_a_model_that_is_trained_later_answers_with_its_new_weights(tmp_path):
    model = LocalModel.load(saved(tmp_path), device="cpu")
    before = model.sample(PROMPTS, temperature=0, max_tokens=12)
    with torch.no_grad():
        model.model.model.layers[0].mlp.up_proj.weight.mul_(-1)
    assert model.sample(PROMPTS, temperature=0, max_tokens=12) != before


def test_where_memory_is_short_it_is_not_copied(tmp_path, monkeypatch):
    monkeypatch.setattr(fused, "free_memory", lambda: 0)
    model = LocalModel.load(saved(tmp_path), device="cpu")
    assert model.sample(PROMPTS, max_tokens=4) and not isinstance(model._model, StoredModel)


def test_sampling_from_the_shipped_model_imports_no_class_of_transformers():
    script = (
        "import sys\n"
        "from helpers.models import load_model\n"
        "model = load_model('prebuilt/models/course-lm')\n"
        "model.sample([[{'role': 'user', 'content': 'What is 1 + 1?'}]], max_tokens=3)\n"
        "print([name for name in sys.modules if name.startswith('transformers.models.qwen3.modeling')])"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout == "[]\n", run.stderr


def change(folder, **tensors):
    """Weights are replaced, added or, where None, left out."""
    weights = load_file(folder / "model.safetensors") | {
        name.replace("__", "."): tensor for name, tensor in tensors.items()
    }
    kept = {name: weight for name, weight in weights.items() if weight is not None}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize("kind", sorted(set(KINDS) - set(STORED)))
def test_other_kinds_are_left_to_transformers(tmp_path, kind):
    config = AutoConfig.from_pretrained(saved(tmp_path, kind))
    assert count_parameters(str(tmp_path), config) is None and StoredModel.load(str(tmp_path), config) is None
    assert LocalModel.load(tmp_path, device="cpu").sample(PROMPTS, max_tokens=4)


@pytest.mark.parametrize(
    "tensors",
    [
        {"model__layers__0__self_attn__o_proj__bias": torch.zeros(32)},
        {"model__norm__weight": None},
        {"model__norm__weight": torch.ones(33)},
    ],
    ids=["another weight", "a weight is missing", "another shape"],
)
def test_a_folder_with_other_weights_is_left_to_transformers(tmp_path, tensors):
    config = AutoConfig.from_pretrained(saved(tmp_path))
    assert count_parameters(str(tmp_path), config)
    change(tmp_path, **tensors)
    assert count_parameters(str(tmp_path), config) is None


@pytest.mark.parametrize("options", [{"attention_bias": True}, {"hidden_act": "gelu"}])
def test_unusual_layers_are_left_to_transformers(tmp_path, options):
    config = AutoConfig.from_pretrained(saved(tmp_path, "llama", **options))
    assert count_parameters(str(tmp_path), config) is None


def test_a_file_that_was_cut_off_is_left_to_transformers_to_complain_about(tmp_path):
    whole = (saved(tmp_path) / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    assert count_parameters(str(tmp_path), tiny().config) is None
