"""States, and the cost of a search."""

import pytest

from helpers.checks.scripted import ScriptedModel, ScriptedReward
from helpers.search import Meter, Remembered, RememberedScores, State

ROOT = State(0)
A, B = ROOT.then("12 - 5 = 7", -0.5), ROOT.then("12 - 5 = 6", -2.0)
AA, AB = A.then("7 + 7 = 14", -0.25), A.then("7 + 7 = 15", -3.0)
END = AA.then("Final: 14", -0.25)
OTHER = State(1).then("3 * 5 = 15", -0.1)


@pytest.mark.parametrize(
    "line, finished",
    [
        ("Final: 14", True),
        ("**Final: 14**", True),
        ("8 + 5 = 13 (left: 13)", True),
        ("8 + 5 = 13 (left: 3 13)", False),
        ("12 - 5 = 7", False),
        ("The Final: 14", False),
    ],
)
def test_when_a_state_is_finished(line, finished):
    assert ROOT.then(line).finished is finished
    assert not ROOT.finished


def test_a_state_adds_up_its_log_probability_and_stays_as_it_is():
    assert State(0, ("12 - 5 = 7", "7 + 7 = 14", "Final: 14"), -1.0) == END
    assert A.lines == ("12 - 5 = 7",)


def test_the_meter_counts_each_conversation_whatever_the_assistant_has_said():
    meter = Meter(ScriptedModel(lambda messages, i: "one two three"))
    first, second = ([{"role": "user", "content": text}] for text in ("first", "second"))
    said = {"role": "assistant", "content": "12 - 5 = 7\n"}
    texts = [[sample.text for sample in row] for row in meter.sample([first, [*first, said], second], 2)]
    assert texts == [["one two three"] * 2] * 3
    assert meter.tokens(first) == meter.tokens([*first, said]) == 16
    assert meter.tokens(second) == 8 and meter.tokens([{"role": "user", "content": "third"}]) == 0
    assert meter.name == "scripted"


def test_what_was_drawn_once_is_not_drawn_again():
    scripted = ScriptedModel(lambda messages, i: f"{messages[0]['content']} {i}")
    model = Remembered(scripted)
    first, second = ([{"role": "user", "content": text}] for text in ("first", "second"))

    def texts(prompts, n, **options):
        return [[sample.text for sample in row] for row in model.sample(prompts, n, **options)]

    assert texts([first], 3) == [["first 0", "first 1", "first 2"]]
    assert texts([second, first], 2) == [["second 0", "second 1"], ["first 0", "first 1"]]
    assert [call["prompts"] for call in scripted.calls] == [[first], [second]]
    assert texts([first], 3, temperature=0.7) == texts([first], 3, temperature=0.7)
    assert [call["temperature"] for call in scripted.calls][2:] == [0.7]
    assert texts([first], 4)[0][3] == "first 3"
    assert (model.asked, model.drawn, model.name) == (17, 12, "scripted")


def test_what_was_scored_once_is_not_scored_again():
    scripted = ScriptedReward(lambda talk: float(len(talk[-1]["content"])))
    reward = RememberedScores(scripted)
    short, long = ([{"role": "user", "content": text}] for text in ("one", "longer"))
    assert reward.score([short, short]) == [3.0, 3.0]
    assert reward.score([long, short]) == [6.0, 3.0]
    assert reward.score([short]) == [3.0] and reward.score([]) == []
    assert scripted.calls == [[short], [long]] and reward.name == scripted.name
