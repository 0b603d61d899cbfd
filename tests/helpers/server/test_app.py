import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain

import httpx
import openai
import pytest
from transformers import Qwen3Config

from bench.random_model import byte_tokenizer, random_model
from helpers.endpoint import EndpointModel, spread
from helpers.engine.local import LocalModel
from helpers.models import Decoding
from helpers.server.app import listening, main, serve
from helpers.server.engine import FEW, PAUSE, ServingEngine
from helpers.server.grammar import LONGEST_STRING, Grammars, limited

KEY = "sk-let-me-in"
SCORE = {
    "type": "object",
    "properties": {"score": {"type": "number"}, "reasoning": {"type": "string"}},
    "required": ["score", "reasoning"],
    "additionalProperties": False,
}


def tiny(name: str = "tiny", seed: int = 0) -> LocalModel:
    """A model whose texts rarely end by themselves."""
    config = Qwen3Config(
        vocab_size=259,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        max_position_embeddings=1024,
        eos_token_id=2,
        bos_token_id=None,
        pad_token_id=0,
    )
    return LocalModel(random_model(config, seed, scale=8.0), byte_tokenizer(), name)


@pytest.fixture(scope="module")
def model():
    return tiny()


@pytest.fixture(scope="module")
def server(model):
    with serve([model, tiny("other", 1)]) as running:
        yield running


@pytest.fixture(scope="module")
def client(server):
    return openai.OpenAI(base_url=server.url, api_key="none", max_retries=0)


def ask(text: str = "Hello?") -> list[dict]:
    return [{"role": "user", "content": text}]


def post(server, body, **headers) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(f"{server.url}/chat/completions", content=content, headers=headers, timeout=300)


def until(condition) -> bool:
    """Whether `condition` becomes true within a minute."""
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()


def rows(server) -> int:
    return httpx.get(server.url.replace("/v1", "/health")).json()["rows"]


def test_models_and_health(server, client):
    assert [card.id for card in client.models.list()] == ["tiny", "other"]
    assert client.models.retrieve("other").id == "other"
    health = httpx.get(server.url.replace("/v1", "/health")).json()
    assert health["status"] == "ok" and health["models"] == ["tiny", "other"]


def test_the_samples_are_those_of_the_model_itself(server, model, client):
    options = {"temperature": 0.8, "top_p": 0.9, "seed": 7}
    [local] = model.sample([ask()], 3, max_tokens=20, stop=["e"], **options)
    answer = client.chat.completions.create(
        model="tiny", messages=ask(), n=3, max_completion_tokens=20, stop="e", logprobs=True, **options
    )
    assert [choice.message.content for choice in answer.choices] == [sample.text for sample in local]
    assert [choice.finish_reason for choice in answer.choices] == [sample.finish_reason for sample in local]
    for choice, sample in zip(answer.choices, local, strict=True):
        assert sum(entry.logprob for entry in choice.logprobs.content) == pytest.approx(sample.logprob)
    assert answer.usage.completion_tokens == sum(sample.tokens for sample in local)
    assert answer.usage.prompt_tokens == local[0].prompt_tokens


def test_endpoint_model_gives_what_the_local_model_gives(server, model):
    endpoint = EndpointModel("tiny", server.url)
    prompts = [ask("a"), [*ask("b"), {"role": "assistant", "content": "So b"}]]
    asked = endpoint.sample(prompts, 4, max_tokens=15, seed=2)
    local = model.sample(prompts, 4, max_tokens=15, seed=spread(2, 0))
    for one, other in zip(chain(*asked), chain(*local), strict=True):  # rounding depends on the company
        same = replace(one, logprob=other.logprob, token_logprobs=other.token_logprobs)
        assert same == other
        assert one.logprob == pytest.approx(other.logprob, abs=1e-4)
        assert one.token_logprobs == pytest.approx(other.token_logprobs, abs=1e-4)


def test_without_a_seed_samples_differ_and_greedy_ones_do_not(server, client):
    def texts(**options):
        answers = [
            client.chat.completions.create(model="tiny", messages=ask(), max_tokens=12, **options)
            for _ in "ab"
        ]
        return {answer.choices[0].message.content for answer in answers}

    assert len(texts()) == 2 and len(texts(temperature=0)) == 1


