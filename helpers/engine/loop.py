"""The decode loop: many prompts x many samples in one batch, rows joining and leaving at any step.

The random number behind a token depends on (seed, prompt, sample, position) alone, so a row's text does not
depend on what else is in the batch. In float32 this holds to the letter: a token close enough to be turned by
the rounding of another batch shape is drawn again from the row alone. In half precision rounding is coarser
and such a token may turn.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from helpers.engine import prefill, token_sampler
from helpers.engine.batch import Batch, Completion, Request
from helpers.engine.decoder import Decoder

BATCH = 256  # rows from which on others join as a batch of their own, with prompts of their own length
SMALLEST_BUDGET = 768 * 2**20  # bytes


class Engine:
    """Draws samples for requests that may be added at any time.

    `chat_tokenizer` decodes tokens and knows which of them may end a stop string; `ends` are the token ids
    that end a text; `context` is the number of positions the model knows. New rows join when fewer than half
    of `width` are left. `budget` is the memory in bytes for keys, values and scores (None: `default_budget`).
    """

    def __init__(
        self,
        decoder: Decoder,
        chat_tokenizer,
        ends: Collection[int],
        context: int,
        width: int = 1024,
        budget: int | None = None,
    ):
        import numpy as np

        self.decoder, self.chat_tokenizer, self.context, self.width = decoder, chat_tokenizer, context, width
        self._ends = np.zeros(decoder.vocabulary, dtype=bool)
        self._ends[list(ends)] = True
        self._budget = default_budget(decoder.model) if budget is None else budget
        self._row_bytes = 16 * decoder.vocabulary  # scores, in float32, and what is made of them
        self._waiting: dict[tuple[int, ...], list[tuple[int, Request]]] = {}
        self._batches: list[Batch] = []
        self._added = 0

    def add(self, requests: Sequence[Request]) -> list[int]:
        """Queue requests; their tickets, in order, name them in what `step` returns."""
        longest = max((len(request.prompt) for request in requests), default=0)
        if longest >= self.context:
            raise ValueError(
                f"A prompt has {longest} tokens, but the model reads {self.context} in all: shorten it."
            )
        tickets = list(range(self._added, self._added + len(requests)))
        self._added += len(requests)
        # Neighbours of equal length share a batch without padding.
        for ticket, request in sorted(
            zip(tickets, requests, strict=True), key=lambda pair: -len(pair[1].prompt)
        ):
            self._waiting.setdefault(request.prompt, []).append((ticket, request))
        return tickets

    @property
    def idle(self) -> bool:
        """True when nothing is waiting or running."""
        return not self._waiting and not self._batches

    def run(self, requests: Sequence[Request], progress: bool = False) -> list[Completion]:
        """Draw all of `requests`; their completions in the same order."""
        from tqdm.auto import tqdm

        tickets, done, tokens = self.add(requests), {}, 0
        with tqdm(total=len(tickets), unit="sample", disable=not progress) as bar:
            while not self.idle:
                finished = self.step()
                done.update(finished)
                if finished:
                    tokens += sum(len(completion.tokens) for _, completion in finished)
                    bar.set_postfix(tokens=tokens, refresh=False)
                    bar.update(len(finished))
        return [done[ticket] for ticket in tickets]

    def step(self) -> list[tuple[int, Completion]]:
        """Let waiting rows join, add a token to every row; what this finished, with the tickets."""
        import torch

        with torch.inference_mode():
            self._admit()
            return self._advance() if self._batches else []

    def _advance(self) -> list[tuple[int, Completion]]:
        import numpy as np

        token, at, temperature, top_p, draws = map(
            np.concatenate, zip(*(batch.next() for batch in self._batches), strict=True)
        )
        logits = self._allow(self.decoder.step(token, at, [batch.cache for batch in self._batches]))
        token, log_prob, doubtful = token_sampler.draw(logits, temperature, top_p, draws)
        for row in np.flatnonzero(doubtful):
            one = slice(row, row + 1)
            again = token_sampler.draw(self._alone(int(row)), temperature[one], top_p[one], draws[one])
            token[row], log_prob[row] = again[0][0], again[1][0]
        finished = []
        for batch, span in list(self._spans()):
            finished += batch.record(token[span], log_prob[span], self._ends, self.chat_tokenizer)
        self._batches = [batch for batch in self._batches if len(batch.rows)]
        return finished

    def _spans(self):
        start = 0
        for batch in self._batches:
            end = start + len(batch.rows)
            yield batch, slice(start, end)
            start = end

    def _allow(self, logits):
        """The logits of every row's next token, where some tokens may be ruled out; here none is."""
        return logits

    def _alone(self, row: int):
        """Logits [1, vocabulary] after one row's tokens, computed without the other rows."""
        batch, span = next((batch, span) for batch, span in self._spans() if row < span.stop)
        at = row - span.start
        return self.decoder.alone(batch.request(at).prompt, batch.written(at).tolist())

    def _admit(self) -> None:
        """Start batches of waiting rows, by whole prompts if memory allows, once half the width is free."""
        running = sum(len(batch.rows) for batch in self._batches)
        if not self._waiting or running > self.width // 2:
            return
        memory = self._budget - sum(self._bytes(batch.requests) for batch in self._batches)
        joining: list[list[tuple[int, Request]]] = []
        for prompt, group in list(self._waiting.items()):
            if running and running + len(group) > self.width:
                break
            while len(group) > 1 and self._bytes([request for _, request in group]) > memory:
                group = group[: len(group) // 2]
            needed = self._bytes([request for _, request in group])
            if running and needed > memory:
                break
            running, memory = running + len(group), memory - needed
            if not joining or len(joining[-1]) >= BATCH:
                joining.append([])
            joining[-1] += group
            self._waiting[prompt] = self._waiting[prompt][len(group) :]
            if self._waiting[prompt]:
                break
            del self._waiting[prompt]
        for rows in joining:
            batch = Batch(rows, self.context, self.decoder.device)
            # every row reads the last token of its prompt in its first step
            prefill.read(self.decoder, [prompt[:-1] for prompt in batch.prompts], batch.cache)
            self._batches.append(batch)

    def _bytes(self, requests: Sequence[Request]) -> int:
        """The most that these rows can come to hold, each prompt once."""
        prompts = sum(len(prompt) for prompt in {request.prompt for request in requests})
        own = sum(
            min(request.decoding.max_tokens, self.context - len(request.prompt)) for request in requests
        )
        return (prompts + own) * self.decoder.token_bytes + len(requests) * self._row_bytes


def default_budget(model) -> int:
    """Half of what a CUDA device has free; elsewhere as much as the weights take, at least 768 MiB, but never
    more than half of what is free.
    """
    import torch

    from helpers.engine.hardware import free_memory

    if model.device.type == "cuda":
        return torch.cuda.mem_get_info(model.device)[0] // 2
    weights = sum(weight.numel() * weight.element_size() for weight in model.parameters())
    return min(max(SMALLEST_BUDGET, weights), free_memory() // 2)
