"""Centred moments over windows, put together by doubling.

In: columns. Out: mean, variance, covariance, skewness, kurtosis and line of the last ``w`` rows, population
form (``ddof=0``). Never here: sums that need no centre (``window``).

The moments of a window follow from those of its two halves and the distance of their means (Chan, Golub and
LeVeque 1983; Pebay 2008), so a window is made of windows of half its length, as in ``window``, and windows of
different lengths share their passes. Means are kept as distances from the newest value: what is added up is
of the size of the moves, never of the level, so a price far from zero costs no digits, constant prices have
variance exactly 0, and nothing is ever subtracted from a sum. No state but history: complete forgetting, and
the same bits wherever the series starts.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from alphatrade.core.kernel import Node, combination, kernel
from alphatrade.features.kernel.window import by_doubling

__all__ = ["comoments", "moments", "shape", "trend"]

Nodes = tuple[Node, ...]
Merge = Callable[[Nodes, Nodes, int, int], Nodes]

# In all kernels that merge: the newer ``a`` rows of a window, and the older ``b`` rows before them, read
# ``a`` rows back. ``r`` is the mean of a block minus its newest value, ``q`` the sum of squares about the
# mean, ``d`` the mean of the older block minus that of the newer one.


@kernel(hist={"x": "a", "r_old": "a", "q_old": "a"})
def merge_squares(a: int, b: int, i0, i1, x, r, q, r_old, q_old, out_r, out_q):
    share, weight = b / (a + b), a * b / (a + b)
    v, before, new, old = x[i0:i1], x[i0 - a : i1 - a], r[i0:i1], r_old[i0 - a : i1 - a]
    p, s, o, t = q[i0:i1], q_old[i0 - a : i1 - a], out_r[i0:i1], out_q[i0:i1]
    for j in range(o.size):
        d = old[j] + (before[j] - v[j]) - new[j]
        o[j] = new[j] + share * d
        t[j] = p[j] + s[j] + weight * d * d


@kernel(hist=1)
def pair_squares(i0, i1, x, out_r, out_q):
    """``merge_squares`` of two single rows."""
    v, before, o, t = x[i0:i1], x[i0 - 1 : i1 - 1], out_r[i0:i1], out_q[i0:i1]
    for j in range(o.size):
        d = before[j] - v[j]
        o[j] = 0.5 * d
        t[j] = 0.5 * d * d


@kernel(hist={"x": "a", "y": "a", "rx_old": "a", "ry_old": "a", "p_old": "a"})
def merge_products(a: int, b: int, i0, i1, x, y, rx, ry, p, rx_old, ry_old, p_old, out):
    """``p`` is the sum of products about both means."""
    weight = a * b / (a + b)
    u, u_before, new_x, old_x = x[i0:i1], x[i0 - a : i1 - a], rx[i0:i1], rx_old[i0 - a : i1 - a]
    v, v_before, new_y, old_y = y[i0:i1], y[i0 - a : i1 - a], ry[i0:i1], ry_old[i0 - a : i1 - a]
    new, old, o = p[i0:i1], p_old[i0 - a : i1 - a], out[i0:i1]
    for j in range(o.size):
        dx = old_x[j] + (u_before[j] - u[j]) - new_x[j]
        dy = old_y[j] + (v_before[j] - v[j]) - new_y[j]
        o[j] = new[j] + old[j] + weight * dx * dy


@kernel(hist={"x": "a", "r_old": "a", "c_old": "a"})
def merge_line(a: int, b: int, i0, i1, x, r, c, r_old, c_old, out):
    """``c`` is the sum of products of values and times about their means, times counted in bars."""
    weight = a * b / 2.0
    v, before, new, old = x[i0:i1], x[i0 - a : i1 - a], r[i0:i1], r_old[i0 - a : i1 - a]
    p, s, o = c[i0:i1], c_old[i0 - a : i1 - a], out[i0:i1]
    for j in range(o.size):
        d = old[j] + (before[j] - v[j]) - new[j]
        o[j] = p[j] + s[j] - weight * d


@kernel(hist={"x": "a", "r_old": "a", "q_old": "a", "m3_old": "a", "m4_old": "a"})
def merge_powers(a: int, b: int, i0, i1, x, r, q, m3, m4, r_old, q_old, m3_old, m4_old, out_m3, out_m4):
    """``m3`` and ``m4`` are the sums of third and fourth powers about the mean."""
    n = a + b
    c3, c4 = a * b * (a - b) / n**2, a * b * (a * a - a * b + b * b) / n**3
    u, w = a / n, b / n
    v, before, new, old = x[i0:i1], x[i0 - a : i1 - a], r[i0:i1], r_old[i0 - a : i1 - a]
    qa, qb, a3, b3 = q[i0:i1], q_old[i0 - a : i1 - a], m3[i0:i1], m3_old[i0 - a : i1 - a]
    a4, b4, o3, o4 = m4[i0:i1], m4_old[i0 - a : i1 - a], out_m3[i0:i1], out_m4[i0:i1]
    for j in range(o3.size):
        d = old[j] + (before[j] - v[j]) - new[j]
        d2 = d * d
        o3[j] = a3[j] + b3[j] + c3 * d2 * d + 3.0 * d * (u * qb[j] - w * qa[j])
        o4[j] = (
            a4[j]
            + b4[j]
            + c4 * d2 * d2
            + 6.0 * d2 * (u * u * qb[j] + w * w * qa[j])
            + 4.0 * d * (u * b3[j] - w * a3[j])
        )


@kernel
def shape_of(w: int, i0, i1, q, m3, m4, out_skew, out_kurt):
    """Skewness and excess kurtosis from sums of powers."""
    q2, q3, q4, o, t = q[i0:i1], m3[i0:i1], m4[i0:i1], out_skew[i0:i1], out_kurt[i0:i1]
    for j in range(o.size):
        var = q2[j] / w if q2[j] > 0.0 else np.nan
        o[j] = q3[j] / w / (var * np.sqrt(var))
        t[j] = q4[j] / w / (var * var) - 3.0


@kernel
def line_of(w: int, i0, i1, q, c, out_slope, out_r2):
    """Slope and R squared from sums of squares and products."""
    spread = w * (w * w - 1.0) / 12.0
    s, p, o, t = q[i0:i1], c[i0:i1], out_slope[i0:i1], out_r2[i0:i1]
    for j in range(o.size):
        o[j] = p[j] / spread if w > 1 else np.nan
        share = p[j] * p[j] / (spread * s[j]) if s[j] > 0.0 else np.nan
        t[j] = 1.0 if share > 1.0 else share


@kernel
def covariance_of(w: int, i0, i1, p, qx, qy, out_cov, out_var_x, out_var_y):
    """Means of sums, known where both columns are."""
    v, a, b = p[i0:i1], qx[i0:i1], qy[i0:i1]
    o, s, t = out_cov[i0:i1], out_var_x[i0:i1], out_var_y[i0:i1]
    for j in range(o.size):
        hole = 0.0 * v[j]
        o[j], s[j], t[j] = v[j] / w, a[j] / w + hole, b[j] / w + hole


def _squares(x: Node) -> Merge:
    """Merge two blocks known by the distance of their mean and their sum of squares."""

    def merge(new: Nodes, old: Nodes, a: int, b: int) -> Nodes:
        if a == b == 1:
            return pair_squares.all(x)
        return merge_squares.all(x, *new[:2], *old[:2], a=a, b=b)

    return merge


def _window(single: Nodes, w: int, merge: Merge) -> Nodes:
    """Put columns together that are merged as one."""
    return by_doubling(single, w, merge)


@combination
def moments(x: Node, w: int) -> Nodes:
    """Mean and population variance."""
    r, q = _window((x * 0.0,) * 2, w, _squares(x))
    return x + r, q / w


@combination
def comoments(x: Node, y: Node, w: int) -> Nodes:
    """Population covariance and variances of two columns, over rows where both windows are full."""
    merge_x, merge_y = _squares(x), _squares(y)

    def merge(new: Nodes, old: Nodes, a: int, b: int) -> Nodes:
        p = merge_products(x, y, new[0], new[2], new[4], old[0], old[2], old[4], a=a, b=b)
        return (*merge_x(new, old, a, b), *merge_y(new[2:], old[2:], a, b), p)

    single = (*(x * 0.0,) * 2, *(y * 0.0,) * 2, x * 0.0 * y)
    _, qx, _, qy, p = _window(single, w, merge)
    return covariance_of.all(p, qx, qy, w=w)


@combination
def shape(x: Node, w: int) -> Nodes:
    """Skewness and excess kurtosis of the population, NaN where the variance is 0."""
    squares = _squares(x)

    def merge(new: Nodes, old: Nodes, a: int, b: int) -> Nodes:
        return (*squares(new, old, a, b), *merge_powers.all(x, *new, *old, a=a, b=b))

    _, q, m3, m4 = _window((x * 0.0,) * 4, w, merge)
    return shape_of.all(q, m3, m4, w=w)


@combination
def trend(x: Node, w: int) -> Nodes:
    """Least-squares line over the last ``w`` rows: mean, slope per bar, R squared (NaN for a flat line).

    The line's last value is ``mean + slope (w - 1) / 2``; the linearly weighted mean is ``mean + slope (w -
    1) / 6``.
    """
    squares = _squares(x)

    def merge(new: Nodes, old: Nodes, a: int, b: int) -> Nodes:
        return (*squares(new, old, a, b), merge_line(x, new[0], new[2], old[0], old[2], a=a, b=b))

    r, q, c = _window((x * 0.0,) * 3, w, merge)
    return (x + r, *line_of.all(q, c, w=w))
