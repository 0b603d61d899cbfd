"""its_hub's own searches with our model of steps and our scores."""

import asyncio

import pytest
from its_hub import AbstractProcessRewardModel
from its_hub.core.algorithms.beam_search import BeamSearch
from its_hub.core.algorithms.particle_gibbs import (
    EntropicParticleFiltering,
    ParticleFiltering,
    ParticleGibbs,
)
from its_hub.core.lms.step_generation import StepGeneration

from helpers.checks.scripted import ScriptedModel
from helpers.its import language_model
from helpers.search.for_its import Instructed, Metered, ProcessReward

STEPS = StepGeneration(max_steps=4, step_token="\n", stop_token="Final:", temperature=0.8)


class Lines:
    """Likes lines with a 7."""

    def score(self, talks):
        return [[0.9 if "7" in line else 0.1 for line in talk[-1]["content"].splitlines()] for talk in talks]


def reply(messages, i):
    said = messages[-1]["content"].splitlines() if messages[-1]["role"] == "assistant" else []
    return f"Final: {said[-1][-1]}" if said else f"12 - 5 = {[6, 7, 8][i % 3]}"


def test_it_is_a_process_reward_model():
    reward = ProcessReward(Lines())
    assert isinstance(reward, AbstractProcessRewardModel)
    assert reward.score("q", ["a\nb 7", "7\nb"]) == [0.9, 0.1] and reward.score("q", "7") == 0.9
    assert asyncio.run(reward.ascore("q", ["x"])) == [0.1] and reward.read == 4


def test_what_searches_ask_side_by_side_is_read_together():
    class Counting(Lines):
        calls = 0

        def score(self, talks):
            self.calls += 1
            return super().score(talks)

    async def three():
        asked = [reward.ascore("q", ["7", "x"]), reward.ascore("r", ["7\nx"]), reward.ascore("q", "7")]
        return await asyncio.gather(*asked)

    own = Counting()
    reward = ProcessReward(own)
    assert asyncio.run(three()) == [[0.9, 0.1], [0.1], 0.9] and own.calls == 1 and reward.read == 4


def test_an_error_reaches_whoever_asked():
    class Broken:
        def score(self, talks):
            raise ValueError("too long")

    with pytest.raises(ValueError, match="too long"):
        asyncio.run(ProcessReward(Broken()).ascore("q", ["x"]))


def test_searches_side_by_side_share_batches_and_have_their_own_account():
    model = ScriptedModel(reply)
    writer, judge = language_model(Instructed(model, "Reason."), temperature=0.8), ProcessReward(Lines())
    first, second = Metered(writer), Metered(writer)

    async def both():
        return await asyncio.gather(
            BeamSearch(STEPS, judge, beam_width=1).ainfer(first, "12 - 5?", 3),
            ParticleFiltering(STEPS, judge).ainfer(second, "12 - 5?", 9),
        )

    found = asyncio.run(both())
    assert [each["content"] for each in found] == ["12 - 5 = 7\nFinal: 7"] * 2
    assert model.calls[0]["n"] == 12
    assert first.usage.num_calls < second.usage.num_calls
    assert first.usage.num_calls + second.usage.num_calls == writer.usage.num_calls


@pytest.mark.parametrize(
    "make",
    [
        lambda reward: BeamSearch(STEPS, reward, beam_width=3),
        lambda reward: ParticleFiltering(STEPS, reward),
        lambda reward: EntropicParticleFiltering(STEPS, reward),
        lambda reward: ParticleGibbs(STEPS, reward, num_iterations=2),
    ],
    ids=["beam", "particles", "entropic", "gibbs"],
)
def test_the_searches_of_its_hub_choose_by_our_scores(make):
    model = ScriptedModel(reply)
    writer = language_model(Instructed(model, "Reason."), temperature=0.8)
    found = asyncio.run(make(ProcessReward(Lines())).ainfer(writer, "12 - 5?", 12))
    assert found["content"] == "12 - 5 = 7\nFinal: 7"
    sent = [messages for call in model.calls for messages in call["prompts"]]
    assert all(messages[0] == {"role": "system", "content": "Reason."} for messages in sent)
    assert all(messages[1] == {"role": "user", "content": "12 - 5?"} for messages in sent)
