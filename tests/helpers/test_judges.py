"""Judges with scripted models: what they ask, what they make of a reply, what they say when they cannot
decide.
"""

import asyncio
import json

import pytest
from its_hub import AbstractOutcomeRewardModel, BestOfN, LLMJudge

from helpers.checks.scripted import ScriptedModel
from helpers.endpoint import EndpointModel
from helpers.its import Orchestrator, chat, language_model
from helpers.judges import (
    BEST_FORM,
    CLASSES,
    CRITERIA,
    LARGEST_GROUP,
    SCORE_FORM,
    UNDECIDED,
    GroupwiseJudge,
    PointwiseJudge,
    as_text,
    classify,
    groupwise_prompt,
    pointwise_prompt,
    read_class,
    read_verdict,
    reference_prompt,
)
from helpers.problems import Problem
from tests.helpers.faulty import FaultyEndpoint, completion, cut, error, reply, silence

ASKED = [{"role": "system", "content": "Use {this}."}, {"role": "user", "content": "How many, {x}?"}]


def scored(messages, i):
    """10 for the candidate that says 14, else 0."""
    return json.dumps({"reasoning": "it is 14", "score": 10 if "Final: 14" in messages[-1]["content"] else 0})


def named(messages, i):
    """The number under which the candidate that says 14 is shown."""
    before = messages[-1]["content"].partition("Final: 14")[0]
    return json.dumps(
        {"reasoning": "", "best": before.count("Answer ") if "Final: 14" in messages[-1]["content"] else 0}
    )


def conversations(*texts):
    return [chat([*ASKED, {"role": "assistant", "content": text}]) for text in texts]


def pointwise(reply, **options):
    model = ScriptedModel(reply)
    return model, PointwiseJudge(language_model(model, temperature=0), **options)


def groupwise(reply, **options):
    model = ScriptedModel(reply)
    return model, GroupwiseJudge(language_model(model, temperature=0), **options)


@pytest.mark.parametrize(
    "reply, value",
    [
        ('{"reasoning": "x", "score": 7}', 7),
        ('{"score": 7.5, "reasoning": "x"}', 7.5),
        ('Sure! ```json\n{"score": "8"}\n```', 8),
        ('I think {that} is it: {"score": 3} or {"score": 4}', 4),
        ('<think>Perhaps {"score": 2}? No.</think>\n{"reasoning": "all steps hold", "score": 9}', 9),
        ('A bare result would get {"score": 4}. Verdict: {"reasoning": "explained well", "score": 8}', 8),
        ('It asks me to print {"score": 10}. I do not. {"reasoning": "wrong sum", "score": 1}', 1),
        ('{"verdict": {"reasoning": "right", "score": 9}}', 9),
        ('{} is empty. {"reasoning": "right", "score": 6}', 6),
        ('{"reasoning": "right", "score": 9} (a bare {"score": 2} would be no verdict)', 9),
        ('The form: {"reasoning": "...", "score": 5}. Mine: {"reasoning": "good", "score": 7}', 7),
        ('Question: how many?\n{"reasoning": "right", "score": 8}', 8),
        ('{"reasoning": "first try", "score": 3}\n```json\n{"reasoning": "checked", "score": 10}\n```', 10),
        ('<think>{"reasoning": "x", "score": 3}</think>', None),
        ('<think>so far {"score": 3}', None),
        (
            '<|channel|>analysis<|message|>{"score": 2}<|end|>'
            '<|start|>assistant<|channel|>final<|message|>{"score": 6}',
            6,
        ),
        ('{"reasoning": "the text says {\\"score\\": 10}", "score": 1}', 1),
        ('{"reasoning": "cut off", "score": 4} and then {"reasoning": "more", "sco', 4),
        ("{" * 20_000, None),
        ('{"score": 0}', 0),
        ('{"score": 11}', None),
        ('{"score": -1}', None),
        ('{"score": true}', None),
        ('{"score": null}', None),
        ('{"score": NaN}', None),
        ('{"points": 7}', None),
        ('{"score": 7', None),
        ("7", None),
        ("[7]", None),
        ("", None),
    ],
)
def test_what_can_be_read_is_read_and_nothing_else(reply, value):
    assert read_verdict(reply, "score", 0, 10).value == value


def test_they_are_what_its_hub_expects():
    for _, judge in (pointwise(scored), groupwise(named)):
        assert isinstance(judge, AbstractOutcomeRewardModel)
        with pytest.raises(NotImplementedError, match="ascore"):
            judge.score([])


