"""Answers and refusals that gateways are known to give: Gemini, litellm, OpenRouter, vLLM, llama.cpp, and
others of the same kinds.
"""

import json
import math
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.endpoint import EndpointError, EndpointModel, UsageCounter, read_samples
from helpers.endpoint.transport import error_in, retry_after
from tests.helpers.faulty import FaultyEndpoint, completion, error, reply

FINE = completion("fine")


def ask(text: str) -> list[dict]:
    return [{"role": "user", "content": text}]


def model_at(server, **options) -> EndpointModel:
    return EndpointModel("m", server.url, "sk-key", **{"timeout": 30, "pause": 0.001, "tries": 3, **options})


def gemini(message: str) -> list:
    return [{"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}]


def fastapi(field: str) -> dict:
    return {
        "detail": [
            {"type": "extra_forbidden", "loc": ["body", field], "msg": "Extra inputs are not permitted"}
        ]
    }


@pytest.mark.parametrize(
    ("field", "status", "refusal"),
    [
        ("seed", 400, gemini('Invalid JSON payload received. Unknown name "seed": Cannot find field.')),
        ("logprobs", 400, gemini('Unknown name "logprobs": Cannot find field.')),
        ("logprobs", 400, {"error": {"message": "Logprobs is not supported for the current model"}}),
        ("logprobs", 400, {"error": {"message": "Unable to submit request because responseLogprobs is off"}}),
        ("seed", 400, {"error": {"message": "Seed parameter is unsupported."}}),
        ("seed", 422, fastapi("seed")),
        ("logprobs", 422, fastapi("logprobs")),
        ("n", 400, {"error": {"message": "N must be 1"}}),
        ("seed", 400, {"error": "unknown field: seed"}),
        ("seed", 400, {"detail": "seed is not allowed"}),
        ("seed", 400, {"object": "error", "message": "seed: unexpected keyword", "code": 40001}),
        (
            "stop",
            400,
            {"error": {"message": "Unsupported parameter: 'stop' is not supported with this model."}},
        ),
        ("seed", 400, {"error": {"message": "Unsupported parameter.", "param": "seed"}}),
        ("logprobs", 400, {"errors": [{"message": "LOGPROBS not supported"}]}),
        ("seed", 400, gemini('Unknown name "SEED" at generation_config: Cannot find field.')),
        (
            "n",
            400,
            {"error": {"message": "Field 'n_cmpl': Value must be between 1 <= value <= 4, but got 32"}},
        ),
        ("n", 400, {"error": {"message": "Only one candidate can be specified (N=1)"}}),
        ("logprobs", 422, {"message": fastapi("logprobs"), "object": "error"}),
        ("seed", 400, "parameter 'seed' is not a valid field"),
        ("seed", 200, gemini('Unknown name "seed": Cannot find field.')),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_refused_field_is_left_out_however_the_refusal_is_worded(field, status, refusal):
    def strict(handler):
        (reply(json.dumps(refusal), status) if field in handler.body else reply(FINE))(handler)

    with FaultyEndpoint(default=strict) as server:
        [[sample]] = model_at(server).sample([ask("q")], stop="##")
    assert sample.text == "fine" and len(server.requests) == 2 and field not in server.requests[1]


BOTH = "`temperature` and `top_p` cannot both be specified for this model. Please use only one."


@pytest.mark.parametrize(
    ("options", "kept", "left_out"),
    [
        ({}, "temperature", "top_p"),
        ({"temperature": 0.3}, "temperature", "top_p"),
        ({"top_p": 0.9}, "top_p", "temperature"),
    ],
)
def test_of_two_fields_that_exclude_each_other_the_one_that_changes_nothing_goes(options, kept, left_out):
    def strict(handler):
        (error(400, BOTH) if {"temperature", "top_p"} <= set(handler.body) else reply(FINE))(handler)

    with FaultyEndpoint(default=strict) as server:
        model = model_at(server)
        [[sample]] = model.sample([ask("q")], **options)
        with pytest.raises(EndpointError, match="cannot both be specified"):
            model.sample([ask("q")], temperature=0.3, top_p=0.9)
    assert sample.text == "fine" and kept in server.requests[1] and left_out not in server.requests[1]


EXCLUSIVE = {
    "Bedrock": (400, {"message": f"The model returned the following errors: {BOTH}"}),
    "litellm": (
        400,
        {
            "error": {
                "message": f'litellm.BadRequestError: BedrockException - {{"message":"{BOTH}"}}',
                "code": "400",
            }
        },
    ),
    "Anthropic": (
        400,
        {
            "type": "error",
            "error": {"type": "invalid_request_error", "message": "Set temperature or top_p, not both."},
        },
    ),
    "FastAPI": (
        422,
        {"detail": [{"loc": ["body"], "msg": "Value error, only one of temperature, top_p may be set"}]},
    ),
    "Gemini": (400, gemini("Only one of temperature and topP may be specified.")),
    "error as text": (400, {"error": "Top-p and Temperature are mutually exclusive"}),
    "in a 200": (200, {"error": {"code": 400, "message": "top_p must not be set together with temperature"}}),
}


@pytest.mark.parametrize(
    ("options", "kept", "left_out"),
    [({"temperature": 0.3}, "temperature", "top_p"), ({"top_p": 0.9}, "top_p", "temperature")],
)
@pytest.mark.parametrize("gateway", EXCLUSIVE)
def test_however_a_gateway_says_that_two_fields_exclude_each_other(gateway, options, kept, left_out):
    status, refusal = EXCLUSIVE[gateway]

    def strict(handler):
        both = {"temperature", "top_p"} <= set(handler.body)
        (reply(json.dumps(refusal), status) if both else reply(FINE))(handler)

    with FaultyEndpoint(default=strict) as server:
        model = model_at(server)
        [[sample]] = model.sample([ask("q")], **options)
        model.sample([ask("another")], **options)
    assert sample.text == "fine" and len(server.requests) == 3, "it is asked twice once, and remembered"
    assert all(kept in sent and left_out not in sent for sent in server.requests[1:])


@pytest.mark.parametrize(
    ("body", "words", "requests"),
    [
        (
            {"error": {"message": "Rate limit exceeded: free-models-per-day", "code": 429}},
            "Rate limit exceeded: free",
            3,
        ),
        ({"error": {"message": "Provider returned error", "code": 502}}, "Provider returned error", 3),
        ({"error": "model is overloaded"}, "model is overloaded", 3),
        ([{"error": {"code": 503, "message": "The model is overloaded."}}], "The model is overloaded", 3),
        ({"choices": [], "error": {"message": "no capacity"}}, "no capacity", 3),
        (
            {"choices": [{"index": 0, "error": {"message": "upstream died", "code": 502}, "message": {}}]},
            "upstream died",
            3,
        ),
        ({"error": {"message": "bad request", "code": 400}}, "bad request", 1),
        ({"detail": "backend away"}, "backend away", 3),
        ("Internal Server Error", "Internal Server Error", 3),
        ({"choices": [{"message": {"content": "x"}, "error": "died"}]}, "died", 3),
        ({"object": "error", "message": "out of memory", "code": 50002}, "out of memory", 3),
        ({"success": False, "errors": [{"code": 7003, "message": "No route"}]}, "No route", 3),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "Overloaded", 3),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_error_inside_a_200_is_told_in_the_endpoint_s_own_words(body, words, requests):
    with FaultyEndpoint(default=reply(json.dumps(body))) as server, pytest.raises(EndpointError) as caught:
        model_at(server).sample([ask("q")])
    assert words in str(caught.value) and "ENDPOINT_BASE" not in str(caught.value)
    assert caught.value.samples == [[]] and len(server.requests) == requests


def test_an_error_inside_a_200_that_passes_is_waited_out():
    with FaultyEndpoint(
        reply({"error": {"message": "slow down", "code": 429}}), default=reply(FINE)
    ) as server:
        assert model_at(server).sample([ask("q")])[0][0].text == "fine"


def one(message: dict, **more) -> dict:
    return {
        "choices": [
            {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop", **more}
        ]
    }


@pytest.mark.parametrize(
    ("message", "more", "thinking", "text"),
    [
        ({"content": None, "reasoning_content": "8+5=13. Final: 13"}, {}, False, "8+5=13. Final: 13"),
        ({"content": None, "reasoning_content": "Final: 13"}, {}, None, "Final: 13"),
        ({"content": "", "reasoning": "Final: 13"}, {}, None, "Final: 13"),
        (
            {"content": "\n", "reasoning_content": "Final: 13"},
            {"finish_reason": "length"},
            False,
            "Final: 13",
        ),
        ({"content": "Final: 7", "reasoning_content": "is it 8?"}, {}, True, "Final: 7"),
        (
            {"content": None, "reasoning_content": "is it 8"},
            {"finish_reason": "length"},
            None,
            "<think>is it 8",
        ),
        ({"content": None, "reasoning_content": "is it 8"}, {}, True, "<think>is it 8"),
        ({"content": [{"type": "thinking", "thinking": "8?"}, {"type": "text", "text": "7"}]}, {}, None, "7"),
        ({"content": None, "reasoning_content": {"text": "8"}}, {}, None, ""),
        ({"content": 7}, {}, None, ""),
        ({"content": {"type": "text", "text": "7"}}, {}, None, "7"),
        ({"content": ["Final: ", "7"]}, {}, None, "Final: 7"),
        ({"content": [], "reasoning": "Final: 3"}, {}, None, "Final: 3"),
    ],
)
def test_where_the_answer_stands(message, more, thinking, text):
    [sample] = read_samples(one(message, **more), 1, thinking=thinking)
    assert sample.text == text


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        *[
            (word, "length")
            for word in ("length", "LENGTH", "MAX_TOKENS", "max_tokens", "FinishReason.MAX_TOKENS")
        ],
        *[
            (word, "length")
            for word in (
                "model_length",
                "max_output_tokens",
                "MODEL_CONTEXT_WINDOW_EXCEEDED",
                "MaxTokens",
                "MAX TOKENS",
                "FINISH_REASON_MAX_TOKENS",
                "max_new_tokens",
                "token_limit_reached",
                "context_length_exceeded",
                "LENGTH_CAPPED",
                "max-tokens",
            )
        ],
        *[
            (word, "stop")
            for word in ("stop", "STOP", "end_turn", "eos", "content_filter", "SAFETY", None, 1, [], "")
        ],
    ],
)
def test_why_an_answer_ended(reason, expected):
    [sample] = read_samples(one({"content": "First we ad"}, finish_reason=reason), 1)
    assert sample.finish_reason == expected


LOGS = [
    [-0.25, -0.5], "x", 3, True, {"content": "x"}, {"content": [None]},
    {"content": [{"logprob": "x"}]}, {"content": {}},
    {"content": [{"token": "a"}]}, {"content": [{"logprob": float("nan")}]},
    {"content": [{"logprob": float("-inf")}]},
    {"content": [{"logprob": True}]}, {}, None, [[-1]], -1, {"content": "abc"}, {"content": [[-1]]},
    {"content": [{"logprob": 10**400}]}, {"token_logprobs": {"a": 1}}, {"content": [{"logprob": [-1]}]},
]  # fmt: skip


@pytest.mark.parametrize("logs", LOGS, ids=str)
def test_log_probabilities_that_are_none_are_left_out(logs):
    [sample] = read_samples(one({"content": "fine"}, logprobs=logs), 1)
    assert sample.token_logprobs == () and math.isnan(sample.logprob) and sample.text == "fine"


def test_log_probabilities_in_the_form_of_llama_cpp():
    [sample] = read_samples(
        one({"content": "fine"}, logprobs={"tokens": ["a", "b"], "token_logprobs": [None, -0.5]}), 1
    )
    assert sample.token_logprobs == (-0.5,)


@pytest.mark.parametrize(
    "usage",
    [[], "x", 3, {"prompt_tokens": "many", "completion_tokens": None},
     {"prompt_tokens": -1, "completion_tokens": -2},
     {"prompt_tokens": float("nan"), "completion_tokens": float("inf")},
     {"prompt_tokens": [], "completion_tokens": {}},
     {"prompt_tokens": True, "completion_tokens": False}, {}, [None], True,
     {"prompt_tokens": 10**40, "completion_tokens": "9" * 5000},
     {"prompt_tokens": "1e3", "completion_tokens": "٣"},
     {"prompt_tokens": {"a": 1}, "completion_tokens": [2]}],
    ids=str,
)  # fmt: skip
def test_a_count_of_tokens_that_is_none_counts_as_missing(usage):
    answer, meter = one({"content": "some words"}) | {"usage": usage}, UsageCounter()
    [sample] = read_samples(answer, 1)
    meter.answered(answer)
    assert (sample.prompt_tokens, sample.tokens) == (0, 4)
    assert (meter.usage.prompt_tokens, meter.usage.output_tokens, meter.usage.uncounted) == (0, 0, 1)


def test_a_count_of_tokens_as_text_or_decimal_is_one():
    answer = one({"content": "x"}) | {"usage": {"prompt_tokens": "12", "completion_tokens": 3.0}}
    [sample] = read_samples(answer, 1)
    assert (sample.prompt_tokens, sample.tokens) == (12, 3)


def test_an_odd_answer_does_not_take_finished_samples_with_it():
    def odd(handler):
        said = handler.body["messages"][-1]["content"]
        reply(one({"content": "fine"}, logprobs=[-0.25]) | {"usage": [1]} if said == "bad" else FINE)(handler)

    with FaultyEndpoint(default=odd) as server:
        found = model_at(server).sample([ask("good"), ask("bad")])
    assert [row[0].text for row in found] == ["fine", "fine"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["content", "logprob", "message", "error", "code", "detail", "text", "loc", "msg"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(anything, anything, anything, anything)
def test_no_answer_raises(message, logs, usage, reason):
    message = message if isinstance(message, dict) else {"content": message, "reasoning_content": logs}
    answer = one({}, logprobs=logs, finish_reason=reason) | {"usage": usage}
    answer["choices"][0]["message"] = message
    [sample] = read_samples(answer, 1)
    UsageCounter().answered(answer)
    assert isinstance(sample.text, str) and sample.tokens >= 0
    assert all(isinstance(part, str) for part in error_in(message))


@pytest.mark.parametrize(
    "header",
    ["nan", "NaN", "inf", "-inf", "1e999", "-5", "soon", "", " ",
     "Tue, 02 Jan 2024 10:00:00 GMT", "Fri, 31 Dec 1999 23:59:59 GMT",
     "Tue, 02 Jan 99999999999999999999 10:00:00 GMT", "Tue, 99 Foo 2024",
     "Mon, 01 Jan 0001 00:00:00 +2300", "0x10", "9" * 5000,
    # over, in every way to write a date; and moments or waits that no clock has
    *["Tuesday, 02-Jan-24 10:00:00 GMT", "Tue Jan  2 10:00:00 2024", "Tue, 02 Jan 2024 10:00:00 +0200",
      "2 Jan 2024 10:00:00", "Mon, 01 Jan 1601 00:00:00 GMT", "2024-01-02T10:00:00Z", "1704189600"],
    *["Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 10000 23:59:59 GMT", "Tue, 02 Jan 2024 25:61:00 GMT",
      "Tue, 02 Jan 2024 10:00:00 -9999", "99999999999", "1e12", "5 seconds", "null", "[]"]],
)  # fmt: skip
def test_a_retry_after_that_cannot_be_waited_for_counts_as_none(header):
    assert retry_after(header) is None


def test_a_moment_in_seconds_since_1970_is_waited_for():
    assert 25 < retry_after(str(int(time.time()) + 30)) <= 30


@pytest.mark.parametrize(("header", "seconds"), [("0", 0), ("17", 17), ("2.5", 2.5), (" 3 ", 3), ("30s", 30)])
def test_a_retry_after_in_seconds(header, seconds):
    assert retry_after(header) == seconds


@given(st.text(max_size=40))
def test_no_retry_after_raises(header):
    assert retry_after(header) is None or 0 <= retry_after(header) < math.inf


def test_a_date_that_is_over_waits_as_without_a_header():
    waited = []

    class Watch(threading.Event):
        def wait(self, timeout=None):
            waited.append(timeout)
            return False

    over = error(429, "slow down", Retry_After="Tue, 02 Jan 2024 10:00:00 GMT")
    with FaultyEndpoint(default=over) as server, pytest.raises(EndpointError, match=r"too busy.*slow down"):
        model_at(server, pause=8.0, tries=4).transport.post({"messages": ask("q")}, Watch())
    assert [low <= wait <= 2 * low for low, wait in zip((4, 8, 10), waited, strict=True)] == [True] * 3
