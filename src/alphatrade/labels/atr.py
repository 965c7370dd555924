"""Wilder's average true range over one symbol's real bars, the unit in which barriers are set.

In: highs, lows, closes. Out: the average true range known at each bar. Never here: barriers.
"""

from __future__ import annotations

import numpy as np

from alphatrade.core.kernel.compile import njit

__all__ = ["wilder_atr"]


@njit
def wilder_atr(high: np.ndarray, low: np.ndarray, close: np.ndarray, n: int) -> np.ndarray:
    """Average true range by Wilder's smoothing.

    Parameters
    ----------
    high, low, close : ndarray (m,) of float64
        Price units, no NaN.
    n : int
        Smoothing period in bars.

    Returns
    -------
    ndarray (m,) of float64
        Price units. NaN for the first ``n`` bars: the first bar has no previous close and so no true range.

    Notes
    -----
    Starts as the mean of the first ``n`` true ranges, then ``(previous * (n - 1) + true range) / n``, as in
    Wilder (1978), *New Concepts in Technical Trading Systems*.

    Examples
    --------
    >>> wilder_atr(np.array([2.0, 3.0, 5.0]), np.array([1.0, 2.0, 2.0]), np.array([1.5, 2.5, 4.0]), 1)
    array([nan, 1.5, 3. ])
    """
    out = np.full(len(close), np.nan)
    total = 0.0
    for i in range(1, min(n + 1, len(close))):
        total += max(high[i], close[i - 1]) - min(low[i], close[i - 1])
    if len(close) > n:
        value = total / n
        out[n] = value
        # One product and one sum a bar in the chain: a division there would take longer than everything else.
        new, old = 1.0 / n, 1.0 - 1.0 / n
        for i in range(n + 1, len(close)):
            true_range = max(high[i], close[i - 1]) - min(low[i], close[i - 1])
            value = old * value + new * true_range
            out[i] = value
    return out
