import asyncio
import json
import subprocess
import sys
import threading

import pytest
from its_hub import AbstractLanguageModel, AbstractOrchestrator, BestOfN, LLMJudge, SelfConsistency
from its_hub.api import AbstractOutcomeRewardModel, AbstractProcessRewardModel, ChatMessage, GenerationUsage
from its_hub.core.algorithms.beam_search import BeamSearch
from its_hub.core.lms.step_generation import StepGeneration

from helpers.checks.scripted import ScriptedModel
from helpers.endpoint import EndpointError, EndpointModel
from helpers.its import GatherError, Orchestrator, chat, gather, language_model
from tests.helpers.faulty import FaultyEndpoint, completion, error, reply, silence

QUESTIONS = [f"Question {i}?" for i in range(10)]


class Longest(AbstractOutcomeRewardModel):
    """Scores a conversation by the length of its last message."""

    def score(self, messages, **_):
        return [float(len(conversation[-1].content)) for conversation in messages]

    async def ascore(self, messages, orchestrator=None, **_):
        return self.score(messages)


def ask(text: str) -> list[dict]:
    return [{"role": "user", "content": text}]


def endpoint(server, **options) -> EndpointModel:
    return EndpointModel("m", server.url, "sk-key", **{"timeout": 0.3, "pause": 0.001, "tries": 2, **options})


def counting(messages, i) -> str:
    return f"{messages[-1]['content']} answer {'x' * i}"


def best_of_n(lm, question="Q?", n=5, orchestrator=None):
    algorithm = BestOfN(Longest(), orchestrator=orchestrator or Orchestrator())
    return algorithm.ainfer(lm, question, n, return_response_only=False)


def test_they_are_what_its_hub_expects():
    with FaultyEndpoint() as server:
        for model in (ScriptedModel(counting), endpoint(server)):
            assert isinstance(language_model(model), AbstractLanguageModel)
    assert isinstance(Orchestrator(), AbstractOrchestrator)


def test_best_of_n_in_one_batch():
    model = ScriptedModel(counting)
    result = asyncio.run(best_of_n(language_model(model, temperature=0.7, max_tokens=50, seed=3)))
    assert [response["content"] for response in result.responses] == [
        f"Q? answer {'x' * i}" for i in range(5)
    ]
    assert result.selected_index == 4 and result.the_one["role"] == "assistant"
    [call] = model.calls
    assert (call["n"], call["temperature"], call["max_tokens"]) == (5, 0.7, 50)


def test_all_questions_in_one_batch_and_results_in_order():
    model = ScriptedModel(counting)
    lm = language_model(model)
    results = asyncio.run(
        gather([best_of_n(lm, q, 3, Orchestrator(max_concurrency=30)) for q in QUESTIONS], progress=False)
    )
    assert [result.the_one["content"] for result in results] == [f"{q} answer xx" for q in QUESTIONS]
    assert sum(call["n"] * len(call["prompts"]) for call in model.calls) == 30 and len(model.calls) < 10


def test_later_calls_get_new_seeds_and_a_new_model_the_same_ones():
    model = ScriptedModel(counting)
    for lm in (language_model(model), language_model(model)):
        asyncio.run(lm.agenerate_single(ask("a")))
        asyncio.run(lm.agenerate_single(ask("a")))
    first, second, again, _ = [call["seed"] for call in model.calls]
    assert first != second and first == again


@pytest.mark.parametrize("budget", [1, 5, 64])
def test_no_deadlock_over_http(budget):
    with FaultyEndpoint() as server:
        lm = language_model(endpoint(server, timeout=300))
        work = gather([best_of_n(lm, q, budget) for q in QUESTIONS], progress=False)
        results = asyncio.run(asyncio.wait_for(work, 300))
    assert [len(result.responses) for result in results] == [budget] * 10
    assert len({json.dumps(body) for body in server.requests}) == 10 * budget  # every candidate has its seed
    assert lm.usage.num_calls == 10 * budget and lm.usage.prompt_tokens == 70 * budget
    assert sum(result.usage.completion_tokens for result in results) == lm.usage.completion_tokens


