"""The bridge to its_hub: our models as its language models, and an orchestrator that cannot deadlock.

Calls may come from any event loop, also a notebook's; each has its own seed, and a run can be repeated. One
candidate that fails for good does not take the others with it. Every token is counted, a judge's as well.

    generator = language_model(EndpointModel(MODEL, ENDPOINT_BASE, API_KEY), temperature=0.7)
    algorithm = BestOfN(judge, orchestrator=Orchestrator())
    results = await gather(algorithm.ainfer(generator, chat(prompt), budget=5) for prompt in prompts)

its_hub asks its parts for methods, not for a base class; the classes here are registered with its base
classes when first used, so that importing this module does not import its_hub.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Awaitable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from helpers.endpoint import EndpointModel, content_of, read_samples, spread
from helpers.models import LanguageModel, Message, Sample
from helpers.search.side_by_side import SideBySide, settle


def language_model(
    model: LanguageModel, *, temperature: float = 1.0, max_tokens: int = 256, seed: int | None = 0
) -> EndpointLM | ModelLM:
    """`model` as a language model of its_hub.

    `temperature` and `max_tokens` hold where a call names none. The k-th call with the same conversation
    gets the k-th seed of `seed`, so candidates differ and a run can be repeated; None leaves the choice to
    an endpoint.
    """
    from its_hub import AbstractLanguageModel

    kind = EndpointLM if isinstance(model, EndpointModel) else ModelLM
    AbstractLanguageModel.register(kind)
    return kind(model, temperature, max_tokens, seed)


def chat(messages: Sequence[Message]) -> list:
    """Messages as its_hub's ChatMessages."""
    from its_hub.api import ChatMessage

    return [ChatMessage(role=message["role"], content=message["content"]) for message in messages]


class Orchestrator:
    """Runs the calls of its_hub's algorithms side by side, `max_concurrency` at once in each event loop.

    its_hub's own LMOrchestrator waits in the threads that look up host names, and so can wait for itself
    for ever; this one waits in the event loop. `timeout`: seconds for one call, None for as long as the model
    itself waits, which for an endpoint is until it is silent. `failures`: one sentence for each call that
    failed for good.
    """

    def __init__(self, max_concurrency: int = 32, timeout: float | None = None):
        from its_hub import AbstractOrchestrator

        AbstractOrchestrator.register(Orchestrator)
        self.max_concurrency, self.timeout = max_concurrency, timeout
        self.failures: list[str] = []
        self._semaphores: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}

    async def agenerate(self, lm, messages_lst, stop=None, *, temperature=None, **options) -> list[dict]:
        """An answer for each conversation, in order.

        A call that fails is written into `failures`. Where all conversations are equal - candidates for one
        prompt - its answer is left out; where they differ - a judge's - an empty one holds its place. When
        all fail, the first error is raised.
        """
        temperatures = temperature if isinstance(temperature, list) else [temperature] * len(messages_lst)
        calls = [
            self._call(lm, messages, stop=stop, temperature=t, **options)
            for messages, t in zip(messages_lst, temperatures, strict=True)
        ]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        lost = [answer for answer in answers if isinstance(answer, BaseException)]
        self.failures += [str(error) for error in lost]
        if lost and len(lost) == len(answers):
            raise lost[0]
        candidates = all(messages == messages_lst[0] for messages in messages_lst)
        empty = [] if candidates else [{"role": "assistant", "content": ""}]
        return [kept for a in answers for kept in (empty if isinstance(a, BaseException) else [a])]

    def generate(self, lm, messages_lst, stop=None, **options) -> list[dict]:
        """`agenerate` for plain code."""
        return asyncio.run(self.agenerate(lm, messages_lst, stop=stop, **options))

    async def _call(self, lm, messages, **options) -> dict:
        async with self._semaphore():
            try:
                return await asyncio.wait_for(lm.agenerate_single(messages, **options), self.timeout)
            except TimeoutError:
                if self.timeout is None:
                    raise
                name = getattr(lm, "model_name", "The model")
                raise TimeoutError(
                    f"{name} gave no answer within {self.timeout:g} s: try again later, or ask for fewer "
                    "tokens."
                ) from None

    def _semaphore(self) -> asyncio.Semaphore:
        """That of the running loop; those of closed loops, which `asyncio.run` leaves behind, are dropped."""
        loop = asyncio.get_running_loop()
        if loop not in self._semaphores:
            open_ones = {known: sem for known, sem in self._semaphores.items() if not known.is_closed()}
            self._semaphores = {**open_ones, loop: asyncio.Semaphore(self.max_concurrency)}
        return self._semaphores[loop]


