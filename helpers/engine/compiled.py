"""The parts of a layer, and a draw, for up to some hundred rows, compiled by numba: there the calls of a
library cost more than the arithmetic.

Compiled when this module is first imported on a machine, and kept beside it or, where nothing can be written
there, in the user's cache folder; where nothing can be written at all, compiled again in every process.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import boolean, float32, int64, void

VECTOR, MATRIX, GRID, FLAGS = float32[::1], float32[:, ::1], float32[:, :, :, ::1], boolean[::1]
NUMBERS = int64[::1]


def _compiled(signature=None, **options):
    """Reassociation lets the compiler add up a product in vectors; infinities and NaN keep their meaning."""
    options |= {"nogil": True, "error_model": "numpy", "fastmath": {"reassoc", "contract", "nsz"}}

    def compile_it(function):
        try:
            return numba.njit(signature, cache=True, **options)(function)
        except (RuntimeError, OSError):  # no folder to keep it in, or a full disk
            return numba.njit(signature, **options)(function)

    return compile_it


@_compiled(void(MATRIX, MATRIX, MATRIX, int64, int64))
def product(x, weight, y, first, last):
    """y += x @ weight.T in the columns from `first` to before `last`, for x [rows, in], weight [out, in], y
    [rows, out]. A column is the same number however the columns are shared out, if by fours.
    """
    rows, size = x.shape
    for out in range(first, last - 3, 4):  # four columns of two rows at a time: what is loaded is used often
        for row in range(0, rows - 1, 2):
            a = b = c = d = e = f = g = h = np.float32(0)
            for i in range(size):
                one, two = x[row, i], x[row + 1, i]
                a += one * weight[out, i]
                b += one * weight[out + 1, i]
                c += one * weight[out + 2, i]
                d += one * weight[out + 3, i]
                e += two * weight[out, i]
                f += two * weight[out + 1, i]
                g += two * weight[out + 2, i]
                h += two * weight[out + 3, i]
            y[row, out] += a
            y[row, out + 1] += b
            y[row, out + 2] += c
            y[row, out + 3] += d
            y[row + 1, out] += e
            y[row + 1, out + 1] += f
            y[row + 1, out + 2] += g
            y[row + 1, out + 3] += h
        for row in range(rows // 2 * 2, rows):
            a = b = c = d = np.float32(0)
            for i in range(size):
                a += x[row, i] * weight[out, i]
                b += x[row, i] * weight[out + 1, i]
                c += x[row, i] * weight[out + 2, i]
                d += x[row, i] * weight[out + 3, i]
            y[row, out] += a
            y[row, out + 1] += b
            y[row, out + 2] += c
            y[row, out + 3] += d
    for out in range(first + (last - first) // 4 * 4, last):
        for row in range(rows):
            a = np.float32(0)
            for i in range(size):
                a += x[row, i] * weight[out, i]
            y[row, out] += a


@_compiled(void(MATRIX, float32, MATRIX))
def unit(x, small, y):
    """y = x divided by the root of its sum of squares plus `small`, row by row."""
    for row in range(len(x)):
        total = np.float32(0)
        for i in range(x.shape[1]):
            total += x[row, i] * x[row, i]
        factor = np.float32(1) / np.sqrt(total + small)
        for i in range(x.shape[1]):
            y[row, i] = x[row, i] * factor


@_compiled(void(MATRIX, MATRIX, MATRIX, MATRIX, float32))
def turn(qkv, norm, cos, sin, small):
    """Norms, where there are any, and rotations of queries and keys, the first columns of qkv [rows, ..], in
    place; `norm`: [heads + kv heads, size], or empty; `cos` and `sin`: [rows, size].
    """
    size = cos.shape[1]
    half = size // 2
    for row in range(len(qkv)):
        for head in range(norm.shape[0]):
            start = head * size
            if norm.shape[1]:
                total = np.float32(0)
                for i in range(size):
                    total += qkv[row, start + i] * qkv[row, start + i]
                factor = np.float32(1) / np.sqrt(total + small)
                for i in range(size):
                    qkv[row, start + i] *= factor * norm[head, i]
            for i in range(half):
                one, other = qkv[row, start + i], qkv[row, start + i + half]
                qkv[row, start + i] = one * cos[row, i] + other * sin[row, i]
                qkv[row, start + i + half] = other * cos[row, i + half] + one * sin[row, i + half]


@_compiled()
def _scores(queries, keys, scores):
    """scores [heads, positions] = queries [heads, size] @ keys.T, for keys [positions, size]."""
    heads, size = queries.shape
    positions = len(keys)
    for at in range(0, positions - 3, 4):
        for head in range(heads):
            a = b = c = d = np.float32(0)
            for i in range(size):
                a += queries[head, i] * keys[at, i]
                b += queries[head, i] * keys[at + 1, i]
                c += queries[head, i] * keys[at + 2, i]
                d += queries[head, i] * keys[at + 3, i]
            scores[head, at] = a
            scores[head, at + 1] = b
            scores[head, at + 2] = c
            scores[head, at + 3] = d
    for at in range(positions // 4 * 4, positions):
        for head in range(heads):
            a = np.float32(0)
            for i in range(size):
                a += queries[head, i] * keys[at, i]
            scores[head, at] = a


@_compiled()
def _add_values(weights, values, seen):
    """seen [heads, size] += weights [heads, positions] @ values [positions, size]."""
    heads, size = seen.shape
    positions = len(values)
    for at in range(0, positions - 3, 4):
        for head in range(heads):
            a, b, c, d = (
                weights[head, at],
                weights[head, at + 1],
                weights[head, at + 2],
                weights[head, at + 3],
            )
            for i in range(size):
                near = a * values[at, i] + b * values[at + 1, i]
                seen[head, i] += near + (c * values[at + 2, i] + d * values[at + 3, i])
    for at in range(positions // 4 * 4, positions):
        for head in range(heads):
            for i in range(size):
                seen[head, i] += weights[head, at] * values[at, i]


@_compiled(void(MATRIX, GRID, GRID, NUMBERS, NUMBERS, GRID, GRID, int64, int64, MATRIX))
def attend(qkv, prompt_keys, prompt_values, prompt_of, lengths, keys, values, first, last, seen):
    """Into `seen` [rows, heads x size]: what each row sees of `lengths[row]` positions of its prompt and of
    its own from `first` to `last`; the last of them comes from qkv and is kept.

    Keys and values: [prompts or rows, kv heads, positions, size].
    """
    kv, size = keys.shape[1], keys.shape[3]
    heads = seen.shape[1] // size
    each = heads // kv
    weights = np.empty((each, lengths.max() + last - first), dtype=np.float32)
    seen[:] = 0
    for row in range(len(qkv)):
        prompt, length = prompt_of[row], lengths[row]
        count = length + last - first
        for group in range(kv):
            own, span = (heads + group) * size, slice(group * each * size, (group + 1) * each * size)
            keys[row, group, last - 1] = qkv[row, own : own + size]
            values[row, group, last - 1] = qkv[row, own + kv * size : own + (kv + 1) * size]
            queries = qkv[row, span].reshape(each, size)
            _scores(queries, prompt_keys[prompt, group, :length], weights)
            _scores(queries, keys[row, group, first:last], weights[:, length:])
            for head in range(each):
                scores = weights[head, :count]
                highest, total = scores.max(), np.float32(0)
                for i in range(count):
                    scores[i] = np.exp(scores[i] - highest)
                    total += scores[i]
                for i in range(count):
                    scores[i] /= total
            out = seen[row, span].reshape(each, size)
            _add_values(weights, prompt_values[prompt, group, :length], out)
            _add_values(weights[:, length:], values[row, group, first:last], out)


@_compiled(void(MATRIX, MATRIX))
def gate(both, y):
    """y [rows, inner] = silu of the first half of `both` times its second half."""
    inner = y.shape[1]
    for row in range(len(y)):
        for i in range(inner):
            shut = np.float32(1) + np.exp(-both[row, i])
            y[row, i] = both[row, i] / shut * both[row, inner + i]


@_compiled(void(MATRIX, VECTOR, VECTOR, VECTOR, NUMBERS, VECTOR, FLAGS))
def draw(logits, temperature, draws, rounding, token, log_prob, doubtful):
    """See `token_sampler.draw`; `rounding` [rows] is what rounding may do to a probability. Fills the last
    three.
    """
    size = logits.shape[1]
    weights = np.empty(size, dtype=np.float32)
    for row in range(len(logits)):
        best, second = 0, np.float32(-np.inf)
        for i in range(1, size):
            if logits[row, i] > logits[row, best]:
                best, second = i, logits[row, best]
            elif logits[row, i] > second:
                second = logits[row, i]
        highest = logits[row, best]
        total = np.float32(0)
        for i in range(size):
            weights[i] = np.exp(logits[row, i] - highest)
            total += weights[i]
        if temperature[row] == 0:
            token[row], doubtful[row] = best, highest - second < 10 * rounding[row]
        else:
            if temperature[row] != 1:
                for i in range(size):
                    weights[i] = np.exp((logits[row, i] - highest) / temperature[row])
            mass = np.float64(0)
            for i in range(size):
                mass += weights[i]
            target, above, at = draws[row] * mass, np.float64(weights[0]), 0
            while above <= target and at < size - 1:
                at += 1
                above += weights[at]
            edge = min(above - target, target - (above - weights[at]))
            token[row], doubtful[row] = at, edge < rounding[row] * mass and rounding[row] > 0
        log_prob[row] = logits[row, token[row]] - highest - np.log(total)
