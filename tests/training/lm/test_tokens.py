import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.data.tasks import conversation
from training.lm.tokens import END, encode, pack, train_tokenizer


@pytest.fixture(scope="module")
def tokenizer():
    rng = random.Random(0)
    return train_tokenizer(m["content"] for _ in range(500) for m in conversation(rng).messages)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60))
def test_any_text_comes_back(tokenizer, text):
    ids = tokenizer(text, add_special_tokens=False).input_ids
    special = set(tokenizer.all_special_tokens)
    if not any(s in text for s in special):
        assert tokenizer.decode(ids) == text


def test_every_digit_is_one_token(tokenizer):
    assert len(tokenizer("1234567890", add_special_tokens=False).input_ids) == 10


def test_the_template_says_who_speaks_and_can_be_continued(tokenizer):
    messages = [{"role": "system", "content": "Think."}, {"role": "user", "content": "2 + 2"}]
    asked = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert asked == "<|system|>Think.<|end|><|user|>2 + 2<|end|><|assistant|>"
    begun = [*messages, {"role": "assistant", "content": "2 + 2 ="}]
    text = tokenizer.apply_chat_template(begun, tokenize=False, continue_final_message=True)
    assert text == asked + "2 + 2 ="


def test_training_sees_what_the_template_writes(tokenizer):
    rng = random.Random(1)
    for c in [conversation(rng) for _ in range(50)]:
        ((ids, given),) = encode([c], tokenizer)
        assert tokenizer.decode(ids) == tokenizer.apply_chat_template(list(c.messages), tokenize=False)
        reply = c.messages[-1]["content"]
        assert tokenizer.decode(ids[given:]) == reply[c.given :] + END


def test_packing_keeps_every_example_whole_and_gives_loss_to_replies_only(tokenizer):
    rng = random.Random(2)
    encoded = [e for e in encode([conversation(rng) for _ in range(300)], tokenizer) if len(e[0]) <= 513]
    rows = pack(encoded, 512, rng)
    assert (rows.document > 0).sum() == sum(len(ids) - 1 for ids, _ in encoded)
    assert (rows.targets >= 0).sum() == sum(len(ids) - given for ids, given in encoded)
    assert (rows.document > 0).mean() > 0.9
    found = []
    for r in range(len(rows.ids)):
        for d in range(1, rows.document[r].max() + 1):
            at = rows.document[r] == d
            assert (rows.position[r][at] == range(at.sum())).all()
            found.append(tuple(rows.ids[r][at]))
    assert sorted(found) == sorted(tuple(ids[:-1]) for ids, _ in encoded)
