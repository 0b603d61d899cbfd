import math
from itertools import chain

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.engine import forward, token_sampler
from helpers.engine.batch import Request
from helpers.engine.decoder import Decoder
from helpers.engine.kv_cache import FIRST_STEPS, KVCache
from helpers.engine.loop import Engine
from helpers.models import Decoding
from tests.helpers.tiny import KINDS, ask, tiny

PROMPTS = [ask("How many?"), ask("x" * 40 + "?"), ask("Why?", system="Be brief."), ask("y" * 7)]


def texts(model, prompts, n=3, **options):
    return [[sample.text for sample in samples] for samples in model.sample(prompts, n, **options)]


def by_generate(model, messages, tokens):
    ids = torch.tensor([model.chat_tokenizer.encode(messages)])
    options = {"do_sample": False, "max_new_tokens": tokens, "repetition_penalty": 1.0}
    out = model.model.generate(ids, attention_mask=torch.ones_like(ids), **options)
    return model.tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)


def requests(model, prompts, n=1, **options):
    return [
        Request(model.chat_tokenizer.encode(messages), i, Decoding(**options))
        for messages in prompts
        for i in range(n)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_greedy_is_what_generate_says(kind):
    model = tiny(kind)
    assert texts(model, PROMPTS, 2, temperature=0, max_tokens=40) == [
        [by_generate(model, messages, 40)] * 2 for messages in PROMPTS
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_log_probabilities_are_those_of_one_plain_forward_pass(kind):
    model = tiny(kind)
    [request] = requests(model, PROMPTS[:1], max_tokens=40, temperature=0.7)
    [completion] = model.engine().run([request])
    ids = torch.tensor([request.prompt + completion.tokens])
    with torch.inference_mode():
        scores = model.model(input_ids=ids, use_cache=False).logits[0].log_softmax(-1)
    expected = scores[len(request.prompt) - 1 : -1].gather(1, torch.tensor(completion.tokens)[:, None])[:, 0]
    assert completion.logprobs == pytest.approx(expected.tolist(), abs=1e-3)


@pytest.mark.parametrize("kind", ["qwen3", "gemma2, a short window"])
def test_a_text_does_not_depend_on_its_company(kind):
    model = tiny(kind)
    alone = [texts(model, [messages], 3, seed=5, max_tokens=30)[0] for messages in PROMPTS]
    assert texts(model, PROMPTS, 3, seed=5, max_tokens=30) == alone
    assert texts(model, PROMPTS[::-1], 9, seed=5, max_tokens=30)[-1][:3] == alone[0]
    flat = list(chain(*alone))
    # in waves of other widths, in a budget that fits one row, and joining rows that are under way
    wanted = requests(model, PROMPTS, 3, seed=5, max_tokens=30)
    for options in ({"width": 4}, {"budget": 1}):
        done = model.engine(**options).run(wanted)
        assert [completion.text for completion in done] == flat
    engine = model.engine()
    early = engine.add(requests(model, PROMPTS[:1], 3, seed=5, max_tokens=30))
    done = dict(engine.step() + engine.step() + engine.step())
    late = engine.add(wanted[3:])
    while not engine.idle:
        done |= dict(engine.step())
    assert [done[ticket].text for ticket in early + late] == flat


def test_a_text_does_not_depend_on_how_many_rows_there_are_by_turns(monkeypatch):
    model = tiny()
    monkeypatch.setattr(forward, "MANY", 4)

    def endless():
        return Engine(model.decoder, model.chat_tokenizer, [], model.context)

    first = requests(model, PROMPTS[:2], max_tokens=2 * FIRST_STEPS)
    later = requests(model, PROMPTS[2:], 2, max_tokens=FIRST_STEPS)
    engine, done = endless(), {}
    tickets = engine.add(first)
    for _ in range(FIRST_STEPS // 2):
        done |= engine.step()
    tickets += engine.add(later)  # more than few, while the memory of the first ones grows
    while not engine.idle:
        done |= engine.step()
    for ticket, request in zip(tickets, first + later, strict=True):
        [alone] = endless().run([request])
        assert done[ticket].tokens == alone.tokens
        assert done[ticket].logprobs == pytest.approx(alone.logprobs, abs=1e-3)


def test_rows_carry_their_own_settings():
    model = tiny()
    kinds = [
        {"temperature": 0.0, "max_tokens": 9},
        {"temperature": 0.5, "max_tokens": 17, "seed": 1},
        {"temperature": 1.5, "max_tokens": 3, "top_p": 0.6},
        {"temperature": 1.0, "max_tokens": 30, "stop": ("e", "a")},
    ]
    wanted = [request for options in kinds for request in requests(model, PROMPTS, 2, **options)]
    together = model.engine().run(wanted)
    alone = [model.engine().run([request])[0] for request in wanted]
    assert [(c.text, c.tokens, c.finish_reason) for c in together] == [
        (c.text, c.tokens, c.finish_reason) for c in alone
    ]


def test_seeds_and_samples_differ_and_repeat():
    model = tiny()
    first, again, other = (texts(model, PROMPTS[:1], 8, seed=seed, max_tokens=20)[0] for seed in (1, 1, 2))
    assert first == again and len(set(first + other)) == 16


def test_the_global_random_state_stays_as_it_is():
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy()
    texts(tiny(), PROMPTS, max_tokens=5)
    assert (
        torch.equal(before[0], torch.random.get_rng_state()) and (before[1] == np.random.get_state()[1]).all()
    )


@pytest.mark.parametrize("kind", ["qwen3", "granite"])
def test_every_distinct_prompt_is_read_once_and_finished_rows_leave(monkeypatch, kind):
    monkeypatch.setattr(token_sampler, "ROUNDING", 0.0)  # no row is asked alone
    model, read, steps = tiny(kind), [], []
    decoder = model.decoder
    step, whole = decoder.step, decoder.read_whole
    monkeypatch.setattr(decoder, "step", lambda token, *more: steps.append(len(token)) or step(token, *more))
    monkeypatch.setattr(decoder, "read_whole", lambda ids, *more: read.append(ids.size) or whole(ids, *more))
    monkeypatch.setattr(decoder, "prompts", None)  # beginnings are shared in test_prefill.py
    prompts = [ask("abc"), ask("def"), ask("abc")]
    wanted = [
        Request(model.chat_tokenizer.encode(messages), i, Decoding(max_tokens=1 + 5 * i, seed=s))
        for s, messages in enumerate(prompts)
        for i in range(4)
    ]
    done = model.engine().run(wanted)
    # nothing was computed for rows that had finished
    assert sum(steps) == sum(len(completion.tokens) for completion in done)
    distinct = {request.prompt for request in wanted}
    assert sum(read) == sum(len(prompt) - 1 for prompt in distinct)


def test_memory_stays_below_the_budget():
    model = tiny()
    wanted = requests(model, PROMPTS * 3, 5, max_tokens=20)
    engine = model.engine()
    [one] = requests(model, [PROMPTS[1]], max_tokens=20)
    engine = model.engine(budget=6 * engine._bytes([one]))
    engine.add(wanted)
    most = 0
    while not engine.idle:
        engine.step()
        held = [request for batch in engine._batches for request in batch.requests]
        most = max(most, len(held))
        assert engine._bytes(held) <= engine._budget
    assert most > 1


def test_a_text_ends_before_its_stop_string():
    model = tiny()
    [whole] = model.sample(PROMPTS[:1], 1, seed=3, max_tokens=60)[0]
    stop = whole.text[20:22]
    end = whole.text.index(stop)
    [cut] = model.sample(PROMPTS[:1], 1, seed=3, max_tokens=60, stop=["never there", stop])[0]
    assert cut.text == whole.text[:end] and cut.finish_reason == "stop" and whole.finish_reason == "length"
    assert (
        cut.token_logprobs == pytest.approx(whole.token_logprobs[: cut.tokens]) and cut.tokens < whole.tokens
    )
    assert model.sample(PROMPTS[:1], 1, seed=3, max_tokens=60, stop=stop) == [[cut]]


def test_every_end_token_of_the_generation_config_ends_a_text():
    model = tiny(seed=1)
    [whole] = model.engine().run(requests(model, PROMPTS[:1], temperature=0.0, max_tokens=40))
    ends = whole.tokens[12], whole.tokens[25]
    before, model.model.generation_config.eos_token_id = (
        model.model.generation_config.eos_token_id,
        list(ends),
    )
    try:
        [cut] = model.engine().run(requests(model, PROMPTS[:1], temperature=0.0, max_tokens=40))
    finally:
        model.model.generation_config.eos_token_id = before
    first = min(whole.tokens.index(end) for end in ends)
    assert cut.tokens == whole.tokens[: first + 1] and cut.finish_reason == "stop"
    assert cut.text == model.chat_tokenizer.decode(whole.tokens[:first])


def test_penalties_of_the_generation_config_leave_greedy_alone():
    model = tiny()
    plain = texts(model, PROMPTS, 1, temperature=0, max_tokens=30)
    model.model.generation_config.repetition_penalty = 5.0
    try:
        assert texts(model, PROMPTS, 1, temperature=0, max_tokens=30) == plain
    finally:
        model.model.generation_config.repetition_penalty = 1.0


def test_generation_ends_where_the_context_does():
    model = tiny()
    [completion] = model.engine().run(requests(model, PROMPTS[:1], temperature=0.0, max_tokens=10_000))
    length = len(model.chat_tokenizer.encode(PROMPTS[0]))
    assert len(completion.tokens) == 256 - length and completion.finish_reason == "length"
    with pytest.raises(ValueError, match="256 in all: shorten it"):
        model.sample([ask("x" * 300)])


def test_a_prompt_of_one_token_is_enough():
    model = tiny()
    done = model.engine().run([Request((7,), i, Decoding(max_tokens=12)) for i in range(3)])
    assert len({completion.tokens for completion in done}) == 3
    short = Decoding(max_tokens=12)
    longer = model.engine().run([Request((7,), 0, short), Request((7, 9, 30), 0, short)])
    assert longer[0].tokens == done[0].tokens


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"temperature": -1}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"top_p": 1.1}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"stop": ("",)}, "empty"),
        ({"prompt": ()}, "at least one token"),
    ],
)
def test_requests_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Request(options.pop("prompt", (1,)), decoding=Decoding(**options))


