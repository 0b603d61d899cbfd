"""its_hub against the embedded endpoint, with its own client and with ours."""

import asyncio

import pytest
from its_hub import BestOfN, LLMJudge, OpenAICompatibleLanguageModel

from helpers.endpoint import EndpointModel
from helpers.its import Orchestrator, gather, language_model
from helpers.server.app import serve
from tests.helpers.server.test_app import KEY, tiny

NEVER = -1.0  # a score that no judge gives
# A random model fills every limit: the longest verdict must be shorter than what the judge may write.
# its_hub's own schema leaves the length of the reasons open; the endpoint then allows 600 characters, and
# each may take 6 tokens.
VERDICT = {
    "type": "object",
    "properties": {"score": {"enum": [*range(11)]}, "reasoning": {"type": "string", "maxLength": 20}},
    "required": ["score", "reasoning"],
    "additionalProperties": False,
}
LONGEST = len('{"score": 10, "reasoning": ""}') + 20 * len(r"\u0000") + 1  # tokens; the tokenizer's are bytes


@pytest.fixture(scope="module")
def server():
    with serve([tiny("generator"), tiny("judge", 1)], api_key=KEY) as running:
        yield running


def ours(server, name, **options):
    return language_model(EndpointModel(name, server.url, KEY), **options)


def its_own(server, name, temperature=1.0, max_tokens=256):
    return OpenAICompatibleLanguageModel(
        server.url, KEY, name, temperature=temperature, max_completion_tokens=max_tokens
    )


@pytest.mark.parametrize("lm", [ours, its_own])
def test_best_of_n_with_a_judge_that_must_answer_in_json(server, lm):
    generator = lm(server, "generator", temperature=0.7, max_tokens=12)
    form = {"type": "json_schema", "json_schema": {"name": "verdict", "strict": True, "schema": VERDICT}}
    writer = lm(server, "judge", temperature=0.5, max_tokens=LONGEST)
    judge = LLMJudge(writer, fallback_score=NEVER, response_format=form)
    orchestrator = Orchestrator()
    algorithm = BestOfN(judge, orchestrator)

    async def cell():
        questions = [f"What is {i} + {i}?" for i in range(3)]
        return await gather([algorithm.ainfer(generator, q, 3, False) for q in questions], progress=False)

    results = asyncio.run(cell())
    assert all(len(result.responses) == len(result.scores) == 3 for result in results)
    assert all(NEVER not in result.scores for result in results) and not orchestrator.failures
    assert sum(result.usage.num_calls for result in results) == 9
    if lm is ours:
        assert generator.usage.num_calls == 9 and judge.lm.usage.completion_tokens > 0


def test_a_run_can_be_repeated(server):
    def texts():
        algorithm = BestOfN(LLMJudge(ours(server, "judge", temperature=0)), Orchestrator())
        result = asyncio.run(algorithm.ainfer(ours(server, "generator", max_tokens=12), "Hello?", 3, False))
        return [response["content"] for response in result.responses]

    first = texts()
    assert first == texts() and len(set(first)) == 3
