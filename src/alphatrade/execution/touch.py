"""The touch rule: what one bar does to a protective stop and a profit limit.

In: a bar's open, high and low, two levels and a side. Out: which level traded, and at what price.
Never here: costs, quantities, order state.
The simulator's limit and stop orders and the barrier labels all ask this one function.
"""

from __future__ import annotations

import math

from alphatrade.core.kernel.compile import njit

__all__ = ["touch"]


@njit
def touch(o: float, h: float, l: float, stop: float, limit: float, side: int) -> tuple[int, float]:
    """Say which level a bar touched first, and the price of the trade.

    Parameters
    ----------
    o, h, l : float
        Open, high and low of the bar, price units. A NaN bar touches nothing.
    stop : float
        Level that closes the position at a loss: below the market for a long, above it for a short.
        NaN: absent.
    limit : float
        Level that closes it at a profit, on the other side of the market. NaN: absent.
    side : int
        +1 for a long position, -1 for a short one. An *order* is asked with the side of the position it
        would close: -1 for a buy, +1 for a sell.

    Returns
    -------
    (int, float)
        ``(-1, price)`` for the stop, ``(+1, price)`` for the limit, ``(0, nan)`` for neither.

    Notes
    -----
    1. The open comes first in time: a bar that opens at or beyond a level trades there, at the open. That is
       worse than the stop, or better than the limit. A position whose bar opens beyond its limit is gone
       before the market can come back to its stop.
    2. Inside the bar a level is touched when the range reaches it (equality counts), and trades at the level.
    3. A bar that reaches both does not say in which order: the stop wins.

    Examples
    --------
    >>> touch(100.0, 103.0, 98.0, 99.0, 102.0, 1)       # both inside the bar
    (-1, 99.0)
    >>> touch(97.0, 98.0, 96.0, 99.0, 102.0, 1)         # opens below the stop
    (-1, 97.0)
    >>> touch(100.0, 103.0, 99.5, 99.0, 102.0, 1)
    (1, 102.0)
    """
    if side > 0:
        if o <= stop:
            return -1, o
        if o >= limit:
            return 1, o
        if l <= stop:
            return -1, stop
        if h >= limit:
            return 1, limit
    else:
        if o >= stop:
            return -1, o
        if o <= limit:
            return 1, o
        if h >= stop:
            return -1, stop
        if l <= limit:
            return 1, limit
    return 0, math.nan
