"""The forward pass of a `fused.Network` on the CPU, through what `compiled` holds and numpy's BLAS.

Threads share the rows of a small network. Of a large one, whose weights take long to read, they share the
columns of every product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial

import numpy as np

from helpers.engine import fused
from helpers.engine.kv_cache import KVCache
from helpers.engine.threads import blas_on_one_thread, share, spans

LARGE = 20_000_000  # parameters
MANY = 64  # rows of a product from which on BLAS is faster
BLOCK = 256  # rows of a small network that a thread computes at a time: what it makes of them stays near it


class Forward:
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

    def step(self, ids, positions, caches: Sequence[KVCache]):
        """Numpy [rows, vocabulary]: the logits after one more token of each row, numpy [rows] each. The rows
        are those of `caches`, one after the other.
        """
        network = self._network
        layers = range(network.layers)
        pasts = [[cache.arrays(layer, network.kv, network.size) for layer in layers] for cache in caches]
        ends = np.cumsum([cache.rows for cache in caches]).tolist()
        x, turns = self._begin(ids, positions)
        logits = np.zeros((len(ids), len(network.head)), np.float32)

        def compute(first: int, last: int) -> None:
            mine, parts = slice(first, last), []
            for past, start, end in zip(pasts, [0, *ends], ends, strict=False):
                low, high = max(first, start), min(last, end)
                if low < high:
                    parts.append((past, slice(low - start, high - start), slice(low - first, high - first)))

            def attend(layer: int, qkv, seen) -> None:
                for past, rows, places in parts:
                    self._look_at_caches(qkv[places], past[layer], rows, seen[places])

            hidden = self._hidden(x[mine], [turn[mine] for turn in turns], attend)
            self._add_product(hidden, self._head, logits[mine])

        if self._large:
            compute(0, len(ids))
        else:
            with nullcontext() if len(ids) < MANY else blas_on_one_thread():
                share(compute, spans(len(ids), BLOCK))
        return logits

    def read(self, ids, past, start):
        """Numpy [rows, new, width]: hidden states of `ids` [rows, new], from position `start` [rows] on; a
        head makes scores of them. Keys and values go into `past`, [layers, 2, rows, kv heads, tokens, size],
        which holds those of what comes before.
        """
        rows, new = ids.shape
        x, turns = self._begin(ids.ravel(), np.add.outer(start, np.arange(new)).ravel())
        hidden = np.empty_like(x)
        alone = self._large or (rows == 1 and new >= BLOCK)  # threads then share products, not rows

        def compute(first: int, last: int) -> None:
            mine = slice(first * new, last * new)

            def attend(layer: int, qkv, seen) -> None:
                from helpers.engine import compiled_attention

                of_rows = new, start[first:last], *past[layer, :, first:last]
                compiled_attention.keep(qkv, *of_rows)
                look = partial(compiled_attention.look_back, qkv, *of_rows)
                if alone:
                    share(lambda low, high: look(low, high, seen), spans(len(seen), 16))
                else:
                    look(0, len(seen), seen)

            hidden[mine] = self._hidden(x[mine], [turn[mine] for turn in turns], attend)

        if alone:
            compute(0, rows)
        else:
            with blas_on_one_thread():
                share(compute, spans(rows, max(1, BLOCK // new), by=1))
        return hidden.reshape(rows, new, -1)

    def past(self, rows: int, tokens: int):
        """Room for what `read` keeps, numpy zeros, in the large pages that torch takes."""
        import torch

        return torch.zeros(self._network.past_shape(rows, tokens)).numpy()

    def scores(self, hidden):
        """Numpy [rows, vocabulary], of hidden states [rows, width]."""
        found = np.zeros((len(hidden), len(self._network.head)), np.float32)
        self._add_product(hidden, self._head, found)
        return found

    def _begin(self, ids, positions):
        """Embeddings, and the turns of these positions."""
        turns = [turn.numpy()[positions] for turn in self._network.rotations(positions)]
        return self._network.embedding.numpy()[ids], turns

    def _hidden(self, x, turns, attend: Callable):
        """Of rows with the embeddings `x`, which it changes; `attend(layer, qkv, seen)`: what a layer's
        queries see, into `seen` [rows, heads, size], and keep what others will see of qkv [rows, heads + 2 kv
        heads, size].
        """
        from helpers.engine import compiled, compiled_attention

        network, rows = self._network, len(x)
        small, head_small = network.small
        normal, seen = np.empty_like(x), np.empty((rows, network.heads, network.size), np.float32)
        gate = np.empty((rows, network.weights[0].down.shape[1]), np.float32)
        for number, layer in enumerate(self._layers):
            compiled.normalise(x, small, layer.norm, normal)
            qkv = np.repeat(layer.qkv_bias, rows, 0)
            self._add_product(normal, layer.qkv, qkv)
            compiled_attention.turn(qkv, layer.head_norm, *turns, head_small)
            attend(number, qkv.reshape(rows, -1, network.size), seen)
            self._add_product(seen.reshape(rows, -1), layer.out, x)
            compiled.normalise(x, small, layer.second_norm, normal)
            gate_up = np.zeros((rows, 2 * gate.shape[1]), np.float32)
            self._add_product(normal, layer.gate_up, gate_up)
            compiled.gate(gate_up, gate)
            self._add_product(gate, layer.down, x)
        compiled.normalise(x, small, network.norm.numpy(), normal)
        return normal

    def _look_at_caches(self, qkv, past, rows: slice, seen) -> None:
        from helpers.engine import compiled_attention

        keys, values, *of_rows, first, last = past
        of_rows = [part[rows] for part in of_rows]

        def attend(start: int, end: int) -> None:
            mine = slice(start, end)
            parts = (part[mine] for part in of_rows)
            compiled_attention.attend(qkv[mine], keys, values, *parts, first, last, seen[mine])

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