class GatherError(RuntimeError):
    """Some questions failed. `results` holds the others, None for a failed one; `errors` by position."""

    def __init__(self, results: list, errors: dict[int, BaseException]):
        first = str(errors[min(errors)])
        super().__init__(
            f"{len(errors)} of {len(results)} questions failed; the other results are kept, see `results`. "
            f"The first failed with: {first}"
        )
        self.results, self.errors = results, errors


async def gather(
    questions: Iterable[Awaitable], *, progress: bool = True, timeout: float | None = None
) -> list:
    """The results of all awaitables, in order, with a progress bar.

    `timeout`: seconds for one question. Raises GatherError, which holds the finished results, when one
    failed and all others are done.
    """
    from tqdm.auto import tqdm

    questions = list(questions)
    with tqdm(total=len(questions), unit="question", disable=not progress) as bar:

        async def one(question):
            try:
                return await asyncio.wait_for(question, timeout)
            except TimeoutError as error:
                if str(error) or timeout is None:
                    raise
                raise TimeoutError(f"no result within {timeout:g} s.") from None
            finally:
                bar.update()

        results = await asyncio.gather(*map(one, questions), return_exceptions=True)
    errors = {i: result for i, result in enumerate(results) if isinstance(result, BaseException)}
    if errors:
        raise GatherError([None if i in errors else result for i, result in enumerate(results)], errors)
    return results


@dataclass
class Call:
    """One call of its_hub, and the future of its answer."""

    messages: list[dict]
    number: int  # how many calls with this conversation came before
    stop: tuple[str, ...]
    temperature: float
    max_tokens: int
    more: dict = field(default_factory=dict)  # response_format, tools and the like, where given
    answer: Future = field(default_factory=Future)
    halt: threading.Event = field(default_factory=threading.Event)


class _ItsModel:
    """What both kinds share: the interface of its_hub's AbstractLanguageModel, and the account.

    `usage` counts all calls so far: prompt_tokens, completion_tokens, num_calls, total_tokens.
    """

    def __init__(self, model, temperature: float, max_tokens: int, seed: int | None):
        from its_hub.api import GenerationUsage

        self.model, self.name, self.model_name = model, model.name, model.name
        self.temperature, self.max_tokens, self.seed = temperature, max_tokens, seed
        self.usage = GenerationUsage()
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    async def agenerate_single(
        self,
        messages,
        stop: str | list[str] | None = None,
        *,
        temperature: float | None = None,
        max_completion_tokens: int | None = None,
        max_tokens: int | None = None,
        usage_accumulator=None,
        loop=None,
        **more,
    ) -> dict:
        """One answer, {"role": "assistant", "content": ...}. `messages`: its_hub's, or dicts."""
        turns = [_turn(message) for message in messages]
        key = json.dumps(turns, sort_keys=True)
        with self._lock:
            number = self._asked[key]
            self._asked[key] += 1
        call = Call(
            turns,
            number,
            (stop,) if isinstance(stop, str) else tuple(stop or ()),
            self.temperature if temperature is None else temperature,
            max_completion_tokens or max_tokens or self.max_tokens,
            {name: value for name, value in more.items() if value is not None},
        )
        self._begin(call)
        try:
            message, sample = await asyncio.wrap_future(call.answer)
        except asyncio.CancelledError:
            call.halt.set()
            raise
        with self._lock:
            for account in (self.usage, usage_accumulator):
                if account is not None:
                    account.add(sample.prompt_tokens, sample.tokens)
        return message

    async def agenerate(self, messages, stop=None, *, temperature=None, **options) -> dict | list[dict]:
        """One answer, or one for each conversation of a list of lists, as its_hub's step generation asks."""
        if not messages or not isinstance(messages[0], list):
            return await self.agenerate_single(messages, stop, temperature=temperature, **options)
        temperatures = temperature if isinstance(temperature, list) else [temperature] * len(messages)
        calls = [
            self.agenerate_single(conversation, stop, temperature=t, **options)
            for conversation, t in zip(messages, temperatures, strict=True)
        ]
        return list(await asyncio.gather(*calls))

    def _begin(self, call: Call) -> None:
        """Have `call.answer` set to (message, Sample) some time."""
        raise NotImplementedError


