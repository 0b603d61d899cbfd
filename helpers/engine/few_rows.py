"""A step of a handful of rows of a `fused.Network`, through what `compiled` holds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.engine import fused
from helpers.engine.kv_cache import KVCache

FEW = 32  # rows


class FewRows:
    """Uses the memory of the network's weights."""

    def __init__(self, network: fused.Network):
        self._network, self._head, self._layers = network, network.head.numpy(), []
        for layer in network.weights:
            bias, norm = layer.qkv_bias, layer.head_norm
            bias = layer.qkv.new_zeros(len(layer.qkv)) if bias is None else bias
            norm = bias.new_empty(network.heads + network.kv, 0) if norm is None else norm
            parts = layer._replace(qkv_bias=bias[None], head_norm=norm)
            self._layers.append(fused.Layer(*(part.numpy() for part in parts)))

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
            compiled.product(normal, layer.qkv, qkv)
            compiled.turn(qkv, layer.head_norm, cos, sin, head_small)
            start = 0
            for cache in caches:
                span = slice(start, start := start + cache.rows)
                past = cache.arrays(number, network.kv, network.size)
                compiled.attend(qkv[span], *past, seen[span])
            compiled.product(seen, layer.out, x)
            compiled.unit(x, small, normal)
            gate_up = np.zeros((rows, len(layer.gate_up)), np.float32)
            compiled.product(normal, layer.gate_up, gate_up)
            compiled.gate(gate_up, gate)
            compiled.product(gate, layer.down, x)
        compiled.unit(x, small, normal)
        logits = np.zeros((rows, len(self._head)), np.float32)
        compiled.product(normal, self._head, logits)
        return logits
