"""The decode loop: many prompts x many samples in one batch, rows joining and leaving at any step.

Promises: each distinct prompt is read once and its keys and values are kept once; finished rows leave at
once; memory stays below a budget, more work waits; every row has its own seed, temperature, top_p, stop
strings and length. The random number behind a token depends on (seed, prompt, sample, position) alone, so a
row's text does not depend on its company. In float32 this holds to the letter: a choice close enough to be
turned by the rounding of another batch shape is taken again on the row alone. In half precision rounding is
coarser and such a choice may turn.
Knows nothing of chat messages or of what the text means.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from helpers.engine import token_sampler as choice
from helpers.engine.batch import Cohort, Completion, Request

PREFILL_TOKENS = 8192  # prompt tokens, padding included, in one forward pass
COHORT = 256  # rows from which on others join as a cohort of their own, with prompts of their own length
SMALLEST_BUDGET = 768 * 2**20  # bytes


class Engine:
    """Draws samples for requests that may be added at any time.

    `chat` decodes tokens and knows which of them may end a stop string; `ends` are the token ids that end a
    text; `context` is the number of positions the model knows. New rows join when fewer than half of `width`
    are left. `budget` is the memory in bytes for keys, values and scores (None: `default_budget`).
    """

    def __init__(
        self, model, chat, ends: Collection[int], context: int, width: int = 1024, budget: int | None = None
    ):
        import numpy as np
        import torch

        from helpers.engine import attention

        self._token_bytes = attention.install(model)
        self.model, self.chat, self.context, self.width = model, chat, context, width
        config = model.config.get_text_config()
        self._ends = np.zeros(config.vocab_size, dtype=bool)
        self._ends[list(ends)] = True
        self._budget = default_budget(model) if budget is None else budget
        self._row_bytes = 16 * config.vocab_size  # scores, in float32, and what is made of them
        self._no_mask = torch.zeros(1, 1, 1, 1, device=model.device)  # makes transformers build none
        self._waiting: dict[tuple[int, ...], list[tuple[int, Request]]] = {}
        self._cohorts: list[Cohort] = []
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
        return not self._waiting and not self._cohorts

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
            return self._advance() if self._cohorts else []

    def _advance(self) -> list[tuple[int, Completion]]:
        import numpy as np

        token, at, temperature, top_p, draws = map(
            np.concatenate, zip(*(c.next() for c in self._cohorts), strict=True)
        )
        logits = self._forward(self.model, token[:, None], at[:, None], self._attend).logits[:, -1]
        token, log_prob, doubtful = choice.choose(logits, temperature, top_p, draws)
        for row in np.flatnonzero(doubtful):
            one = slice(row, row + 1)
            chosen = choice.choose(self._alone(int(row)), temperature[one], top_p[one], draws[one])
            token[row], log_prob[row] = chosen[0][0], chosen[1][0]
        finished = []
        for cohort, span in list(self._spans()):
            finished += cohort.record(token[span], log_prob[span], self._ends, self.chat)
        self._cohorts = [cohort for cohort in self._cohorts if len(cohort.rows)]
        return finished

    def _spans(self):
        start = 0
        for cohort in self._cohorts:
            end = start + len(cohort.rows)
            yield cohort, slice(start, end)
            start = end

    def _attend(self, layer, query, key, value, window, softcap):
        import torch

        parts = [
            cohort.memory.attend(layer, query[span], key[span], value[span], window, softcap)
            for cohort, span in self._spans()
        ]
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    def _forward(self, model, ids, positions, attend):
        import torch

        ids, positions = (torch.as_tensor(x, device=self.model.device) for x in (ids, positions))
        return model(
            input_ids=ids,
            position_ids=positions,
            attention_mask=self._no_mask,
            use_cache=False,
            attend=attend,
        )

    def _alone(self, row: int):
        """Logits [1, vocabulary] after one row's tokens, computed without any company."""
        import torch

        cohort, span = next((c, s) for c, s in self._spans() if row < s.stop)
        ids = torch.tensor([cohort.so_far(row - span.start)], device=self.model.device)
        return self.model(input_ids=ids, use_cache=False).logits[:, -1]

    def _admit(self) -> None:
        """Start cohorts of waiting rows, by whole prompts if memory allows, once half the width is free."""
        running = sum(len(cohort.rows) for cohort in self._cohorts)
        if not self._waiting or running > self.width // 2:
            return
        memory = self._budget - sum(self._bytes(cohort.requests) for cohort in self._cohorts)
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
            if not joining or len(joining[-1]) >= COHORT:
                joining.append([])
            joining[-1] += group
            self._waiting[prompt] = self._waiting[prompt][len(group) :]
            if self._waiting[prompt]:
                break
            del self._waiting[prompt]
        for rows in joining:
            cohort = Cohort(rows, self.context, self.model.device)
            self._prefill(cohort)
            self._cohorts.append(cohort)

    def _bytes(self, requests: Sequence[Request]) -> int:
        """The most that these rows can come to hold, each prompt once."""
        prompts = sum(len(prompt) for prompt in {request.prompt for request in requests})
        own = sum(min(request.max_tokens, self.context - len(request.prompt)) for request in requests)
        return (prompts + own) * self._token_bytes + len(requests) * self._row_bytes

    def _prefill(self, cohort: Cohort) -> None:
        """Read all prompts but for their last token, which every row reads in its first step."""
        import numpy as np

        first, prompts = 0, cohort.prompts
        while first < len(prompts):
            length = len(prompts[first]) - 1  # the longest come first
            some = prompts[first : first + max(1, PREFILL_TOKENS // max(1, length))]
            if length:
                ids = np.array([[*prompt[:-1], *[0] * (length + 1 - len(prompt))] for prompt in some])
                at = np.broadcast_to(np.arange(length), ids.shape).copy()
                self._forward(self.model.base_model, ids, at, cohort.memory.prefiller(first))
            first += len(some)


def default_budget(model) -> int:
    """Half of what a CUDA device has free; elsewhere as much as the weights take, at least 768 MiB, but never more
    than half of what is free.
    """
    import torch

    from helpers.engine.hardware import free_memory

    if model.device.type == "cuda":
        return torch.cuda.mem_get_info(model.device)[0] // 2
    weights = sum(weight.numel() * weight.element_size() for weight in model.parameters())
    return min(max(SMALLEST_BUDGET, weights), free_memory() // 2)