class EndpointLM(_ItsModel):
    """A model behind an endpoint: calls run in threads of their own, as many as the model allows at once."""

    def __init__(self, model: EndpointModel, temperature: float, max_tokens: int, seed: int | None):
        super().__init__(model, temperature, max_tokens, seed)
        self._pool = ThreadPoolExecutor(model.in_flight, thread_name_prefix="its")

    def _begin(self, call: Call) -> None:
        call.answer = self._pool.submit(self._ask, call)

    def _ask(self, call: Call) -> tuple[dict, Sample]:
        options = {"temperature": call.temperature, "max_tokens": call.max_tokens, **call.more}
        options |= {"stop": list(call.stop)} if call.stop else {}
        options |= {} if self.seed is None else {"seed": spread(self.seed, call.number)}
        answer = self.model.complete({"messages": call.messages, **options}, call.halt)
        message, [sample] = answer["choices"][0]["message"], read_samples(answer, 1, (), self.model.thinking)
        kept = {name: message[name] for name in ("tool_calls",) if message.get(name)}
        return {"role": "assistant", "content": sample.text, **kept}, sample


class ModelLM(_ItsModel):
    """A model in this process: calls that are made side by side are drawn in one batch.

    It is not bound to a `response_format`, nor does it know tools: both need an endpoint.
    """

    def __init__(self, model: LanguageModel, temperature: float, max_tokens: int, seed: int | None):
        super().__init__(model, temperature, max_tokens, seed or 0)
        self._together = SideBySide(self._batch)

    def _begin(self, call: Call) -> None:
        self._together.add(call)

    def _batch(self, calls: list[Call]) -> None:
        together: dict[tuple, list[list[Call]]] = {}
        for same in _grouped(
            calls, lambda c: (json.dumps(c.messages), c.temperature, c.max_tokens, c.stop)
        ).values():
            first = same[0]
            options = (len(same), first.number, first.temperature, first.max_tokens, first.stop)
            together.setdefault(options, []).append(same)
        answers = [pair for conversations in together.values() for pair in self._draw(conversations)]
        for call, outcome in answers:
            settle(call.answer, outcome)

    def _draw(self, conversations: list[list[Call]]) -> list[tuple[Call, object]]:
        """The outcomes of equal numbers of calls for several conversations, drawn in one batch; a failing
        conversation alone fails.
        """
        first = conversations[0][0]
        try:
            drawn = self.model.sample(
                [calls[0].messages for calls in conversations],
                len(conversations[0]),
                temperature=first.temperature,
                max_tokens=first.max_tokens,
                stop=first.stop,
                seed=spread(self.seed, first.number),
            )
        except Exception as error:
            if len(conversations) > 1:
                return [pair for calls in conversations for pair in self._draw([calls])]
            return [(call, error) for call in conversations[0]]
        return [
            (call, ({"role": "assistant", "content": sample.text}, sample))
            for calls, samples in zip(conversations, drawn, strict=True)
            for call, sample in zip(calls, samples, strict=True)
        ]


def _turn(message) -> dict:
    """A message of its_hub, or a dict, as a dict."""
    turn = message if isinstance(message, dict) else message.to_dict()
    return {**turn, "content": content_of(turn)}


def _grouped(calls: list[Call], key) -> dict[tuple, list[Call]]:
    groups: dict[tuple, list[Call]] = {}
    for call in calls:
        groups.setdefault(key(call), []).append(call)
    return groups
