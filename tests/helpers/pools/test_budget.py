"""The replay of notebook 09: what a policy can buy and see, what it earns, and what it cannot find out."""

import json
import random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy import sizing
from helpers.pools.budget import (
    AS_GRADED,
    BARS,
    PRACTICE,
    OutOfBudget,
    Question,
    Reply,
    Terms,
    Tools,
    graded,
    held_out_questions,
    practice_questions,
    prices,
    read_table,
    replay,
    seal,
    steady,
    unseal,
)
from training.budget import key

ROW = {
    "id": "q",
    "kind": "word",
    "steps": 3,
    "tokens": 50,
    "right": "b",
    "small": [["a", 10, -1.5, 0], ["b", 20, -2.5, 1], [None, 30, -9.0, 0], ["b", 25, -2.0, 1]],
    "large": [["b", 40, -0.5, 1]],
    "rewards": {"small": [0.2, 0.9, -1.0], "large": [1.5]},
    "greedy": {"small": ["a", 12, -1.0, 0], "large": ["b", 40, -0.2, 1]},
}
[[ONE], _] = read_table(json.dumps({"questions": [ROW]}).encode())
TABLE = prices()


def tools(**terms) -> Tools:
    return Tools(ONE, Terms(**terms), TABLE)


def spent(role: str, read: int, written: int) -> float:
    return (read * TABLE[role].read + written * TABLE[role].write) / 1e6


def test_replies_come_in_their_order_and_each_call_pays_the_prompt():
    bought = tools()
    assert [reply.answer for reply in bought.small(2)] == ["a", "b"]
    assert bought.spent == pytest.approx(spent("small", 50, 30))
    assert bought.small() == [Reply("small", 2, None, 30, -9.0, False)]
    assert bought.spent == pytest.approx(spent("small", 50, 30) + spent("small", 50, 30))
    bought.large()
    assert bought.left == pytest.approx(Terms().limit - bought.spent)


def test_a_reward_reads_question_and_reply():
    bought = tools()
    [first, second] = bought.small(2)
    before = bought.spent
    assert bought.reward(second) == 0.9 and bought.reward(first) == 0.2
    assert bought.spent - before == pytest.approx(spent("reward", 70, 0) + spent("reward", 60, 0))


def test_only_a_reply_that_was_drawn_has_a_reward():
    bought = tools()
    bought.small()
    for forged in (Reply("small", 1, "b", 20, -2.5, True), Reply("large", 0, "b", 40, -0.5, True)):
        with pytest.raises(ValueError, match="not drawn"):
            bought.reward(forged)


def test_a_changed_copy_of_a_reply_is_billed_as_the_reply():
    bought = tools()
    bought.small()
    before = bought.spent
    bought.reward(Reply("small", 0, "a", -1000, 0.0, True))
    assert bought.spent - before == pytest.approx(spent("reward", 60, 0))


def test_what_is_too_dear_is_not_bought():
    poor = tools(limit=spent("small", 50, 10))
    poor.small()
    with pytest.raises(OutOfBudget):
        poor.large()
    assert poor.spent == pytest.approx(spent("small", 50, 10))
    with pytest.raises(OutOfBudget, match="there are 3 replies"):
        tools().small(4)


@pytest.mark.parametrize("n", [0, -1])
def test_a_number_of_replies_is_positive(n):
    with pytest.raises(ValueError):
        tools().small(n)


def test_utility_is_one_for_right_minus_the_price():
    terms = Terms(worth=0.001, wrong=2.0)
    outcomes = [
        replay(policy, [ONE], terms)[0]
        for policy in (
            lambda question, bought: bought.small(2)[1].answer,
            lambda question, bought: bought.small(2)[0].answer,
            lambda question, bought: bought.small(2)[0] and None,
        )
    ]
    price = spent("small", 50, 30) / 0.001
    assert [o.utility for o in outcomes] == pytest.approx([1 - price, -2 - price, -price])
    assert [(o.answered, o.right) for o in outcomes] == [(True, True), (True, False), (False, False)]


