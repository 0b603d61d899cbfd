"""Reading texts that begin alike: what many of them share is computed once.

A `Reader` is called with pairs of a head (a question) and a tail (an answer to it), and yields each of them
once, with a place from which on it was read and logits, float32 on the CPU: [tokens from there on, labels or
vocabulary], maybe with padding behind them; of a model that classifies sequences those at the end, [labels].
The last token of a head is always read with the tail, since what a language model says of a tail's first
token stands there. A pass holds no more tokens than allowed, padding and shared heads included. What the
model gives for a tail does not depend on its company, but for rounding.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from helpers.engine.forward import Forward
from helpers.engine.prefill import passes

Ids = tuple[int, ...]
Pair = tuple[Ids, Ids]  # token ids of head and tail
Read = tuple[Pair, int, Any]  # pair, start, logits
WORTH = 2  # tails of one head that are worth a pass for the head
SCORED_TOKENS = 8192  # tokens in one pass, where a text is scored


def by_head(pairs: Iterable[Pair]) -> list[tuple[int, list[Pair]]]:
    """Distinct pairs of one head, and how many of its tokens are worth a pass of their own, together. Those
    for which none is come first, all in one group.
    """
    tails = defaultdict(set)
    for head, tail in pairs:
        tails[head].add(tail)
    alone, groups = [], []
    for head, own in tails.items():
        group = [(head, tail) for tail in own]
        if len(group) >= WORTH and len(head) > 1:
            groups.append((len(head) - 1, group))
        else:
            alone += group
    return [(0, alone), *groups]


class Reader:
    """Reads with a model of transformers; without a padding token one pair in a pass."""

    def __init__(self, model):
        self._model, self._padding = model, model.config.get_text_config().pad_token_id

    def __call__(self, pairs: Iterable[Pair], tokens: int) -> Iterator[Read]:
        """At most so many tokens in a pass, long pairs first."""
        import torch

        for start, group in by_head(pairs):
            with torch.inference_mode():
                past = self._past(group[0][0][:start]) if start else None
            waiting = sorted(group, key=lambda pair: (-len(pair[0] + pair[1]), pair))
            while waiting:
                longest = len(waiting[0][0] + waiting[0][1])
                count = 1 if self._padding is None else max(1, tokens // longest)
                some, waiting = waiting[:count], waiting[count:]
                for pair, logits in zip(some, self._logits(some, start, past), strict=True):
                    yield pair, start, logits

    def _logits(self, pairs: Sequence[Pair], start: int, past):
        import torch

        rows = [(head + tail)[start:] for head, tail in pairs]
        width, device = max(map(len, rows)), self._model.device
        ids = [[*row, *[self._padding or 0] * (width - len(row))] for row in rows]
        mask = [[1] * (start + len(row)) + [0] * (width - len(row)) for row in rows]
        ids, mask = (torch.tensor(each, device=device) for each in (ids, mask))
        if past is not None:
            past = copy.deepcopy(past)
            past.batch_repeat_interleave(len(rows))
        with torch.inference_mode():
            made = self._model(
                input_ids=ids, attention_mask=mask, past_key_values=past, use_cache=past is not None
            )
        return made.logits.float().cpu()

    def _past(self, head: Ids):
        import torch
        from transformers import DynamicCache

        past = DynamicCache(config=self._model.config)
        ids = torch.tensor([head], device=self._model.device)
        self._model.base_model(ids, past_key_values=past, use_cache=True)
        return past


class ForwardReader:
    """The same by a `Forward`; `bias`: of its head; `at_ends`: of a model that classifies sequences."""

    def __init__(self, forward: Forward, bias=None, at_ends: bool = False):
        self._forward, self._bias, self._at_ends = forward, bias, at_ends

    def __call__(self, pairs: Iterable[Pair], tokens: int) -> Iterator[Read]:
        """See `Reader.__call__`. At most `tokens` tokens of heads are kept at a time."""
        (_, alone), *groups = by_head(pairs)
        yield from self._tails(dict.fromkeys(alone, 0), {}, tokens)
        heads = {(group[0][0], ()): group for _, group in groups}
        for some in passes(sorted(heads), tokens, lambda pair: len(pair[0])):
            _, past = self._read(some, dict.fromkeys(some, 0), {})
            known = {head: past[:, :, row] for row, (head, _) in enumerate(some)}
            starts = {pair: len(pair[0]) - 1 for head in some for pair in heads[head]}
            yield from self._tails(starts, known, tokens)

    def _tails(self, starts: dict[Pair, int], known: dict[Ids, Any], tokens: int) -> Iterator[Read]:
        def count(pair: Pair) -> int:
            return len(pair[0]) + len(pair[1]) - starts[pair]

        for some in passes(sorted(starts), tokens, count, starts.get):
            hidden, _ = self._read(some, starts, known)
            for pair, logits in zip(some, self._logits(some, starts, hidden), strict=True):
                yield pair, starts[pair], logits

    def _read(self, pairs: list[Pair], starts: dict[Pair, int], known: dict[Ids, Any]):
        """Hidden states from `starts` on, and the past with them."""
        import numpy as np

        start = np.array([starts[pair] for pair in pairs])
        rows = [(head + tail)[starts[head, tail] :] for head, tail in pairs]
        width = max(map(len, rows))
        past = self._forward.past(len(rows), int(start.max()) + width)
        for row, (head, _) in enumerate(pairs):
            if start[row]:
                past[:, :, row, :, : start[row]] = known[head][..., : start[row], :]
        ids = np.array([[*row, *[0] * (width - len(row))] for row in rows])
        return self._forward.read(ids, past, start), past

    def _logits(self, pairs: list[Pair], starts: dict[Pair, int], hidden):
        import numpy as np
        import torch

        if self._at_ends:
            ends = [len(head) + len(tail) - starts[head, tail] - 1 for head, tail in pairs]
            hidden = hidden[np.arange(len(pairs)), ends]
        scores = torch.from_numpy(self._forward.scores(hidden.reshape(-1, hidden.shape[-1])))
        if self._bias is not None:
            scores += self._bias
        return scores.view(*hidden.shape[:-1], -1)