def test_concurrency_is_bounded_in_every_loop():
    running, most = 0, 0

    class Slow:
        async def agenerate_single(self, messages, **_):
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            return {"role": "assistant", "content": "x"}

    orchestrator = Orchestrator(max_concurrency=3)
    for _ in range(3):  # each asyncio.run has a loop of its own
        asyncio.run(orchestrator.agenerate(Slow(), [ask(str(i)) for i in range(20)]))
    assert most == 3 and len(orchestrator._semaphores) == 1


def test_what_is_sent():
    form = {"type": "json_object"}
    with FaultyEndpoint() as server:
        lm = language_model(endpoint(server), temperature=0.3, max_tokens=9)
        started = [*chat(ask("a")), ChatMessage("assistant", "So")]
        asyncio.run(lm.agenerate_single(started, "\n", response_format=form, include_stop_str_in_output=True))
        asyncio.run(lm.agenerate_single(ask("a"), temperature=0.0, max_completion_tokens=4))
    first, second = server.requests
    assert first["messages"] == [*ask("a"), {"role": "assistant", "content": "So"}]
    assert first["temperature"] == 0.3 and first["max_tokens"] == 9 and first["stop"] == ["\n"]
    assert first["response_format"] == form and first["continue_final_message"] is True
    assert first["include_stop_str_in_output"] is True and "tools" not in first
    assert second["temperature"] == 0 and second["max_tokens"] == 4 and "stop" not in second


def test_tool_calls_come_back():
    tools = [{"id": "1", "function": {"name": "f", "arguments": "{}"}}]
    with FaultyEndpoint(
        reply(completion(None) | {"choices": [{"message": {"content": None, "tool_calls": tools}}]})
    ) as server:
        message = asyncio.run(language_model(endpoint(server)).agenerate_single(ask("a"), tools=[{}]))
    assert message == {"role": "assistant", "content": "", "tool_calls": tools} and server.requests[0][
        "tools"
    ] == [{}]


@pytest.mark.parametrize(
    "fault", [error(500), reply("{nope"), silence, error(400), error(429, Retry_After="9999")]
)
def test_one_failed_candidate_does_not_lose_the_others(fault):
    def moody(handler):
        with handler.server.lock:
            handler.server.unlucky = getattr(handler.server, "unlucky", handler.body["seed"])
        if handler.body["seed"] == handler.server.unlucky:
            fault(handler)
        else:
            reply(completion(f"fine {handler.body['seed']}"))(handler)

    with FaultyEndpoint(default=moody) as server:
        orchestrator = Orchestrator()
        result = asyncio.run(best_of_n(language_model(endpoint(server)), n=50, orchestrator=orchestrator))
    assert len(result.responses) == 49 and all(r["content"].startswith("fine") for r in result.responses)
    assert len(orchestrator.failures) == 1 and "sk-key" not in orchestrator.failures[0]


def test_a_bad_prompt_in_a_batch_fails_alone():
    def sample(prompts, n=1, **_):
        if any("bad" in prompt[-1]["content"] for prompt in prompts):
            raise ValueError("too long")
        return ScriptedModel(counting).sample(prompts, n)

    model = ScriptedModel(counting)
    model.sample = sample
    lm = language_model(model)
    with pytest.raises(GatherError, match=r"1 of 3 questions failed.*too long") as caught:
        asyncio.run(gather([best_of_n(lm, q) for q in ("good", "bad", "fine")], progress=False))
    first, second, third = caught.value.results
    assert (
        len(first.responses) == len(third.responses) == 5
        and second is None
        and set(caught.value.errors) == {1}
    )


def test_when_every_candidate_fails_the_reason_is_told():
    with (
        FaultyEndpoint(default=error(401)) as server,
        pytest.raises(EndpointError, match="refuses the API key"),
    ):
        asyncio.run(best_of_n(language_model(endpoint(server))))


def test_a_failed_judgement_keeps_its_place():
    def moody(handler):
        text = handler.body["messages"][0]["content"]
        (error(500) if "xx" in text else reply(completion(json.dumps({"score": text.count("x")}))))(handler)

    with FaultyEndpoint(default=moody) as server:
        judge = LLMJudge(language_model(endpoint(server), temperature=0), fallback_score=0.0)
        algorithm = BestOfN(judge, orchestrator=Orchestrator())
        result = asyncio.run(algorithm.ainfer(language_model(ScriptedModel(counting)), "Q?", 3, False))
    assert result.scores == [0, 1, 0] and result.selected_index == 1


