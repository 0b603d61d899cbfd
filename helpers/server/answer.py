"""How the embedded endpoint answers one request: its samples in the worker, and what becomes of them.

Whatever ends the answer early - the client, a fault, a stop - its samples are given up.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator

from helpers.models import Decoding
from helpers.server import protocol
from helpers.server.engine import GuidedRequest
from helpers.server.protocol import ChatRequest, Refusal
from helpers.server.worker import Busy, Job, Stopping, Worker


class Answer:
    """The answer to one request: its samples are queued when it is made. Raises Refusal."""

    def __init__(self, worker: Worker, asked: ChatRequest):
        self.worker, self.asked = worker, asked
        self.model = worker.models[asked.model]
        self.prompt = self._prompt()
        try:
            self.job: Job = worker.submit(asked.model, self._requests())
        except Busy:
            raise protocol.too_many() from None
        except Stopping:
            raise protocol.not_available("The server is stopping.") from None

    async def whole(self, gone: asyncio.Future) -> dict:
        """The chat completion. When `gone` is done first, its samples are given up."""
        samples = [asyncio.wrap_future(future) for future in self.job.futures]
        all_drawn = asyncio.ensure_future(asyncio.wait(samples))
        try:
            await asyncio.wait({all_drawn, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not all_drawn.done():
                raise protocol.not_available("The client has gone away.")
        finally:
            all_drawn.cancel()
            self._give_up_rest()
        completions = [_completion(sample) for sample in samples]
        choices = [self._choice(i, completion) for i, completion in enumerate(completions)]
        used = protocol.usage(len(self.prompt), completions)
        return {**protocol.envelope(self.asked), "choices": choices, "usage": used}

    async def stream(self) -> AsyncIterator[bytes]:
        """Server-sent events: each choice in one piece, as soon as it is finished."""
        head = protocol.envelope(self.asked, streamed=True)
        with_usage = bool(self.asked.stream_options and self.asked.stream_options.include_usage)
        completions = []

        async def numbered(i: int, sample: asyncio.Future):
            await asyncio.wait([sample])
            return i, _completion(sample)

        try:
            drawn = [numbered(i, asyncio.wrap_future(future)) for i, future in enumerate(self.job.futures)]
            for next_one in asyncio.as_completed(drawn):
                i, completion = await next_one
                completions.append(completion)
                for delta in protocol.deltas(self._choice(i, completion)):
                    yield protocol.chunk(head, [delta], with_usage=with_usage)
            if with_usage:
                yield protocol.chunk(head, [], protocol.usage(len(self.prompt), completions), with_usage=True)
            yield b"data: [DONE]\n\n"
        except Refusal as refusal:  # the status, 200, has been sent
            yield protocol.event(refusal.body)
        finally:
            self._give_up_rest()

    def _give_up_rest(self) -> None:
        if not all(future.done() for future in self.job.futures):
            self.worker.give_up(self.job)

    def _prompt(self) -> tuple[int, ...]:
        try:
            prompt = self.model.chat_tokenizer.encode([turn.plain() for turn in self.asked.messages])
        except Exception as error:  # a chat template may refuse an order of roles in any way it likes
            said = " ".join(str(error).split())[:200]
            raise Refusal(
                400, f"Invalid value for 'messages': {said}", param="messages", code="invalid_value"
            ) from None
        context = self.worker.context(self.asked.model)
        if len(prompt) >= context:
            raise protocol.too_long(context, len(prompt))
        return prompt

    def _requests(self) -> list:
        asked, schema = self.asked, self.asked.schema_wanted
        seed = secrets.randbits(31) if asked.seed is None else asked.seed
        temperature = 1.0 if asked.temperature is None else asked.temperature
        top_p = 1.0 if asked.top_p is None else asked.top_p
        continues = asked.messages[-1].role == "assistant"
        grammars = self.worker.grammars[asked.model]
        try:
            matchers = [grammars.matcher(schema) if schema else None for _ in range(asked.choices)]
        except ValueError as error:
            raise Refusal(400, str(error), param="response_format", code="invalid_value") from None
        decoding = Decoding(temperature, top_p, asked.limit, asked.stops, seed)
        return [
            GuidedRequest(self.prompt, i, decoding, continues, matcher) for i, matcher in enumerate(matchers)
        ]

    def _choice(self, index: int, completion) -> dict:
        text, tokenizer = completion.text, self.model.chat_tokenizer
        if self.asked.include_stop_str_in_output:
            text = protocol.with_stop(text, tokenizer.decode(completion.tokens), self.asked.stops)
        logs = None
        if self.asked.logprobs:
            logs = protocol.token_logprobs(completion, self.worker.pieces[self.asked.model])
        return protocol.choice(index, text, completion, logs)


def _completion(sample: asyncio.Future):
    """What was drawn. Raises Refusal."""
    if sample.cancelled():
        raise protocol.not_available("The server is stopping.")
    if sample.exception() is not None:
        raise protocol.internal() from sample.exception()
    return sample.result()
