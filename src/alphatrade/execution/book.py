"""The book: what a fill does to cash and positions, and what closes do to equity.

In: fills and closes. Out: two arrays, ``account`` and ``position``, changed in place. Never here: orders,
matching, prices of fills. One row of ``position`` is one cache line: the simulator walks them for every
bar.

Average cost: adding to a position averages its price, reducing it realises the difference to that price,
crossing zero closes the old position and opens a new one at the fill's price.
"""

from __future__ import annotations

import numpy as np

from alphatrade.core.kernel.inline import inlined

__all__ = ["blank_account", "blank_position", "book", "mark"]

# account (8,): money. GROSS and NET are notional held, TURNOVER is notional traded so far.
CASH, EQUITY, GROSS, NET, COMMISSION, SPREAD, SLIPPAGE, TURNOVER = range(8)
# position (S, 8): signed shares, average price (NaN when flat), last close (NaN before the first), P&L
# realised before commission, market orders not yet filled (signed shares), weight decided but not yet acted
# on (NaN: none), shares traded in the slice TRADED_AT.
QTY, AVERAGE, CLOSE, REALISED, WORKING, WEIGHT, TRADED, TRADED_AT = range(8)
# What rounding leaves of a position, as a fraction of the fill that closed it, and of equity.
DUST = 1e-9


def blank_account(cash: float) -> np.ndarray:
    """(8,) float64: an account that holds cash only."""
    account = np.zeros(8)
    account[CASH] = account[EQUITY] = cash
    return account


def blank_position(symbols: int) -> np.ndarray:
    """(S, 8) float64: nothing held, nothing seen."""
    position = np.zeros((symbols, 8))
    position[:, [AVERAGE, CLOSE, WEIGHT]] = np.nan
    position[:, TRADED_AT] = -1.0
    return position


@inlined
def after_fill(held: float, qty: float) -> float:
    """Shares held, or left of an order, after a fill; a remainder that is rounding only is nothing."""
    total = held + qty
    return 0.0 if abs(total) <= DUST * abs(qty) else total


@inlined
def _reprice(position: np.ndarray, s: int, qty: float, price: float) -> None:
    held = position[s, QTY]
    total = after_fill(held, qty)
    if held * qty >= 0.0:
        before = position[s, AVERAGE] * abs(held) if held != 0.0 else 0.0
        position[s, AVERAGE] = (before + price * abs(qty)) / abs(total)
    else:
        closed = min(abs(held), abs(qty))
        gain = price - position[s, AVERAGE]
        position[s, REALISED] += gain * closed if held > 0.0 else -gain * closed
        if total == 0.0:
            position[s, AVERAGE] = np.nan
        elif total * held < 0.0:
            position[s, AVERAGE] = price
    position[s, QTY] = total


@inlined
def book(
    account: np.ndarray,
    position: np.ndarray,
    s: int,
    qty: float,
    price: float,
    commission: float,
    spread: float,
    slippage: float,
) -> None:
    """Record one fill of ``qty`` signed shares of symbol ``s``; costs are money."""
    notional = qty * price
    account[CASH] -= notional + commission
    account[COMMISSION] += commission
    account[SPREAD] += spread
    account[SLIPPAGE] += slippage
    account[TURNOVER] += abs(notional)
    _reprice(position, s, qty, price)


@inlined
def mark(account: np.ndarray, position: np.ndarray, bars: np.ndarray, t: int) -> None:
    """Value positions at the closes of slice ``t`` of ``bars`` (T, S, 5); an absent symbol keeps its last."""
    long = 0.0
    short = 0.0
    for s in range(position.shape[0]):
        close = bars[t, s, 3]
        if close == close:
            position[s, CLOSE] = close
        held = position[s, QTY]
        if held != 0.0:
            value = held * position[s, CLOSE]
            long += max(value, 0.0)
            short -= min(value, 0.0)
    account[EQUITY] = account[CASH] + long - short
    account[GROSS] = long + short
    account[NET] = long - short
