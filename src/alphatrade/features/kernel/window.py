"""Windows by doubling: a window of 2n is two windows of n, any other is put together by its binary digits.

In: columns. Out: sums, means and extremes of the last ``w`` rows. Never here: windows that must be centred
(``moment``).

No state but history: NaN while a NaN is in the window, complete forgetting afterwards, and the same bits
wherever the series starts. Windows of different lengths over a column share their passes.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from alphatrade.core.kernel import Kernel, Node, kernel

__all__ = [
    "bars_since_max",
    "bars_since_min",
    "by_doubling",
    "weighted_mean",
    "window_max",
    "window_mean",
    "window_min",
    "window_sum",
]

T = TypeVar("T")


@kernel(hist={"y": "lag"})
def add_lag(lag: int, i0, i1, x, y, out):
    a, b, o = x[i0:i1], y[i0 - lag : i1 - lag], out[i0:i1]
    for j in range(o.size):
        o[j] = a[j] + b[j]


@kernel(hist={"older": "lag"})
def add_weighted(lag: int, more, i0, i1, total, newer, older, out):
    """Weighted sum of two neighbouring windows: the newer one's weights are larger by ``more``."""
    t, a, b, o = total[i0:i1], newer[i0:i1], older[i0 - lag : i1 - lag], out[i0:i1]
    for j in range(o.size):
        o[j] = a[j] + more * t[j] + b[j]


@kernel(hist={"y": "lag"})
def max_lag(lag: int, i0, i1, x, y, out):
    a, b, o = x[i0:i1], y[i0 - lag : i1 - lag], out[i0:i1]
    for j in range(o.size):
        o[j] = a[j] if a[j] > b[j] or a[j] != a[j] else b[j]


@kernel(hist={"y": "lag"})
def min_lag(lag: int, i0, i1, x, y, out):
    a, b, o = x[i0:i1], y[i0 - lag : i1 - lag], out[i0:i1]
    for j in range(o.size):
        o[j] = a[j] if a[j] < b[j] or a[j] != a[j] else b[j]


@kernel(hist={"y": "lag", "y_age": "lag"})
def max_age_lag(lag: int, i0, i1, x, x_age, y, y_age, out, out_age):
    """Larger of two maxima and its age in bars; of equal ones the newer."""
    a, b, p, q = x[i0:i1], y[i0 - lag : i1 - lag], x_age[i0:i1], y_age[i0 - lag : i1 - lag]
    o, r = out[i0:i1], out_age[i0:i1]
    for j in range(o.size):
        newer = a[j] >= b[j] or a[j] != a[j]
        o[j] = a[j] if newer else b[j]
        r[j] = p[j] if newer else q[j] + lag


@kernel
def age_zero(i0, i1, x, out):
    """0, NaN where x is."""
    v, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = 0.0 if v[j] == v[j] else v[j]


def _check(w: int) -> None:
    if w < 1 or int(w) != w:
        raise ValueError(f"expected a window of at least 1 bar, found {w}")


def by_doubling(single: T, w: int, merge: Callable[[T, T, int, int], T]) -> T:
    """Put a window of ``w`` rows together from windows of 1, 2, 4, ... rows.

    ``merge(new, old, a, b)`` makes a window of ``a + b`` rows from one of the newest ``a`` and one of the
    ``b`` before, which it reads ``a`` rows back.
    """
    _check(w)
    total: T | None = None
    covered, size, block = 0, 1, single
    while True:
        if w & size:
            total = block if total is None else merge(total, block, covered, size)
            covered += size
        if covered == w and total is not None:
            return total
        block = merge(block, block, size, size)
        size *= 2


def window_sum(x: Node, w: int) -> Node:
    """Sum of the last ``w`` rows."""
    return by_doubling(x, w, lambda new, old, a, b: add_lag(new, old, lag=a))


def window_mean(x: Node, w: int) -> Node:
    """Mean of the last ``w`` rows."""
    return window_sum(x, w) / float(w)


def weighted_mean(x: Node, w: int) -> Node:
    """Mean of the last ``w`` rows with the weights ``w``, ``w - 1``, ..., 1, the newest first."""
    _check(w)
    size, weighted = 1, x
    parts: list[tuple[int, Node]] = []
    while size <= w:
        if w & size:
            parts.append((size, weighted))
        weighted = add_weighted(window_sum(x, size), weighted, weighted, lag=size, more=float(size))
        size *= 2
    # The parts lie one after the other, the longest newest: each has larger weights than all older ones.
    covered, found = parts[0]
    for length, newer in parts[1:]:
        total = window_sum(x, length)
        found = add_weighted(total, newer, found, lag=length, more=float(covered))
        covered += length
    return found * (2.0 / (w * (w + 1.0)))


def _extreme(x: Node, w: int, pair: Kernel) -> Node:
    _check(w)
    size, block = 1, x
    while 2 * size <= w:
        block = pair(block, block, lag=size)
        size *= 2
    return block if size == w else pair(block, block, lag=w - size)


def window_max(x: Node, w: int) -> Node:
    """Largest of the last ``w`` rows."""
    return _extreme(x, w, max_lag)


def window_min(x: Node, w: int) -> Node:
    """Smallest of the last ``w`` rows."""
    return _extreme(x, w, min_lag)


def _pair(found: tuple[Node, Node], lag: int) -> tuple[Node, Node]:
    largest, age = max_age_lag.all(*found, *found, lag=lag)
    return largest, age


def bars_since_max(x: Node, w: int) -> Node:
    """Bars since the largest of the last ``w`` rows, 0 for the newest; of equal ones the newest counts."""
    _check(w)
    size, pair = 1, (x, age_zero(x))
    while 2 * size <= w:
        pair = _pair(pair, size)
        size *= 2
    return pair[1] if size == w else _pair(pair, w - size)[1]


def bars_since_min(x: Node, w: int) -> Node:
    """Bars since the smallest of the last ``w`` rows."""
    return bars_since_max(-x, w)
