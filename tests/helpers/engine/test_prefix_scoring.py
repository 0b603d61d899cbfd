"""Texts that begin alike: the same numbers as one by one, nothing read twice, no pass too large."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.random_model import course_config, random_model
from helpers.engine import fused
from helpers.engine.forward import Forward
from helpers.engine.prefix_scoring import WORTH, ForwardReader, Reader

LIMIT = 120
ids = st.integers(3, 250)
heads = st.sampled_from([(5,), (5, 6, 7), tuple(range(20, 50)), ()])
pairs = st.lists(st.tuples(heads, st.lists(ids, min_size=1, max_size=30).map(tuple)), max_size=24)


@pytest.fixture(scope="module")
def model():
    return random_model(course_config()).eval()


class Spied(Forward):
    """Keeps the shape of what it reads, and the most that a row has read before."""

    def read(self, ids, past, start):
        self.seen.append((*ids.shape, int(start.max())))
        return super().read(ids, past, start)


@pytest.fixture(params=["by transformers", "written out"])
def reader(request, model, monkeypatch):
    """`reader.seen`: (rows, tokens, tokens read before) of every pass."""
    seen = []
    if request.param == "by transformers":
        forward = model.base_model.forward

        def spy(input_ids, **options):
            past = options.get("past_key_values")
            seen.append((*input_ids.shape, 0 if past is None else past.get_seq_length()))
            return forward(input_ids=input_ids, **options)

        monkeypatch.setattr(model.base_model, "forward", spy)
        made = Reader(model)
    else:
        network = Spied(fused.Network(model))
        network.seen, made = seen, ForwardReader(network)
    made.seen = seen
    return made


def whole(model, head, tail):
    with torch.inference_mode():
        return model(torch.tensor([head + tail]), use_cache=False).logits[0]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=pairs)
def test_every_pair_is_read_once_within_the_bound_as_if_it_stood_alone(model, reader, pairs):
    reader.seen.clear()
    found = list(reader(pairs, LIMIT))
    assert all(rows == 1 or rows * (before + width) <= LIMIT for rows, width, before in reader.seen)
    for (head, tail), start, part in found:
        own = len(head) + len(tail) - start
        torch.testing.assert_close(part[:own], whole(model, head, tail)[start:], atol=2e-4, rtol=1e-3)
    read = [pair for pair, _, _ in found]
    assert len(read) == len(set(read)) and set(read) == set(pairs)


def test_a_question_is_read_once_for_many_answers_and_with_few_of_them_again(reader):
    head = tuple(range(20, 50))
    many = [(head, (n, n + 1)) for n in range(WORTH)]
    assert {start for _, start, _ in reader(many, 1000)} == {len(head) - 1}
    assert reader.seen[1:] == [(WORTH, 3, len(head) - 1)]
    reader.seen.clear()
    assert {start for _, start, _ in reader(many[1:], 1000)} == {0}
    assert reader.seen == [(WORTH - 1, 32, 0)]


def test_without_a_padding_token_each_pass_holds_one_pair(model, monkeypatch):
    monkeypatch.setattr(model.config, "pad_token_id", None)
    rows = [((4, 5, 6), (n,) * n) for n in range(1, 8)]
    reader = Reader(model)
    shapes, logits = [], reader._logits
    monkeypatch.setattr(
        reader, "_logits", lambda some, *more: shapes.append(len(some)) or logits(some, *more)
    )
    assert {pair for pair, _, _ in reader(rows, 1000)} == set(rows) and shapes == [1] * 7
