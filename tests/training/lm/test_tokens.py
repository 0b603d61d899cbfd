import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.data.tasks import conversation
from training.lm.tokens import END, Example, encode, pack, train_tokenizer


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
        [example] = encode([c], tokenizer)
        replies = [c.messages[-1]["content"], *(c.messages[-1]["content"][: c.given] + o for o in c.others)]
        for text, ids in zip(replies, example.replies, strict=True):
            messages = [*c.messages[:-1], {"role": "assistant", "content": text}]
            whole = tokenizer.apply_chat_template(messages, tokenize=False)
            assert tokenizer.decode(example.given + ids) == whole
            assert tokenizer.decode(ids) == text[c.given :] + END


def test_packing_keeps_every_example_whole_and_gives_loss_to_replies_only(tokenizer):
    rng = random.Random(2)
    examples = [e for e in encode([conversation(rng) for _ in range(300)], tokenizer) if len(e) <= 512]
    rows = pack(examples, 512, rng)
    assert (rows.document > 0).sum() == sum(map(len, examples))
    assert (rows.targets >= 0).sum() == sum(len(reply) for e in examples for reply in e.replies)
    assert (rows.document > 0).mean() > 0.9
    assert any(len(e.replies) > 1 for e in examples)
    found = []
    for r in range(len(rows.ids)):
        for d in range(1, rows.document[r].max() + 1):
            at = rows.document[r] == d
            prompt, replies = rows.ids[r][at & (rows.branch[r] == 0)], []
            for b in range(1, rows.branch[r][at].max() + 1):
                own = at & (rows.branch[r] == b)
                assert (rows.position[r][own] == range(len(prompt), len(prompt) + own.sum())).all()
                last, *rest = rows.ids[r][own]
                replies.append((*rest, rows.targets[r][own][-1]))
                assert (rows.targets[r][own][:-1] == rest).all()
            found.append(((*prompt, last), tuple(replies)))
    assert sorted(found) == sorted((e.given, e.replies) for e in examples)


def test_a_row_holds_as_many_replies_as_fit(tokenizer):
    example = Example((1, 2), ((3,) * 20, (4,) * 20, (5,) * 20))
    rows = pack([example], 45, random.Random(0))
    assert rows.branch.max() == 2 and (rows.targets >= 0).sum() == 40
    assert len(pack([example], 20, random.Random(0)).ids) == 0
