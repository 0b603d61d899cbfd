"""The arithmetic of the sizing table, by hand on round numbers; the table in the documentation is the
computed one.
"""

from dataclasses import replace

import pytest

from config import ROOT
from deploy.sizing import GPUS, MODELS, Gpu, Lesson, Model, demand, measure, replicas, rows, supply, table
from helpers.endpoint import EndpointModel
from helpers.engine.hardware import KNOWN, count_parameters
from tests.helpers.faulty import FaultyEndpoint

CARD = Gpu("card", memory=100e9, bandwidth=1e12, operations=1e15)
MODEL = Model("model", parameters=10e9, layers=10, heads=10, size=100)
LESSON = Lesson(problems=10, samples=6, tokens=100, prompt=50, minutes=1)


def test_what_a_class_needs():
    assert demand(LESSON, learners=1) == 10 * 6 * 100 / 60
    assert demand(LESSON, learners=30) == 30 * demand(LESSON, 1)
    assert demand(replace(LESSON, minutes=2), 1) == demand(LESSON, 1) / 2


def test_how_many_answers_the_memory_holds():
    assert MODEL.weights == 20e9 and MODEL.token == 2 * 10 * 10 * 100 * 2
    assert rows(MODEL, CARD, context=150) == 256  # 70 GB beside the weights hold more than a server takes
    assert rows(MODEL, replace(CARD, memory=20e9 / 0.9 + 1e9), context=150) == 150  # 0.9 GB / (40 kB x 150)
    assert rows(MODEL, replace(CARD, memory=20e9), context=150) == 0
    assert rows(MODEL, replace(CARD, memory=20e9), context=150, gpus=2) == 256


def test_what_a_gpu_gives():
    moved = 20e9 + 256 * 40e3 * 100
    assert supply(MODEL, CARD, LESSON) == pytest.approx(0.5 * 256 / (moved / 1e12))
    slow = replace(CARD, operations=1e13)
    assert supply(MODEL, slow, LESSON) == pytest.approx(0.5 * 256 / (2 * 10e9 * 256 / 1e13))
    assert supply(MODEL, replace(CARD, memory=20e9), LESSON) == 0
    assert supply(MODEL, CARD, LESSON, gpus=2) == pytest.approx(2 * supply(MODEL, CARD, LESSON))


def test_how_many_a_class_takes():
    assert replicas(MODEL, CARD, LESSON, learners=1) == 1
    need = demand(LESSON, 1000) / supply(MODEL, CARD, LESSON)
    assert replicas(MODEL, CARD, LESSON, learners=1000) == int(need) + 1
    assert replicas(MODEL, replace(CARD, memory=20e9), LESSON, learners=1) is None


def test_the_table_of_the_documentation_is_the_computed_one():
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    shown = text.partition("<!-- sizing -->\n")[2].partition("\n<!-- /sizing -->")[0]
    assert shown == table()
    assert shown.count("\n") == 2 + len(MODELS) * len(GPUS)


def test_the_models_of_the_table_are_the_real_ones():
    from transformers import AutoConfig

    granite = AutoConfig.for_model(
        "granite",
        vocab_size=49155,
        hidden_size=4096,
        intermediate_size=12800,
        num_hidden_layers=40,
        num_attention_heads=32,
        num_key_value_heads=8,
        tie_word_embeddings=True,
    )
    parameters = {model.name: model.parameters for model in MODELS}
    assert parameters["granite-3-2-8b-instruct"] == count_parameters(granite)
    assert (
        parameters["Qwen3-0.6B"] == KNOWN["Qwen/Qwen3-0.6B"]
        and parameters["qwen3-14b"] == KNOWN["Qwen/Qwen3-14B"]
    )


def test_an_endpoint_is_measured_by_what_it_counts():
    clock = iter([10.0, 12.0])
    with FaultyEndpoint() as server:
        model = EndpointModel("m", server.url, "k")
        assert measure(model, prompts=4, samples=2, clock=clock.__next__) == 4 * 2 * 3 / 2.0
