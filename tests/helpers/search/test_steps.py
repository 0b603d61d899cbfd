"""A model of steps: what it asks the language model and the reward model, and what it counts."""

import pytest

from helpers.checks.scripted import ScriptedModel
from helpers.search import State, StepModel
from helpers.search.steps import GAVE_UP, answer_of

SYSTEM = "Reason."
QUESTIONS = ["pens?", "cups?"]


class LineReward:
    """Scores each line by its length; remembers what it read."""

    def __init__(self):
        self.read = []

    def score(self, talks):
        self.read += talks
        return [[len(line) / 100 for line in talk[-1]["content"].splitlines()] for talk in talks]


def numbered(messages, i):
    """The i-th sample of a conversation: its number and how many lines were said before."""
    said = messages[-1]["content"].count("\n") if messages[-1]["role"] == "assistant" else 0
    return f"line {said}.{i}\nmore"


def made(reply=numbered):
    model, reward = ScriptedModel(reply), LineReward()
    return StepModel(model, reward, QUESTIONS, SYSTEM, temperature=0.5), model, reward


def test_each_state_of_each_group_gets_k_lines_of_its_own():
    steps, model, _ = made()
    a, b = State(0), State(1, ("begun",))
    groups = steps.expand([[a, b], [b]], 2)
    assert [[state.lines for state in group] for group in groups] == [
        [("line 0.0",), ("line 0.1",), ("begun", "line 1.0"), ("begun", "line 1.1")],
        [("begun", "line 1.2"), ("begun", "line 1.3")],
    ]
    assert all(call["stop"] == ("\n",) and call["temperature"] == 0.5 for call in model.calls)
    assert sorted(call["n"] for call in model.calls) == [2, 4]
    assert steps.written == [2 * 3, 4 * 3]


def test_the_same_root_in_several_groups_is_drawn_anew_for_each():
    steps, _, _ = made()
    groups = steps.expand([[State(0)], [State(0)], [State(0)]], 1)
    assert len({state.lines for [state] in groups}) == 3


def test_a_finished_state_stays_once_and_no_model_runs():
    steps, model, _ = made()
    done = State(0, ("Final: 7",))
    assert steps.expand([[done]], 4) == [[done]] and not model.calls
    assert steps.roll_out([done], 4) == [["7"]] and not model.calls
    assert steps.written == [0, 0]


def test_a_model_that_writes_nothing_gives_up():
    steps, _, _ = made(lambda messages, i: " \n")
    [[state]] = steps.expand([[State(0)]], 1)
    assert state.lines == (GAVE_UP,) and state.finished and answer_of(state) is None


def test_seeds_differ_from_draw_to_draw():
    steps, model, _ = made()
    steps.expand([[State(0)]], 1)
    steps.expand([[State(0)]], 1)
    assert len({call["seed"] for call in model.calls}) == 2


def test_a_score_is_that_of_the_last_line_and_the_instruction_is_not_read():
    steps, _, reward = made()
    state = State(1, ("12345", "1234567890"))
    assert steps.score([[state, State(0)], [state]]) == [[0.1, 1.0], [0.1]]
    assert reward.read == [
        [{"role": "user", "content": "cups?"}, {"role": "assistant", "content": "12345\n1234567890\n"}]
    ]
    assert steps.read == [0, 1]


def test_what_was_read_is_not_read_again():
    steps, _, reward = made()
    old, new = State(0, ("123",)), State(0, ("123", "12345"))
    assert steps.score([[old]]) == [[0.03]] and steps.score([[new, old]]) == [[0.05, 0.03]]
    assert [talk[-1]["content"] for talk in reward.read] == ["123\n", "123\n12345\n"]
    assert steps.read == [2, 0]


@pytest.mark.parametrize(
    ("text", "answer"), [("Final: 7", "7"), ("a = 7\nFinal: 8", "8"), ("12 - 5 = 7", None), ("", None)]
)
def test_a_roll_out_has_an_answer_only_where_it_states_one(text, answer):
    steps, _, _ = made(lambda messages, i: text)
    assert steps.roll_out([State(0, ("x",))], 2) == [[answer, answer]]
