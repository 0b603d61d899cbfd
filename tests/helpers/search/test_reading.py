"""Lines of a search are read once, and their scores are those of the whole text."""

import pytest
import torch
from transformers import AutoModelForTokenClassification, LlamaConfig, Qwen3Config

from helpers.rewards import StepReward
from helpers.search import State, StepModel, reading
from helpers.search.reading import LineReader, last_lines
from tests.helpers.test_rewards import SIZES, qwen_tokenizer

QUESTIONS = ["Ann has 5 pens. She buys 4. How many?", "12 - 5?"]
LINES = ["5 + 4 = 9", "9 - 2 = 7, as she lost two of them", "So 7", "Final: 7"]


def reward(config=Qwen3Config, **changes):
    torch.manual_seed(0)
    model = AutoModelForTokenClassification.from_config(config(**SIZES, num_labels=1, **changes))
    return StepReward(model, qwen_tokenizer())


def talk(question, lines):
    said = {"role": "assistant", "content": "".join(line + "\n" for line in lines)}
    return [{"role": "user", "content": question}, said]


def level(depth):
    """Solutions of so many lines: of two questions, in two orders, one shorter."""
    orders = (LINES, LINES[::-1])
    return [talk(question, lines[:depth]) for question in QUESTIONS for lines in orders] + [
        talk(QUESTIONS[0], LINES[2:][:depth])
    ]


def read_tokens(model):
    """Counts what goes through the model, padding included."""
    seen = []
    model.register_forward_pre_hook(
        lambda module, args, kwargs: seen.append(kwargs["input_ids"].numel()), with_kwargs=True
    )
    return seen


@pytest.mark.parametrize("rows", [64, 2])
def test_scores_are_those_of_the_whole_text(rows, monkeypatch):
    monkeypatch.setattr(reading, "ROWS", rows)
    scorer = reward()
    read = last_lines(scorer)
    for depth in (1, 2, 3, 4, 2):
        whole = [row[-1] for row in scorer.score(level(depth))]
        assert read(level(depth)) == pytest.approx(whole, abs=1e-5)


def test_a_line_is_read_without_those_before_it():
    scorer = reward()
    read = last_lines(scorer)
    read([talk(QUESTIONS[0], LINES[:3])])
    seen = read_tokens(scorer.model)
    read([talk(QUESTIONS[0], LINES)])
    assert seen == [len(scorer.tokenizer(LINES[3] + "\n")["input_ids"])]


def test_what_was_forgotten_is_read_again(monkeypatch):
    monkeypatch.setattr(reading, "MEMORY", 0)
    scorer = reward()
    read = last_lines(scorer)
    for depth in (1, 2, 3):
        whole = [row[-1] for row in scorer.score(level(depth))]
        assert read(level(depth)) == pytest.approx(whole, abs=1e-5)


def test_an_answer_that_has_not_begun():
    read = last_lines(reward())
    first, second = read([talk(QUESTIONS[0], []), talk(QUESTIONS[0], LINES[:1])])
    assert first == 0.0 and 0 < second < 1 and read([]) == []


def test_a_model_that_forgets_what_lies_far_back_reads_all_again():
    window = {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 0}
    for scorer in (reward(**window), reward(LlamaConfig)):
        read = last_lines(scorer)
        assert not isinstance(getattr(read, "__self__", None), LineReader)
        whole = [row[-1] for row in scorer.score(level(3))]
        assert read(level(3)) == pytest.approx(whole, abs=1e-6)


def test_a_solution_that_is_too_long_to_be_read_has_no_worth():
    scorer = reward()
    short = talk(QUESTIONS[0], LINES[:2])
    scores = last_lines(scorer)([talk(QUESTIONS[0], LINES * 20), short, talk("Long? " * 300, LINES)])
    assert scores == [0.0, pytest.approx(scorer.score([short])[0][-1], abs=1e-5), 0.0]
    assert scores[1] > 0


def test_a_search_asks_it():
    scorer = reward()
    steps = StepModel(None, scorer, QUESTIONS, "")
    states = [State(0, tuple(LINES[:2])), State(1, tuple(LINES[:1]))]
    whole = [row[-1] for row in scorer.score([talk(QUESTIONS[s.problem], s.lines) for s in states])]
    assert steps.score([states])[0] == pytest.approx(whole, abs=1e-5)
    seen = read_tokens(scorer.model)
    steps.score([[State(0, tuple(LINES[:3]))]])
    assert sum(seen) == len(scorer.tokenizer(LINES[2] + "\n")["input_ids"])
