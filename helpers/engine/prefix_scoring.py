"""Forward passes over texts that begin alike: what many of them share is computed once.

Every pair of a head (a question) and a tail (an answer to it) is in exactly one pass, equal pairs once. A
pass holds no more tokens than allowed, padding and shared heads included. What the model gives for a tail
does not depend on its company, but for rounding.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Pair = tuple[tuple[int, ...], tuple[int, ...]]  # token ids of head and tail
WORTH = 2  # tails of one head that are worth a pass for the head
SCORED_TOKENS = 8192  # tokens in one pass, padding and shared heads included, where a text is scored


@dataclass(frozen=True)
class Pass:
    """One forward pass: the model called with `inputs` reads the last tokens of every pair, from place
    `start` of head and tail together, padded to the right.
    """

    pairs: list[Pair]
    start: int
    inputs: dict[str, Any]


def passes(model, pairs: Iterable[Pair], tokens: int, padding: int | None) -> Iterator[Pass]:
    """The passes that read these pairs, long ones first, at most `tokens` tokens each.

    Without a `padding` token each pass holds one pair. The last token of a head is always read with the tail,
    since what a language model says of a tail's first token stands there.
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
    for start, group in [(0, alone), *groups]:
        past = _past(model, group[0][0][:start]) if start else None
        waiting = sorted(group, key=lambda pair: (-len(pair[0] + pair[1]), pair))
        while waiting:
            longest = len(waiting[0][0] + waiting[0][1])
            count = 1 if padding is None else max(1, tokens // longest)
            some, waiting = waiting[:count], waiting[count:]
            yield Pass(some, start, _inputs(some, start, past, padding, model.device))


def _past(model, head: tuple[int, ...]):
    import torch
    from transformers import DynamicCache

    past = DynamicCache(config=model.config)
    with torch.inference_mode():
        model.base_model(torch.tensor([head], device=model.device), past_key_values=past, use_cache=True)
    return past


def _inputs(pairs: list[Pair], start: int, past, padding: int | None, device) -> dict[str, Any]:
    import torch

    rows = [(head + tail)[start:] for head, tail in pairs]
    width = max(map(len, rows))
    ids = [[*row, *[padding or 0] * (width - len(row))] for row in rows]
    mask = [[1] * (start + len(row)) + [0] * (width - len(row)) for row in rows]
    ids, mask = (torch.tensor(each, device=device) for each in (ids, mask))
    if past is not None:
        past = copy.deepcopy(past)
        past.batch_repeat_interleave(len(rows))
    return {
        "input_ids": ids,
        "attention_mask": mask,
        "past_key_values": past,
        "use_cache": past is not None,
    }