def test_the_point_wise_prompt_is_its_hubs_with_our_words():
    model, judge = pointwise(scored, criterion="Is it {right}?")
    assert asyncio.run(judge.ascore(conversations("Final: 14", "Final: 13"))) == [10, 0]
    prompts = [call["prompts"][0][0]["content"] for call in model.calls]
    told = [{"role": "user", "content": "How many, {x}?"}, {"role": "assistant", "content": "Final: 14"}]
    expected = pointwise_prompt("Is it {right}?").format(conversation=as_text(told))
    assert expected in prompts and "Is it {right}?" in expected and "How many, {x}?" in expected
    assert LLMJudge(None, pointwise_prompt("correctness"))._build_judge_prompt(chat(told))[0].content == (
        pointwise_prompt("correctness").format(conversation=as_text(told))
    )
    assert asyncio.run(judge.ascore(conversations("Final: 14")[0])) == 10


def test_a_reply_that_cannot_be_read_is_asked_for_again_warmer():
    replies = iter(["no idea", '{"score": 4, "reasoning": "so"}'])
    model, judge = pointwise(lambda messages, i: next(replies))
    assert asyncio.run(judge.ascore(conversations("Final: 1"))) == [4]
    assert [call["temperature"] > 0 for call in model.calls] == [False, True]
    assert [v.reasoning for v in judge.verdicts] == ["so"] and not judge.undecided


def test_a_judge_that_cannot_decide_says_so_and_its_candidate_is_not_chosen(caplog):
    def reply(messages, i):
        return "hm" if "Final: 14" in messages[-1]["content"] else '{"score": 0}'

    model, judge = pointwise(reply, tries=2)
    generator = language_model(ScriptedModel(lambda m, i: ("Final: 14", "Final: 13", "Final: 12")[i]))
    result = asyncio.run(BestOfN(judge, Orchestrator()).ainfer(generator, chat(ASKED), 3, False))
    assert result.scores == [UNDECIDED, 0, 0] and result.selected_index == 1
    assert len(judge.undecided) == 1 and "hm" in judge.undecided[0] and not caplog.records
    assert len(model.calls) >= 2


def test_best_of_n_with_either_judge_takes_the_right_one():
    texts = ("Final: 12", "Final: 13", "Final: 14", "Final: 12")
    for judge in (pointwise(scored)[1], groupwise(named)[1]):
        generator = language_model(ScriptedModel(lambda m, i: texts[i]))
        result = asyncio.run(BestOfN(judge, Orchestrator()).ainfer(generator, chat(ASKED), 4, False))
        assert result.selected_index == 2 and judge.lm.usage.num_calls == len(judge.verdicts)


def test_the_order_shown_is_random_but_can_be_repeated():
    def places(seed):
        found = []
        for i in range(24):
            model, judge = groupwise(named, seed=seed)
            asyncio.run(judge.ascore(conversations(f"Final: {i + 100}", "Final: 14", "Final: 12")))
            text = model.calls[0]["prompts"][0][0]["content"]
            found.append(text.partition("Final: 14")[0].count("Answer "))
        return found

    assert places(0) == places(0) != places(1)
    assert set(places(0)) == {1, 2, 3}


def test_no_candidate_is_right():
    _, judge = groupwise(named)
    assert asyncio.run(judge.ascore(conversations("Final: 1", "Final: 2"))) == [0, 0]
    assert "none of them right" in judge.undecided[0]


def test_a_comparison_that_cannot_be_read():
    model, judge = groupwise(lambda messages, i: '{"best": 3}', tries=2)
    assert asyncio.run(judge.ascore(conversations("a", "b"))) == [0, 0]
    assert "no readable reply" in judge.undecided[0] and len(model.calls) == 2


def test_of_many_candidates_the_winners_meet():
    texts = [f"Final: {100 + i}" for i in range(3 * LARGEST_GROUP)] + ["Final: 14"]
    model, judge = groupwise(named)
    scores = asyncio.run(judge.ascore(conversations(*texts), Orchestrator()))
    assert scores == [0.0] * (len(texts) - 1) + [1.0]
    shown = [call["prompts"][0][0]["content"].count("Answer ") for call in model.calls]
    assert max(shown) <= LARGEST_GROUP


def test_one_conversation_cannot_be_compared():
    _, judge = groupwise(named)
    with pytest.raises(ValueError, match="list of conversations"):
        asyncio.run(judge.ascore(conversations("a")[0]))


def test_an_order_of_ones_own():
    _, judge = groupwise(named)
    for order in ((0, 1), (1, 0)):
        assert asyncio.run(judge.compare(chat(ASKED), ["Final: 14", "Final: 2"], order)) == 0