def test_an_architecture_without_ordinary_attention_is_refused():
    from transformers import MambaConfig, NemotronConfig

    from bench.random_model import random_model

    small = {"vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 8, "intermediate_size": 16}
    for config in (MambaConfig(**small), NemotronConfig(**small, **heads)):
        with pytest.raises(ValueError, match="not supported here: choose a model"):
            Decoder(random_model(config))


def test_models_go_on_generating_as_before_beside_an_engine():
    from bench.random_model import random_model

    model = tiny("gemma2, a short window", seed=2)
    untouched = random_model(model.model.config.__class__.from_dict(model.model.config.to_dict()), 2, scale=8)
    ids = torch.tensor([model.chat_tokenizer.encode(PROMPTS[1])])
    model.engine()
    options = {"do_sample": False, "max_new_tokens": 30, "attention_mask": torch.ones_like(ids)}
    assert torch.equal(model.model.generate(ids, **options), untouched.generate(ids, **options))


@pytest.mark.parametrize("softcap", [None, 1e4])
def test_rows_that_moved_up_keep_their_own_past(softcap):
    torch.manual_seed(0)
    cache, alone = KVCache([5, 3], [0, 1, 0, 1], 8, "cpu"), KVCache([3], [0], 8, "cpu")
    prefix = torch.randn(2, 2, 5, 4)
    cache.prefiller(0)(0, torch.randn(2, 4, 5, 4), prefix, prefix, None, softcap)
    alone.prefiller(0)(0, torch.randn(1, 4, 3, 4), prefix[1:, :, :3], prefix[1:, :, :3], None, softcap)
    for step in range(5):
        rows = len(cache.prompt_of)
        query, key, value = torch.randn(rows, 4, 1, 4), torch.randn(rows, 2, 1, 4), torch.randn(rows, 2, 1, 4)
        row = 3 if step < 3 else 1  # where the row of the second prompt stands
        got = cache.attend(0, query, key, value, None, softcap)[row]
        expected = alone.attend(0, query[[row]], key[[row]], value[[row]], None, softcap)[0]
        assert torch.allclose(got, expected, atol=1e-6)
        cache.advance(), alone.advance()
        if step == 2:  # rows 1 and 2 leave, row 3 moves into place 1
            cache.keep(np.array([1]), np.array([3]), 2)


def test_draws_follow_the_model():
    logits = torch.tensor([[1.0, 0.0, -1.0, 2.0, -30.0]]).repeat(20_000, 1)
    keys = np.array([token_sampler.row_key(0, (1, 2), i) for i in range(len(logits))], dtype=np.uint64)
    for temperature, top_p in ((1.0, 1.0), (0.5, 1.0), (2.0, 1.0), (1.0, 0.85)):
        expected = (logits[0].double() / temperature).softmax(-1)
        if top_p < 1:  # the likeliest tokens that reach 0.85 together: ids 3 and 0
            expected[[1, 2, 4]] = 0
            expected /= expected.sum()
        rows = np.full(len(logits), temperature, np.float32), np.full(len(logits), top_p, np.float32)
        token, log_prob, _ = token_sampler.draw(logits, *rows, token_sampler.uniform(keys, 7))
        seen = np.bincount(token, minlength=5) / len(token)
        assert seen == pytest.approx(expected.numpy(), abs=5 * math.sqrt(0.25 / len(token)))
        assert log_prob == pytest.approx(
            logits.log_softmax(-1).numpy()[np.arange(len(token)), token], abs=1e-5
        )


def test_random_numbers_are_uniform_and_unrelated_across_rows_and_positions():
    keys = np.array([token_sampler.row_key(0, (5,), i) for i in range(4000)], dtype=np.uint64)
    table = np.stack([token_sampler.uniform(keys, position) for position in range(5)])
    assert table.min() >= 0
    assert table.max() < 1
    for row in table:
        assert np.abs(np.histogram(row, 10, (0, 1))[0] - 400).max() < 100  # 5 standard deviations
    related = np.corrcoef(table) - np.eye(5)
    assert np.abs(related).max() < 5 / math.sqrt(4000)
    assert abs(np.corrcoef(table[0][:-1], table[0][1:])[0, 1]) < 5 / math.sqrt(4000)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from([0.0, 0.3, 1.0, 2.0]),
    st.sampled_from([0.5, 0.9, 1.0]),
    st.floats(0, 5),
)
def test_a_choice_that_rounding_can_turn_is_called_doubtful(seed, temperature, top_p, scale):
    rng = np.random.default_rng(seed)
    logits = torch.from_numpy(rng.normal(size=(200, 30)).astype(np.float32) * scale)
    noise = torch.from_numpy(rng.normal(size=(200, 30)).astype(np.float32) * 1e-6)
    rows = np.full(200, temperature, np.float32), np.full(200, top_p, np.float32)
    draws = rng.random(200, dtype=np.float32)
    one, _, doubtful = token_sampler.draw(logits, *rows, draws)
    other, _, _ = token_sampler.draw(logits + noise, *rows, draws)
    assert doubtful[one != other].all()


@pytest.mark.parametrize("kind", ["qwen3", "granite", "gemma2, a short window"])
def test_doubtful_choices_are_taken_again_alone(monkeypatch, kind):
    model = tiny(kind)
    plain = texts(model, PROMPTS, 4, max_tokens=20)
    monkeypatch.setattr(token_sampler, "ROUNDING", 0.2)  # now nearly every choice is
    asked = []
    original = Engine._alone
    monkeypatch.setattr(Engine, "_alone", lambda self, row: asked.append(row) or original(self, row))
    assert texts(model, PROMPTS, 4, max_tokens=20) == plain and len(asked) > 100
