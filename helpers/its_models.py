"""Our models as language models of its_hub: one behind an endpoint, one in this process.

Promises: calls may come from any event loop; each has its own seed, and a run can be repeated; every token is
counted. Made by `helpers.its.language_model`. Knows nothing of algorithms, lessons and judges.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from helpers.endpoint import EndpointModel, content_of, read_samples, spread
from helpers.models import LanguageModel, Sample

WINDOW = 0.005  # seconds in which calls to a model in this process come together as one batch


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
        """One answer, or one for each conversation of a list of lists. its_hub's step generation asks this
        way.
        """
        if not messages or not isinstance(messages[0], list):
            return await self.agenerate_single(messages, stop, temperature=temperature, **options)
        warmth = temperature if isinstance(temperature, list) else [temperature] * len(messages)
        calls = [
            self.agenerate_single(conversation, stop, temperature=t, **options)
            for conversation, t in zip(messages, warmth, strict=True)
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
        if call.messages[-1]["role"] == "assistant":
            options |= {"continue_final_message": True, "add_generation_prompt": False}
        answer = self.model.chat({"messages": call.messages, **options}, call.halt)
        message = answer["choices"][0]["message"]
        kept = {name: message[name] for name in ("tool_calls",) if message.get(name)}
        return {"role": "assistant", "content": content_of(message), **kept}, read_samples(answer, 1)[0]


class ModelLM(_ItsModel):
    """A model in this process: calls that come within a few milliseconds are drawn in one batch.

    It is not bound to a `response_format`, nor does it know tools: both need an endpoint.
    """

    def __init__(self, model: LanguageModel, temperature: float, max_tokens: int, seed: int | None):
        super().__init__(model, temperature, max_tokens, seed or 0)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="its")
        self._waiting: list[Call] = []

    def _begin(self, call: Call) -> None:
        with self._lock:
            self._waiting.append(call)
            if len(self._waiting) == 1:
                self._pool.submit(self._batch)

    def _batch(self) -> None:
        time.sleep(WINDOW)
        with self._lock:
            calls, self._waiting = self._waiting, []
        together: dict[tuple, list[list[Call]]] = {}
        for same in _grouped(
            calls, lambda c: (json.dumps(c.messages), c.temperature, c.max_tokens, c.stop)
        ).values():
            first = same[0]
            options = (len(same), first.number, first.temperature, first.max_tokens, first.stop)
            together.setdefault(options, []).append(same)
        for conversations in together.values():
            self._draw(conversations)

    def _draw(self, conversations: list[list[Call]]) -> None:
        """Answer equal numbers of calls for several conversations in one batch; a failing one alone fails."""
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
                for calls in conversations:
                    self._draw([calls])
                return
            for call in conversations[0]:
                _settle(call.answer, error)
            return
        for calls, samples in zip(conversations, drawn, strict=True):
            for call, sample in zip(calls, samples, strict=True):
                _settle(call.answer, ({"role": "assistant", "content": sample.text}, sample))


def _turn(message) -> dict:
    """A message of its_hub, or a dict, as a dict."""
    turn = message if isinstance(message, dict) else message.to_dict()
    return {**turn, "content": content_of(turn)}


def _grouped(calls: list[Call], key) -> dict[tuple, list[Call]]:
    groups: dict[tuple, list[Call]] = {}
    for call in calls:
        groups.setdefault(key(call), []).append(call)
    return groups


def _settle(future: Future, outcome) -> None:
    """Hand over the outcome, unless whoever asked has stopped waiting."""
    if not future.set_running_or_notify_cancel():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
