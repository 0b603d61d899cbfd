"""LLM judges for its_hub's `BestOfN`: one scores a candidate at a time, one compares all candidates at once.

A judge says when it could not decide and never invents a score: a reply that cannot be read is asked for
again. Candidates that are compared are shown in an order drawn anew for each question. Reasoning comes before
the verdict, so that the verdict can rest on it. The embedded judge is trained on the prompts below
(`training/judge/data.py`); a large model understands them as well. What a judge spent is in the `usage` of
its language model.

    lm = language_model(EndpointModel(JUDGE_MODEL, ENDPOINT_BASE, API_KEY), temperature=0)
    algorithm = BestOfN(PointwiseJudge(lm, "correctness"), Orchestrator())

Point-wise and group-wise judging: Zheng et al. 2023, https://arxiv.org/abs/2306.05685. As in `helpers.its`,
the classes are registered with its_hub's base class when first used.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from helpers.answers import without_thinking
from helpers.models import LanguageModel
from helpers.problems import Problem

UNDECIDED = -1.0  # the score of a candidate that no reply judged: below any score that a judge gives
RETRY_TEMPERATURE = 0.7  # the temperature at which an unreadable reply is asked for again
LARGEST_GROUP = 5  # candidates shown at once; of more, the winners of groups meet
CRITERIA = {
    "correctness": "It must follow from the context.",
    "overall_quality": "It must be right, complete and clear.",
}
POINTWISE = """Is the answer right? {criterion} Score it from 0 (wrong) to 10 (right).

{conversation}

JSON with reasoning and score:"""
GROUPWISE = """Which answer is right? {criterion} Give its number, or 0 if none is.

{conversation}

JSON with reasoning and best:"""

# What an answer is beside the expected one.
CLASSES = {
    "pass": "it says what the expected answer says, in whatever words",
    "incomplete": "all of it is true, but a part of the expected answer is missing",
    "wrong": "it contradicts the expected answer",
    "not in context": "it rests on something that the context does not say, "
    "or says that the context does not tell",
}
REFERENCE = """Does the answer say what the expected answer says?

Context:
{context}

Question: {question}
Expected answer: {expected}
Answer: {answer}

One of these holds:
{classes}

