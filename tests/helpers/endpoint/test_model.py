import asyncio
import logging
import math
import socket
import threading
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from helpers.endpoint import EndpointError, EndpointModel, read_samples, spread
from helpers.endpoint.slots import FEWER, Slots
from helpers.endpoint.transport import retry_after
from helpers.models import Decoding
from tests.helpers.faulty import FaultyEndpoint, completion, cut, error, reply, silence

KEY = "sk-do-not-show-me"


def ask(text: str) -> list[dict]:
    return [{"role": "user", "content": text}]


def model_at(server, **options) -> EndpointModel:
    return EndpointModel("m", server.url, KEY, **{"timeout": 30, "pause": 0.001, **options})


def failure(model, prompts=None, **options) -> EndpointError:
    with pytest.raises(EndpointError) as caught:
        model.sample(prompts or [ask("q")], **options)
    text = "".join(traceback.format_exception(caught.value))
    assert KEY not in text and KEY not in repr(model) and KEY not in repr(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


def test_what_is_sent_and_what_comes_back():
    with FaultyEndpoint() as server:
        model = model_at(server)
        [[first, second], [third, _]] = model.sample(
            [ask("a"), ask("b")], 2, Decoding(0.5, 0.9, 99, ("##",)), max_tokens=11, seed=3
        )
    assert (first.text, second.text) == (f"a 0 {spread(3, 0)}", f"a 1 {spread(3, 0)}")
    assert third.text.startswith("b") and len(server.requests) == 2
    sent = next(body for body in server.requests if body["messages"] == ask("a"))
    assert sent.items() >= {"model": "m", "n": 2, "temperature": 0.5, "top_p": 0.9, "max_tokens": 11}.items()
    assert sent["stop"] == ["##"] and sent["logprobs"] is True and "continue_final_message" not in sent
    assert set(server.keys) == {f"Bearer {KEY}"}
    assert first.tokens + second.tokens == 6 and first.prompt_tokens == 7
    assert math.isnan(first.logprob) and first.token_logprobs == () and first.finish_reason == "stop"


def test_thinking_is_switched_by_the_template_s_own_names_and_kept_apart():
    def openai(handler):
        refused = "chat_template_kwargs" in handler.body
        (error(400, "Unknown parameter: 'chat_template_kwargs'.") if refused else reply(completion("7")))(
            handler
        )

    with FaultyEndpoint() as server:
        model_at(server, timeout=30).sample([ask("a")])
        off, on = (model_at(server, timeout=30, thinking=thinking) for thinking in (False, True))
        off.sample([ask("a")]), on.complete({"messages": ask("a")})
        sent = [(body["model"], body.get("chat_template_kwargs")) for body in server.requests]
    no, yes = ({"enable_thinking": switch, "thinking": switch} for switch in (False, True))
    assert sent == [("m", None), ("m", no), ("m", yes)]
    assert (off.name, on.name) == ("m (not thinking)", "m (thinking)")
    with FaultyEndpoint(default=openai) as server:
        assert model_at(server, timeout=30, thinking=False).sample([ask("a")])[0][0].text == "7"
        assert len(server.requests) == 2


def test_logprobs_length_and_stop_strings():
    logs = {"content": [{"token": "a", "logprob": -0.5}, {"token": "b", "logprob": -1.0}]}
    [one] = read_samples(completion("ab## c", logprobs=logs, finish_reason="length"), 1, ("##",))
    assert (one.text, one.logprob, one.token_logprobs, one.tokens) == ("ab", -1.5, (-0.5, -1.0), 3)
    assert one.finish_reason == "length"
    pair = read_samples(completion("ab", "ab", logprobs=logs), 2)
    assert [sample.tokens for sample in pair] == [2, 2]


def test_equal_prompts_are_asked_once():
    with FaultyEndpoint() as server:
        [[one], [two], [same]] = model_at(server).sample([ask("a"), ask("b"), ask("a")])
    assert len(server.requests) == 2 and one == same != two


def test_an_unfinished_answer_is_continued():
    with FaultyEndpoint() as server:
        model_at(server).sample([[*ask("a"), {"role": "assistant", "content": "So"}]])
    assert server.requests[0]["continue_final_message"] is True
    assert server.requests[0]["add_generation_prompt"] is False


@pytest.mark.parametrize("said", [" it is 7.\n", "So, 1 + 6.\n it is 7.\n"], ids=["the rest", "all of it"])
def test_a_continuation_begins_where_the_message_ended(said):
    begun = {"role": "assistant", "content": "So, 1 + 6.\n"}
    with FaultyEndpoint(default=reply(completion(said))) as server:
        [[sample]] = model_at(server).sample([[*ask("a"), begun]], stop=("\n",))
    assert sample.text == " it is 7."


@pytest.mark.parametrize("content", [None, [{"type": "text", "text": "So,"}]], ids=["none", "parts"])
def test_the_unfinished_message_may_have_no_text_or_parts(content):
    with FaultyEndpoint(default=reply(completion("So, 7"))) as server:
        body = {"messages": [*ask("a"), {"role": "assistant", "content": content}]}
        [choice] = model_at(server).complete(body)["choices"]
    assert choice["message"]["content"] == (" 7" if content else "So, 7")


def test_an_answer_may_begin_as_the_question_does():
    with FaultyEndpoint(default=reply(completion("a is 7"))) as server:
        [[sample]] = model_at(server).sample([ask("a")])
    assert sample.text == "a is 7"


def test_an_endpoint_that_ignores_n_is_asked_n_times_with_different_seeds():
    def one(handler):
        reply(completion(str(handler.body["seed"])))(handler)

    with FaultyEndpoint(default=one) as server:
        model = model_at(server)
        [samples] = model.sample([ask("q")], 5, seed=1)
        again = model.sample([ask("q")], 5, seed=1)
    assert len({sample.text for sample in samples}) == 5 and again == [samples]
    assert len(server.requests) == 10 and all(body["n"] == 5 for body in server.requests[:1])


@pytest.mark.parametrize(
    ("field", "complaint"),
    [
        ("logprobs", "logprobs are not supported"),
        ("n", "'n' : number must be at most 1"),
        ("seed", "Unknown parameter: 'seed'."),
        ("max_tokens", "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."),
    ],
)
def test_a_field_that_is_refused_is_not_sent_again(field, complaint):
    def strict(handler):
        (error(400, complaint) if field in handler.body else reply(completion("fine")))(handler)

    with FaultyEndpoint(default=strict) as server:
        model = model_at(server)
        [samples] = model.sample([ask("q")], 3)
        model.sample([ask("q")])
    assert [sample.text for sample in samples] == ["fine"] * 3
    assert sum(field in body for body in server.requests) == 1
    if field == "max_tokens":
        assert server.requests[-1]["max_completion_tokens"] == 256


@pytest.mark.parametrize(
    "faults",
    [
        [error(500), error(500)],
        [error(429, Retry_After="0")],
        [error(503), cut],
        [cut, cut],
        [silence],
        [reply("{not json"), reply("<html>"), reply({"choices": []}), reply({"choices": None})],
        [reply(completion("x") | {"choices": [{"message": None}]})],
    ],
    ids=["500", "429", "503 and cut", "cut", "silence", "no completion", "no message"],
)
def test_faults_that_pass_end_in_success(faults):
    with FaultyEndpoint(*faults) as server:
        [[sample]] = model_at(server, timeout=5 if silence in faults else 300).sample([ask("q")])
    assert sample.text.startswith("q 0") and len(server.requests) == len(faults) + 1


@pytest.mark.parametrize(
    ("fault", "words", "requests"),
    [
        (error(401, f"Incorrect API key provided: {KEY}"), ["refuses the API key (401)", ".env"], 1),
        (error(403, KEY), ["refuses the API key (403)"], 1),
        (error(404, "no such model"), ["no model m", "(404)", "ENDPOINT_BASE"], 1),
        (reply("", 301, Location="/elsewhere"), ["ENDPOINT_BASE", "(301)"], 1),
        (error(400, f"too long, {KEY}"), ["refuses the request (400)", "too long, [key]"], 1),
        (error(429, Retry_After="0"), ["too busy", "429, 3 times", "minutes"], 3),
        (error(429, Retry_After="7200"), ["7200 s", "(429)"], 1),
        (error(429, code="insufficient_quota"), ["quota"], 1),
        (error(400, code="budget_exceeded"), ["quota", "(400)"], 1),
        (error(500, f"oops {KEY}"), ["a fault of its own (500, 3 times", "later", "oops [key]"], 3),
        (silence, ["silent for 1 s, 2 times", "later"], 2),
        (cut, ["cut the connection, 3 times"], 3),
        (reply("<html>login</html>"), ["no chat completion", "/v1"], 3),
    ],
    ids=[
        "401",
        "403",
        "404",
        "301",
        "400",
        "429",
        "429 for long",
        "quota",
        "budget",
        "500",
        "silence",
        "cut",
        "html",
    ],
)
def test_faults_that_stay_end_in_one_sentence(fault, words, requests):
    with FaultyEndpoint(default=fault) as server:
        problem = failure(model_at(server, tries=3, timeout=1 if fault is silence else 300))
    assert all(word in str(problem) for word in words), str(problem)
    assert len(server.requests) == requests


def test_nobody_there():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # held, so that nobody else listens there
        address = f"http://127.0.0.1:{probe.getsockname()[1]}/v1"
        problem = failure(EndpointModel("m", address, KEY, tries=2, pause=0.001))
    assert "cannot be reached" in str(problem) and problem.status is None


def test_retry_after_is_honoured():
    waited = []

    class Watch(threading.Event):
        def wait(self, timeout=None):
            waited.append(timeout)
            return False

    with FaultyEndpoint(error(429, Retry_After="17"), error(503, Retry_After="2.5")) as server:
        model_at(server).transport.post({"messages": ask("q")}, Watch())
    assert waited == [17, 2.5]


def test_retry_after_may_be_a_date():
    soon = datetime.now(UTC) + timedelta(seconds=30)
    assert 25 < retry_after(format_datetime(soon, usegmt=True)) <= 30
    assert retry_after(format_datetime(datetime(2000, 1, 1, tzinfo=UTC), usegmt=True)) is None
    assert retry_after("soon") is None and retry_after(None) is None


def test_usage_null_and_empty_content():
    with FaultyEndpoint(
        reply(completion("some words", usage=False)), reply(completion(None)), reply(completion(""))
    ) as server:
        model = model_at(server)
        texts = [model.sample([ask("q")])[0][0] for _ in range(3)]
    assert [sample.text for sample in texts] == ["some words", "", ""]
    assert texts[0].tokens == 4 and texts[0].prompt_tokens == 0


def test_finished_samples_survive_a_failure():
    def moody(handler):
        said = handler.body["messages"][-1]["content"]
        (error(400, "too long") if said == "3" else reply(completion("a", "b")))(handler)

    with FaultyEndpoint(default=moody) as server:
        problem = failure(model_at(server, in_flight=1), [ask(str(i)) for i in range(6)], n=2)
    assert [[sample.text for sample in some] for some in problem.samples] == [["a", "b"]] * 3 + [[]] * 3
    assert "6 of 12 samples were finished" in str(problem) and len(server.requests) == 4


def test_what_is_under_way_at_a_failure_is_kept():
    failed = threading.Event()

    def moody(handler):
        if handler.body["messages"][-1]["content"] == "bad":
            error(400)(handler)
            failed.set()
        else:
            failed.wait(60)
            reply(completion("late"))(handler)

    with FaultyEndpoint(default=moody) as server:
        problem = failure(model_at(server, timeout=300), [ask("good"), ask("bad")])
    assert [[sample.text for sample in some] for some in problem.samples] == [["late"], []]


def test_many_in_flight_but_never_more_than_allowed():
    full = threading.Barrier(8)

    def together(handler):
        full.wait(60)
        reply(completion("x"))(handler)

    with FaultyEndpoint(default=together) as server:
        found = model_at(server, in_flight=8, timeout=300).sample([ask(str(i)) for i in range(32)])
    assert len(found) == 32 and server.most == 8


def test_an_endpoint_that_is_too_slow_for_many_at_once_gets_fewer():
    lock, pair = threading.Lock(), threading.Barrier(8 // FEWER)
    tries, now, crowds = [], [], []

    def slow(handler):
        with lock:
            tries.append(handler)
            first = len(tries) <= 8
        if first:
            silence(handler)
            return
        with lock:
            now.append(handler)
            crowds.append(len(now))
        pair.wait(60)
        with lock:
            now.remove(handler)
        reply(completion("x"))(handler)

    with FaultyEndpoint(default=slow) as server:
        found = model_at(server, in_flight=8, timeout=2).sample([ask(str(i)) for i in range(24)])
    assert len(found) == 24 and len(tries) == 32 and max(crowds) <= 8 // FEWER


def test_an_endpoint_that_answers_others_meanwhile_is_slow_and_gets_more_tries():
    with FaultyEndpoint() as server:
        model, tries = model_at(server, timeout=1), []

        def slow(handler):
            tries.append(handler)
            if len(tries) > 3:
                reply(completion("at last"))(handler)
            else:
                model.transport.meter.answered(completion("another's"))
                silence(handler)

        server.default = slow
        [[sample]] = model.sample([ask("q")])
    assert sample.text == "at last" and len(tries) == 4


@pytest.mark.parametrize("stopped", [False, True])
def test_slots_become_fewer_once_and_whoever_is_stopped_does_not_wait(stopped):
    slots, stop = Slots(9), threading.Event()
    for _ in range(3):
        slots.were_too_many(9)
    if stopped:
        stop.set()
    with slots.one(stop) as count, slots.one(stop):
        if stopped:
            with slots.one(stop):
                pass
    slots.were_too_many(1)
    with slots.one(stop) as least:
        assert (count, least) == (9 // FEWER, 1)


def test_after_a_stop_nothing_is_sent():
    stop = threading.Event()
    stop.set()
    with FaultyEndpoint() as server, pytest.raises(EndpointError, match="was not asked"):
        model_at(server).complete({"messages": ask("q")}, stop)
    assert server.requests == []


def test_inside_a_running_event_loop():
    async def cell(model):
        return model.sample([ask("q")])

    with FaultyEndpoint() as server:
        model = model_at(server)
        assert asyncio.run(cell(model)) == model.sample([ask("q")])


def test_the_key_is_not_logged(caplog):
    caplog.set_level(logging.DEBUG)
    with FaultyEndpoint(error(500)) as server:
        model = model_at(server)
        model.sample([ask("q")])
    assert KEY not in caplog.text and KEY not in repr(vars(model)) and KEY not in repr(model.transport)


@pytest.mark.parametrize("key", ["sk-with space", "sk-…", "sk-\n"])
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(key):
    with pytest.raises(ValueError, match="API_KEY") as caught:
        EndpointModel("m", "http://127.0.0.1:1/v1", key)
    assert key not in str(caught.value)


def test_an_address_without_a_scheme_is_refused():
    with pytest.raises(ValueError, match="ENDPOINT_BASE"):
        EndpointModel("m", "127.0.0.1:8000/v1")


def test_seeds_are_spread():
    seeds = {spread(seed, index) for seed in range(30) for index in range(30)}
    assert len(seeds) == 900 and all(0 <= seed < 2**31 for seed in seeds)
