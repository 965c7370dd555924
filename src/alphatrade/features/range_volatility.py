"""Volatility estimated from whole bars: the range says more than two closes.

In: prices. Out: features of the family volatility, per bar, not annualised. Never here: what looks at closes
only (``volatility``).

All are deviations of log returns: square roots of a mean over ``n`` bars. They see a bar's own range; trading
in steps between few prices makes them too small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import lagged, log, moments, square_root, window_mean

__all__ = ["GarmanKlass", "Parkinson", "RogersSatchell", "YangZhang"]


@dataclass(frozen=True)
class _RangeVolatility(Feature):
    """Base: window in bars, the current one included."""

    n: int = 20
    family: ClassVar = "volatility"
    units: ClassVar = "log"
    variants: ClassVar[tuple[tuple[int, ...], ...]] = ((20,),)


def _satchell(b: Inputs) -> Node:
    """Rogers' and Satchell's variance of one bar."""
    up, down, drift = log(b.high), log(b.low), log(b.open)
    return (up - b.log_close) * (up - drift) + (down - b.log_close) * (down - drift)


@features.register("parkinson")
@dataclass(frozen=True)
class Parkinson(_RangeVolatility):
    """Parkinson's (1980) volatility: ``sqrt(mean(ln(high / low)^2) / (4 ln 2))``.

    Examples
    --------
    >>> Parkinson(n=1).batch(high=[2.0], low=[1.0]).round(6)
    array([0.416277])
    """

    variants: ClassVar = ((20,), (5,), (60,))

    def graph(self, b: Inputs) -> Node:
        reach = log(b.high) - log(b.low)
        return square_root(window_mean(reach * reach, self.n) * (0.25 / math.log(2.0)))


@features.register("garman_klass")
@dataclass(frozen=True)
class GarmanKlass(_RangeVolatility):
    """Garman's and Klass' (1980) volatility: ``sqrt(mean(ln(high / low)^2 / 2 - (2 ln 2 - 1) ln(close /
    open)^2))``.
    """

    def graph(self, b: Inputs) -> Node:
        reach, move = log(b.high) - log(b.low), b.log_close - log(b.open)
        one = reach * reach * 0.5 - move * move * (2.0 * math.log(2.0) - 1.0)
        return square_root(window_mean(one, self.n))


@features.register("rogers_satchell")
@dataclass(frozen=True)
class RogersSatchell(_RangeVolatility):
    """Rogers' and Satchell's (1991) volatility, right under drift: ``sqrt(mean(ln(high / close) ln(high /
    open) + ln(low / close) ln(low / open)))``.
    """

    def graph(self, b: Inputs) -> Node:
        return square_root(window_mean(_satchell(b), self.n))


@features.register("yang_zhang")
@dataclass(frozen=True)
class YangZhang(_RangeVolatility):
    """Yang's and Zhang's (2000) volatility, with the jump between bars: ``sqrt(var(ln(open / close[1])) + k
    var(ln(close / open)) + (1 - k) rogers_satchell^2)``.

    Notes
    -----
    ``k = 0.34 / (1.34 + (n + 1) / (n - 1))``, variances with ``ddof=1``; needs at least two bars.
    """

    shortest: ClassVar = 2

    def graph(self, b: Inputs) -> Node:
        start, n = log(b.open), self.n
        _, jump = moments.all(start - lagged(b.log_close, lag=1), w=n)
        _, move = moments.all(b.log_close - start, w=n)
        k = 0.34 / (1.34 + (n + 1.0) / (n - 1.0))
        unbiased = n / (n - 1.0)
        inside = window_mean(_satchell(b), n) * (1.0 - k)
        return square_root(jump * unbiased + move * (k * unbiased) + inside)

    @property
    def lookback(self) -> int:
        return self.n + 1