def test_unknown_fields_and_nulls_are_ignored(server):
    body = {"model": "tiny", "messages": ask(), "max_tokens": 3, "extra_body": {}, "user": "x", "stop": None}
    answer = post(server, {**body, "logit_bias": {}, "frequency_penalty": 0, "top_logprobs": None, "n": None})
    assert answer.status_code == 200 and answer.json()["choices"][0]["logprobs"] is None


def test_content_in_parts_and_roles_that_templates_do_not_know(server):
    def text(messages):
        body = {"model": "tiny", "messages": messages, "max_tokens": 8, "temperature": 0}
        return post(server, body).json()["choices"][0]["message"]["content"]

    parts = [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo?"}]
    assert text([{"role": "developer", "content": "Be."}, {"role": "user", "content": parts}]) == text(
        [{"role": "system", "content": "Be."}, *ask()]
    )


def test_the_stop_string_on_request(server, model):
    body = {"model": "tiny", "messages": ask(), "max_tokens": 200, "seed": 1, "stop": ["e", "a"]}
    without, with_it = (
        post(server, body | {"include_stop_str_in_output": wanted}).json()["choices"][0]["message"]["content"]
        for wanted in (False, True)
    )
    assert with_it[:-1] == without and with_it[-1] in "ea"


@pytest.mark.parametrize("temperature", [0, 1])
def test_json_by_schema_from_a_model_that_knows_no_json(client, temperature):
    short = SCORE | {"properties": SCORE["properties"] | {"reasoning": {"type": "string", "maxLength": 100}}}
    form = {"type": "json_schema", "json_schema": {"name": "s", "strict": True, "schema": short}}
    answer = client.chat.completions.create(
        model="tiny",
        messages=ask(),
        n=4,
        max_tokens=480,
        seed=1,
        temperature=temperature,
        response_format=form,
    )
    for choice in answer.choices:
        found = json.loads(choice.message.content)
        assert set(found) == {"score", "reasoning"} and isinstance(found["score"], int | float)
        assert choice.finish_reason == "stop" and len(found["reasoning"]) <= 100


def test_guided_and_free_rows_side_by_side(server, client, model):
    [alone] = model.sample([ask()], 2, max_tokens=30, seed=3)
    choice = {"type": "json_schema", "json_schema": {"name": "c", "schema": {"enum": ["yes", "no"]}}}
    with ThreadPoolExecutor(2) as pool:
        free = pool.submit(
            client.chat.completions.create, model="tiny", messages=ask(), n=2, max_tokens=30, seed=3
        )
        guided = pool.submit(
            client.chat.completions.create,
            model="tiny",
            messages=ask(),
            n=2,
            max_tokens=30,
            response_format=choice,
        )
    assert [choice.message.content for choice in free.result().choices] == [sample.text for sample in alone]
    assert {json.loads(choice.message.content) for choice in guided.result().choices} <= {"yes", "no"}


def test_strings_lists_and_numbers_are_limited():
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}}
    assert limited(schema)["properties"]["a"]["items"]["maxLength"] == LONGEST_STRING
    assert limited({"enum": [{"type": "string"}]}) == {"enum": [{"type": "string"}]}
    assert limited({"type": ["string", "null"], "maxLength": 5})["maxLength"] == 5
    matcher = Grammars(byte_tokenizer(), [2], 259).matcher({"type": "number"})
    digits = byte_tokenizer()("1" * 40, add_special_tokens=False)["input_ids"]
    assert matcher.allowed(digits[:10])[digits[0]] and not matcher.allowed(digits)[digits[0]]
    assert matcher.allowed(digits)[2]


