"""Exponential averages: recurrences that hold their state over a NaN.

In: columns. Out: columns. Never here: windows. The first value is the mean of the first ``n`` known inputs,
as in TA-Lib and in Wilder (1978); before it, and where the input is NaN, the output is NaN.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

import numpy as np

from alphatrade.core.kernel import Node, kernel, routine

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
def _is_plain(x, i0, i1):
    """Whether a tile holds no NaN."""
    v, bad = x[i0:i1], 0
    for j in range(v.size):
        bad |= v[j] != v[j]
    return bad == 0


@kernel(state=8)
def exponential4(
    s, n0: int, k0, n1: int, k1, n2: int, k2, n3: int, k3, i0, i1, x0, x1, x2, x3, out0, out1, out2, out3
):
    """Four averages in one loop: each is a chain of dependent operations, and four chains hide one another's
    latency.
    """
    warm = s[0] >= n0 and s[2] >= n1 and s[4] >= n2 and s[6] >= n3
    if not warm or not (
        _is_plain(x0, i0, i1) and _is_plain(x1, i0, i1) and _is_plain(x2, i0, i1) and _is_plain(x3, i0, i1)
    ):
        _step(s, 0, n0, k0, i0, i1, x0, out0)
        _step(s, 2, n1, k1, i0, i1, x1, out1)
        _step(s, 4, n2, k2, i0, i1, x2, out2)
        _step(s, 6, n3, k3, i0, i1, x3, out3)
        return
    a, b, c, d = s[1], s[3], s[5], s[7]
    for i in range(i0, i1):
        a = k0 * x0[i] + (1.0 - k0) * a
        b = k1 * x1[i] + (1.0 - k1) * b
        c = k2 * x2[i] + (1.0 - k2) * c
        d = k3 * x3[i] + (1.0 - k3) * d
        out0[i], out1[i], out2[i], out3[i] = a, b, c, d
    s[1], s[3], s[5], s[7] = a, b, c, d


@kernel(state=2, four=exponential4)
def exponential(s, n: int, k, i0, i1, x, out):
    """Average with weight ``k`` of the newest value, started with the mean of ``n``."""
    if s[0] < n or not _is_plain(x, i0, i1):
        _step(s, 0, n, k, i0, i1, x, out)
        return
    e = s[1]
    for i in range(i0, i1):
        e = k * x[i] + (1.0 - k) * e
        out[i] = e
    s[1] = e


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
