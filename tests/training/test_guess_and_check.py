import json
import random
from dataclasses import replace

import pytest
import torch
from transformers import Qwen3Config, Qwen3ForCausalLM

from helpers.estimators import Interval
from helpers.problems import Problem
from training import guess_and_check, live, puzzle_models
from training.comparing import in_words
from training.data.tasks import conversation
from training.guess_and_check import Plan, compared, record, rows_of
from training.lm.tokens import train_tokenizer

TINY = Plan(
    rounds=1,
    learned=2,
    samples=4,
    kept=2,
    measured=1,
    measured_samples=4,
    puzzles=60,
    puzzle_steps=2,
    held_puzzles=3,
)
HELD = [Problem("a", "How many?", "4", "word"), Problem("b", "How many?", "5", "word")]


def found(rows):
    return {
        "texts": [[f"{i} Final: {a}" for i, a in enumerate(row)] for row in rows],
        "answers": rows,
        "right": [[a == p.answer for a in row] for p, row in zip(HELD, rows, strict=True)],
        "tokens": [3.0, 4.0],
    }


def test_what_a_teacher_changed_is_said_from_the_figures():
    before, after = found([["4", "9", "9", "9"], ["5", "1", "2", "3"]]), found([["4"] * 4, ["5"] * 4])
    lines = compared(replace_votes(before), replace_votes(after), HELD, 4, "us")
    assert lines[0].startswith("us, after minus before, pass@1: +75.0 points") and "higher" in lines[0]
    assert "pass@4: +0.0" in lines[1] and "not settled" in lines[1]
    assert "1.0 different right texts before, 4.0 after" in lines[3]
    rows = rows_of(after, 4, method="us", round=2)
    assert [row["k"] for row in rows] == [1, 2, 4] and all(row["accuracy"] == 1 for row in rows)


def replace_votes(table):
    """Eight answers for a vote of 8."""
    return table | {"answers": [row * 2 for row in table["answers"]]}


@pytest.mark.parametrize(
    ("low", "high", "word"), [(0.1, 0.2, "higher"), (-0.2, -0.1, "lower"), (-1, 1, "not settled")]
)
def test_a_difference_in_words(low, high, word):
    assert in_words(Interval((low + high) / 2, low, high, 9)).endswith(word)


class Scripted:
    """A model that answers at random, as a text that may be right, and records nothing."""

    def __init__(self, model, name, pool):
        self.model, self.name = model, name

    def sample(self, prompts, n=1, **options):
        from helpers.models import Sample

        rng = random.Random(str((self.name, options["seed"], len(prompts))))
        return [[Sample(f"Final: {rng.randint(1, 3)}", 4, -1.0, "stop") for _ in range(n)] for _ in prompts]


@pytest.fixture
def lm(tmp_path):
    rng = random.Random(0)
    tokenizer = train_tokenizer(m["content"] for _ in range(150) for m in conversation(rng).messages)
    torch.manual_seed(1)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    more = {
        "num_key_value_heads": 1,
        "head_dim": 16,
        "max_position_embeddings": 1024,
        "tie_word_embeddings": True,
    }
    ends = {"eos_token_id": 1, "pad_token_id": 0, "bos_token_id": None}
    Qwen3ForCausalLM(Qwen3Config(vocab_size=len(tokenizer), **shape, **more, **ends)).save_pretrained(
        tmp_path / "lm"
    )
    tokenizer.save_pretrained(tmp_path / "lm")
    return tmp_path / "lm"


def test_all_is_recorded_with_the_functions_of_the_notebook(lm, tmp_path, monkeypatch):
    monkeypatch.setattr(guess_and_check, "Recorded", Scripted)
    monkeypatch.setattr(live, "ROWS", 1)
    monkeypatch.setattr(puzzle_models, "ROWS", 1)
    asked = iter(range(99))
    monkeypatch.setattr(
        guess_and_check,
        "accepts",
        lambda problem, text: text.endswith(str(next(asked, 1) % 3 + 1)) or "1" in text,
    )
    monkeypatch.setattr(guess_and_check, "compared", lambda *a: [a[-1]])
    given = {}

    def noted(name):
        def step(*args):
            given[name] = args
            return [{"label": name}], [name], [name]

        return step

    for name in ("own_corrector", "step_verifiers"):
        monkeypatch.setattr(guess_and_check, name, noted(name))
    kept = record(lm, replace(TINY, learned=4), tmp_path / "run")
    table = json.loads(json.dumps(kept))
    assert {(row["method"], row["round"]) for row in table["rounds"]} == {
        (teacher, number) for teacher in guess_and_check.TEACHERS for number in (0, 1)
    }
    assert table["compared"] == list(guess_and_check.TEACHERS)
    assert [row["label"].split(":")[0] for row in table["puzzles"]] == ["searches", "solutions", "solutions"]
    assert table["corrected"] == ["own_corrector"] and table["verifiers"] == [{"label": "step_verifiers"}]
    problems, texts, rewards = given["own_corrector"][2]
    assert [len(row) for row in texts] == [len(row) for row in rewards] == [4] * len(problems) == [4] * 20
    made = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"right-answers-1", "GRPO-1", "the-vote-1", "puzzles-solutions", "puzzles-searches"} <= made
