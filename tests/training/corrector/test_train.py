import json
import random
from dataclasses import dataclass
from functools import partial

import pytest
from transformers import AutoModelForCausalLM

from tests.training.tiny_lm import save_tiny_lm
from training.corrector import cards as corrector_cards
from training.corrector import report as corrector_report
from training.corrector import train as corrector
from training.corrector.data import conversations, make_pairs, most_like, pairs_of
from training.corrector.train import Recipe, train
from training.data.tasks import multiplication, slip
from training.reward import data as reward_data
from training.reward.data import Group, Solution, label

TINY = Recipe(rows=2, row=256, matrix_rate=5e-3, other_rate=5e-3)
RIGHT = "9 - 2 = 7\n7 + 1 = 8\nFinal: 8"
OTHER = "9 + 1 = 10\n10 - 2 = 8\nFinal: 8"
SLIP = "9 + 1 = 10\n10 - 2 = 7\nFinal: 7"
LUCKY = "9 - 2 = 6\n6 + 2 = 8\nFinal: 8"


@dataclass(frozen=True)
class Small(Recipe):
    rows: int = 1
    row: int = 256


@pytest.fixture(scope="module")
def lm(tmp_path_factory):
    return save_tiny_lm(tmp_path_factory.mktemp("lm") / "course-lm", max_position_embeddings=1024)


def groups(n: int) -> list[Group]:
    """Multiplications with their reference and one slip, each drawn once."""
    rng, found = random.Random(2), []
    while len(found) < n:
        worked = multiplication(rng.randint(11, 99), rng.randint(2, 9))
        texts = dict.fromkeys((worked.solution, slip(worked.lines, rng)))
        found.append(Group(worked.question, "", tuple(label(text, worked, 1) for text in texts)))
    return found


def pairs(n: int):
    return make_pairs(groups(n), 1, 1, seed=0)


def solution(text: str, right: bool, steps=(), count: int = 1) -> Solution:
    return Solution(text, right, steps, count)


GROUP = Group(
    "How many?",
    "",
    (
        solution(RIGHT, True, (True, True, True), 3),
        solution(OTHER, True, None),
        solution(SLIP, False, (True, False, False), 2),
        solution(LUCKY, True, (False, False, False)),
        solution("0", False, (False,)),
    ),
)


def test_a_wrong_solution_is_paired_with_the_right_one_most_like_it_and_a_right_one_with_itself():
    assert most_like(SLIP, GROUP.solutions) == OTHER
    found = pairs_of(GROUP, wrong=9, right=9, rng=random.Random(0))
    assert {(p.draft, p.better) for p in found if not p.kept} == {(SLIP, OTHER), ("0", RIGHT)}
    assert {p.draft for p in found if p.kept} == {RIGHT, OTHER}, "right by chance is no model for anybody"


def test_what_was_drawn_more_often_is_chosen_more_often_and_no_more_than_allowed():
    drawn = [pairs_of(GROUP, wrong=1, right=1, rng=random.Random(i)) for i in range(300)]
    assert all(len(found) == 2 for found in drawn)
    chosen = [found[1].draft for found in drawn]
    assert 180 < chosen.count(RIGHT) < 270


def test_a_problem_without_a_flawless_solution_gives_no_pairs():
    assert pairs_of(Group("?", "", (solution(SLIP, False, (False,)),)), 2, 2, random.Random(0)) == []


def test_a_request_holds_the_draft_and_is_answered_by_the_better_one():
    some = pairs(60)
    asked = conversations(some, seed=1)
    assert asked == conversations(some, seed=1)
    for pair, talk in zip(some, asked, strict=True):
        reply = talk.messages[-1]["content"][talk.given :]
        read = (
            "\n".join(m["content"] for m in talk.messages[:-1]) + talk.messages[-1]["content"][: talk.given]
        )
        assert pair.question in read and pair.draft in read and reply.endswith(pair.better)
    assert 0.2 < sum(talk.given > 0 for talk in asked) / len(asked) < 0.45, "some after Wait"


def test_it_learns_its_pairs_and_the_folder_loads(lm, tmp_path):
    folder = train(pairs(150), lm, TINY, tmp_path)
    losses = [float(line.split(",")[1]) for line in (tmp_path / "loss.csv").read_text().splitlines()]
    assert losses[-1] < 0.7 * losses[0]
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert type(model).__name__ == "Qwen3ForCausalLM" and model.generation_config.use_cache


def test_a_checkpoint_of_another_run_is_not_gone_on_with(lm, tmp_path):
    fresh = train(pairs(20), lm, TINY, tmp_path / "fresh")
    train(pairs(30), lm, TINY, tmp_path / "used")
    again = train(pairs(20), lm, TINY, tmp_path / "used")
    assert (again / "model.safetensors").read_bytes() == (fresh / "model.safetensors").read_bytes()


def test_too_little_data_is_said(lm, tmp_path):
    with pytest.raises(ValueError, match="draw more"):
        train(pairs(1), lm, TINY, tmp_path)


def test_the_command_leaves_model_report_and_cards(lm, tmp_path, monkeypatch):
    for module in (reward_data, corrector_report):
        monkeypatch.setattr(module, "MAX_TOKENS", 12)
    monkeypatch.setattr(reward_data, "OTHER_WORDING", 0)
    monkeypatch.setattr(corrector, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(corrector, "Recipe", Small)
    monkeypatch.setattr(corrector_cards, "measure", partial(corrector_report.measure, each=1))
    out = tmp_path / "models"
    (out / "course-lm").mkdir(parents=True)
    (out / "course-lm" / "README.md").write_text(
        "# course-lm\n\n## Measured\nThis.\n\n## Checking its own solutions\nOld.\n"
    )
    command = f"corrector --model {lm} --base {lm} --samples {tmp_path / 'samples'} --out {out} --problems 12"
    monkeypatch.setattr("sys.argv", command.split())
    corrector.main()
    assert {path.name for path in out.iterdir()} == {
        "course-lm",
        "course-corrector",
        "corrector_report.json",
        "corrector_report.md",
        "corrector_report.png",
    }
    card = (out / "course-corrector" / "README.md").read_text()
    assert "12 generated problems" in card and "10 held-out problems" in card and '"wrong": 2' in card
    about = (out / "course-lm" / "README.md").read_text()
    assert (
        about.startswith("# course-lm\n\n## Measured\nThis.\n")
        and "10 held-out problems" in about
        and "Old." not in about
    )
    assert json.loads((out / "corrector_report.json").read_text())["problems"] == 10