def test_the_forms_ask_for_the_reasoning_first():
    for form, field in ((SCORE_FORM, "score"), (BEST_FORM, "best")):
        assert list(form["json_schema"]["schema"]["properties"]) == ["reasoning", field]
    assert all(text in groupwise_prompt(name, "q", ["a"]) for name, text in CRITERIA.items())


JUDGED = completion('{"reasoning": "", "score": 6}')


def over_http(server, timeout=300):
    model = EndpointModel("judge", server.url, "sk-key", timeout=timeout, pause=0.001, tries=3)
    return PointwiseJudge(language_model(model, temperature=0))


@pytest.mark.parametrize(
    "faults",
    [
        [error(500), error(500)],
        [error(429, Retry_After="0")],
        [silence],
        [cut],
        [reply("{not json")],
        [completion("")],
        [completion('{"score": 6}', usage=False)],
    ],
    ids=["500 twice", "429", "silence", "cut", "malformed", "empty", "usage null"],
)
def test_faults_of_the_judges_endpoint_that_pass(faults):
    with FaultyEndpoint(*faults, default=reply(JUDGED)) as server:
        judge = over_http(server, timeout=3 if silence in faults else 300)
        assert asyncio.run(judge.ascore(conversations("a", "b"))) == [6, 6]
    assert not judge.undecided


def test_a_judge_that_fails_on_one_candidate_keeps_the_others_and_says_so():
    def moody(handler):
        text = handler.body["messages"][0]["content"]
        (error(500) if "unlucky" in text else reply(JUDGED))(handler)

    with FaultyEndpoint(default=moody) as server:
        judge = over_http(server)
        assert asyncio.run(judge.ascore(conversations("a", "unlucky", "b"))) == [6, UNDECIDED, 6]
    assert len(judge.undecided) == 1 and "try again later" in judge.undecided[0]


@pytest.mark.parametrize("fault, words", [(error(401), "API key"), (error(404), "MODEL")])
def test_a_judge_that_is_not_to_be_had_is_told_in_one_sentence(fault, words):
    with FaultyEndpoint(default=fault) as server, pytest.raises(Exception, match=words) as caught:
        asyncio.run(over_http(server).ascore(conversations("a", "b")))
    assert "sk-key" not in str(caught.value)


PROBLEM = Problem("h1", "Who decides {here}?", "The person below.", "term", context="## 9. Tower {work}")


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("Reason: it says so.\nVerdict: pass", "pass"),
        ("Reason: half of it.\nVerdict: incomplete.", "incomplete"),
        ("Reason: made up.\n**Verdict:** Not in context", "not in context"),
        ("Verdict: <wrong>", "wrong"),
        ("Verdict: pass\nNo, I was too fast.\nVerdict: wrong\n", "wrong"),
        ("<think>Verdict: pass</think>\nReason: no.\nVerdict: wrong", "wrong"),
        ("<think>Verdict: pass", None),
        ("Verdict: <pass | incomplete | wrong | not in context>", None),  # the form itself
        ("Verdict: passable", None),
        ("It will pass.", None),
        ("", None),
    ],
)
def test_a_class_is_read_from_the_last_line_that_gives_one(reply, value):
    assert read_class(reply) == value


def test_a_reference_judge_sees_everything_it_needs_and_every_class():
    prompt = reference_prompt(PROBLEM, "  Not the climbers.\n")
    for part in (PROBLEM.question, PROBLEM.answer, PROBLEM.context, "Answer: Not the climbers.\n", *CLASSES):
        assert part in prompt
    assert read_class(prompt) is None


def test_what_cannot_be_read_is_asked_for_again_alone_and_warm():
    replies = {"b": iter(["Well.", "Verdict: wrong"]), "c": iter(["Hm."] * 3)}

    def reply(messages, i):
        answer = messages[-1]["content"].partition("Answer: ")[2][0]
        return "Verdict: pass" if answer == "a" else next(replies[answer])

    model = ScriptedModel(reply)
    assert classify(model, [PROBLEM] * 3, ["a", "b", "c"]) == ["pass", "wrong", None]
    assert [len(call["prompts"]) for call in model.calls] == [3, 2, 1]
    assert [call["temperature"] for call in model.calls] == [0.0, 0.7, 0.7]
    assert len({call["seed"] for call in model.calls}) == 3


def test_one_try_is_one_call():
    model = ScriptedModel(lambda messages, i: "")
    assert classify(model, [PROBLEM], ["a"], tries=1) == [None] and len(model.calls) == 1
