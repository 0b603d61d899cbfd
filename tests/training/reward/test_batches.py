import random

import numpy as np
import pytest
import torch
from transformers import Qwen3Config, Qwen3ForSequenceClassification, Qwen3ForTokenClassification

from helpers.prompts import make_prompt
from helpers.rewards import RewardModel, StepReward
from training.data.tasks import conversation
from training.lm.tokens import train_tokenizer
from training.reward.batches import encode, pack, visible
from training.reward.data import SYSTEM, Group, Solution

QUESTION = "Leo has 12 apples. He gives 5 away and buys 7. How many apples has Leo?"
SOLUTIONS = (
    Solution("Gives 5: 12 - 5 = 7\nBuys 7: 7 + 7 = 14\nFinal: 14", True, (True, True, True), 5),
    Solution("Gives 5: 12 - 5 = 7\nBuys 7: 7 + 7 = 15\nFinal: 15", False, (True, False, False), 2),
    Solution("Gives 5: 12 - 5 = 8\nBuys 7: 8 + 7 = 15\nFinal: 15", False, (False, False, False), 1),
    Solution("Buys 7: 12 + 7 = 19\nGives 5: 19 - 5 = 14\nFinal: 14", True, None, 1),
    Solution("12 - 5 = 7\nFinal: 7", False, (True, False), 1),
)
GROUP = Group(QUESTION, "Think.", SOLUTIONS)


@pytest.fixture(scope="module")
def tokenizer():
    rng = random.Random(0)
    return train_tokenizer(m["content"] for _ in range(200) for m in conversation(rng).messages)


def tensors(rows):
    return (
        torch.from_numpy(a.astype(np.int64)) for a in (rows.ids, rows.position, rows.problem, rows.answer)
    )


def test_packed_solutions_are_read_as_the_reward_models_read_them_alone(tokenizer):
    """Hidden states at the labelled places are those of an unpacked conversation."""
    size = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "max_position_embeddings": 512,
        "eos_token_id": 1,
        "pad_token_id": 0,
        "num_labels": 1,
    }
    torch.manual_seed(0)
    outcome = Qwen3ForSequenceClassification(Qwen3Config(**size)).eval()
    process = Qwen3ForTokenClassification(Qwen3Config(**size)).eval()
    process.model.load_state_dict(outcome.model.state_dict())
    rng = random.Random(3)
    encoded = [encode(GROUP, tokenizer, 400, 5, rng) for _ in range(4)]
    rows = pack(encoded, 512, rng)
    ids, position, problem, answer = tensors(rows)
    mask = visible(problem, answer, torch.from_numpy(rows.leaf))
    bias = torch.zeros(mask.shape).masked_fill(~mask, -1e9)
    with torch.no_grad():
        hidden = outcome.model(input_ids=ids, position_ids=position, attention_mask=bias)[0]
        packed_ends = outcome.score(hidden[rows.ends[:, 0], rows.ends[:, 1]])[:, 0].tolist()
        packed_steps = process.score(hidden[rows.steps[:, 0], rows.steps[:, 1]])[:, 0].sigmoid().tolist()
    # the same texts, alone
    reward, steps = RewardModel(outcome, tokenizer), StepReward(process, tokenizer)
    conversations, wanted_steps = [], []
    for r, end, number, _ in rows.ends:
        own = (rows.problem[r] == number) & (rows.answer[r] == rows.answer[r, end])
        text = tokenizer.decode(rows.ids[r][own][:-2])
        conversations.append([*make_prompt(SYSTEM, QUESTION), {"role": "assistant", "content": text}])
        if next(s for s in SOLUTIONS if s.text == text).steps:
            wanted_steps += steps.score([conversations[-1]])[0]
    assert packed_ends == pytest.approx(reward.score(conversations), abs=1e-4)
    assert packed_steps == pytest.approx(wanted_steps, abs=1e-4)
    assert len(set(np.round(packed_ends, 4))) > 4


def test_right_and_wrong_are_even_as_far_as_there_are(tokenizer):
    for seed in range(20):
        even = encode(GROUP, tokenizer, 400, 4, random.Random(seed))
        assert sum(even.right) == 2 and len(even.right) == 4
        pair = encode(GROUP, tokenizer, 400, 2, random.Random(seed))
        assert sorted(pair.right) == [False, True]


def test_labels_stand_at_the_newlines_and_what_has_none_is_left_out(tokenizer):
    rng = random.Random(0)
    example = encode(GROUP, tokenizer, 400, 5, rng)
    newline = tokenizer("\n", add_special_tokens=False)["input_ids"][0]
    assert {example.ids[at] for at in example.steps} == {newline}
    assert {example.ids[at] for at in example.ends} == {tokenizer.eos_token_id}
    assert len(example.steps) == len(example.labels) == 3 + 3 + 3 + 2
    assert sum(example.labels) == 3 + 1 + 0 + 1


def test_the_reference_stands_in_where_nothing_right_was_drawn(tokenizer):
    reference = Solution(SOLUTIONS[0].text, True, (True, True, True), 0)
    rng = random.Random(0)
    wrong = encode(Group(QUESTION, "", (reference, *SOLUTIONS[1:3])), tokenizer, 400, 4, rng)
    assert sorted(wrong.right) == [False, False, True]
    assert (
        encode(Group(QUESTION, "", (reference, SOLUTIONS[3])), tokenizer, 400, 4, rng) is None
    )  # nothing wrong
    assert encode(GROUP, tokenizer, 60, 4, rng) is None  # no pair fits


def test_what_was_drawn_often_is_chosen_more_often(tokenizer):
    chosen = [encode(GROUP, tokenizer, 400, 2, random.Random(seed)) for seed in range(300)]
    often = sum("Buys 7: 7 + 7 = 15" in tokenizer.decode(e.ids) for e in chosen)
    seldom = sum("Buys 7: 8 + 7 = 15" in tokenizer.decode(e.ids) for e in chosen)
    assert often > 1.3 * seldom > 0


def test_no_problem_is_cut_or_lost(tokenizer):
    rng = random.Random(0)
    encoded = [encode(GROUP, tokenizer, rng.randint(150, 300), 5, rng) for _ in range(60)]
    rows = pack(encoded, 768, rng)
    assert (rows.problem > 0).sum() == sum(len(e.ids) for e in encoded)
    assert len(rows.ends) == sum(len(e.ends) for e in encoded)
    assert len(rows.steps) == sum(len(e.steps) for e in encoded)
    assert (np.diff(rows.ends[:, 0]) >= 0).all() and (np.diff(rows.steps[:, 0]) >= 0).all()
    assert (rows.problem > 0).mean() > 0.8
