"""What notebook 09 replays: its problems, what a table hides, and that a killed recording goes on."""

import json

import pytest

from helpers.checks.scripted import ScriptedModel
from helpers.models import Sample
from helpers.pools import budget as replayed
from helpers.problems import word_problems
from training import budget
from training.pools import pool_problems

[PROBLEM] = word_problems(3, 1)


def sample(text: str, end: str = "stop") -> Sample:
    return Sample(text, 10, -1.25, end, prompt_tokens=40)


def table_row(secret: str = "") -> dict:
    right, other = f"1 + 1 = 2\nFinal: {PROBLEM.answer}", "1 + 1 = 3\nFinal: 99999"
    pools = {
        "small": [sample(other), sample(right), sample("Final: 5", "length"), sample("99998?")],
        "large": [sample(f"Final: {PROBLEM.answer}.0")],
    }
    rewards = {"small": [0.5, 1.5, 2.5, 3.5], "large": [4.5]}
    greedy = {"small": sample(other), "large": sample(right)}
    return budget.row(PROBLEM, pools, rewards, greedy, lambda text: "= 3" not in text, secret)


def test_held_out_problems_are_of_the_same_kinds_and_none_of_the_practice():
    held_out, practice = budget.held_out_problems(), pool_problems()
    assert not {p.question for p in held_out} & {p.question for p in practice}
    assert {(p.kind, p.steps) for p in held_out} == {(p.kind, p.steps) for p in practice}
    assert len({p.question for p in held_out}) == len(held_out) >= 100


def test_a_row_holds_letters_and_never_a_number_of_the_question():
    found = table_row()
    small = [reply[0] for reply in found["small"]]
    assert sorted({*small} - {None}) == ["a", "b"] and small[2:] == [None, None]
    assert found["right"] == small[1] == found["large"][0][0] == found["greedy"]["large"][0]
    assert [reply[3] for reply in found["small"]] == [0, 1, 1, 1]
    assert found["rewards"]["small"] == [0.5, 1.5, 2.5, 3.5]
    text = json.dumps({name: value for name, value in found.items() if name != "id"})
    assert PROBLEM.answer not in text and "99999" not in text and PROBLEM.question not in text


def test_the_letters_depend_on_the_secret():
    assert {table_row(str(i))["right"] for i in range(20)} == {"a", "b"}
    assert table_row("x") == table_row("x")


def test_a_right_answer_that_nobody_gave_has_no_letter():
    nothing = {"small": [sample("Final: 99999")], "large": [sample("Final: 99998")]}
    found = budget.row(PROBLEM, nothing, {"small": [0.0], "large": [0.0]}, {"small": sample("?")}, bool, "")
    assert found["right"] == ""


def test_what_is_written_is_read_back():
    text = budget.as_json({"models": {"small": "x"}, "questions": [table_row(), table_row()]})
    questions, about = replayed.read_table(text)
    assert about == {"models": {"small": "x"}} and len(questions) == 2
    assert questions[0].replies["small"][1].answer == questions[0].right
    assert questions[0].rewards["large"] == (4.5,) and questions[0].greedy["large"].sums_hold


def test_a_recording_that_was_killed_draws_and_scores_only_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(budget, "RUNS", tmp_path)
    problems = word_problems(2, 4)
    model = ScriptedModel(lambda messages, i: f"Final: {i}")
    first = budget.drawn(model, "weights", problems[:2], 3, 0.7)
    again = budget.drawn(model, "weights", problems, 3, 0.7)
    assert again[:2] == first
    assert sum(call["n"] * len(call["prompts"]) for call in model.calls) == 3 * len(problems)

    class Reward:
        scored = 0

        def score(self, talks):
            self.scored += len(talks)
            return [float(len(talk[-1]["content"])) for talk in talks]

    reward = Reward()
    budget.rewarded(reward, "weights", problems[:2], first)
    values = budget.rewarded(reward, "weights", problems, again)
    assert reward.scored == 3 * len(problems) and values[0] == [8.0, 8.0, 8.0]


def test_other_weights_are_drawn_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(budget, "RUNS", tmp_path)
    model = ScriptedModel(lambda messages, i: f"Final: {i}")
    for weights in ("old weights", "new weights"):
        budget.drawn(model, weights, word_problems(2, 1), 2, 0.7)
    assert len(model.calls) == 2


def test_the_strong_sibling_is_the_large_model_once_it_is_there(tmp_path):
    assert [folder.name for folder in budget.roles(tmp_path)] == ["course-lm-weak", "course-lm"]
    (tmp_path / "course-lm-large").mkdir()
    (tmp_path / "course-lm-large" / "config.json").write_text("{}")
    assert [folder.name for folder in budget.roles(tmp_path)] == ["course-lm", "course-lm-large"]


@pytest.mark.parametrize(
    ("name", "tokens"), [("stage-1-000220", 220 * 8192), ("stage-2-000005", 405 * 8192), ("final", 9_000_000)]
)
def test_a_snapshot_has_seen_what_its_run_says(tmp_path, name, tokens):
    lines = ["1,0,8192,7.3,4", "1,20,172032,5.1,5", f"1,399,{400 * 8192},2.0,9", "2,0,9000000,1.5,9"]
    (tmp_path / "loss.csv").write_text("\n".join(lines) + "\n")
    assert budget.trained_on(tmp_path / name) == tokens


def test_the_key_stands_in_the_hidden_tests_and_in_no_released_notebook():
    key = budget.key()
    [released] = (budget.ROOT / "notebooks").glob("09_*/*.ipynb")
    assert len(key) >= 16 and key not in released.read_text("utf-8")
