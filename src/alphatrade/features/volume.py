"""Volume: how much is traded, and who pushes.

In: prices and volume. Out: features. Never here: prices of liquidity (``microstructure``). Lines summed since
the stream's start (OBV, AD) are registered but stay out of the catalogue: their level means nothing; their
change does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import (
    cumulative,
    delta,
    ema,
    ema_bars,
    fraction,
    moments,
    negative_part,
    on_balance,
    positive_part,
    session_sum,
    sign,
    square_root,
    window_mean,
    window_sum,
)

__all__ = [
    "AccumulationDistribution",
    "ChaikinMoneyFlow",
    "ForceIndex",
    "MoneyFlowIndex",
    "Obv",
    "ObvChange",
    "SessionVwap",
    "VolumeRatio",
    "VolumeZScore",
    "VwapRatio",
]


def _money_flow(b: Inputs) -> Node:
    """Volume times the close's place in the bar, -1 to 1; a bar without range has place 0."""
    return fraction(b.close * 2.0 - b.high - b.low, b.high - b.low) * b.volume


@features.register("obv_change")
@dataclass(frozen=True)
class ObvChange(Feature):
    """Change of Granville's on-balance volume over ``n`` bars, as a share of their volume. Range [-1, 1].

    Notes
    -----
    ``sum(sign(close - close[1]) volume) / sum(volume)``: OBV itself depends on where the data begin. NaN
    without volume.
    """

    n: int = 20
    family: ClassVar = "volume"
    variants: ClassVar = ((20,), (5,), (10,))

    def graph(self, b: Inputs) -> Node:
        # The first change of the window needs the close before it.
        signed = sign(delta(b.close, lag=1)) * b.volume
        return window_sum(signed, self.n) / window_sum(b.volume, self.n)

    @property
    def lookback(self) -> int:
        return self.n + 1


@features.register("obv")
@dataclass(frozen=True)
class Obv(Feature):
    """On-balance volume of Granville (1963): volume of rises minus volume of falls, from the first bar's
    volume on.

    Examples
    --------
    >>> Obv().batch([1.0, 2.0, 2.0, 1.0], volume=[10.0, 5.0, 7.0, 1.0])
    array([10., 15., 15., 14.])
    """

    family: ClassVar = "volume"
    units: ClassVar = "shares"
    memory: ClassVar = "anchored"
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> Node:
        return on_balance(b.close, b.volume)


@features.register("ad")
@dataclass(frozen=True)
class AccumulationDistribution(Feature):
    """Accumulation and distribution of Chaikin: running sum of volume times the close's place in its bar.

    Notes
    -----
    ``sum(((close - low) - (high - close)) / (high - low) volume)``; a bar without range adds 0.
    """

    family: ClassVar = "volume"
    units: ClassVar = "shares"
    memory: ClassVar = "anchored"
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> Node:
        return cumulative(_money_flow(b))


@features.register("cmf")
@dataclass(frozen=True)
class ChaikinMoneyFlow(Feature):
    """Chaikin's money flow: volume times the close's place in its bar (-1 low, 1 high), over volume, summed
    over ``n`` bars. Range [-1, 1].

    NaN without volume; a bar without range counts as closed in its middle.
    """

    n: int = 20
    family: ClassVar = "volume"
    variants: ClassVar = ((20,),)

    def graph(self, b: Inputs) -> Node:
        return window_sum(_money_flow(b), self.n) / window_sum(b.volume, self.n)


@features.register("mfi")
@dataclass(frozen=True)
class MoneyFlowIndex(Feature):
    """Money flow index of Quong and Soudack (1989): share of the money (typical price times volume) of ``n``
    bars that came with a rising typical price, in percent.

    Notes
    -----
    Bars whose typical price stays count for neither side; NaN where no money moved it. Rounding can decide
    whether two typical prices tie, so single windows may differ from TA-Lib's.
    """

    n: int = 14
    family: ClassVar = "volume"
    units: ClassVar = "percent"
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> Node:
        flow = sign(delta(b.typical, lag=1)) * (b.typical * b.volume)
        up, down = window_sum(positive_part(flow), self.n), window_sum(negative_part(flow), self.n)
        return up / (up + down) * 100.0

    @property
    def lookback(self) -> int:
        return self.n + 1


@features.register("vwap_ratio")
@dataclass(frozen=True)
class VwapRatio(Feature):
    """Distance of the close from the volume-weighted typical price of ``n`` bars: ``close / vwap - 1``.

    NaN without volume.
    """

    n: int = 20
    family: ClassVar = "volume"
    variants: ClassVar = ((20,), (5,))

    def graph(self, b: Inputs) -> Node:
        return b.close * window_sum(b.volume, self.n) / window_sum(b.typical * b.volume, self.n) - 1.0


@features.register("session_vwap")
@dataclass(frozen=True)
class SessionVwap(Feature):
    """Distance of the close from the volume-weighted typical price since the session's open.

    NaN until the session has volume. On daily bars it is the distance from the bar's own typical price.
    """

    family: ClassVar = "volume"
    memory: ClassVar = "anchored"

    def graph(self, b: Inputs) -> Node:
        money = session_sum(b.typical * b.volume, b.session_open)
        return b.close * session_sum(b.volume, b.session_open) / money - 1.0

    @property
    def memory_bars(self) -> int:
        # A session around the clock, of one-minute bars.
        return 1_440


@features.register("volume_ratio")
@dataclass(frozen=True)
class VolumeRatio(Feature):
    """Volume over its mean of ``n`` bars, the current one included. Range [0, n]."""

    n: int = 20
    family: ClassVar = "volume"
    variants: ClassVar = ((20,), (5,), (10,))

    def graph(self, b: Inputs) -> Node:
        return b.volume / window_mean(b.volume, self.n)


@features.register("volume_zscore")
@dataclass(frozen=True)
class VolumeZScore(Feature):
    """Distance of the volume from its mean of ``n`` bars, in population deviations."""

    n: int = 20
    family: ClassVar = "volume"
    variants: ClassVar = ((20,),)

    def graph(self, b: Inputs) -> Node:
        mean, var = moments.all(b.volume, w=self.n)
        return (b.volume - mean) / square_root(var)


@features.register("force")
@dataclass(frozen=True)
class ForceIndex(Feature):
    """Elder's (1993) force index as a return: exponential average of return times volume, over that of
    volume.

    Notes
    -----
    ``ema(ret volume, n) / ema(volume, n)``: the mean return of a share traded. NaN without volume.
    """

    n: int = 13
    family: ClassVar = "volume"
    memory: ClassVar = "decaying"

    def graph(self, b: Inputs) -> Node:
        # The first return needs a close before it: both averages begin there.
        traded = b.volume + b.ret * 0.0
        return ema(b.ret * b.volume, self.n) / ema(traded, self.n)

    @property
    def lookback(self) -> int:
        return self.n + 1

    @property
    def memory_bars(self) -> int:
        return 1 + ema_bars(self.n)
