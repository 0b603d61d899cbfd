"""Where a model runs and whether it fits: nothing here reads weights or needs a GPU."""

import sys
from types import SimpleNamespace

import pytest
import torch

from helpers.engine import hardware as machine
from helpers.engine import quantized
from helpers.engine.hardware import GIB, KNOWN, Machine, count_parameters, free_memory, plan, this_machine
from helpers.engine.local import LocalModel
from tests.helpers.classes import checkpoint
from tests.helpers.tiny import ask, tiny

LAPTOP = Machine("cpu", "8 threads", 8 * GIB)
# hidden size, layers, heads, key-value heads, size of a head, inner size, tied: from the cards of the models
SHAPES = {
    "Qwen/Qwen3-14B": (5120, 40, 40, 8, 128, 17408, False),
    "Qwen/Qwen3-8B": (4096, 36, 32, 8, 128, 12288, False),
    "Qwen/Qwen3-4B": (2560, 36, 32, 8, 128, 9728, True),
    "Qwen/Qwen3-1.7B": (2048, 28, 16, 8, 128, 6144, True),
    "Qwen/Qwen2.5-1.5B-Instruct": (1536, 28, 12, 2, 128, 8960, True),
    "Qwen/Qwen3-0.6B": (1024, 28, 16, 8, 128, 3072, True),
}


@pytest.mark.parametrize("name", KNOWN)
def test_the_known_models_have_as_many_parameters_as_their_shapes_say(name):
    from transformers import AutoConfig

    hidden, layers, heads, kv, size, inner, tied = SHAPES[name]
    config = AutoConfig.for_model(
        "qwen3" if "Qwen3" in name else "qwen2",
        vocab_size=151936,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv,
        head_dim=size,
        intermediate_size=inner,
        tie_word_embeddings=tied,
    )
    assert count_parameters(config) == KNOWN[name]
    assert list(KNOWN.values()) == sorted(KNOWN.values(), reverse=True)


def test_the_kind_of_number_follows_the_device_and_its_memory():
    small = KNOWN["Qwen/Qwen3-0.6B"]
    assert plan("m", small, LAPTOP).numbers == "float32"
    assert plan("m", 2 * 10**9, LAPTOP).numbers == "bfloat16"  # float32 would need 9.8 GiB
    assert plan("m", small, Machine("cuda", "T4", 15 * GIB, "float16")).numbers == "float16"
    assert plan("m", small, Machine("cuda", "H100", 79 * GIB)).numbers == "bfloat16"
    assert plan("m", small, LAPTOP, "4bit").numbers == "4bit"
    assert str(plan("m", 10**9, Machine("cuda", "T4", 15 * GIB, "float16"))) == (
        "m: 1,000 million parameters as float16 on cuda (T4), 1.9 GiB of 15.0 GiB free."
    )


def test_what_does_not_fit_is_said_with_what_would():
    with pytest.raises(MemoryError) as caught:
        plan("Qwen/Qwen3-8B", KNOWN["Qwen/Qwen3-8B"], LAPTOP)
    text = str(caught.value)
    assert text.startswith(
        "Qwen/Qwen3-8B needs about 19.6 GiB as bfloat16, and cpu (8 threads) has 8.0 GiB free"
    )
    assert "MODEL=Qwen/Qwen3-1.7B, or QUANTIZATION=4bit in .env" in text and "\n" not in text
    with pytest.raises(MemoryError, match=r"MODEL=prebuilt/models/course-lm in \.env"):
        plan("big", 10**12, Machine("cpu", "1 thread", GIB))
    tiny = Machine("cpu", "1 thread", 0)
    assert plan("course-lm", 2 * 10**6, tiny).numbers == "float32"  # a few megabytes are never refused


def test_a_model_that_does_not_fit_is_refused_before_its_weights_are_read(tmp_path, monkeypatch):
    folder = checkpoint(tmp_path, "qwen2")
    (folder / "model.safetensors").write_bytes(b"no weights here")
    monkeypatch.setattr(machine, "count_parameters", lambda config: 10**12)
    with pytest.raises(MemoryError, match=f"{tmp_path.name} needs about"):
        LocalModel.load(folder)


def test_what_was_chosen_is_printed_for_a_model_of_some_size(tmp_path, monkeypatch, capsys):
    folder = checkpoint(tmp_path, "qwen3")
    LocalModel.load(folder, device="cpu")
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(machine, "SMALL", 1)
    LocalModel.load(folder, device="cpu", dtype=torch.bfloat16)
    assert "million parameters as bfloat16 on cpu (" in capsys.readouterr().out


def test_the_limit_of_a_container_counts(tmp_path):
    limit, used = tmp_path / "max", tmp_path / "now"
    limit.write_text("1000000\n"), used.write_text("400000\n")
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 150000\nactive_file 7\n")
    assert free_memory([(limit, used)]) == 750_000  # files that were read do not count
    limit.write_text("max\n")
    assert free_memory([(limit, used)]) > 750_000 and free_memory([(tmp_path / "none", used)]) > 750_000


@pytest.mark.parametrize(("modern", "half"), [(True, "bfloat16"), (False, "float16")])
def test_a_gpu_is_preferred_and_computes_in_what_it_has(monkeypatch, modern, half):
    cuda = SimpleNamespace(
        is_available=lambda: True,
        is_bf16_supported=lambda including_emulation: modern,
        get_device_name=lambda device: "card",
        mem_get_info=lambda device: (7, 8),
    )
    monkeypatch.setattr(torch, "cuda", cuda)
    assert this_machine() == Machine("cuda", "card", 7, half)
    assert this_machine("cpu").device == "cpu"


def test_a_missing_package_for_quantisation_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(quantized, "_installed", lambda package: False)
    with pytest.raises(ImportError, match=r"needs bitsandbytes and accelerate: run `pip install") as caught:
        LocalModel.load(checkpoint(tmp_path, "llama"), device="cpu", quantization="4bit")
    assert "\n" not in str(caught.value)


def test_a_checkpoint_that_is_stored_quantised_names_its_library(monkeypatch):
    monkeypatch.setattr(quantized, "_installed", lambda package: False)
    stored = SimpleNamespace(quantization_config={"quant_method": "gptq", "bits": 4})
    assert quantized.stored_as(stored) == "4bit" and quantized.stored_as(SimpleNamespace()) is None
    with pytest.raises(ImportError, match="gptqmodel"):
        quantized.load_options(plan("m", 10**9, LAPTOP, "4bit"), stored)


@pytest.mark.skipif(
    "bitsandbytes" not in sys.modules and not quantized._installed("bitsandbytes"), reason="optional"
)
@pytest.mark.parametrize("bits", ["8bit", "4bit"])
def test_quantised_weights_sample_where_bitsandbytes_is_installed(tmp_path, bits):
    model = LocalModel.load(checkpoint(tmp_path, "llama"), device="cpu", quantization=bits)
    assert (
        "bnb" in "".join(type(module).__module__ for module in model.model.modules())
        or model.model.is_quantized
    )
    [[sample]] = model.sample([ask("How many?")], max_tokens=5)
    assert 1 <= sample.tokens <= 5


def test_keys_and_values_never_take_more_than_half_of_what_is_free(monkeypatch):
    from helpers.engine.loop import SMALLEST_BUDGET, default_budget

    model = tiny().model
    monkeypatch.setattr(machine, "free_memory", lambda: 100 * GIB)
    assert default_budget(model) == SMALLEST_BUDGET
    monkeypatch.setattr(machine, "free_memory", lambda: 2**28)
    assert default_budget(model) == 2**27
