"""A step of few rows of a `fused.Network`, through what `compiled` holds.

Threads share the rows of a small network. Of a large one, whose weights a step takes long to read, they share
the columns of every product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from helpers.engine import fused
from helpers.engine.kv_cache import KVCache

LARGE = 20_000_000  # parameters
FEW, FEW_OF_LARGE = 256, 32  # rows that are not faster through a library


class FewRows:
    """Uses the memory of the network's weights. `most`: as many rows are few."""

    def __init__(self, network: fused.Network):
        import torch

        self._network, self._head, self._layers = network, network.head.numpy(), []
        for layer in network.weights:
            bias, norm = layer.qkv_bias, layer.head_norm
            bias = layer.qkv.new_zeros(len(layer.qkv)) if bias is None else bias
            norm = bias.new_empty(network.heads + network.kv, 0) if norm is None else norm
            parts = layer._replace(qkv_bias=bias[None], head_norm=norm)
            self._layers.append(fused.Layer(*(part.numpy() for part in parts)))
        self._large, self._threads = network.parameters >= LARGE, torch.get_num_threads()
        self.most = FEW_OF_LARGE if self._large else FEW
        self._others = ThreadPoolExecutor(self._threads - 1) if self._threads > 1 else None

    def logits(self, ids, positions, caches: Sequence[KVCache]):
        """Numpy [rows, vocabulary] after one more token of each row, numpy [rows] each. The rows are those of
        `caches`, one after the other.
        """
        network = self._network
        layers = range(network.layers)
        pasts = [[cache.arrays(layer, network.kv, network.size) for layer in layers] for cache in caches]
        ends = np.cumsum([cache.rows for cache in caches]).tolist()
        x, logits = network.embedding.numpy()[ids], np.zeros((len(ids), len(self._head)), np.float32)
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
        else:
            self._share(compute, len(ids))
        return logits

    def _compute(self, x, turns, pasts, logits) -> None:
        """Add to `logits` those of the rows with the embeddings `x`; `pasts`: the arrays of every layer of a
        cache, which of its rows they are, and their places in `x`.
        """
        from helpers.engine import compiled

        network = self._network
        small, head_small = network.small
        normal, seen = np.empty_like(x), np.empty((len(x), network.heads, network.size), np.float32)
        gate = np.empty((len(x), self._layers[0].down.shape[1]), np.float32)
        for number, layer in enumerate(self._layers):
            compiled.unit(x, small, normal)
            qkv = np.repeat(layer.qkv_bias, len(x), 0)
            self._add_product(normal, layer.qkv, qkv)
            compiled.turn(qkv, layer.head_norm, *turns, head_small)
            by_head = qkv.reshape(len(x), -1, network.size)
            for past, rows, places in pasts:
                keys, values, *of_rows, first, last = past[number]
                of_rows = (part[rows] for part in of_rows)
                compiled.attend(by_head[places], keys, values, *of_rows, first, last, seen[places])
            self._add_product(seen.reshape(len(x), -1), layer.out, x)
            compiled.unit(x, small, normal)
            gate_up = np.zeros((len(x), len(layer.gate_up)), np.float32)
            self._add_product(normal, layer.gate_up, gate_up)
            compiled.gate(gate_up, gate)
            self._add_product(gate, layer.down, x)
        compiled.unit(x, small, normal)
        self._add_product(normal, self._head, logits)

    def _add_product(self, x, weight, y) -> None:
        """y += x @ weight.T."""
        from helpers.engine import compiled

        if self._large:
            self._share(partial(compiled.product, x, weight, y), len(weight))
        else:
            compiled.product(x, weight, y, 0, len(weight))

    def _share(self, work: Callable[[int, int], object], count: int) -> None:
        """work(first, last) for all of `count`, every thread a share, by fours."""
        share = -(-count // (4 * self._threads)) * 4
        shares = [(first, min(first + share, count)) for first in range(0, count, share)]
        working = []
        for each in shares[1:]:
            try:
                working.append(self._others.submit(work, *each))
            except RuntimeError:  # the main thread has ended, and with it the pool
                work(*each)
        work(*shares[0])
        for each in working:
            each.result()
