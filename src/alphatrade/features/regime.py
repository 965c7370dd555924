"""Regime: whether the market trends or turns, and whether it is calm or wild.

In: prices. Out: features. Never here: fitted regimes (``models``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import (
    absolute,
    delta,
    log,
    moments,
    sign,
    square_root,
    trend,
    window_max,
    window_min,
    window_rank,
    window_sum,
)

__all__ = ["Choppiness", "Efficiency", "TrendStrength", "VolatilityRank", "VolatilityRatio"]


@features.register("volatility_ratio")
@dataclass(frozen=True)
class VolatilityRatio(Feature):
    """Deviation of the log returns of ``fast`` bars over that of ``slow`` bars: above 1 in a storm."""

    fast: int = 5
    slow: int = 60
    family: ClassVar = "regime"
    variants: ClassVar = ((5, 60), (20, 200))
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> Node:
        fast, slow = (moments.all(b.log_ret, w=n)[1] for n in (self.fast, self.slow))
        return square_root(fast / slow)

    @property
    def lookback(self) -> int:
        return max(self.fast, self.slow) + 1


@features.register("volatility_rank")
@dataclass(frozen=True)
class VolatilityRank(Feature):
    """Rank of the present deviation of ``n`` log returns among those of the last ``window`` bars, ties by
    half: in (0, 1).

    The cost is ``window`` steps a bar.
    """

    n: int = 20
    window: int = 200
    family: ClassVar = "regime"

    def graph(self, b: Inputs) -> Node:
        return window_rank(moments.all(b.log_ret, w=self.n)[1], w=self.window)

    @property
    def lookback(self) -> int:
        return self.n + self.window


@features.register("efficiency")
@dataclass(frozen=True)
class Efficiency(Feature):
    """Efficiency ratio of Kaufman (1995): change of the close over ``n`` bars by the way it went. Range [0,
    1].

    ``|close - close[n]| / sum(|close - close[1]|)``; NaN where the price does not move.

    Examples
    --------
    >>> Efficiency(n=2).batch([1.0, 2.0, 1.5]).round(6)
    array([     nan,      nan, 0.333333])
    """

    n: int = 20
    family: ClassVar = "regime"
    variants: ClassVar = ((20,), (10,), (60,))
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> Node:
        way = window_sum(absolute(delta(b.close, lag=1)), self.n)
        return absolute(delta(b.close, lag=self.n)) / way

    @property
    def lookback(self) -> int:
        return self.n + 1


@features.register("trend_strength")
@dataclass(frozen=True)
class TrendStrength(Feature):
    """Correlation of the log close with time over ``n`` bars: 1 on a rising line, -1 on a falling one.

    NaN where the price does not move.

    Examples
    --------
    >>> TrendStrength(n=3).batch([1.0, 2.0, 4.0]).round(6)
    array([nan, nan,  1.])
    """

    n: int = 60
    family: ClassVar = "regime"
    variants: ClassVar = ((60,), (20,))
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> Node:
        _, slope, r2 = trend.all(b.log_close, w=self.n)
        return sign(slope) * square_root(r2)


@features.register("choppiness")
@dataclass(frozen=True)
class Choppiness(Feature):
    """Choppiness index of Dreiss: ``100 log(sum(true range) / (max(high) - min(low))) / log(n)`` over ``n``
    bars.

    Notes
    -----
    Near 100 where prices turn all the time, low where they trend; gaps can lift it above 100. NaN where the
    range is zero.
    """

    n: int = 14
    family: ClassVar = "regime"
    units: ClassVar = "percent"
    shortest: ClassVar = 2

    def graph(self, b: Inputs) -> Node:
        span = window_max(b.high, self.n) - window_min(b.low, self.n)
        return log(window_sum(b.true_range, self.n) / span) * (100.0 / math.log(self.n))

    @property
    def lookback(self) -> int:
        return self.n + 1