def test_the_judge_is_counted():
    with FaultyEndpoint(default=reply(completion('{"score": 3}'))) as server:
        generator, judge = language_model(ScriptedModel(counting)), language_model(endpoint(server))
        algorithm = BestOfN(LLMJudge(judge), orchestrator=Orchestrator())
        result = asyncio.run(algorithm.ainfer(generator, "Q?", 4, False))
    assert (judge.usage.num_calls, judge.usage.prompt_tokens, judge.usage.completion_tokens) == (4, 28, 12)
    assert generator.usage == result.usage and generator.usage.num_calls == 4
    total = GenerationUsage()
    total.merge(generator.usage)
    total.merge(judge.usage)
    assert total.total_tokens == generator.usage.total_tokens + 40


def test_a_call_has_a_time_limit():
    class Never:
        model_name = "never"

        async def agenerate_single(self, messages, **_):
            await asyncio.Event().wait()

    orchestrator = Orchestrator(timeout=0.01)
    with pytest.raises(TimeoutError, match=r"never gave no answer within 0\.01 s"):
        asyncio.run(orchestrator.agenerate(Never(), [ask("a"), ask("a")]))


def test_a_question_has_a_time_limit_and_the_others_are_kept():
    async def never():
        await asyncio.Event().wait()

    async def now():
        return 1

    with pytest.raises(GatherError, match=r"within 0\.05 s") as caught:
        asyncio.run(gather([now(), never(), now()], progress=False, timeout=0.05))
    assert caught.value.results == [1, None, 1]


def test_who_stops_waiting_stops_the_retries():
    asked = threading.Event()

    def busy(handler):
        asked.set()
        error(429, Retry_After="30")(handler)

    async def impatient(lm):
        call = asyncio.ensure_future(lm.agenerate_single(ask("a")))
        await asyncio.to_thread(asked.wait, 5)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    with FaultyEndpoint(default=busy) as server:
        lm = language_model(endpoint(server))
        asyncio.run(impatient(lm))
        lm._pool.shutdown(wait=True)  # would take 30 s if the thread went on waiting
    assert len(server.requests) == 1


def test_self_consistency_and_step_generation():
    class Flat(AbstractProcessRewardModel):
        def score(self, prompt_or_messages, steps):
            return [0.5] * len(steps)

        async def ascore(self, prompt_or_messages, steps):
            return self.score(prompt_or_messages, steps)

    lm = language_model(ScriptedModel(lambda messages, i: "7" if i else "8"))
    vote = SelfConsistency(lambda text: text, orchestrator=Orchestrator())
    assert asyncio.run(vote.ainfer(lm, "Q?", 5))["content"] == "7"
    steps = StepGeneration(max_steps=2, step_token="\n", stop_token="Final")
    beam = BeamSearch(steps, Flat(), beam_width=2)
    lm = language_model(
        ScriptedModel(lambda messages, i: "one" if messages[-1]["role"] == "user" else "Final: 7")
    )
    assert asyncio.run(beam.ainfer(lm, "Q?", 4))["content"] == "one\nFinal: 7"


def test_sync_infer_in_plain_code_and_in_a_notebook_cell():
    script = (
        "import asyncio, sys\n"
        "from its_hub import BestOfN\n"
        "from helpers.its import Orchestrator, gather, language_model\n"
        "from helpers.checks.scripted import ScriptedModel\n"
        "from tests.helpers.test_its import Longest, counting\n"
        "def infer():\n"
        "    lm = language_model(ScriptedModel(counting))\n"
        "    return BestOfN(Longest(), Orchestrator()).infer(lm, 'Q?', 3)\n"
        "async def cell():\n"
        "    try:\n"
        "        infer()\n"
        "    except RuntimeError:\n"
        "        print('a loop is running')\n"
        "    import nest_asyncio\n"
        "    nest_asyncio.apply()\n"
        "    print(infer()['content'])\n"
        "print(infer()['content'])\n"
        "asyncio.run(cell())\n"
        "print('torch' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=600
    )
    assert done.stdout.splitlines() == ["Q? answer xx", "a loop is running", "Q? answer xx", "False"], (
        done.stderr
    )


def test_importing_the_bridge_does_not_import_its_hub():
    script = "import sys, helpers.its, helpers.server.app; print({'its_hub', 'torch'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=600, check=True
    )
    assert done.stdout == "set()\n"
