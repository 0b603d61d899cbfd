"""A step of a `fused.Network`, one token for every row, through what `compiled` holds.

Threads share the rows of a small network. Of a large one, whose weights a step takes long to read, they share
the columns of every product.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from helpers.engine import fused
from helpers.engine.kv_cache import KVCache
from helpers.engine.threads import blas_on_one_thread, share, spans

LARGE = 20_000_000  # parameters
MANY = 48  # rows of a product from which on BLAS is faster
BLOCK = 256  # rows of a small network that a thread computes at a time: what it makes of them stays near it


class FusedStep:
    """Uses the memory of the network's weights."""

    def __init__(self, network: fused.Network):
        self._network, self._layers = network, []
        *compact, head = network.compact
        self._head = network.head.numpy(), head
        for number, layer in enumerate(network.weights):
            bias, norm = layer.qkv_bias, layer.head_norm
            bias = layer.qkv.new_zeros(len(layer.qkv)) if bias is None else bias
            norm = bias.new_empty(network.heads + network.kv, 0) if norm is None else norm
            parts = layer._replace(qkv_bias=bias[None], head_norm=norm)
            parts = fused.Layer(*(part.numpy() for part in parts))
            start, count = number * len(fused.MATRICES), len(fused.MATRICES)
            both = zip(fused.MATRICES, compact[start : start + count], strict=True)
            self._layers.append(parts._replace(**{name: (getattr(parts, name), x) for name, x in both}))
        self._large = network.parameters >= LARGE

    def logits(self, ids, positions, caches: Sequence[KVCache]):
        """Numpy [rows, vocabulary] after one more token of each row, numpy [rows] each. The rows are those of
        `caches`, one after the other.
        """
        network = self._network
        layers = range(network.layers)
        pasts = [[cache.arrays(layer, network.kv, network.size) for layer in layers] for cache in caches]
        ends = np.cumsum([cache.rows for cache in caches]).tolist()
        x, logits = network.embedding.numpy()[ids], np.zeros((len(ids), len(network.head)), np.float32)
        turns = [turn.numpy()[positions] for turn in network.rotations(positions)]

        def compute(first: int, last: int) -> None:
            mine, seen = slice(first, last), []
            for past, start, end in zip(pasts, [0, *ends], ends, strict=False):
                low, high = max(first, start), min(last, end)
                if low < high:
                    seen.append((past, slice(low - start, high - start), slice(low - first, high - first)))
            self._compute(x[mine], [turn[mine] for turn in turns], seen, logits[mine])

        if self._large:
            compute(0, len(ids))
        elif len(ids) < MANY:
            share(compute, spans(len(ids), BLOCK))
        else:
            with blas_on_one_thread():
                share(compute, spans(len(ids), BLOCK))
        return logits

    def _compute(self, x, turns, pasts, logits) -> None:
        """Add to `logits` those of the rows with the embeddings `x`; `pasts`: the arrays of every layer of a
        cache, which of its rows they are, and their places in `x`.
        """
        from helpers.engine import compiled

        network = self._network
        small, head_small = network.small
        normal, seen = np.empty_like(x), np.empty((len(x), network.heads, network.size), np.float32)
        gate = np.empty((len(x), network.weights[0].down.shape[1]), np.float32)
        for number, layer in enumerate(self._layers):
            compiled.normalise(x, small, layer.norm, normal)
            qkv = np.repeat(layer.qkv_bias, len(x), 0)
            self._add_product(normal, layer.qkv, qkv)
            compiled.turn(qkv, layer.head_norm, *turns, head_small)
            by_head = qkv.reshape(len(x), -1, network.size)
            for past, rows, places in pasts:
                self._attend(by_head[places], past[number], rows, seen[places])
            self._add_product(seen.reshape(len(x), -1), layer.out, x)
            compiled.normalise(x, small, layer.second_norm, normal)
            gate_up = np.zeros((len(x), 2 * gate.shape[1]), np.float32)
            self._add_product(normal, layer.gate_up, gate_up)
            compiled.gate(gate_up, gate)
            self._add_product(gate, layer.down, x)
        compiled.normalise(x, small, network.norm.numpy(), normal)
        self._add_product(normal, self._head, logits)

    def _attend(self, by_head, past, rows: slice, seen) -> None:
        from helpers.engine import compiled

        keys, values, *of_rows, first, last = past
        of_rows = [part[rows] for part in of_rows]

        def attend(start: int, end: int) -> None:
            mine = slice(start, end)
            parts = (part[mine] for part in of_rows)
            compiled.attend(by_head[mine], keys, values, *parts, first, last, seen[mine])

        if self._large:
            share(attend, spans(len(seen), BLOCK))
        else:
            attend(0, len(seen))

    def _add_product(self, x, weight, y) -> None:
        """y += x @ weight.T, of the weight as BLAS reads it and as it takes the least memory."""
        from helpers.engine import compiled

        in_full, compact = weight
        if len(x) >= MANY:
            y += x @ in_full.T
        elif self._large:
            share(partial(compiled.product, x, compact, y), spans(len(compact), len(compact)))
        else:
            compiled.product(x, compact, y, 0, len(compact))
