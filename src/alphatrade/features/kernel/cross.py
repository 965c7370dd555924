"""Panel kernels: one slice of all symbols at a time.

In: columns of all symbols on the slice clock. Out: the same. Never here: memory. Absent symbols are NaN and
are not counted; sums run in the order of the symbols, so they always have the same bits.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from alphatrade.core.kernel import panel, routine

__all__ = ["cross_mean", "cross_rank", "cross_zscore"]


@routine
def _mean(v):
    total, n = 0.0, 0
    for s in range(v.size):
        if v[s] == v[s]:
            total += v[s]
            n += 1
    return (total / n if n > 0 else np.nan), n


@panel
def cross_mean(symbols: int, i0, i1, x, out):
    """Mean over the symbols present, given to every symbol."""
    for t in range(i0, i1):
        mean, _ = _mean(x[t * symbols : (t + 1) * symbols])
        for s in range(t * symbols, (t + 1) * symbols):
            out[s] = mean


@panel
def cross_rank(symbols: int, i0, i1, x, out):
    """Share of the symbols present that lie below, ties by half: in (0, 1), 0.5 for a symbol alone."""
    for t in range(i0, i1):
        v, o = x[t * symbols : (t + 1) * symbols], out[t * symbols : (t + 1) * symbols]
        n = 0
        for s in range(symbols):
            n += v[s] == v[s]
        for s in range(symbols):
            below, equal, mine = 0, 0, v[s]
            for r in range(symbols):
                below += v[r] < mine
                equal += v[r] == mine
            o[s] = (below + 0.5 * equal) / n if mine == mine else np.nan


@panel
def cross_zscore(symbols: int, i0, i1, x, out):
    """Distance from the mean over the symbols present, in their population deviations.

    0 where all are equal.
    """
    for t in range(i0, i1):
        v, o = x[t * symbols : (t + 1) * symbols], out[t * symbols : (t + 1) * symbols]
        mean, n = _mean(v)
        total = 0.0
        for s in range(symbols):
            d = v[s] - mean
            total += d * d if d == d else 0.0
        deviation = np.sqrt(total / n) if n > 0 else np.nan
        for s in range(symbols):
            d = v[s] - mean
            o[s] = d / deviation if deviation > 0.0 else 0.0 * d
