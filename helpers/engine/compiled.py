"""The parts of a layer, and a draw, for a handful of rows, compiled by numba: there the calls of a library
cost more than the arithmetic.

Compiled when this module is first imported on a machine, and kept beside it or, where nothing can be written
there, in the user's cache folder; where nothing can be written at all, compiled again in every process.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import boolean, float32, int64, void

VECTOR, MATRIX, GRID, FLAGS = float32[::1], float32[:, ::1], float32[:, :, :, ::1], boolean[::1]
NUMBERS = int64[::1]


def _compiled(signature, **options):
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
    size = weight.shape[1]
    for out in range(first, last - 3, 4):  # four at a time, so that x is loaded once for them
        for row in range(len(x)):
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
        for row in range(len(x)):
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


@_compiled(void(MATRIX, GRID, GRID, NUMBERS, NUMBERS, GRID, GRID, int64, int64, MATRIX))
def attend(qkv, prompt_keys, prompt_values, prompt_of, lengths, keys, values, first, last, seen):
    """Into `seen` [rows, heads x size]: what each row sees of `lengths[row]` positions of its prompt and of
    its own from `first` to `last`; the last of them comes from qkv and is kept.

    Keys and values: [prompts or rows, kv heads, positions, size].
    """
    kv, size = keys.shape[1], keys.shape[3]
    heads = seen.shape[1] // size
    scores = np.empty(lengths.max() + last - first, dtype=np.float32)
    seen[:] = 0
    for row in range(len(qkv)):
        length = lengths[row]
        for head in range(heads):
            group, query = head * kv // heads, head * size
            if head % (heads // kv) == 0:
                own = (heads + group) * size
                for i in range(size):
                    keys[row, group, last - 1, i] = qkv[row, own + i]
                    values[row, group, last - 1, i] = qkv[row, own + kv * size + i]
            top, total = np.float32(-np.inf), np.float32(0)
            for part in range(2):
                past, at, start, end = keys, row, first, last
                if part == 0:
                    past, at, start, end = prompt_keys, prompt_of[row], 0, length
                place = part * length - start
                for position in range(start, end):
                    score = np.float32(0)
                    for i in range(size):
                        score += qkv[row, query + i] * past[at, group, position, i]
                    scores[place + position] = score
                    top = max(top, score)
            for i in range(length + last - first):
                scores[i] = np.exp(scores[i] - top)
                total += scores[i]
            for part in range(2):
                past, at, start, end = values, row, first, last
                if part == 0:
                    past, at, start, end = prompt_values, prompt_of[row], 0, length
                place = part * length - start
                for position in range(start, end):
                    weight = scores[place + position] / total
                    for i in range(size):
                        seen[row, query + i] += weight * past[at, group, position, i]


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