def test_streaming_gives_the_same_text(client):
    body = {"model": "tiny", "messages": ask(), "n": 3, "max_tokens": 10, "seed": 4}
    whole = client.chat.completions.create(**body)
    texts, reasons, last = {}, {}, None
    for chunk in client.chat.completions.create(**body, stream=True, stream_options={"include_usage": True}):
        last = chunk
        for choice in chunk.choices:
            texts[choice.index] = texts.get(choice.index, "") + (choice.delta.content or "")
            reasons[choice.index] = choice.finish_reason
    assert [texts[i] for i in range(3)] == [choice.message.content for choice in whole.choices]
    assert [reasons[i] for i in range(3)] == [choice.finish_reason for choice in whole.choices]
    assert last.usage == whole.usage and last.choices == []


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": None}, "messages"),
        ({"messages": [{"role": "wizard", "content": "x"}]}, "messages.0.role"),
        ({"temperature": -1}, "temperature"),
        ({"temperature": "warm"}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"n": 0}, "n"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"stop": ""}, "stop"),
        ({"top_logprobs": 5}, "top_logprobs"),
        ({"seed": 10**100}, "seed"),
        ({"n": 10**4000}, "n"),
        ({"messages": [{"role": "assistant", "content": "I"}]}, "messages"),
        ({"messages": ask("word " * 500)}, "messages"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "wizard"}}}},
            "response_format",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_with_400(server, change, param):
    answer = post(server, {"model": "tiny", "messages": ask()} | change)
    error = answer.json()["error"]
    assert answer.status_code == 400 and error["type"] == "invalid_request_error"
    assert error["param"].startswith(param) and error["message"]


@pytest.mark.parametrize(
    "fields",
    [
        '"max_tokens": ' + "9" * 5000,
        '"seed": -' + "9" * 5000,
        '"n": 1' + "0" * 4999,
        '"temperature": ' + "1" * 6000,
        '"unknown": {"deep": [' + "7" * 5000 + "]}",
        '"stop": ["' + "\\ud800" + '"]',
        '"temperature": NaN',
        '"top_p": Infinity',
        '"unknown": ' + "[" * 100_000,
    ],
    ids=lambda fields: fields[:24],
)
def test_a_body_that_python_cannot_read_is_refused_with_400(server, fields):
    answer = post(
        server, f'{{"model": "tiny", "messages": [{{"role": "user", "content": "hi"}}], {fields}}}'.encode()
    )
    assert answer.status_code == 400 and answer.json()["error"]["message"].startswith("We could not parse")


def test_half_a_character_in_a_name_or_a_message_is_refused(server):
    for body in (
        b'{"model": "\\ud800", "messages": [{"role": "user", "content": "x"}]}',
        b'{"model": "tiny", "messages": [{"role": "user", "content": "\\udfff"}]}',
    ):
        assert post(server, body).status_code == 400


def test_a_limit_beyond_all_measure_is_the_context(server):
    for limit in (10**4000, 10**9):
        answer = post(
            server, {"model": "tiny", "messages": ask(), "max_tokens": limit, "stop": ["a"], "seed": 1}
        )
        assert answer.status_code == 200


def test_refusals_reach_clients_as_their_own_exceptions(server, client):
    with pytest.raises(openai.NotFoundError, match="does not exist") as caught:
        client.chat.completions.create(model="gpt", messages=ask())
    assert caught.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError, match="maximum context length is 1024"):
        client.chat.completions.create(model="tiny", messages=ask("x" * 1200))
    assert post(server, b"{not json").json()["error"]["message"].startswith("We could not parse")
    lost = httpx.get(server.url + "/nothing")
    assert lost.status_code == 404 and lost.json()["error"]["code"] == "unknown_url"


def test_a_key_where_one_is_asked_for(model):
    with serve(model, api_key=KEY) as server:
        assert KEY not in repr(server)
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer"}):
            answer = post(server, {"model": "tiny", "messages": ask()}, **headers)
            assert answer.status_code == 401 and KEY not in answer.text and "wrong" not in answer.text
        assert httpx.get(server.url + "/models").status_code == 401
        assert httpx.get(server.url.replace("/v1", "/health")).status_code == 200
        client = openai.OpenAI(base_url=server.url, api_key=KEY)
        assert client.chat.completions.create(model="tiny", messages=ask(), max_tokens=2).choices
        with pytest.raises(Exception, match="refuses the API key"):
            EndpointModel("tiny", server.url, "wrong").sample([ask()])


