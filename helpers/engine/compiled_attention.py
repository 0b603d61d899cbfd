"""Attention, compiled as `compiled` is: of one more token of every row to its prompt and to its own tokens,
and of the tokens of a prompt to each other.
"""

from __future__ import annotations

import numpy as np
from numba import float32, int64, void

from helpers.engine.compiled import CUBE, GRID, LINE, MATRIX, NUMBERS, exp, fetch, jit


@jit(void(MATRIX, MATRIX, MATRIX, MATRIX, float32))
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


@jit(void(MATRIX, int64, MATRIX, int64, int64, MATRIX, int64, MATRIX))
def _score(queries, query, keys, first, last, scores, place, ahead):
    """Into scores [heads, positions], from `place` on: queries [all heads, size] from number `query` on
    against keys [positions, size] from `first` to before `last`; the same positions of `ahead`, which is
    read next, are fetched.
    """
    heads, size = len(scores), keys.shape[1]
    place -= first
    for at in range(first, last - 3, 4):
        for i in range(0, 4 * size, LINE // 4):
            fetch(ahead, at * size + i)
        for head in range(0, heads - 1, 2):  # two heads at a time: a key that is loaded is used twice
            a = b = c = d = e = f = g = h = np.float32(0)
            for i in range(size):
                one, two = queries[query + head, i], queries[query + head + 1, i]
                a += one * keys[at, i]
                b += one * keys[at + 1, i]
                c += one * keys[at + 2, i]
                d += one * keys[at + 3, i]
                e += two * keys[at, i]
                f += two * keys[at + 1, i]
                g += two * keys[at + 2, i]
                h += two * keys[at + 3, i]
            scores[head, place + at] = a
            scores[head, place + at + 1] = b
            scores[head, place + at + 2] = c
            scores[head, place + at + 3] = d
            scores[head + 1, place + at] = e
            scores[head + 1, place + at + 1] = f
            scores[head + 1, place + at + 2] = g
            scores[head + 1, place + at + 3] = h
        for head in range(heads // 2 * 2, heads):
            a = b = c = d = np.float32(0)
            for i in range(size):
                part = queries[query + head, i]
                a += part * keys[at, i]
                b += part * keys[at + 1, i]
                c += part * keys[at + 2, i]
                d += part * keys[at + 3, i]
            scores[head, place + at] = a
            scores[head, place + at + 1] = b
            scores[head, place + at + 2] = c
            scores[head, place + at + 3] = d
    for at in range(last - (last - first) % 4, last):
        for head in range(heads):
            a = np.float32(0)
            for i in range(size):
                a += queries[query + head, i] * keys[at, i]
            scores[head, place + at] = a


@jit(void(MATRIX))
def _softmax(weights):
    """In place, row by row."""
    rows, size = weights.shape
    for row in range(rows):
        highest, total = weights[row, 0], np.float32(0)
        for i in range(1, size):
            highest = weights[row, i] if weights[row, i] > highest else highest
        for i in range(size):
            weights[row, i] = exp(weights[row, i] - highest)
            total += weights[row, i]
        share = np.float32(1) / total
        for i in range(size):
            weights[row, i] *= share


@jit(void(MATRIX, int64, MATRIX, int64, int64, MATRIX, int64, MATRIX))
def _add_values(seen, query, values, first, last, weights, place, ahead):
    """The other way: to seen [all heads, size], the values by their weights."""
    heads, size = len(weights), values.shape[1]
    place -= first
    for at in range(first, last - 3, 4):
        for i in range(0, 4 * size, LINE // 4):
            fetch(ahead, at * size + i)
        for head in range(0, heads - 1, 2):
            a, b = weights[head, place + at], weights[head, place + at + 1]
            c, d = weights[head, place + at + 2], weights[head, place + at + 3]
            e, f = weights[head + 1, place + at], weights[head + 1, place + at + 1]
            g, h = weights[head + 1, place + at + 2], weights[head + 1, place + at + 3]
            for i in range(size):
                w, x, y, z = values[at, i], values[at + 1, i], values[at + 2, i], values[at + 3, i]
                seen[query + head, i] += a * w + b * x + (c * y + d * z)
                seen[query + head + 1, i] += e * w + f * x + (g * y + h * z)
        for head in range(heads // 2 * 2, heads):
            a, b = weights[head, place + at], weights[head, place + at + 1]
            c, d = weights[head, place + at + 2], weights[head, place + at + 3]
            for i in range(size):
                near = a * values[at, i] + b * values[at + 1, i]
                seen[query + head, i] += near + (c * values[at + 2, i] + d * values[at + 3, i])
    for at in range(last - (last - first) % 4, last):
        for head in range(heads):
            for i in range(size):
                seen[query + head, i] += weights[head, place + at] * values[at, i]


@jit(void(CUBE, GRID, GRID, NUMBERS, NUMBERS, GRID, GRID, int64, int64, CUBE))
def attend(qkv, prompt_keys, prompt_values, prompt_of, lengths, keys, values, first, last, seen):
    """Into `seen` [rows, heads, size]: what each row sees of `lengths[row]` positions of its prompt and of
    its own from `first` to before `last`; the last of them comes from qkv and is kept.

    `qkv`: [rows, heads + 2 kv heads, size]. Keys and values: [prompts or rows, kv heads, positions, size].
    """
    kv, heads = keys.shape[1], seen.shape[1]
    for_all = np.empty(heads // kv * (lengths.max() + last - first), dtype=np.float32)
    seen[:] = 0
    for row in range(len(qkv)):
        prompt, length = prompt_of[row], lengths[row]
        count = heads // kv * (length + last - first)
        weights = for_all[:count].reshape(heads // kv, length + last - first)
        for group in range(kv):
            query = group * heads // kv
            next_row, next_group = (row, group + 1) if group + 1 < kv else (min(row + 1, len(qkv) - 1), 0)
            for i in range(keys.shape[3]):
                keys[row, group, last - 1, i] = qkv[row, heads + group, i]
                values[row, group, last - 1, i] = qkv[row, heads + kv + group, i]
            _score(
                qkv[row],
                query,
                prompt_keys[prompt, group],
                0,
                length,
                weights,
                0,
                prompt_values[prompt, group],
            )
            _score(qkv[row], query, keys[row, group], first, last, weights, length, values[row, group])
            _softmax(weights)
            next_keys = prompt_keys[prompt_of[next_row], next_group]
            _add_values(seen[row], query, prompt_values[prompt, group], 0, length, weights, 0, next_keys)
            next_keys = keys[next_row, next_group]
            _add_values(seen[row], query, values[row, group], first, last, weights, length, next_keys)


@jit(void(CUBE, int64, NUMBERS, GRID, GRID))
def keep(qkv, new, start, keys, values):
    """Keys and values of `new` tokens of every row, which are in qkv [rows x new, heads + 2 kv heads, size],
    into keys and values [rows, kv heads, positions, size], from `start` [rows] on.
    """
    kv = keys.shape[1]
    heads = qkv.shape[1] - 2 * kv
    for row in range(len(keys)):
        for group in range(kv):
            for token in range(new):
                for i in range(keys.shape[3]):
                    place = start[row] + token
                    keys[row, group, place, i] = qkv[row * new + token, heads + group, i]
                    values[row, group, place, i] = qkv[row * new + token, heads + kv + group, i]


@jit(void(CUBE, int64, NUMBERS, GRID, GRID, int64, int64, CUBE))
def look_back(qkv, new, start, keys, values, first, last, seen):
    """Into `seen` [rows x new, heads, size]: what the tokens from `first` to before `last` see of what their
    row `keep`s, up to themselves.
    """
    kv, heads = keys.shape[1], seen.shape[1]
    weights_of = np.empty(heads // kv * (start.max() + new), dtype=np.float32)
    seen[first:last] = 0
    for at in range(first, last):
        row = at // new
        count = start[row] + at % new + 1
        weights = weights_of[: heads // kv * count].reshape(heads // kv, count)
        for group in range(kv):
            query = group * heads // kv
            _score(qkv[at], query, keys[row, group], 0, count, weights, 0, values[row, group])
            _softmax(weights)
            _add_values(seen[at], query, values[row, group], 0, count, weights, 0, keys[row, group])
