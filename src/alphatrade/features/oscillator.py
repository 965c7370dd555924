"""Oscillators: momentum scaled to a range or to the price.

In: prices. Out: features of the family momentum. Never here: plain returns (``momentum``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import (
    absolute,
    delta,
    ema,
    ema_bars,
    lagged,
    mean_deviation,
    minimum,
    window_max,
    window_mean,
    window_min,
    window_sum,
)

__all__ = ["Cci", "Ppo", "Trix", "TrueStrength", "UltimateOscillator", "WilliamsR"]


@features.register("willr")
@dataclass(frozen=True)
class WilliamsR(Feature):
    """Williams' %R: ``-100 (max(high) - close) / (max(high) - min(low))`` over ``n`` bars. Range [-100, 0].

    NaN where the range is zero.

    Examples
    --------
    >>> WilliamsR(n=2).batch([1.0, 3.0], high=[2.0, 4.0], low=[0.0, 1.0])
    array([ nan, -25.])
    """

    n: int = 14
    family: ClassVar = "momentum"
    units: ClassVar = "percent"

    def graph(self, b: Inputs) -> Node:
        high, low = window_max(b.high, self.n), window_min(b.low, self.n)
        return (b.close - high) / (high - low) * 100.0


@features.register("cci")
@dataclass(frozen=True)
class Cci(Feature):
    """Commodity channel index [1]_: distance of the typical price from its mean over ``n`` bars, in 0.015
    mean absolute deviations.

    Notes
    -----
    The typical price is the mean of high, low and close. NaN where it does not move (TA-Lib: 0). The cost is
    ``n`` steps a bar.

    References
    ----------
    .. [1] Lambert, D. R. (1980). Commodity channel index. *Commodities* magazine.
    """

    n: int = 20
    family: ClassVar = "momentum"
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> Node:
        mean = window_mean(b.typical, self.n)
        return (b.typical - mean) / (mean_deviation(b.typical, mean, w=self.n) * 0.015)


@features.register("ultosc")
@dataclass(frozen=True)
class UltimateOscillator(Feature):
    """Ultimate oscillator of Williams (1985): buying pressure over three windows, weighted 4, 2 and 1. Range
    [0, 100].

    Notes
    -----
    Each window's term is ``sum(close - min(low, close[1])) / sum(true range)``. NaN without range.
    """

    short: int = 7
    middle: int = 14
    long: int = 28
    family: ClassVar = "momentum"
    units: ClassVar = "percent"

    def graph(self, b: Inputs) -> Node:
        bought = b.close - minimum(b.low, lagged(b.close, lag=1))
        short, middle, long = (
            window_sum(bought, n) / window_sum(b.true_range, n) for n in (self.short, self.middle, self.long)
        )
        return (short * 4.0 + middle * 2.0 + long) * (100.0 / 7.0)

    @property
    def lookback(self) -> int:
        return super().lookback + 1


@features.register("ppo")
@dataclass(frozen=True)
class Ppo(Feature):
    """Percentage price oscillator, the MACD in percent: ``line = 100 (ema(fast) / ema(slow) - 1)``, ``signal
    = ema(line)``, ``hist = line - signal``.

    Notes
    -----
    The first rows differ from TA-Lib's as those of ``macd`` do; the difference decays.
    """

    fast: int = 12
    slow: int = 26
    signal: int = 9
    family: ClassVar = "momentum"
    units: ClassVar = "percent"
    memory: ClassVar = "decaying"
    outputs: ClassVar = ("line", "signal", "hist")
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> tuple[Node, ...]:
        slow = ema(b.close, self.slow)
        line = (ema(b.close, self.fast) - slow) / slow * 100.0
        signal = ema(line, self.signal)
        return line, signal, line - signal

    @property
    def lookback(self) -> int:
        return max(self.fast, self.slow) + self.signal - 1

    @property
    def memory_bars(self) -> int:
        return ema_bars(max(self.fast, self.slow)) + ema_bars(self.signal)


@features.register("trix")
@dataclass(frozen=True)
class Trix(Feature):
    """Change over one bar, in percent, of the close smoothed three times by ``ema(n)`` (Hutson, 1983)."""

    n: int = 15
    family: ClassVar = "momentum"
    units: ClassVar = "percent"
    memory: ClassVar = "decaying"

    def graph(self, b: Inputs) -> Node:
        smooth = ema(ema(ema(b.close, self.n), self.n), self.n)
        before = lagged(smooth, lag=1)
        return (smooth - before) / before * 100.0

    @property
    def lookback(self) -> int:
        return 3 * self.n - 1

    @property
    def memory_bars(self) -> int:
        return 3 * ema_bars(self.n)


@features.register("tsi")
@dataclass(frozen=True)
class TrueStrength(Feature):
    """True strength index of Blau (1991): twice smoothed change over twice smoothed size of change, in
    percent. Range [-100, 100].

    NaN while prices do not move at all.
    """

    slow: int = 25
    fast: int = 13
    family: ClassVar = "momentum"
    units: ClassVar = "percent"
    memory: ClassVar = "decaying"

    def graph(self, b: Inputs) -> Node:
        change = delta(b.close, lag=1)
        up, size = (ema(ema(x, self.slow), self.fast) for x in (change, absolute(change)))
        return up / size * 100.0

    @property
    def lookback(self) -> int:
        return self.slow + self.fast

    @property
    def memory_bars(self) -> int:
        return 1 + ema_bars(self.slow) + ema_bars(self.fast)