def test_a_policy_that_draws_random_numbers_or_remembers_is_refused():
    questions, calls, rng = practice_questions()[0], [], random.Random(1)

    def seldom_silent(question, bought):
        answer = bought.small()[0].answer
        return None if rng.random() < 0.02 else answer

    def remembers(question, bought):
        calls.append(question)
        return bought.small()[0].answer if len(calls) % 2 else None

    for policy in (seldom_silent, remembers):
        with pytest.raises(ValueError, match="no random numbers"):
            steady(policy, questions)


def test_a_steady_policy_earns_what_a_replay_says_at_the_prices_of_the_course():
    def first(question, bought):
        return bought.small()[0].answer

    hidden = held_out_questions(key())
    assert steady(first, hidden) == replay(first, hidden)
    earned = fmean(each.utility for each in replay(first, hidden, Terms(), AS_GRADED))
    assert graded(first, key()) == earned < BARS[0] < BARS[1]


def test_a_policy_is_told_kind_and_length_and_no_more():
    seen = []
    replay(lambda question, bought: seen.append(question), [ONE])
    assert seen == [Question("word", 50)]


def test_a_letter_cannot_be_guessed():
    class Equal(str):
        def __eq__(self, other):
            return True

        __hash__ = str.__hash__

    for guess in ("b", "c", "", Equal("a"), 3, ["a"]):
        with pytest.raises(ValueError, match="return the answer of a reply"):
            replay(lambda question, bought, guess=guess: guess, [ONE])


def test_tools_hold_no_right_answer():
    public = {name for name in dir(tools()) if not name.startswith("_")}
    assert public == {"large", "left", "reward", "seen", "small", "spent"}
    assert not any(value is ONE for value in vars(tools()).values())


@given(st.binary(max_size=300), st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_what_is_sealed_opens_with_its_key_alone(data, one, other):
    sealed = seal(data, one)
    assert unseal(sealed, one) == data and seal(data, one) == sealed
    if one != other:
        with pytest.raises(ValueError, match="does not open"):
            unseal(sealed, other)


def test_a_table_that_is_missing_is_said(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"training\.budget"):
        practice_questions(tmp_path / "none.json")


def test_prices_have_a_date_and_speeds_come_from_the_sizing_of_a_class():
    h100 = next(gpu for gpu in sizing.GPUS if gpu.name.startswith("H100"))
    for role, gpus in (("small", 1), ("large", 4), ("reward", 1)):
        row = TABLE[role]
        assert row.looked_up and row.cached < row.read < row.write
        reading = sizing.EFFICIENCY * h100.operations * gpus / (2 * row.parameters)
        writing = sizing.EFFICIENCY * h100.bandwidth * gpus / (2 * row.parameters)
        assert (row.reading, row.writing) == pytest.approx((reading, writing), rel=0.01)
    assert TABLE["small"].price_source.startswith("https://")


def test_the_recorded_questions_are_whole_and_no_held_out_one_is_among_the_practice():
    practice, about = practice_questions()
    hidden = held_out_questions(key())
    assert len(practice) >= 40 and len(hidden) >= 30
    assert {"small", "large", "reward"} == set(about["models"])
    assert not {q.id for q in practice} & {q.id for q in hidden}
    for question in (*practice, *hidden):
        said = {reply.answer for held in question.replies.values() for reply in held} - {None}
        greedy = {reply.answer for reply in question.greedy.values()}
        assert question.right in said | greedy | {""}
        assert len(question.rewards["small"]) == 16 and len(question.rewards["large"]) == 8
    assert {len(q.replies["small"]) for q in practice} == {32}


def test_the_sealed_file_does_not_open_with_what_a_learner_has():
    for guess in ("", "held_out", PRACTICE.name):
        with pytest.raises(ValueError, match="does not open"):
            held_out_questions(guess)
