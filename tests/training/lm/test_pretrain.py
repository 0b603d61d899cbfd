import random
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, Qwen3ForCausalLM

from helpers.prompts import make_prompt
from training.data.tasks import Conversation, conversation
from training.lm import pretrain
from training.lm.pretrain import Recipe, batch_of, new_model, step_loss, train
from training.lm.tokens import encode, pack, train_tokenizer

TINY = Recipe(
    tokens=16 * 2 * 384,
    stop=0.5,
    tuning=4 * 2 * 384,
    rows=2,
    hidden=64,
    layers=1,
    intermediate=64,
    drawn=300,
    read=600,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The model of one run."""
    return train(TINY, tmp_path_factory.mktemp("whole"))


def test_the_rate_warms_up_and_falls_without_a_jump_to_zero():
    recipe = Recipe()
    rates = [recipe.rate(step, stage) for stage in (1, 2) for step in range(recipe.last_step(stage))]
    top = rates.index(max(rates))
    assert rates[:top] == sorted(rates[:top]) and rates[top:] == sorted(rates[top:], reverse=True)
    assert 0.99 < max(rates) < 1.01 and rates[-1] < 0.01
    assert max(a - b for a, b in pairwise(rates[top:])) < 0.01


def test_a_killed_run_goes_on_and_ends_as_if_it_had_not_been_killed(folder, tmp_path, monkeypatch):
    class Killed(Exception):
        pass

    steps = pretrain.batch_of

    def dies_at_step_5(rows, step, recipe, device):
        if step == 5:
            raise Killed
        return steps(rows, step, recipe, device)

    monkeypatch.setattr(pretrain, "CHECKPOINT_SECONDS", 0)
    monkeypatch.setattr(pretrain, "batch_of", dies_at_step_5)
    try:
        train(TINY, tmp_path / "killed")
    except Killed:
        monkeypatch.setattr(pretrain, "batch_of", steps)
    else:
        raise AssertionError("the run was not killed")
    resumed = train(TINY, tmp_path / "killed")
    a, b = (load_file(each / "model.safetensors") for each in (folder, resumed))
    assert a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)
    seen = [line.split(",")[:2] for line in (tmp_path / "killed" / "loss.csv").read_text().splitlines()]
    assert seen == [["1", "0"], ["2", "0"]]  # the curve has no step twice


def test_a_run_goes_on_from_another_model(folder, tmp_path):
    other = train(replace(TINY, start=str(folder), seed=1), tmp_path)
    assert (other / "tokenizer.json").read_bytes() == (folder / "tokenizer.json").read_bytes()
    a, b = (Qwen3ForCausalLM.from_pretrained(f, dtype=torch.float32).state_dict() for f in (folder, other))
    changes = [(a[name] - b[name]).norm() / a[name].norm() for name in a]
    assert 0 < max(changes) < 0.9  # random weights would be 1.4 away


def test_no_token_sees_another_reply_to_the_same_prompt():
    talk = Conversation((*make_prompt("", "q"), {"role": "assistant", "content": "one"}), others=("two",))
    rng = random.Random(0)
    tokenizer = train_tokenizer(m["content"] for _ in range(300) for m in conversation(rng).messages)
    recipe = replace(TINY, row=64, rows=1)
    rows = pack(encode([talk], tokenizer), 64, rng)
    ids, position, mask, targets = batch_of(rows, 0, recipe, "cpu")
    alone = [
        pack(
            encode(
                [
                    replace(
                        talk,
                        messages=(*talk.messages[:-1], {"role": "assistant", "content": text}),
                        others=(),
                    )
                ],
                tokenizer,
            ),
            64,
            rng,
        )
        for text in ("one", "two")
    ]
    model = new_model(recipe, tokenizer).eval()
    loss = step_loss(model, "cpu")
    together = loss(ids, position, mask, targets) * (targets >= 0).sum()
    apart = [batch_of(rows, 0, recipe, "cpu") for rows in alone]
    assert torch.isclose(together, sum(loss(*b) * (b[3] >= 0).sum() for b in apart), rtol=1e-4)


def test_the_saved_folder_is_loaded_by_the_auto_classes(folder):
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    assert type(model).__name__ == "Qwen3ForCausalLM" and model.config.use_cache
    assert model.config.max_position_embeddings >= 1024
    assert model.generation_config.use_cache is not False
    assert tokenizer.chat_template and tokenizer.eos_token_id in range(len(tokenizer))
