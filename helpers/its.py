"""The bridge to its_hub: our models as its language models, and an orchestrator that cannot deadlock.

Promises: calls are made side by side, from any event loop, also from a notebook's; one candidate that fails
for good does not take the others with it; every token is counted, a judge's as well. Knows nothing of
lessons and judges.

    generator = language_model(EndpointModel(MODEL, ENDPOINT_BASE, API_KEY), temperature=0.7)
    algorithm = BestOfN(judge, orchestrator=Orchestrator())
    results = await gather(algorithm.ainfer(generator, chat(prompt), budget=5) for prompt in prompts)

its_hub asks its parts for methods, not for a base class; the classes here are registered with its base
classes when first used, so that importing this module does not import its_hub.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence

from helpers.endpoint import EndpointModel
from helpers.its_models import EndpointLM, ModelLM
from helpers.models import LanguageModel, Message


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
    for ever; this one waits in the event loop. `timeout`: seconds for one call. `failures`: one sentence
    for each call that failed for good.
    """

    def __init__(self, max_concurrency: int = 32, timeout: float | None = 300.0):
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
        warmth = temperature if isinstance(temperature, list) else [temperature] * len(messages_lst)
        calls = [
            self._call(lm, messages, stop=stop, temperature=t, **options)
            for messages, t in zip(messages_lst, warmth, strict=True)
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
