"""Microstructure seen in bars: what trading costs, and which side trades.

In: prices and volume. Out: features. Never here: quotes and trades (they are another kind of data), volume
alone (``volume``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import (
    absolute,
    comoments,
    fraction,
    lagged,
    moments,
    share_of,
    sign,
    square_root,
    up_probability,
    window_mean,
    window_sum,
)

__all__ = [
    "Amihud",
    "Body",
    "CloseLocation",
    "Gap",
    "IlliquidityRatio",
    "KyleLambda",
    "RollSpread",
    "VolumeImbalance",
]


def _illiquidity(b: Inputs, n: int) -> Node:
    """Mean of return size by money traded, over the bars with volume; NaN where there are none."""
    one = share_of(absolute(b.ret), b.close * b.volume)
    # The first return needs a close before it: both sums begin there.
    traded = sign(b.volume) + b.ret * 0.0
    return window_sum(one, n) / window_sum(traded, n)


@features.register("amihud")
@dataclass(frozen=True)
class Amihud(Feature):
    """Amihud's (2002) illiquidity: mean of ``|return| / (close volume)`` over the bars of ``n`` that have
    volume, times 1e6.

    Notes
    -----
    Return per million of the currency. Not in the catalogue by itself: the size of a firm decides its level.
    Its rank among symbols and its change (``illiquidity_ratio``) are.
    """

    n: int = 20
    family: ClassVar = "microstructure"
    units: ClassVar = "1/currency"
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> Node:
        return _illiquidity(b, self.n) * 1e6

    @property
    def lookback(self) -> int:
        return self.n + 1


@features.register("illiquidity_ratio")
@dataclass(frozen=True)
class IlliquidityRatio(Feature):
    """Amihud's illiquidity of the last ``fast`` bars over that of the last ``slow`` bars.

    NaN without volume in either.
    """

    fast: int = 5
    slow: int = 60
    family: ClassVar = "microstructure"

    def graph(self, b: Inputs) -> Node:
        return _illiquidity(b, self.fast) / _illiquidity(b, self.slow)

    @property
    def lookback(self) -> int:
        return max(self.fast, self.slow) + 1


@features.register("roll_spread")
@dataclass(frozen=True)
class RollSpread(Feature):
    """Roll's (1984) effective spread, as a share of the price: ``2 sqrt(-cov)`` of neighbouring log returns
    over ``n`` bars.

    Notes
    -----
    A bounce between bid and ask makes neighbouring returns move against each other. Where the covariance is
    positive the model says nothing; the value then is ``-2 sqrt(cov)``, negative as a mark.
    """

    n: int = 60
    family: ClassVar = "microstructure"
    units: ClassVar = "log"

    def graph(self, b: Inputs) -> Node:
        cov, _, _ = comoments.all(b.log_ret, lagged(b.log_ret, lag=1), w=self.n)
        return sign(cov) * square_root(absolute(cov)) * -2.0

    @property
    def lookback(self) -> int:
        return self.n + 2


@features.register("close_location")
@dataclass(frozen=True)
class CloseLocation(Feature):
    """Mean over ``n`` bars of the close's place in its bar: ``(2 close - high - low) / (high - low)``. Range
    [-1, 1].

    A bar without range counts as closed in its middle, 0.

    Examples
    --------
    >>> CloseLocation(n=1).batch([1.0, 4.0], high=[4.0, 4.0], low=[0.0, 4.0])
    array([-0.5,  0. ])
    """

    n: int = 1
    family: ClassVar = "microstructure"
    variants: ClassVar = ((1,), (5,))

    def graph(self, b: Inputs) -> Node:
        return window_mean(fraction(b.close * 2.0 - b.high - b.low, b.high - b.low), self.n)


@features.register("body")
@dataclass(frozen=True)
class Body(Feature):
    """Mean over ``n`` bars of the bar's body as a share of its range: ``(close - open) / (high - low)``.
    Range [-1, 1].

    A bar without range counts as 0.
    """

    n: int = 1
    family: ClassVar = "microstructure"
    variants: ClassVar = ((1,), (5,))

    def graph(self, b: Inputs) -> Node:
        return window_mean(fraction(b.close - b.open, b.high - b.low), self.n)


@features.register("gap")
@dataclass(frozen=True)
class Gap(Feature):
    """Jump from the last close to the open: ``open / close[1] - 1``; at a session's first bar, the overnight
    return.

    Examples
    --------
    >>> Gap().batch([1.0, 2.0], open=[1.0, 1.5])
    array([nan, 0.5])
    """

    family: ClassVar = "microstructure"

    def graph(self, b: Inputs) -> Node:
        return b.open / lagged(b.close, lag=1) - 1.0

    @property
    def lookback(self) -> int:
        return 2


@features.register("volume_imbalance")
@dataclass(frozen=True)
class VolumeImbalance(Feature):
    """Bought less sold volume over all volume of ``n`` bars, sides by bulk classification [1]_. Range [-1,
    1].

    Notes
    -----
    The bought share of a bar is the normal distribution function of its log return in deviations of ``n`` log
    returns; a bar that did not move is half bought. NaN without volume.

    References
    ----------
    .. [1] Easley, D., Lopez de Prado, M. and O'Hara, M. (2012). Flow toxicity and liquidity in a
       high-frequency world. *Review of Financial Studies* 25.
    """

    n: int = 20
    family: ClassVar = "microstructure"
    variants: ClassVar = ((20,),)

    def graph(self, b: Inputs) -> Node:
        _, var = moments.all(b.log_ret, w=self.n)
        bought = up_probability(fraction(b.log_ret, square_root(var)))
        return window_sum((bought * 2.0 - 1.0) * b.volume, self.n) / window_sum(b.volume, self.n)

    @property
    def lookback(self) -> int:
        return 2 * self.n


@features.register("kyle")
@dataclass(frozen=True)
class KyleLambda(Feature):
    """Price impact after Kyle (1985): slope of log returns on signed volume over ``n`` bars, per mean volume
    of a bar.

    Notes
    -----
    ``cov(log return, q) / var(q) mean(volume)`` with ``q = sign(log return) volume``: the return that one
    average bar's volume moves, comparable between symbols. NaN where no volume moved the price.
    """

    n: int = 60
    family: ClassVar = "microstructure"
    units: ClassVar = "log"

    def graph(self, b: Inputs) -> Node:
        cov, _, var = comoments.all(b.log_ret, sign(b.log_ret) * b.volume, w=self.n)
        return cov / var * window_mean(b.volume, self.n)

    @property
    def lookback(self) -> int:
        return self.n + 1
