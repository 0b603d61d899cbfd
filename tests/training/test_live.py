import json
import shutil

import pytest
import torch
from safetensors.torch import load_file

from helpers.answers import answers_match, extract_answer
from helpers.engine.local import LocalModel
from helpers.problems import held_out
from helpers.prompts import make_prompt
from tests.training.tiny_lm import save_tiny_lm
from training import live, loop, policy

PROMPTS = [make_prompt("Add.", f"What is {i} + 1?") for i in range(40)]


@pytest.fixture(scope="module")
def lm(tmp_path_factory):
    return save_tiny_lm(tmp_path_factory.mktemp("lm") / "tiny-lm")


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(live, "ROWS", 2)
    monkeypatch.setattr(live, "ROW", 128)
    monkeypatch.setattr(live, "MATRIX_RATE", 5e-3)


def as_they_are(new, old, advantages):
    return [[a] * len(row) for row, a in zip(new, advantages, strict=True)]


def likely(model, text, prompts=PROMPTS):
    return sum(map(sum, model.logprobs(prompts, [text] * len(prompts))))


def test_practice_is_not_held_out_and_its_reference_is_right():
    found = live.practice((2, 4), 5, seed=3)
    assert found == live.practice((2, 4), 5, seed=3)
    assert [p.problem.steps for p in found] == [2] * 5 + [4] * 5
    for each in found:
        assert not held_out(each.problem.question)
        text = each.worked.solution
        assert answers_match(extract_answer(text), each.problem.answer)
        assert each.right_lines(text) == [True] * len(text.split("\n"))
        assert each.right_lines("1 + 1 = 3\n" + text)[0] is False


def test_a_name_without_weights_here_is_trained_as_the_models_that_ship(lm):
    assert live.trainable(str(lm)) == lm
    assert live.trainable("some/hub-model") == live.DEFAULT == live.trainable("prebuilt/models/missing")


def test_a_large_model_is_trained_where_adapters_can_be(lm, tmp_path, monkeypatch):
    large = tmp_path / "large"
    shutil.copytree(lm, large)
    settings = json.loads((large / "config.json").read_text())
    (large / "config.json").write_text(json.dumps(settings | {"hidden_size": live.WIDEST + 1}))
    for gpu, package, expected in [
        (True, True, large),
        (False, True, live.DEFAULT),
        (True, False, live.DEFAULT),
    ]:
        monkeypatch.setattr(torch.cuda, "is_available", lambda gpu=gpu: gpu)
        monkeypatch.setattr(live, "find_spec", lambda name, package=package: package or None)
        assert live.trainable(str(large)) == expected


def test_the_kept_texts_of_a_prompt_share_it():
    found = live.conversations(PROMPTS[:3], [["a", "b"], [], ["c"]])
    assert [(c.messages[:-1], c.messages[-1]["content"], c.others) for c in found] == [
        (tuple(PROMPTS[0]), "a", ("b",)),
        (tuple(PROMPTS[2]), "c", ()),
    ]


def test_what_is_kept_becomes_more_probable_and_the_base_stays(lm, tmp_path):
    before = (lm / "model.safetensors").read_bytes()
    model = live.fine_tune(lm, PROMPTS, [["Final: 7"]] * 40, tmp_path / "a")
    assert likely(model, "Final: 7") > likely(LocalModel.load(lm), "Final: 7") + 5
    again = live.fine_tune(lm, PROMPTS, [["Final: 7"]] * 40, tmp_path / "b")
    assert likely(again, "Final: 7") == likely(model, "Final: 7"), "the same call, the same weights"
    assert (lm / "model.safetensors").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}
    with pytest.raises(ValueError, match="draw more"):
        live.fine_tune(lm, PROMPTS, [[]] * 40, tmp_path / "c")


def test_good_samples_go_up_and_bad_ones_down(lm, tmp_path, monkeypatch):
    monkeypatch.setattr(policy, "PolicyTuning", lambda: policy_recipe(rows=8, passes=3))
    texts, advantages = [["Final: 7", "Final: 8"]] * 40, [[1.0, -1.0]] * 40
    model = live.follow_policy(lm, PROMPTS, texts, advantages, as_they_are, tmp_path)
    base = LocalModel.load(lm)
    assert likely(model, "Final: 7") - likely(model, "Final: 8") > likely(base, "Final: 7") - likely(
        base, "Final: 8"
    )


Recipe = policy.PolicyTuning


def policy_recipe(**changes):
    return Recipe(matrix_rate=5e-3, other_rate=5e-3, **changes)


def drawn(n):
    return [policy.Drawn(PROMPTS[i], f"Final: {i}", 1.0 if i % 2 else -0.5) for i in range(n)]


