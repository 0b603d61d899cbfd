"""A folder that is read without the classes of transformers, against the same folder read by them."""

import copy
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

from bench.random_model import byte_tokenizer, random_model
from config import ROOT
from helpers.engine import fused
from helpers.engine.batch import Request
from helpers.engine.decoder import Decoder
from helpers.engine.local import LocalModel
from helpers.engine.stored import StoredModel, count_parameters
from helpers.models import Decoding
from tests.helpers.tiny import BASE, KINDS, ask

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
    found = model.logprobs(PROMPTS, texts)
    assert found == other.logprobs(PROMPTS, texts) and isinstance(model._model, StoredModel)
    other._decoder = Decoder(other.model)
    for mine, expected in zip(found, other.logprobs(PROMPTS, texts), strict=True):
        assert mine == pytest.approx(expected, abs=1e-4)
    assert type(model.model) is type(other.model)
    assert samples == model.sample(PROMPTS, 3, max_tokens=20, seed=1)


def test_a_model_that_is_trained_later_answers_with_its_new_weights(tmp_path):
    model = LocalModel.load(saved(tmp_path), device="cpu")
    before = model.sample(PROMPTS, temperature=0, max_tokens=12)
    with torch.no_grad():
        model.model.model.layers[0].mlp.up_proj.weight.mul_(-1)
    assert model.sample(PROMPTS, temperature=0, max_tokens=12) != before


def test_its_weights_are_those_that_were_read_whatever_became_of_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    saved(tmp_path / "lm")
    model = LocalModel.load("lm", device="cpu")
    samples = model.sample(PROMPTS, 2, max_tokens=12)
    shutil.rmtree("lm")
    assert model.model.generation_config.eos_token_id == 2 and not model.model.training
    assert samples == model.sample(PROMPTS, 2, max_tokens=12)


def test_threads_that_ask_for_its_model_get_one_that_is_right(tmp_path):
    texts = ["seven", "eleven"]
    expected = LocalModel(
        AutoModelForCausalLM.from_pretrained(saved(tmp_path, tie_word_embeddings=True)), byte_tokenizer()
    ).logprobs(PROMPTS, texts)
    models = [LocalModel.load(tmp_path, device="cpu") for _ in range(3)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda i: models[i % 3].logprobs(PROMPTS, texts), range(6)))
    assert found == [expected] * 6 and len({id(model.model) for model in models}) == 3


def test_a_copy_samples_as_the_model_does(tmp_path):
    def texts(model):
        return [s.text for row in model.sample(PROMPTS, 6, max_tokens=12) for s in row]

    model = LocalModel.load(saved(tmp_path), device="cpu")
    before = texts(model)  # on several threads, where there are some
    other = copy.deepcopy(model)
    assert texts(other) == before
    with torch.no_grad():
        other.model.lm_head.weight.mul_(0.5)
    assert texts(other) != before == texts(model)


def test_it_loads_while_nothing_is_to_be_learned_and_learns_later(tmp_path):
    with torch.inference_mode():
        model = LocalModel.load(saved(tmp_path), device="cpu")
        assert model.sample(PROMPTS, max_tokens=3)
        model.model  # noqa: B018 - it is built here
    model.model(torch.tensor([[5, 6]])).logits.sum().backward()
    assert model.model.lm_head.weight.grad is not None


def test_a_generation_config_that_cannot_be_read_is_left_out(tmp_path):
    (saved(tmp_path) / "generation_config.json").write_text("{oops")
    assert LocalModel.load(tmp_path, device="cpu").ends == {2}


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


@pytest.mark.parametrize("content", ["half", "pointer", "nothing"])
def test_a_file_that_is_not_whole_is_one_sentence(tmp_path, content):
    file = saved(tmp_path) / "model.safetensors"
    whole = file.read_bytes()
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n"
    file.write_bytes({"half": whole[: len(whole) // 2], "pointer": pointer, "nothing": b""}[content])
    with pytest.raises(OSError, match="holds no complete model") as caught:
        LocalModel.load(tmp_path, device="cpu")
    assert "\n" not in str(caught.value)


def test_weights_that_are_missing_are_not_made_at_random(tmp_path):
    change(saved(tmp_path), lm_head__weight=None)
    with pytest.raises(OSError, match=r"lm_head\.weight is not in it, and would be random"):
        LocalModel.load(tmp_path, device="cpu")
    with pytest.raises(OSError, match="a reward model belongs in REWARD_MODEL"):
        LocalModel.load("prebuilt/models/course-rm", device="cpu")


def score(model, ids):
    """Log-probability of each of `ids` behind the first, as transformers has it."""
    with torch.inference_mode():
        logs = model.model(torch.tensor([ids])).logits[0].log_softmax(-1)
    return [float(logs[i, token]) for i, token in enumerate(ids[1:])]


class Half(torch.nn.Linear):
    """A layer whose weights do not say all."""

    def forward(self, x):
        return super().forward(x) / 2


def own_head(model):
    model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach() * 0.2)


def another_layer(model):
    model.model.layers[1].mlp.down_proj.__class__ = Half


def slower_rotations(model):
    model.model.rotary_emb.inv_freq.mul_(0.5)


@pytest.mark.parametrize("change_it", [own_head, another_layer, slower_rotations])
def test_what_is_changed_in_the_built_model_is_sampled_from(tmp_path, change_it):
    model = LocalModel.load(saved(tmp_path, tie_word_embeddings=True), device="cpu")
    change_it(model.model)
    model.model = model.model  # else no weight says that anything has changed
    prompt = model.chat_tokenizer.encode(PROMPTS[0])
    [done] = model.engine().run([Request(prompt, 0, Decoding(max_tokens=12))])
    expected = score(model, [*prompt, *done.tokens])[len(prompt) - 1 :]
    assert done.logprobs == pytest.approx(expected, abs=1e-3)


def test_a_tied_folder_with_a_head_of_its_own_keeps_it(tmp_path):
    saved(tmp_path, tie_word_embeddings=True)
    embedding = load_file(tmp_path / "model.safetensors")["model.embed_tokens.weight"]
    change(tmp_path, lm_head__weight=embedding * 0.2)
    model = LocalModel.load(tmp_path, device="cpu")
    prompt = model.chat_tokenizer.encode(PROMPTS[0])
    [done] = model.engine().run([Request(prompt, 0, Decoding(max_tokens=12))])
    expected = score(model, [*prompt, *done.tokens])[len(prompt) - 1 :]
    assert done.logprobs == pytest.approx(expected, abs=1e-3)


def test_a_thread_that_outlives_the_script_goes_on_sampling(tmp_path):
    script = (
        "import sys, threading\n"
        "from helpers.engine.local import LocalModel\n"
        "model = LocalModel.load(sys.argv[1], device='cpu')\n"
        "asked = [[{'role': 'user', 'content': str(i)}] for i in range(6)]\n"
        "model.sample(asked, max_tokens=3)\n"
        "def work():\n"
        "    threading.main_thread().join()\n"
        "    print(len(model.sample(asked, max_tokens=3)))\n"
        "threading.Thread(target=work).start()\n"
    )
    command = [sys.executable, "-c", script, str(saved(tmp_path))]
    environment = os.environ | {"OMP_NUM_THREADS": "2"}
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert run.stdout.endswith("6\n"), run.stderr
