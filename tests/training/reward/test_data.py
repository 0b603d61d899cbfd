import random

import pytest

from helpers.models import Sample
from helpers.problems import held_out, pair_held_out, word_problems
from training.data.tasks import multiplication, slip
from training.data.word_problems import word_problem
from training.data.worked import Worked
from training.reward import data as reward_data
from training.reward.data import Draw, collect, draw, label, label_steps, summary, training_problem

APPLES = Worked("q", ("Gives 5: 12 - 5 = 7", "Buys 7: 7 + 7 = 14"), "12 - 5 + 7", 14)


class Slipper:
    """Two kinds of wrong texts, the first of them drawn with the seed; counts its calls."""

    name = "slipper"

    def __init__(self):
        self.calls = 0

    def sample(self, prompts, n=1, *, temperature, max_tokens, seed):
        self.calls += 1
        rng = random.Random(seed)
        return [[Sample(self.text(p, i, rng), 9, -1.0, "stop") for i in range(n)] for p in prompts]

    def text(self, prompt, i, rng):
        if i == 0:
            return f"12 - 5 = {rng.randint(1, 9)}\nFinal: 3"
        return "1 + 1 = 2\nFinal: 2"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Gives 5: 12 - 5 = 7\nBuys 7: 7 + 7 = 14\nFinal: 14", (True, True, True)),
        ("12 - 5 = 7\n7 + 7 = 14\nFinal: 14", (True, True, True)),
        ("Gives 5: 12 - 5 = 8\nBuys 7: 8 + 7 = 15\nFinal: 15", (False, False, False)),
        (
            "Gives 5: 12 - 5 = 7\nBuys 7: 7 + 7 = 15\nFinal: 14",
            (True, False, False),
        ),  # false sum, right answer
        ("Gives 5: 12 - 5 = 7\nBuys 7: 7 + 7 = 14\nFinal: 41", (True, True, False)),
        ("Gives 5: 12 - 5 = 7\nFinal: 7", (True, False)),  # a step left out
        (
            "Gives 5: 12 - 5 = 7\nBuys 7: 7 + 7 = 14\nBuys 1: 14 + 1 = 15\nFinal: 15",
            (True, True, False, False),
        ),
        ("Gives 5: 12 - 5 = 7\n\nBuys 7: 7 + 7 = 14", (True, True)),
        ("Gives 5: 13 - 6 = 7\nBuys 7: 6 + 7 = 14\nFinal: 14", (False, False, False)),  # other numbers
        ("I do not know", (False,)),
        ("", ()),
    ],
)
def test_a_line_is_right_with_its_sum_its_value_and_all_before_it(text, expected):
    assert label_steps(text, APPLES) == expected


def test_another_way_to_the_right_answer_has_no_step_labels():
    other = label("Buys 7: 12 + 7 = 19\nGives 5: 19 - 5 = 14\nFinal: 14", APPLES)
    assert other.right and other.steps is None
    lucky = label("Gives 5: 12 - 5 = 9\nBuys 7: 9 + 7 = 14\nFinal: 14", APPLES)
    assert lucky.right and lucky.steps == (False, False, False)
    wrong = label("Buys 7: 12 + 7 = 19\nGives 5: 19 - 5 = 14\nFinal: 15", APPLES)
    assert not wrong.right and wrong.steps == (False, False, False)


def test_every_way_is_right_and_a_slip_is_wrong_from_there_on():
    rng = random.Random(1)
    for i in range(200):
        products = multiplication(rng.randint(12, 999), rng.randint(2, 99))
        worked = word_problem(1 + i % 8, rng) if i % 3 else products
        for way, lines in worked.ways.items():
            good = label(worked.written(way), worked)
            assert good.right and all(good.steps) and len(good.steps) == len(lines) + 1
        lines = worked.ways[rng.choice(tuple(worked.ways))]
        text = slip(lines, rng).split("\n")
        bad = label("\n".join(text), worked)
        first = next((i for i, (a, b) in enumerate(zip(text, lines, strict=False)) if a != b), None)
        if first is None:
            assert all(bad.steps)  # the slip of a result by nothing: 0 - 1 stays 0
        else:
            assert bad.steps == tuple(i < first for i in range(len(text)))


def test_no_held_out_problem_is_drawn():
    rng = random.Random(0)
    problems = [training_problem(rng) for _ in range(600)]
    words = [p for p in problems if p.family != "multiplication"]
    assert 0.6 < len(words) / len(problems) < 0.9
    assert not any(held_out(p.question) for p in words)
    factors = [[int(x) for x in p.expression.split(" * ")] for p in problems if p.family == "multiplication"]
    assert factors and not any(pair_held_out(a, b) for a, b in factors)
    tested = {p.question for s in range(2, 9) for p in word_problems(s, 200)}
    assert tested.isdisjoint(p.question for p in words)


def test_equal_texts_are_one_solution_and_the_reference_is_among_them():
    groups = draw(Slipper(), Draw(samples=5, part=4), 1)
    assert len(groups) == 4
    for group in groups:
        assert sum(s.count for s in group.solutions) == 5
        assert len({s.text for s in group.solutions}) == len(group.solutions)
        assert any(s.right and s.steps and all(s.steps) for s in group.solutions)


def test_a_killed_run_draws_only_what_is_missing(tmp_path):
    recipe = Draw(problems=9, samples=3, part=2)
    whole = collect(Slipper(), recipe, tmp_path / "whole")
    model = Slipper()

    class Killed(Exception):
        pass

    def dies(*args, **kwargs):
        if model.calls == 3:
            raise Killed
        return Slipper.sample(model, *args, **kwargs)

    model.sample = dies
    with pytest.raises(Killed):
        collect(model, recipe, tmp_path / "killed")
    again = Slipper()
    assert collect(again, recipe, tmp_path / "killed") == whole
    assert again.calls == 2
    assert not list((tmp_path / "killed").glob("*.new"))
    other = Slipper()
    collect(other, recipe, tmp_path / "killed", made_from="other weights")
    assert other.calls == 5
    more = Slipper()
    assert collect(more, Draw(problems=11, samples=3, part=2), tmp_path / "killed")[:9] == whole
    assert more.calls == 1
    assert summary(whole)["samples"] == 27 and summary(whole)["problems"] == 9


def test_the_prompt_is_that_of_the_notebooks_most_of_the_time():
    asked = []

    class Recorder(Slipper):
        def sample(self, prompts, n=1, **options):
            asked.extend(prompt[0]["content"] for prompt in prompts if prompt[0]["role"] == "system")
            return super().sample(prompts, n, **options)

    draw(Recorder(), Draw(problems=60, samples=1, part=60), 0)
    assert 30 < asked.count(reward_data.SYSTEM) < 55
