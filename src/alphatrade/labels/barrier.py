"""The triple barrier: profit, stop, or time, whichever comes first.

In: bars. Out: labels +1, -1, 0 with the price and the moment of the touch. Never here: a touch rule of its
own: it asks the one the simulator asks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import polars as pl

from alphatrade.core.bar import Bars
from alphatrade.core.kernel.compile import njit
from alphatrade.execution.touch import touch
from alphatrade.labels.atr import wilder_atr
from alphatrade.labels.base import Outcomes, Prices, check_entry, label_table, register

__all__ = ["TripleBarrier", "barriers"]

TIES = ("stop_first", "profit_first")


@njit
def _touch_of(o, h, l, stop, limit, side, profit_first):  # type: ignore[no-untyped-def]
    """Outcome of one bar, its price, and whether the bar left the order of stop and profit open."""
    hit, price = touch(o, h, l, stop, limit, side)
    if hit != -1:
        return hit, price, False
    at_open, _ = touch(o, o, o, stop, math.nan, side)
    other, limit_price = touch(o, h, l, math.nan, limit, side)
    tie = at_open == 0 and other == 1
    if tie and profit_first:
        return 1, limit_price, True
    return -1, price, tie


@njit
def barriers(  # type: ignore[no-untyped-def]
    o, h, l, c, at, atr, profit, stop, horizon, next_open, side, profit_first,
    label, t1, ret, touch_price, entry_price, tie, bars,
):  # fmt: skip
    """Fill in the outcome of a position opened at each bar; rows without one are left as they are."""
    n = len(c)
    for i in range(n - 1):
        if not atr[i] > 0.0:
            continue
        entry = o[i + 1] if next_open else c[i]
        low, high = entry - side * stop * atr[i], entry + side * profit * atr[i]
        end = min(i + horizon, n - 1)
        hit, price, ambiguous = 0, c[end], False
        j = i
        while hit == 0 and j < end:
            j += 1
            hit, touched, ambiguous = _touch_of(o[j], h[j], l[j], low, high, side, profit_first)
            if hit != 0:
                price = touched
        if hit == 0 and i + horizon > n - 1:
            continue
        label[i], t1[i], tie[i], bars[i] = hit, at[j], ambiguous, j - i
        entry_price[i], touch_price[i], ret[i] = entry, price, side * (price / entry - 1.0)


@register("triple_barrier")
@dataclass(frozen=True)
class TripleBarrier:
    """Which of three barriers a position meets first: profit (+1), stop (-1) or time (0).

    Parameters
    ----------
    profit, stop : float
        Distance of the barriers from the entry price, in average true ranges at the decision bar.
        ``math.inf`` takes one of them away.
    horizon : int
        Bars until the time exit, at the close of the ``horizon``-th bar after the decision.
    entry : {"next_open", "close"}
        Price at which the position opens: the next bar's open, which a fill can get, or the decision bar's
        close. With ``next_open`` the entry bar itself can touch.
    side : {1, -1}
        Long or short.
    atr_window : int
        Period of Wilder's average true range.
    tie : {"stop_first", "profit_first"}
        Who wins when one bar reaches both barriers after its open.

    Notes
    -----
    Touches follow ``execution.touch``: a bar that opens beyond a barrier fills at its open, even if it
    later reaches the other one, for the open comes first; that is no tie. ``ret`` is
    ``side * (touch_price / entry_price - 1)``, before costs. Bars are real bars: MISSING ones are skipped
    and do not count. Spans may cross a night. Unknown (null) are rows whose average true range is not known
    or zero, and the last rows, as long as no barrier was met.

    References
    ----------
    .. [1] López de Prado, M. (2018). *Advances in Financial Machine Learning*, chapter 3. Wiley.

    Examples
    --------
    >>> TripleBarrier(profit=2.0, stop=1.0, horizon=20).horizon_bars
    20
    >>> TripleBarrier(stop=0.0)
    Traceback (most recent call last):
    ...
    ValueError: expected stop above 0, found 0.0: set labels.stop
    """

    profit: float = 2.0
    stop: float = 1.0
    horizon: int = 20
    entry: Literal["next_open", "close"] = "next_open"
    side: Literal[1, -1] = 1
    atr_window: int = 14
    tie: Literal["stop_first", "profit_first"] = "stop_first"

    def __post_init__(self) -> None:
        check_entry(self.entry)
        for name in ("profit", "stop"):
            if not getattr(self, name) > 0.0:
                raise ValueError(f"expected {name} above 0, found {getattr(self, name)}: set labels.{name}")
        for name in ("horizon", "atr_window"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"expected {name} of at least 1, found {getattr(self, name)}: set labels.{name}"
                )
        if self.side not in (1, -1):
            raise ValueError(f"expected side 1 or -1, found {self.side}: set labels.side")
        if self.tie not in TIES:
            raise ValueError(f"expected tie in {TIES}, found {self.tie!r}: set labels.tie")

    @property
    def horizon_bars(self) -> int:
        return self.horizon

    def label(self, bars: Bars) -> pl.DataFrame:
        """Outcomes of a position opened after every bar, as ``labels.base.Labeler.label`` describes them."""
        return label_table(bars, self._fill)

    def _fill(self, p: Prices, out: Outcomes) -> None:
        atr = wilder_atr(p.high, p.low, p.close, self.atr_window)
        barriers(
            p.open, p.high, p.low, p.close, p.at, atr,
            float(self.profit), float(self.stop), self.horizon,
            self.entry == "next_open", self.side, self.tie == "profit_first",
            *out.arrays,
        )  # fmt: skip