def test_the_function_gets_a_list_for_each_sample_and_the_ratio_is_1_at_first(lm, tmp_path):
    seen = []

    def watched(new, old, advantages):
        seen.append((new, old, advantages))
        return as_they_are(new, old, advantages)

    policy.improve(drawn(20), lm, watched, policy_recipe(rows=8, passes=2), tmp_path)
    assert [len(advantages) for *_, advantages in seen].count(8) == 4 and len(seen) == 6
    for new, old, advantages in seen:
        assert [len(row) for row in new] == [len(row) for row in old] and len(new) == len(advantages)
    first, last = (
        [(a, b) for x, y in zip(*trial[:2], strict=True) for a, b in zip(x, y, strict=True)]
        for trial in (seen[0], seen[-1])
    )
    assert all(abs(a - b) < 1e-4 for a, b in first) and any(abs(a - b) > 1e-3 for a, b in last)


def test_the_loss_is_the_weighted_mean_over_tokens():
    logs, mine = torch.tensor([[-1.0, -2.0], [-3.0, 9.0]]), torch.tensor([[True, True], [True, False]])
    loss = policy.weighted(logs, mine, [[1.0, 0.5], [-2.0]])
    assert loss.item() == pytest.approx(-(1.0 * -1 + 0.5 * -2 - 2 * -3) / 3)


def test_log_probabilities_are_those_of_the_engine(lm):
    base = LocalModel.load(lm)
    head = list(base.chat_tokenizer.encode(PROMPTS[3]))
    tail = base.tokenizer("Final: 12", add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        logs, mine = policy.token_logprobs(base.model, [(head, tail), (head * 2, tail)])
    [expected] = base.logprobs([PROMPTS[3]], ["Final: 12"])
    assert logs[0][mine[0]].tolist() == pytest.approx(expected, abs=1e-4)


def test_a_killed_run_goes_on_and_ends_as_if_it_had_not_been_killed(lm, tmp_path, monkeypatch):
    whole = policy.improve(drawn(24), lm, as_they_are, policy_recipe(rows=8, passes=2), tmp_path / "whole")
    monkeypatch.setattr(policy, "CHECKPOINT_SECONDS", 0)
    calls = []

    class Killed(Exception):
        pass

    def dies(new, old, advantages):
        calls.append(1)
        if len(calls) == 4:
            raise Killed
        return as_they_are(new, old, advantages)

    with pytest.raises(Killed):
        policy.improve(drawn(24), lm, dies, policy_recipe(rows=8, passes=2), tmp_path / "killed")
    resumed = policy.improve(drawn(24), lm, dies, policy_recipe(rows=8, passes=2), tmp_path / "killed")
    a, b = (load_file(folder / "model.safetensors") for folder in (whole, resumed))
    assert all(torch.equal(a[k], b[k]) for k in a) and len(calls) == 7


def test_where_every_group_agrees_it_is_said(lm, tmp_path):
    with pytest.raises(ValueError, match="nothing to learn"):
        live.follow_policy(lm, PROMPTS, [["a"]] * 40, [[0.0]] * 40, as_they_are, tmp_path)


def test_a_wide_model_gets_adapters(lm, tmp_path, monkeypatch):
    pytest.importorskip("peft", reason="pip install -r requirements-train.txt")
    monkeypatch.setattr(live, "WIDEST", 16)
    monkeypatch.setattr(policy, "PolicyTuning", lambda rank, rows: policy_recipe(rank=rank, rows=rows))
    model = live.fine_tune(lm, PROMPTS, [["Final: 7"]] * 40, tmp_path / "a")
    assert likely(model, "Final: 7") > likely(LocalModel.load(lm), "Final: 7") + 20
    assert type(model.model).__name__ == "Qwen3ForCausalLM"
    advantages = [[1.0, -1.0]] * 40
    live.follow_policy(lm, PROMPTS, [["Final: 7", "Final: 8"]] * 40, advantages, as_they_are, tmp_path / "b")


def test_without_peft_it_says_what_to_install(lm, tmp_path, monkeypatch):
    monkeypatch.setattr(live, "WIDEST", 16)
    monkeypatch.setitem(__import__("sys").modules, "peft", None)
    with pytest.raises(ImportError, match=r"requirements-train\.txt"):
        live.fine_tune(lm, PROMPTS, [["Final: 7"]] * 40, tmp_path)


def test_one_loop_runs_all():
    from training import finetune
    from training.lm import pretrain
    from training.reward import train as reward

    assert all(module.run_steps is loop.run_steps for module in (finetune, pretrain, reward, policy))
