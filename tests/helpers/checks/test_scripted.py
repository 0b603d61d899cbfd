import pytest

from helpers.checks.scripted import ScriptedLogprobs, ScriptedModel, ScriptedReward, stand_in
from helpers.models import Decoding

PROMPTS = [[{"role": "user", "content": "a b"}], [{"role": "user", "content": "c"}]]


def test_replies_come_in_the_order_of_prompts_and_samples():
    model = ScriptedModel(lambda messages, i: f"{messages[-1]['content']} {i}")
    samples = model.sample(PROMPTS, 2)
    assert [[sample.text for sample in row] for row in samples] == [["a b 0", "a b 1"], ["c 0", "c 1"]]
    assert samples[0][1].tokens == 4 and samples[0][1].prompt_tokens == 2
    assert samples[0][1].finish_reason == "stop"


def test_a_reply_ends_before_its_first_stop_string_and_is_never_cut_for_length():
    model = ScriptedModel(lambda messages, i: "one two\nthree; four")
    assert model.sample(PROMPTS[:1], stop=[";", "\n"], max_tokens=1)[0][0].text == "one two"
    assert model.sample(PROMPTS[:1], max_tokens=1)[0][0].text == "one two\nthree; four"


def test_calls_are_recorded_as_they_were_made():
    model = ScriptedModel(lambda messages, i: "", name="me")
    model.sample(PROMPTS, 3, temperature=0.5, top_p=0.9, max_tokens=7, stop=["x"], seed=4, progress=True)
    model.sample(PROMPTS[:1])
    model.sample(PROMPTS, 3, Decoding(0.5, 0.9, 9, ("x",), 4), max_tokens=7, progress=True)
    first, second, third = model.calls
    assert third == first
    assert first == {
        "prompts": PROMPTS,
        "n": 3,
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 7,
        "stop": ("x",),
        "seed": 4,
        "progress": True,
    }
    assert second["n"] == 1 and second["seed"] == 0 and model.name == "me"


def test_a_scripted_reward_scores_in_order_and_records_each_call():
    reward = ScriptedReward(lambda conversation: len(conversation[-1]["content"]), name="me")
    assert reward.score(PROMPTS) == [3, 1] and reward.score([]) == []
    assert reward.calls == [PROMPTS, []] and reward.name == "me"


def test_scripted_log_probabilities_belong_to_their_prompt_and_text():
    model = ScriptedLogprobs(lambda prompt, text: [-float(len(prompt[-1]["content"]))] * len(text.split()))
    assert model.logprobs(PROMPTS, ["x y", "z"]) == [[-3.0, -3.0], [-1.0]]
    assert model.calls == [(PROMPTS, ["x y", "z"])]


def test_values_stand_in_for_variables_and_leave_no_trace():
    names = {"prompt": "own"}
    with pytest.raises(KeyError), stand_in(names, prompt="other", reader=str):
        assert names == {"prompt": "other", "reader": str}
        names["missing"]
    assert names == {"prompt": "own"}