def test_too_much_at_once_is_answered_429_and_comes_through_later(model):
    with serve(model, most=8) as server:
        refused = post(server, {"model": "tiny", "messages": ask(), "n": 9})
        assert refused.status_code == 429 and refused.headers["Retry-After"] == "1"
        assert refused.json()["error"]["code"] == "rate_limit_exceeded"
        ok = post(server, {"model": "tiny", "messages": ask(), "n": 8, "max_tokens": 2})
        assert ok.status_code == 200 and rows(server) == 0


def test_sixty_four_requests_in_flight_and_none_lost(server, model):
    prompts = [ask(f"Question {i}") for i in range(64)]
    local = [model.sample([prompt], 2, max_tokens=12, seed=i)[0] for i, prompt in enumerate(prompts)]

    async def all_at_once():
        limits = httpx.Limits(max_connections=64)
        async with httpx.AsyncClient(timeout=300, limits=limits) as client:
            bodies = [
                {"model": "tiny", "messages": prompt, "n": 2, "max_tokens": 12, "seed": i}
                for i, prompt in enumerate(prompts)
            ]
            return await asyncio.gather(
                *[client.post(f"{server.url}/chat/completions", json=body) for body in bodies]
            )

    answers = asyncio.run(all_at_once())
    texts = [[choice["message"]["content"] for choice in answer.json()["choices"]] for answer in answers]
    assert texts == [[sample.text for sample in samples] for samples in local] and rows(server) == 0


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_goes_away_stops_costing(model, monkeypatch, stream):
    steps = []
    step = ServingEngine.step
    monkeypatch.setattr(
        ServingEngine, "step", lambda engine: (steps.append(1), time.sleep(0.02), step(engine))[-1]
    )
    monkeypatch.setattr(LocalModel, "ends", frozenset())  # no row ends by itself
    with serve(model) as server:
        host, port = server.url.split("/")[2].split(":")
        body = {"model": "tiny", "messages": ask(), "n": 4, "max_tokens": 400, "stream": stream}
        data = json.dumps(body).encode()
        with socket.create_connection((host, int(port))) as connection:
            head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(data)}\r\n\r\n"
            connection.sendall(head.encode() + data)
            assert until(lambda: rows(server) == 4) and until(lambda: len(steps) > 2)
        assert until(lambda: rows(server) == 0) and len(steps) < 300
        assert post(server, body | {"max_tokens": 3, "stream": False}).status_code == 200


def test_a_client_that_goes_away_in_the_middle_of_its_request_leaves_no_traceback(server, model, caplog):
    address = httpx.URL(server.url)
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {address.host}\r\nContent-Length: 100\r\n\r\n"
    with socket.create_connection((address.host, address.port)) as connection:
        connection.sendall(head.encode() + b'{"model": ')
        assert post(server, {"model": model.name, "messages": ask(), "max_tokens": 2}).status_code == 200
    for _ in range(3):  # what comes later is answered after the one that went away
        assert post(server, {"model": model.name, "messages": ask(), "max_tokens": 2}).status_code == 200
    assert "ClientDisconnect" not in caplog.text


def test_rows_that_are_given_up_leave_the_engine(model):
    from helpers.engine.batch import Request

    engine = ServingEngine(model.decoder, model.chat_tokenizer, {2}, 1024)
    ids = model.chat_tokenizer.encode(ask())
    tickets = engine.add([Request(ids, i, Decoding(max_tokens=100)) for i in range(3)])
    engine.step()
    late = engine.add([Request(ids[:-1], decoding=Decoding(max_tokens=100))])
    engine.give_up([tickets[0], tickets[2], *late])
    assert sorted(ticket for ticket, _ in engine.step()) == [tickets[0], tickets[2]]
    [(last, completion)] = [done for _ in range(100) if not engine.idle for done in engine.step()]
    assert last == tickets[1] and engine.idle
    assert completion.text == model.sample([ask()], 2, max_tokens=100)[0][1].text


def test_rows_that_trickle_in_join_in_groups_and_soon(model):
    from helpers.engine.batch import Request

    engine, ids, seen, begun = (
        ServingEngine(model.decoder, model.chat_tokenizer, {2}, 1024),
        model.chat_tokenizer.encode(ask()),
        [],
        [],
    )
    for i in range(40):
        engine.add([Request(ids, i, Decoding(max_tokens=60))])
        engine.step()
        begun.append(sum(map(len, engine._waiting.values())))
        seen.append(len(engine._batches))
    assert max(seen) <= FEW + 40 // PAUSE and max(begun) <= PAUSE
    while not engine.idle:
        engine.step()


