"""Sampling for models whose past is more than keys and values (Mamba layers, as in Granite 4): transformers'
own `generate`, with the token of every row drawn as everywhere else.

The samples are those of `helpers.engine.loop.Engine` up to rounding, at the speed of `generate`, one prompt
at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from helpers.engine.batch import Completion, Request
from helpers.engine.token_sampler import draw, row_key, uniform

ROWS = 64  # samples of one prompt in a batch


class GenerateEngine:
    """`run` alone of `helpers.engine.loop.Engine`, for any causal language model that can `generate`."""

    def __init__(self, model, chat_tokenizer, ends: Collection[int], context: int):
        self.model, self.chat_tokenizer, self.ends, self.context = model, chat_tokenizer, set(ends), context

    def run(self, requests: Sequence[Request], progress: bool = False) -> list[Completion]:
        """Draw all of `requests`; their completions in the same order."""
        from tqdm.auto import tqdm

        longest = max((len(request.prompt) for request in requests), default=0)
        if longest >= self.context:
            raise ValueError(
                f"A prompt has {longest} tokens, but the model reads {self.context} in all: shorten it."
            )
        groups: dict[tuple, list[int]] = {}
        for number, request in enumerate(requests):
            key = (request.prompt, request.decoding.max_tokens, request.decoding.stop, request.continues)
            groups.setdefault(key, []).append(number)
        done: dict[int, Completion] = {}
        with tqdm(total=len(requests), unit="sample", disable=not progress) as bar:
            for numbers in groups.values():
                for some in (numbers[i : i + ROWS] for i in range(0, len(numbers), ROWS)):
                    done |= zip(some, self._draw([requests[number] for number in some]), strict=True)
                    bar.update(len(some))
        return [done[number] for number in range(len(requests))]

    def _draw(self, rows: list[Request]) -> list[Completion]:
        """Rows of one prompt, length and stop strings."""
        import torch
        from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

        prompt, first = rows[0].prompt, rows[0]
        ids = torch.tensor([prompt] * len(rows), device=self.model.device)
        drawn = _OneToken(rows)
        # not the checkpoint's own, which may penalise and cut
        settings = GenerationConfig(
            do_sample=False,
            max_new_tokens=min(first.decoding.max_tokens, self.context - len(prompt)),
            eos_token_id=sorted(self.ends) or None,
            pad_token_id=min(self.ends, default=0),
        )

        def stopped(ids, scores, **_):
            texts = [self._text(row[len(prompt) :].tolist(), first) for row in ids]
            return torch.tensor(
                [any(end in text for end in first.decoding.stop) for text in texts], device=ids.device
            )

        written = self.model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            generation_config=settings,
            logits_processor=LogitsProcessorList([drawn]),
            stopping_criteria=StoppingCriteriaList([stopped] if first.decoding.stop else []),
        )[:, len(prompt) :].tolist()
        return [self._completion(row, drawn.logprobs(i), first) for i, row in enumerate(written)]

    def _completion(self, tokens: list[int], logs: list[float], request: Request) -> Completion:
        """What one row has written, up to its end token or stop string; `generate` fills up with padding."""
        for count in range(1, len(tokens) + 1):
            if tokens[count - 1] in self.ends:
                text = self._text(tokens[: count - 1], request)
                return Completion(text, tuple(tokens[:count]), tuple(logs[:count]), "stop")
            if request.decoding.stop:
                text = self._text(tokens[:count], request)
                if found := [at for at in map(text.find, request.decoding.stop) if at >= 0]:
                    return Completion(text[: min(found)], tuple(tokens[:count]), tuple(logs[:count]), "stop")
        return Completion(self._text(tokens, request), tuple(tokens), tuple(logs[: len(tokens)]), "length")

    def _text(self, tokens: list[int], request: Request) -> str:
        return self.chat_tokenizer.decode(tokens, before=request.prompt[-4:] if request.continues else ())


class _OneToken:
    """A logits processor that leaves one token possible: the one that `helpers.engine.token_sampler`
    draws.
    """

    def __init__(self, rows: list[Request]):
        import numpy as np

        self._keys = np.array([row_key(r.decoding.seed, r.prompt, r.index) for r in rows], dtype=np.uint64)
        self._temperature = np.array([r.decoding.temperature for r in rows], dtype=np.float32)
        self._top_p = np.array([r.decoding.top_p for r in rows], dtype=np.float32)
        self._logs: list = []

    def __call__(self, ids, scores):
        import torch

        draws = uniform(self._keys, len(self._logs))
        token, log_prob, _ = draw(scores, self._temperature, self._top_p, draws)
        self._logs.append(log_prob)
        only = torch.full_like(scores, float("-inf"))
        return only.scatter_(1, torch.from_numpy(token).to(scores.device)[:, None], 0.0)

    def logprobs(self, row: int) -> list[float]:
        """Log-probability of every token of one row."""
        return [float(step[row]) for step in self._logs]
