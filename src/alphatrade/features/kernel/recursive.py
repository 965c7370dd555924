"""Exponential averages: recurrences that hold their state over a NaN.

In: columns. Out: columns. Never here: windows. The first value is the mean of the first ``n`` known inputs,
as in TA-Lib and in Wilder (1978); before it, and where the input is NaN, the output is NaN.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

import numpy as np

from alphatrade.core.kernel import Node, kernel, routine, wide
from alphatrade.core.kernel.address import floats, ints

__all__ = ["ema", "ema_bars", "exponential", "wilder", "wilder_bars"]


@routine
def _step(s, at, n, k, i0, i1, x, out):
    """One average with every test: during its start, and in tiles with a NaN."""
    count, e = s[at], s[at + 1]
    for i in range(i0, i1):
        v = x[i]
        if v != v:
            out[i] = v
            continue
        if count < n:
            count += 1.0
            e = e + v if count > 1.0 else v
            if count == n:
                e = e / n
            out[i] = e if count == n else np.nan
        else:
            e = k * v + (1.0 - k) * e
            out[i] = e
    s[at], s[at + 1] = count, e


@routine
def _settle(s, at, n, k, i0, i1, x, out, after):
    """Settle one average after a run without tests that ended at ``after``.

    A NaN stays in a chain, so an ``after`` that is a number proves that there was none; otherwise, and during
    its start, the rows are computed again with every test.
    """
    if s[at] >= n and after == after:
        s[at + 1] = after
    else:
        _step(s, at, n, k, i0, i1, x, out)


@wide(8)
def exponential8(s, p, w, width, io, i0, i1):
    """Eight averages in one loop: each is a chain of dependent operations, and the chains hide one another's
    latency.
    """
    slot, n = ints(io, 16), i1 - i0
    state, number = floats(s, 16), floats(p, 16)
    base, row = w + 8 * i0, 8 * width
    x0, x1 = floats(base + row * slot[0], n), floats(base + row * slot[1], n)
    x2, x3 = floats(base + row * slot[2], n), floats(base + row * slot[3], n)
    x4, x5 = floats(base + row * slot[4], n), floats(base + row * slot[5], n)
    x6, x7 = floats(base + row * slot[6], n), floats(base + row * slot[7], n)
    y0, y1 = floats(base + row * slot[8], n), floats(base + row * slot[9], n)
    y2, y3 = floats(base + row * slot[10], n), floats(base + row * slot[11], n)
    y4, y5 = floats(base + row * slot[12], n), floats(base + row * slot[13], n)
    y6, y7 = floats(base + row * slot[14], n), floats(base + row * slot[15], n)
    k0, k1, k2, k3 = number[1], number[3], number[5], number[7]
    k4, k5, k6, k7 = number[9], number[11], number[13], number[15]
    a0, a1, a2, a3 = state[1], state[3], state[5], state[7]
    a4, a5, a6, a7 = state[9], state[11], state[13], state[15]
    for i in range(n):
        a0 = k0 * x0[i] + (1.0 - k0) * a0
        a1 = k1 * x1[i] + (1.0 - k1) * a1
        a2 = k2 * x2[i] + (1.0 - k2) * a2
        a3 = k3 * x3[i] + (1.0 - k3) * a3
        a4 = k4 * x4[i] + (1.0 - k4) * a4
        a5 = k5 * x5[i] + (1.0 - k5) * a5
        a6 = k6 * x6[i] + (1.0 - k6) * a6
        a7 = k7 * x7[i] + (1.0 - k7) * a7
        y0[i], y1[i], y2[i], y3[i] = a0, a1, a2, a3
        y4[i], y5[i], y6[i], y7[i] = a4, a5, a6, a7
    after = (a0, a1, a2, a3, a4, a5, a6, a7)
    for q in range(8):
        x, y = floats(base + row * slot[q], n), floats(base + row * slot[8 + q], n)
        _settle(state, 2 * q, number[2 * q], number[2 * q + 1], 0, n, x, y, after[q])


@kernel(state=2, wide=exponential8)
def exponential(s, n: int, k, i0, i1, x, out):
    """Average with weight ``k`` of the newest value, started with the mean of ``n``."""
    e = s[1]
    for i in range(i0, i1):
        e = k * x[i] + (1.0 - k) * e
        out[i] = e
    _settle(s, 0, n, k, i0, i1, x, out, e)


def ema(x: Node, n: int) -> Node:
    """Exponential average of span ``n``: weight 2 / (n + 1)."""
    return exponential(x, n=n, k=2.0 / (n + 1.0))


def wilder(x: Node, n: int) -> Node:
    """Wilder's average: weight 1 / n."""
    return exponential(x, n=n, k=1.0 / n)


def _bars(k: float) -> int:
    return math.ceil(math.log(1e-9) / math.log1p(-k)) if k < 1.0 else 1


def ema_bars(n: int) -> int:
    """Bars until the start of ``ema(x, n)`` weighs less than 1e-9.

    >>> ema_bars(20)
    228
    """
    return n + _bars(2.0 / (n + 1.0))


def wilder_bars(n: int) -> int:
    """Bars until the start of ``wilder(x, n)`` weighs less than 1e-9."""
    return n + _bars(1.0 / n)