def test_a_fault_of_the_model_fails_its_requests_and_nothing_else(model, monkeypatch):
    step, faults = ServingEngine.step, [RuntimeError("out of memory")]

    def moody(engine):
        if faults:
            raise faults.pop()
        return step(engine)

    monkeypatch.setattr(ServingEngine, "step", moody)
    with serve(model) as server:
        body = {"model": "tiny", "messages": ask(), "max_tokens": 3}
        first, second = post(server, body), post(server, body)
    assert first.status_code == 500 and first.json()["error"]["type"] == "server_error"
    assert "memory" not in first.text and second.status_code == 200


def test_a_stop_lets_requests_under_way_finish(model, monkeypatch):
    begun, step = threading.Event(), ServingEngine.step
    monkeypatch.setattr(
        ServingEngine, "step", lambda engine: (begun.set(), time.sleep(0.005), step(engine))[-1]
    )
    server = serve(model)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(post, server, {"model": "tiny", "messages": ask(), "max_tokens": 60, "seed": 1})
        assert begun.wait(60)
        server.stop()
    assert answer.result().status_code == 200
    with pytest.raises(httpx.ConnectError):
        post(server, {})
    assert not [
        thread
        for thread in threading.enumerate()
        if thread.name == "sampling" and thread is server._worker._thread
    ]


def test_serving_after_nest_asyncio_in_a_notebook(tmp_path):
    script = (
        "import asyncio, nest_asyncio\n"
        "from tests.helpers.tiny import tiny, ask\n"
        "from helpers.server.app import serve\n"
        "from helpers.endpoint import EndpointModel\n"
        "async def cell():\n"
        "    nest_asyncio.apply()\n"
        "    with serve(tiny()) as server:\n"
        "        return EndpointModel('qwen3', server.url).sample([ask('Hi')], 2, max_tokens=3)\n"
        "print(len(asyncio.run(cell())[0]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=600)
    assert done.stdout == "2\n" and done.stderr == ""


def test_the_command_serves_until_it_is_told_to_stop(tmp_path):
    local = tiny()
    local.model.save_pretrained(tmp_path / "small-lm")
    local.tokenizer.save_pretrained(tmp_path / "small-lm")
    command = [sys.executable, "-m", "helpers.server", str(tmp_path / "small-lm"), "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"SERVER_API_KEY": KEY}
    )
    try:
        name, address = process.stdout.readline().split(" at ")
        assert re.fullmatch(r"http://127\.0\.0\.1:[1-9]\d+/v1\n", address)
        model = EndpointModel(name, address.strip(), KEY, pause=0.2)
        assert len(model.sample([ask()], 2, max_tokens=3)[0]) == 2
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(300)
    assert process.returncode == 0


def test_the_command_says_why_it_cannot_start(monkeypatch, capsys, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(sys, "argv", ["server", "--port", str(port)])
        with pytest.raises(SystemExit):
            main()
    assert f"Port {port} cannot be had" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["server", "--port", "0", str(tmp_path / "nothing")])
    with pytest.raises(SystemExit):
        main()
    assert "make model" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl(server):
    body = json.dumps({"model": "tiny", "messages": ask("1 + 1?"), "max_tokens": 4, "stream": True})
    url, key = f"{server.url}/chat/completions", "Authorization: Bearer none"
    command = [
        "curl",
        "-sSN",
        "--noproxy",
        "*",
        url,
        "-H",
        key,
        "-H",
        "Content-Type: application/json",
        "-d",
        body,
    ]
    lines = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.split(
        "\n\n"
    )
    assert lines[-2] == "data: [DONE]" and all(line.startswith("data: {") for line in lines[:-2])
    assert json.loads(lines[0][6:])["object"] == "chat.completion.chunk"


def test_an_answer_is_sent_at_once():
    """Its body does not wait for the receipt of its head."""
    with listening("127.0.0.1", 0) as server, socket.create_connection(server.getsockname()):
        connection, _ = server.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
