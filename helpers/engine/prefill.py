"""Reading prompts: their keys and values go into the cache of a batch.

Where the decoder has a `PromptCache`, what prompts have in common, with each other or with earlier ones, is
read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from helpers.engine.kv_cache import KVCache
from helpers.engine.prompt_cache import BLOCK, PromptCache

READ_TOKENS = 8192  # in one forward pass, padding included
SMALL = 512  # tokens of a pass in which padding costs less than another pass

Tokens = tuple[int, ...]


def read(decoder, prompts: Sequence[Tokens], cache: KVCache) -> None:
    """Read the token ids `prompts`, the longest first, into `cache`, which has a place for each."""
    if decoder.prompts is None:
        _read_whole(decoder, prompts, cache)
        return
    waiting = [(place, tokens) for place, tokens in enumerate(prompts) if tokens]
    fits = sum(map(len, prompts)) * decoder.token_bytes <= decoder.prompts.limit
    while waiting:
        some, waiting = _round(decoder.prompts, waiting, fits)
        for rows in passes(some, READ_TOKENS, lambda row: len(row.rest)):
            _read_rest(decoder, rows, cache)


def _read_whole(decoder, prompts: Sequence[Tokens], cache: KVCache) -> None:
    import numpy as np

    first = 0
    while first < len(prompts):
        length = len(prompts[first])
        some = prompts[first : first + max(1, READ_TOKENS // max(1, length))]
        if length:
            ids = np.array([[*tokens, *[0] * (length - len(tokens))] for tokens in some])
            decoder.read_whole(ids, cache, first)
        first += len(some)


class _Row(NamedTuple):
    """A prompt, its place in the batch, and the blocks of it that are known."""

    place: int
    tokens: Tokens
    known: list

    @property
    def start(self) -> int:
        return len(self.known) * BLOCK

    @property
    def rest(self) -> Tokens:
        return self.tokens[self.start :]


def _round(known: PromptCache, waiting: list[tuple[int, Tokens]], share: bool):
    """The prompts to be read now, and those that wait, since another reads a block that they need too."""
    now, later, taken = [], [], set()
    for place, tokens in waiting:
        blocks, missing = known.find(tokens)
        if share and missing in taken:
            later.append((place, tokens))
        else:
            now.append(_Row(place, tokens, blocks))
            taken |= {missing} - {None}
    return now, later


def passes(
    rows: Iterable, most: int, count: Callable[[Any], int], known: Callable[[Any], int] = lambda _: 0
) -> Iterator[list]:
    """Rows of about the same `count` of tokens to read, for one forward pass each: at most `most` tokens,
    padding and what is `known` of a row included.
    """
    some, longest, before = [], 0, 0
    for row in sorted(rows, key=count, reverse=True):
        before = max(before, known(row))
        full = (before + longest) * (len(some) + 1) > most
        shorter = count(row) < 0.8 * longest and longest * len(some) >= SMALL
        if some and (full or shorter):
            yield some
            some, before = [], known(row)
        if not some:
            longest = count(row)
        some.append(row)
    if some:
        yield some


def _read_rest(decoder, rows: list[_Row], cache: KVCache) -> None:
    """Read what is not known of these rows; all of it goes into `cache` and into the decoder's prompts."""
    import numpy as np
    import torch

    start = np.array([row.start for row in rows])
    new = max(len(row.rest) for row in rows)
    past = torch.zeros(decoder.past_shape(len(rows), int(start.max()) + new))
    for i, row in enumerate(rows):
        if row.known:
            past[:, :, i, :, : row.start] = torch.cat(row.known, -2)
    if new:
        ids = np.array([[*row.rest, *[0] * (new - len(row.rest))] for row in rows])
        decoder.read(ids, past, start)
    cache.fill([row.place for row in rows], past)
    for i, row in enumerate(rows):
        decoder.prompts.keep(row.tokens, past[:, :, i])


def attend_to(past, start, new: int):
    """The `attend` of rows that have read `start` tokens, numpy [rows], and now read up to `new` more. It
    fills `past`, [layers, 2, rows, kv heads, tokens, size].
    """
    import numpy as np
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    width, at = past.shape[4], start[:, None] + np.arange(new)
    rule = {"is_causal": True}
    if start.any():
        unseen = np.arange(width) > at[:, None, :, None]
        mask = torch.zeros(unseen.shape).masked_fill_(torch.from_numpy(unseen), float("-inf"))
        rule = {"attn_mask": mask}
    rows, columns = np.arange(len(start))[:, None], torch.from_numpy(at)

    def attend(layer, query, key, value, *_):
        for kept, part in zip(past[layer], (key, value), strict=True):
            if (start == start[0]).all():
                kept[:, :, start[0] : start[0] + new] = part
            else:
                kept[rows, :, columns] = part.transpose(1, 2)
        keys, values = past[layer]
        gqa = query.shape[1] != key.shape[1]
        seen = scaled_dot_product_attention(query, keys, values, scale=1.0, enable_gqa=gqa, **rule)
        return seen.transpose(1, 2)

    return attend
