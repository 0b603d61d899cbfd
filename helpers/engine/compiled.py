"""The parts of a layer, and a draw, for up to some hundred rows, compiled by numba: there the calls of a
library cost more than the arithmetic.

Compiled when this module is first imported on a machine, and kept beside it or, where nothing can be written
there, in the user's cache folder; where nothing can be written at all, compiled again in every process.
"""

from __future__ import annotations

import numba
import numpy as np
from llvmlite import ir
from numba import boolean, float32, int16, int64, uint16, void
from numba.core import cgutils
from numba.extending import intrinsic

VECTOR, MATRIX, CUBE, GRID = float32[::1], float32[:, ::1], float32[:, :, ::1], float32[:, :, :, ::1]
NUMBERS, FLAGS = int64[::1], boolean[::1]
LINE = 64  # bytes that come from memory together
AHEAD = 8  # columns of a product that are fetched before they are needed


def _compiled(signature, **options):
    """Reassociation lets the compiler add up a product in vectors; infinities and NaN keep their meaning."""
    options |= {"nogil": True, "error_model": "numpy", "fastmath": {"reassoc", "contract", "nsz"}}

    def compile_it(function):
        try:
            return numba.njit(signature, cache=True, **options)(function)
        except (RuntimeError, OSError):  # no folder to keep it in, or a full disk
            return numba.njit(signature, **options)(function)

    return compile_it