Write two lines:
Reason: <one sentence>
Verdict: <{names}>"""
VERDICT = re.compile(rf"verdict\W{{1,6}}({'|'.join(CLASSES)})\W*$", re.IGNORECASE | re.MULTILINE)


def _form(name: str, field: str, kind: str) -> dict:
    """A response format of the OpenAI protocol."""
    properties = {"reasoning": {"type": "string"}, field: {"type": kind}}
    schema = {"type": "object", "properties": properties, "required": ["reasoning", field],
              "additionalProperties": False}  # fmt: skip
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}


SCORE_FORM = _form("judge_score", "score", "number")
BEST_FORM = _form("judge_best", "best", "integer")


def criterion_text(criterion: str) -> str:
    """The wording of a criterion of `CRITERIA`; any other text is taken as it is."""
    return CRITERIA.get(criterion, criterion)


def pointwise_prompt(criterion: str) -> str:
    """The prompt of a point-wise judge as its_hub's `LLMJudge` wants it: {conversation} is to be filled in,
    and every other brace is doubled.
    """
    return POINTWISE.replace("{criterion}", criterion_text(criterion).replace("{", "{{").replace("}", "}}"))


def groupwise_prompt(criterion: str, question: str, candidates: Sequence[str]) -> str:
    """The prompt of a comparison. `question`: the conversation so far, as text."""
    shown = "\n\n".join(f"Answer {i}:\n{text.strip()}" for i, text in enumerate(candidates, 1))
    return GROUPWISE.format(criterion=criterion_text(criterion), conversation=f"{question}\n\n{shown}")


def as_text(messages: Sequence) -> str:
    """Messages (dicts, or its_hub's) as its_hub's `LLMJudge` shows a conversation: `role: content`.

    Instructions to the model that answered (the system turn) are left out: a judge has its own.
    """
    turns = [m if isinstance(m, dict) else m.to_dict() for m in messages]
    turns = [turn for turn in turns if turn["role"] != "system"]
    return "\n".join(f"{turn['role']}: {turn.get('content') or ''}" for turn in turns)


@dataclass(frozen=True)
class Verdict:
    """What a judge said. `value`: the score, or the number of the best candidate; None where it could not be
    read.
    """

    value: float | None
    reasoning: str
    reply: str


def read_verdict(reply: str, field: str, low: float, high: float) -> Verdict:
    """The number `field` of the last JSON object in `reply` that gives one in low … high.

    Objects with a reasoning, as the response format asks, come before bare ones: a judge may quote an example
    before its verdict, or after it. What stands in <think> … </think> is a draft.
    """
    found = [(_number(each.get(field), low, high), each) for each in _objects(without_thinking(reply))]
    found = [(value, str(each.get("reasoning") or "")) for value, each in found if value is not None]
    complete = [pair for pair in found if pair[1]] or found
    value, reasoning = complete[-1] if complete else (None, "")
    return Verdict(value, reasoning, reply)


def _number(value: object, low: float, high: float) -> float | None:
    """`value`, a number or a text that is one, if it lies in low … high."""
    if isinstance(value, str):
        value = float(value) if re.fullmatch(r"\s*\d{1,9}(\.\d{1,9})?\s*", value) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        return None
    return value


class _Judge:
    """What both judges share: asking until a reply can be read, and the account of what could not be decided.

    `verdicts`: every reply that was read, in the order in which they came. `undecided`: one sentence for
    each candidate, or comparison, without a verdict.
    """

    def __init__(self, lm, criterion: str, tries: int):
        from its_hub import AbstractOutcomeRewardModel

        AbstractOutcomeRewardModel.register(type(self))
        self.lm, self.criterion, self.tries = lm, criterion, tries
        self.verdicts: list[Verdict] = []
        self.undecided: list[str] = []

    def score(self, messages, **_):
        """Judges ask over a network: `await judge.ascore(...)`."""
        raise NotImplementedError("A judge is asked with `await judge.ascore(...)`, as BestOfN.ainfer does.")

    async def _ask(self, ask: Callable, read: Callable[[str], Verdict]) -> Verdict:
        """The first reply that can be read, or the last one. `ask(temperature)` gives a message."""
        for attempt in range(self.tries):
            message = await ask(None if attempt == 0 else RETRY_TEMPERATURE)
            verdict = read(message.get("content") or "")
            if verdict.value is not None:
                self.verdicts.append(verdict)
                break
        return verdict


class PointwiseJudge(_Judge):
    """its_hub's `LLMJudge`, which scores each candidate alone from 0 to 10, made to say when it cannot.

    `lm`: a language model of its_hub. `criterion`: a name in `CRITERIA`, or a text.
    A candidate whose judge gave no readable reply in `tries` tries scores UNDECIDED, where LLMJudge would
    give 5.0 without a word.
    """

    def __init__(self, lm, criterion: str = "correctness", *, tries: int = 3):
        from its_hub import LLMJudge

        super().__init__(lm, criterion, tries)
        self._inner = LLMJudge(self, pointwise_prompt(criterion), UNDECIDED, SCORE_FORM)

    async def ascore(self, messages, orchestrator=None, **options) -> list[float] | float:
        """The score of each conversation (or of the only one), in order.

        The judge does not see system turns.
        """
        from helpers.its import Orchestrator

        batch = bool(messages) and isinstance(messages[0], list)
        shown = [
            [turn for turn in talk if turn.role != "system"] for talk in (messages if batch else [messages])
        ]
        scores = await self._inner.ascore(shown, orchestrator or Orchestrator(), **options)
        return scores if batch else scores[0]

    async def agenerate_single(self, messages, stop=None, *, temperature=None, **options) -> dict:
        """What LLMJudge gets to see: a readable reply, or one that says UNDECIDED."""

        async def ask(retry: float | None) -> dict:
            retry = temperature if retry is None else retry
            return await self.lm.agenerate_single(messages, stop, temperature=retry, **options)

        try:
            verdict = await self._ask(ask, lambda reply: read_verdict(reply, "score", 0, 10))
        except Exception as error:
            self.undecided.append(str(error))
            raise
        if verdict.value is None:
            self.undecided.append(
                f"no readable score in {self.tries} replies, the last: {verdict.reply[:80]!r}"
            )
        value = UNDECIDED if verdict.value is None else verdict.value
        return {"role": "assistant", "content": json.dumps({"score": value})}


class GroupwiseJudge(_Judge):
    """Sees all candidates at once and names the best: that one scores 1, the others 0.

    All score 0 where the judge finds none right, or gives no readable reply; `undecided` says which. The
    order in which the candidates are shown depends on `seed` and on them alone, so a run can be repeated.
    """

    def __init__(self, lm, criterion: str = "correctness", *, tries: int = 3, seed: int = 0):
        super().__init__(lm, criterion, tries)
        self.seed = seed

    async def ascore(self, messages, orchestrator=None, **options) -> list[float] | float:
        """Scores for candidates of one question: conversations that differ in their last message only."""
        if not messages or not isinstance(messages[0], list):
            raise ValueError("A group-wise judge compares candidates: pass a list of conversations.")
        texts = [as_text(conversation[-1:]).partition(": ")[2] for conversation in messages]
        best = await self._tournament(messages[0][:-1], texts, list(range(len(texts))), orchestrator, options)
        return [float(i == best) for i in range(len(texts))]

    async def compare(
        self, question: Sequence, texts: Sequence[str], order: Sequence[int], orchestrator=None, **options
    ) -> int | None:
        """The index in `texts` of the best, with the candidates shown in `order`; None: undecided."""
        prompt = groupwise_prompt(self.criterion, as_text(question), [texts[i] for i in order])
        turns = [{"role": "user", "content": prompt}]

        async def ask(retry: float | None) -> dict:
            warm = options if retry is None else {**options, "temperature": retry}
            if orchestrator is None:
                return await self.lm.agenerate_single(turns, response_format=BEST_FORM, **warm)
            [message] = await orchestrator.agenerate(self.lm, [turns], response_format=BEST_FORM, **warm)
            return message

        verdict = await self._ask(ask, lambda reply: read_verdict(reply, "best", 0, len(order)))
        if verdict.value:
            return order[int(verdict.value) - 1]
        said = (
            "found none of them right"
            if verdict.value == 0
            else f"gave no readable reply: {verdict.reply[:80]!r}"
        )
        self.undecided.append(f"of {len(order)} candidates the judge {said}")
        return None

    async def _tournament(self, question, texts, left: list[int], orchestrator, options) -> int | None:
        order = random.Random(f"{self.seed} {as_text(question)} {left} {texts}").sample(left, len(left))
        if len(order) <= LARGEST_GROUP:
            return await self.compare(question, texts, order, orchestrator, **options)
        winners = []
        for start in range(0, len(order), LARGEST_GROUP):
            group = order[start : start + LARGEST_GROUP]
            best = (
                await self.compare(question, texts, group, orchestrator, **options) if group[1:] else group[0]
            )
            winners += [] if best is None else [best]
        if len(winners) <= 1:
            return winners[0] if winners else None
        return await self._tournament(question, texts, sorted(winners), orchestrator, options)


def reference_prompt(problem: Problem, answer: str) -> str:
    """The prompt of a judge that knows the expected answer: for measuring, never for choosing.

    Reference-guided grading: Zheng et al. 2023, https://arxiv.org/abs/2306.05685, section 3.1.
    """
    classes = "\n".join(f"- {name}: {meaning}" for name, meaning in CLASSES.items())
    return REFERENCE.format(
        context=problem.context,
        question=problem.question,
        expected=problem.answer,
        answer=answer.strip(),
        classes=classes,
        names=" | ".join(CLASSES),
    )


def read_class(reply: str) -> str | None:
    """The class on the last line `Verdict: ...` of a reply; None: unreadable."""
    found = VERDICT.findall(without_thinking(reply))
    return found[-1].lower() if found else None


def classify(
    model: LanguageModel,
    problems: Sequence[Problem],
    answers: Sequence[str],
    *,
    tries: int = 3,
    max_tokens=120,
) -> list[str | None]:
    """The class in `CLASSES` of each answer to the problem beside it, as `model` judges it.

    What cannot be read is asked for again, with a seed of its own; None after `tries` tries.
    """
    prompts = [
        [{"role": "user", "content": reference_prompt(*pair)}] for pair in zip(problems, answers, strict=True)
    ]
    found: list[str | None] = [None] * len(prompts)
    for attempt in range(tries):
        left = [i for i, name in enumerate(found) if name is None]
        if not left:
            break
        temperature = RETRY_TEMPERATURE if attempt else 0.0
        drawn = model.sample(
            [prompts[i] for i in left], temperature=temperature, max_tokens=max_tokens, seed=attempt
        )
        for i, [sample] in zip(left, drawn, strict=True):
            found[i] = read_class(sample.text)
    return found


def _objects(reply: str) -> list[dict]:
    """The JSON objects in a reply, in order; one inside another comes before it."""
    decoder, found, place = json.JSONDecoder(), [], 0
    while (place := reply.find("{", place)) >= 0:
        try:
            value, place = decoder.raw_decode(reply, place)
            found += [inner for inner in value.values() if isinstance(inner, dict)] + [value]
        except (ValueError, RecursionError):
            place += 1
    return found
