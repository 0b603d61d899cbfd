"""A step of a handful of rows of a `fused.Network`, through what `compiled` holds."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from helpers.engine import fused
from helpers.engine.kv_cache import KVCache

FEW = 32  # rows
LARGE = 20_000_000  # parameters from which on several threads share a product


class FewRows:
    """Uses the memory of the network's weights."""

    def __init__(self, network: fused.Network):
        import torch

        self._network, self._head, self._layers = network, network.head.numpy(), []
        for layer in network.weights:
            bias, norm = layer.qkv_bias, layer.head_norm
            bias = layer.qkv.new_zeros(len(layer.qkv)) if bias is None else bias
            norm = bias.new_empty(network.heads + network.kv, 0) if norm is None else norm
            parts = layer._replace(qkv_bias=bias[None], head_norm=norm)
            self._layers.append(fused.Layer(*(part.numpy() for part in parts)))
        self._threads = torch.get_num_threads() if network.parameters >= LARGE else 1
        self._others = ThreadPoolExecutor(self._threads - 1) if self._threads > 1 else None

    def logits(self, ids, positions, caches: Sequence[KVCache]):
        """Numpy [rows, vocabulary] after one more token of each row, numpy [rows] each. The rows are those of
        `caches`, one after the other.
        """
        from helpers.engine import compiled

        network, rows = self._network, len(ids)
        small, head_small = network.small
        x = network.embedding.numpy()[ids]
        cos, sin = (turn.numpy()[positions] for turn in network.rotations(positions))
        normal, seen = np.empty_like(x), np.empty((rows, network.heads * network.size), np.float32)
        gate = np.empty((rows, self._layers[0].down.shape[1]), np.float32)
        for number, layer in enumerate(self._layers):
            compiled.unit(x, small, normal)
            qkv = np.repeat(layer.qkv_bias, rows, 0)
            self._add_product(normal, layer.qkv, qkv)
            compiled.turn(qkv, layer.head_norm, cos, sin, head_small)
            start = 0
            for cache in caches:
                span = slice(start, start := start + cache.rows)
                past = cache.arrays(number, network.kv, network.size)
                compiled.attend(qkv[span], *past, seen[span])
            self._add_product(seen, layer.out, x)
            compiled.unit(x, small, normal)
            gate_up = np.zeros((rows, len(layer.gate_up)), np.float32)
            self._add_product(normal, layer.gate_up, gate_up)
            compiled.gate(gate_up, gate)
            self._add_product(gate, layer.down, x)
        compiled.unit(x, small, normal)
        logits = np.zeros((rows, len(self._head)), np.float32)
        self._add_product(normal, self._head, logits)
        return logits

    def _add_product(self, x, weight, y) -> None:
        """y += x @ weight.T, every thread a share of the columns."""
        from helpers.engine import compiled

        if self._others is None:
            compiled.product(x, weight, y, 0, len(weight))
            return
        share = -(-len(weight) // (4 * self._threads)) * 4
        shares = [(first, min(first + share, len(weight))) for first in range(0, len(weight), share)]
        working = [self._others.submit(compiled.product, x, weight, y, *each) for each in shares[1:]]
        compiled.product(x, weight, y, *shares[0])
        for each in working:
            each.result()