@intrinsic
def fetch(_typing, array, at):
    """Have the processor bring number `at` of an array in one piece near, while it goes on."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(array)(context, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
        call = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        builder.call(call, [place, *(ir.Constant(number, x) for x in (0, 3, 1))])  # to read, near, data
        return context.get_dummy_value()

    return void(array, int64), generate


@intrinsic
def wide(_typing, x):
    """float32 of a weight: int16 are the bits of a float16, uint16 those of a bfloat16."""

    def generate(_context, builder, _signature, arguments):
        [bits] = arguments
        if x == int16:
            return builder.fpext(builder.bitcast(bits, ir.HalfType()), ir.FloatType())
        if x == uint16:
            number = builder.shl(builder.zext(bits, ir.IntType(32)), ir.IntType(32)(16))
            return builder.bitcast(number, ir.FloatType())
        return bits

    return float32(x), generate


@_compiled([void(MATRIX, WEIGHT[:, ::1], MATRIX, int64, int64) for WEIGHT in (float32, int16, uint16)])
def product(x, weight, y, first, last):
    """y += x @ weight.T in the columns from `first` to before `last`, for x [rows, in], weight [out, in], y
    [rows, out]. A column is the same number however the columns are shared out, if by fours.
    """
    rows, size = x.shape
    for out in range(first, last - 3, 4):  # four columns of two rows at a time: what is loaded is used often
        for i in range(0, 4 * size, LINE // weight.itemsize):
            fetch(weight, (out + AHEAD) * size + i)
        for row in range(0, rows - 1, 2):
            a = b = c = d = e = f = g = h = np.float32(0)
            for i in range(size):
                one, two = x[row, i], x[row + 1, i]
                p, q = wide(weight[out, i]), wide(weight[out + 1, i])
                r, s = wide(weight[out + 2, i]), wide(weight[out + 3, i])
                a += one * p
                b += one * q
                c += one * r
                d += one * s
                e += two * p
                f += two * q
                g += two * r
                h += two * s
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
                a += x[row, i] * wide(weight[out, i])
                b += x[row, i] * wide(weight[out + 1, i])
                c += x[row, i] * wide(weight[out + 2, i])
                d += x[row, i] * wide(weight[out + 3, i])
            y[row, out] += a
            y[row, out + 1] += b
            y[row, out + 2] += c
            y[row, out + 3] += d
    for out in range(first + (last - first) // 4 * 4, last):
        for row in range(rows):
            a = np.float32(0)
            for i in range(size):
                a += x[row, i] * wide(weight[out, i])
            y[row, out] += a


@_compiled(float32(float32))
def exp(x):
    """e to the power of x, within 2e-7 of it, without a call for each number: vectors of them are computed at
    once (the polynomial of Cephes, Moshier 1989). 0 below -87, e**88 above 88.
    """
    bounded = min(max(x, np.float32(-87)), np.float32(88))
    whole = np.floor(bounded * np.float32(1.44269504) + np.float32(0.5))
    rest = bounded - whole * np.float32(0.693359375) + whole * np.float32(2.12194440e-4)
    y = np.float32(1.9875691500e-4)
    y = y * rest + np.float32(1.3981999507e-3)
    y = y * rest + np.float32(8.3334519073e-3)
    y = y * rest + np.float32(4.1665795894e-2)
    y = y * rest + np.float32(1.6666665459e-1)
    y = y * rest + np.float32(5.0000001201e-1)
    y = y * rest * rest + rest + np.float32(1)
    y *= np.int32((np.int32(whole) + np.int32(127)) << np.int32(23)).view(np.float32)
    y = y if x >= np.float32(-87) else np.float32(0)
    return y if x == x else x  # NaN stays


@_compiled(void(MATRIX, float32, VECTOR, MATRIX))
def normalise(x, small, norm, y):
    """y = x divided by the root of its sum of squares plus `small`, row by row, times `norm`."""
    for row in range(len(x)):
        total = np.float32(0)
        for i in range(x.shape[1]):
            total += x[row, i] * x[row, i]
        factor = np.float32(1) / np.sqrt(total + small)
        for i in range(x.shape[1]):
            y[row, i] = x[row, i] * factor * norm[i]


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


@_compiled(void(MATRIX, int64, MATRIX, int64, int64, MATRIX, int64, MATRIX))
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


@_compiled(void(MATRIX))
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


@_compiled(void(MATRIX, int64, MATRIX, int64, int64, MATRIX, int64, MATRIX))
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


@_compiled(void(CUBE, GRID, GRID, NUMBERS, NUMBERS, GRID, GRID, int64, int64, CUBE))
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


@_compiled(void(CUBE, int64, NUMBERS, GRID, GRID))
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


@_compiled(void(CUBE, int64, NUMBERS, GRID, GRID, int64, int64, CUBE))
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


@_compiled(void(MATRIX, MATRIX))
def gate(both, y):
    """y [rows, inner] = silu of the first half of `both` times its second half."""
    inner = y.shape[1]
    for row in range(len(y)):
        for i in range(inner):
            shut = np.float32(1) + exp(-both[row, i])
            y[row, i] = both[row, i] / shut * both[row, inner + i]


@_compiled(void(MATRIX, NUMBERS, VECTOR))
def log_probability(logits, token, log_prob):
    """Into `log_prob` [rows]: that of each row's token."""
    for row in range(len(token)):
        highest = logits[row, 0]
        for i in range(1, logits.shape[1]):
            highest = logits[row, i] if logits[row, i] > highest else highest
        total = np.float32(0)
        for i in range(logits.shape[1]):
            total += exp(logits[row, i] - highest)
        log_prob[row] = logits[row, token[row]] - highest - np.log(total)


@_compiled(void(MATRIX, VECTOR, VECTOR, VECTOR, NUMBERS, VECTOR, FLAGS))
def draw(logits, temperature, draws, rounding, token, log_prob, doubtful):
    """See `token_sampler.draw`; `rounding` [rows] is what rounding may do to a probability. Fills the last
    three.
    """
    size = logits.shape[1]
    weights = np.empty(size, dtype=np.float32)
    for row in range(len(logits)):
        highest = logits[row, 0]
        for i in range(1, size):
            highest = logits[row, i] if logits[row, i] > highest else highest
        total = np.float32(0)
        for i in range(size):
            weights[i] = exp(logits[row, i] - highest)
            total += weights[i]
        if temperature[row] == 0:
            best, second = -1, np.float32(-np.inf)
            for i in range(size):
                if best < 0 and logits[row, i] == highest:
                    best = i
                elif logits[row, i] > second:
                    second = logits[row, i]
            token[row], doubtful[row] = max(best, 0), highest - second < 10 * rounding[row]
        else:
            if temperature[row] != 1:
                for i in range(size):
                    weights[i] = exp((logits[row, i] - highest) / temperature[row])
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
