"""Products, norms and draws, compiled by numba: for a small model the calls of a library cost more than the
arithmetic.

Compiled when this module is first imported on a machine, and kept beside it or, where nothing can be written
there, in the user's cache folder; where nothing can be written at all, compiled again in every process. A
module that uses a function of another keeps a copy of it: after a change here, save that module too.
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


def jit(signature, **options):
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


@jit([void(MATRIX, WEIGHT[:, ::1], MATRIX, int64, int64) for WEIGHT in (float32, int16, uint16)])
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


@jit(float32(float32))
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


@jit(void(MATRIX, float32, VECTOR, MATRIX))
def normalise(x, small, norm, y):
    """y = x divided by the root of its sum of squares plus `small`, row by row, times `norm`."""
    for row in range(len(x)):
        total = np.float32(0)
        for i in range(x.shape[1]):
            total += x[row, i] * x[row, i]
        factor = np.float32(1) / np.sqrt(total + small)
        for i in range(x.shape[1]):
            y[row, i] = x[row, i] * factor * norm[i]


@jit(void(MATRIX, MATRIX))
def gate(both, y):
    """y [rows, inner] = silu of the first half of `both` times its second half."""
    inner = y.shape[1]
    for row in range(len(y)):
        for i in range(inner):
            shut = np.float32(1) + exp(-both[row, i])
            y[row, i] = both[row, i] / shut * both[row, inner + i]


@jit(void(MATRIX, NUMBERS, VECTOR))
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


@jit(void(MATRIX, VECTOR, VECTOR, VECTOR, NUMBERS, VECTOR, FLAGS))
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
