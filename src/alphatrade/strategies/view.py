"""The view: everything a decision may look at, and nothing that lies ahead.

In: what the engine knows at the close of one slice. Out: read-only columns over the symbols, in fixed
order. Never here: other slices, the feed, the broker.

One ``View`` is made a session; its arrays are refilled in place, so a strategy that wants to remember a
number copies it. Strategies, allocators, limits and schedules read it; only the engine writes.
"""

from __future__ import annotations

import numpy as np

from alphatrade.core.opinion import Forecast

__all__ = ["View", "no_forecast"]


def no_forecast(n: int, classes: tuple[int, ...] = ()) -> Forecast:
    """A forecast of ``n`` rows that knows nothing: all NaN.

    >>> no_forecast(2, (0, 1)).probability
    array([[nan, nan],
           [nan, nan]])
    """
    return Forecast(classes, np.full((n, len(classes)), np.nan), np.full(n, np.nan))


class View:
    """The present of S symbols.

    Attributes
    ----------
    time : int
        Moment of the decision, ns since 1970 UTC; every number here was known by then.
    symbols : tuple of str
    bar : (S, 5) float64
        Open, high, low, close, volume of this slice's bar; NaN where the symbol has none.
    present : (S,) bool
        True where the symbol has a bar in this slice.
    feature : (S, F) float32
        NaN where not known.
    forecast : Forecast
        S rows; NaN where the model has no answer.
    close : (S,) float64
        Last close known, NaN before the first one.
    volatility : (S,) float64
        Trailing deviation of one-bar returns, NaN until known.
    qty, pending : (S,) float64
        Signed shares held, and still on order.
    weight : (S,) float64
        Signed fraction of equity held.
    cash, equity : float
        Account currency, at the last closes.
    gross : float
        Sum of absolute weights held.
    planned_gross : float
        Absolute notional of what is held and on order together, account currency.
    drawdown, day_loss : float
        Positive fractions: fall of equity from its peak; deepest fall of this session from the equity it
        began with.
    halted : bool
        The kill switch is tripped: nothing may grow.
    next_order : int
        Number of the next order of this session.

    Examples
    --------
    >>> view = View(("A", "B"))
    >>> view.qty, view.equity, view.halted
    (array([0., 0.]), 0.0, False)
    """

    __slots__ = (
        "bar",
        "cash",
        "close",
        "day_loss",
        "drawdown",
        "equity",
        "feature",
        "forecast",
        "gross",
        "halted",
        "next_order",
        "pending",
        "planned_gross",
        "present",
        "qty",
        "symbols",
        "time",
        "volatility",
        "weight",
    )

    def __init__(self, symbols: tuple[str, ...], features: int = 0, classes: tuple[int, ...] = ()) -> None:
        n = len(symbols)
        self.symbols = symbols
        self.time = 0
        self.bar = np.full((n, 5), np.nan)
        self.present = np.zeros(n, bool)
        self.feature = np.full((n, features), np.nan, np.float32)
        self.forecast = no_forecast(n, classes)
        self.close = np.full(n, np.nan)
        self.volatility = np.full(n, np.nan)
        self.qty = np.zeros(n)
        self.pending = np.zeros(n)
        self.weight = np.zeros(n)
        self.cash = 0.0
        self.equity = 0.0
        self.gross = 0.0
        self.planned_gross = 0.0
        self.drawdown = 0.0
        self.day_loss = 0.0
        self.halted = False
        self.next_order = 1
