"""Trend: averages, and where the price stands to them.

In: prices. Out: features. Never here: oscillators (``momentum``). Averages in price units are registered but
stay out of the catalogue: a model over several symbols cannot use them; their ratios to the close can.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import (
    absolute,
    adaptive,
    bars_since_max,
    bars_since_min,
    delta,
    directional,
    ema,
    ema_bars,
    parabolic,
    trend,
    weighted_mean,
    wilder,
    wilder_bars,
    window_max,
    window_mean,
    window_min,
    window_sum,
)

__all__ = [
    "Aroon",
    "DirectionalMovement",
    "DistanceHigh",
    "DistanceLow",
    "Ema",
    "EmaRatio",
    "Kama",
    "Macd",
    "ParabolicStop",
    "Slope",
    "Sma",
    "SmaCross",
    "SmaRatio",
    "Wma",
]


@features.register("sma")
@dataclass(frozen=True)
class Sma(Feature):
    """Simple moving average of the close over ``n`` bars.

    Examples
    --------
    >>> Sma(n=2).batch([1.0, 2.0, 4.0])
    array([nan, 1.5, 3. ])
    """

    n: int = 20
    family: ClassVar = "trend"
    units: ClassVar = "price"
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> Node:
        return window_mean(b.close, self.n)


@features.register("ema")
@dataclass(frozen=True)
class Ema(Feature):
    """Exponential moving average of the close, weight ``2 / (n + 1)``, started with the mean of the first
    ``n`` closes.

    Examples
    --------
    >>> Ema(n=3).batch([1.0, 2.0, 3.0, 4.0])
    array([nan, nan,  2.,  3.])
    """

    n: int = 20
    family: ClassVar = "trend"
    units: ClassVar = "price"
    memory: ClassVar = "decaying"
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> Node:
        return ema(b.close, self.n)

    @property
    def memory_bars(self) -> int:
        return ema_bars(self.n)


@features.register("sma_ratio")
@dataclass(frozen=True)
class SmaRatio(Feature):
    """Distance of the close from its simple average: ``close / sma(n) - 1``.

    Examples
    --------
    >>> SmaRatio(n=2).batch([1.0, 3.0])
    array([nan, 0.5])
    """

    n: int = 20
    family: ClassVar = "trend"
    variants: ClassVar = ((20,), (5,), (10,), (50,), (200,))
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> Node:
        return b.close / window_mean(b.close, self.n) - 1.0


@features.register("ema_ratio")
@dataclass(frozen=True)
class EmaRatio(Feature):
    """Distance of the close from its exponential average: ``close / ema(n) - 1``.

    Examples
    --------
    >>> EmaRatio(n=3).batch([1.0, 2.0, 3.0, 4.0]).round(4)
    array([   nan,    nan, 0.5   , 0.3333])
    """

    n: int = 20
    family: ClassVar = "trend"
    memory: ClassVar = "decaying"
    variants: ClassVar = ((20,), (5,), (10,), (50,), (200,))

    def graph(self, b: Inputs) -> Node:
        return b.close / ema(b.close, self.n) - 1.0

    @property
    def memory_bars(self) -> int:
        return ema_bars(self.n)


@features.register("macd")
@dataclass(frozen=True)
class Macd(Feature):
    """Moving average convergence divergence [1]_: ``line = ema(fast) - ema(slow)``, ``signal = ema(line)``,
    ``hist = line - signal``.

    Notes
    -----
    Each average starts with the mean of its own first values, so the first rows differ from TA-Lib's, which
    starts both at the slow one's; the difference decays.

    References
    ----------
    .. [1] Appel, G. (2005). *Technical Analysis: Power Tools for Active Investors*.
    """

    fast: int = 12
    slow: int = 26
    signal: int = 9
    family: ClassVar = "trend"
    units: ClassVar = "price"
    memory: ClassVar = "decaying"
    outputs: ClassVar = ("line", "signal", "hist")
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> tuple[Node, ...]:
        line = ema(b.close, self.fast) - ema(b.close, self.slow)
        signal = ema(line, self.signal)
        return line, signal, line - signal

    @property
    def lookback(self) -> int:
        return max(self.fast, self.slow) + self.signal - 1

    @property
    def memory_bars(self) -> int:
        return ema_bars(max(self.fast, self.slow)) + ema_bars(self.signal)


@features.register("wma")
@dataclass(frozen=True)
class Wma(Feature):
    """Moving average of ``n`` closes with linear weights, the newest counting ``n`` times, the oldest once.

    Examples
    --------
    >>> Wma(n=3).batch([1.0, 2.0, 4.0]).round(6)
    array([     nan,      nan, 2.833333])
    """

    n: int = 20
    family: ClassVar = "trend"
    units: ClassVar = "price"
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> Node:
        return weighted_mean(b.close, self.n)


@features.register("kama")
@dataclass(frozen=True)
class Kama(Feature):
    """Kaufman's adaptive moving average [1]_: the weight of the newest close grows with the efficiency ratio
    of ``n`` bars.

    Notes
    -----
    ``k = slow + er (fast - slow)`` with weights ``2 / (bars + 1)``, ``kama += k^2 (close - kama)``, started
    with the close before the first efficiency ratio, as in TA-Lib. NaN while prices do not move at all, where
    TA-Lib takes the fast weight. Input: closes. The memory is that of the slow weight.

    References
    ----------
    .. [1] Kaufman, P. J. (1995). *Smarter Trading*.
    """

    n: int = 10
    fast: int = 2
    slow: int = 30
    family: ClassVar = "trend"
    units: ClassVar = "price"
    memory: ClassVar = "decaying"
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> Node:
        path = window_sum(absolute(delta(b.close, lag=1)), self.n)
        speed = absolute(delta(b.close, lag=self.n)) / path
        return adaptive(b.close, speed, fast=2.0 / (self.fast + 1.0), slow=2.0 / (self.slow + 1.0))

    @property
    def lookback(self) -> int:
        return self.n + 1

    @property
    def memory_bars(self) -> int:
        weight = (2.0 / (max(self.slow, self.fast) + 1.0)) ** 2
        return self.n + ema_bars(math.ceil(2.0 / weight - 1.0))


@features.register("psar")
@dataclass(frozen=True)
class ParabolicStop(Feature):
    """Parabolic stop and reversal of Wilder (1978), the level valid for the bar.

    Notes
    -----
    ``sar += af (extreme - sar)``, never inside the last two bars; ``af`` grows by ``step`` with every new
    extreme up to ``most``. A bar that touches the stop reverses it to the old trend's extreme within the same
    bar. The first side is short where the second low fell further than the high rose, as in TA-Lib. Inputs:
    highs and lows. It depends on where the data begin, so it stays out of the catalogue.
    """

    step: float = 0.02
    most: float = 0.2
    family: ClassVar = "trend"
    units: ClassVar = "price"
    memory: ClassVar = "anchored"
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> Node:
        return parabolic(b.high, b.low, step=self.step, most=self.most)

    @property
    def lookback(self) -> int:
        return 2


@features.register("sma_cross")
@dataclass(frozen=True)
class SmaCross(Feature):
    """Distance of a fast simple average from a slow one: ``sma(fast) / sma(slow) - 1``.

    Examples
    --------
    >>> SmaCross(fast=1, slow=2).batch([1.0, 3.0])
    array([nan, 0.5])
    """

    fast: int = 5
    slow: int = 20
    family: ClassVar = "trend"
    variants: ClassVar = ((5, 20), (20, 50), (50, 200))

    def graph(self, b: Inputs) -> Node:
        return window_mean(b.close, self.fast) / window_mean(b.close, self.slow) - 1.0


@features.register("slope")
@dataclass(frozen=True)
class Slope(Feature):
    """Slope of the least-squares line through ``n`` log closes, per bar.

    Examples
    --------
    >>> Slope(n=3).batch([1.0, 2.0, 4.0]).round(6)
    array([     nan,      nan, 0.693147])
    """

    n: int = 20
    family: ClassVar = "trend"
    units: ClassVar = "log"
    variants: ClassVar = ((20,), (10,), (50,))

    def graph(self, b: Inputs) -> Node:
        return trend.all(b.log_close, w=self.n)[1]


@features.register("distance_high")
@dataclass(frozen=True)
class DistanceHigh(Feature):
    """Fall of the close from the highest high of ``n`` bars: ``close / max(high) - 1``. Range [-1, 0].

    Examples
    --------
    >>> DistanceHigh(n=2).batch([2.0, 3.0], high=[4.0, 3.5])
    array([  nan, -0.25])
    """

    n: int = 20
    family: ClassVar = "trend"
    variants: ClassVar = ((20,), (200,))
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> Node:
        return b.close / window_max(b.high, self.n) - 1.0


@features.register("distance_low")
@dataclass(frozen=True)
class DistanceLow(Feature):
    """Rise of the close from the lowest low of ``n`` bars: ``close / min(low) - 1``, at least 0."""

    n: int = 20
    family: ClassVar = "trend"
    variants: ClassVar = ((20,), (200,))
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> Node:
        return b.close / window_min(b.low, self.n) - 1.0


@features.register("aroon")
@dataclass(frozen=True)
class Aroon(Feature):
    """Aroon of Chande (1995): how recent the highest high (``up``) and lowest low (``down``) of ``n + 1``
    bars are: ``100 (n - bars since) / n``.

    Notes
    -----
    Of equal extremes the newest counts, as in TA-Lib. Range [0, 100].
    """

    n: int = 25
    family: ClassVar = "trend"
    units: ClassVar = "percent"
    outputs: ClassVar = ("up", "down")

    def graph(self, b: Inputs) -> tuple[Node, ...]:
        scale = -100.0 / self.n
        up, down = bars_since_max(b.high, self.n + 1), bars_since_min(b.low, self.n + 1)
        return up * scale + 100.0, down * scale + 100.0

    @property
    def lookback(self) -> int:
        return self.n + 1


@features.register("dmi")
@dataclass(frozen=True)
class DirectionalMovement(Feature):
    """Directional movement of Wilder (1978): ``plus`` and ``minus`` indicators and their average difference
    ``adx``.

    Notes
    -----
    ``plus = 100 wilder(+DM) / wilder(TR)``, ``minus`` likewise, ``adx = wilder(100 |plus - minus| / (plus +
    minus))``, all over ``n`` bars; inputs are highs, lows and closes. NaN without movement. The averages
    start with the mean of ``n`` values, TA-Lib's with other counts; the difference decays. Range [0, 100].
    """

    n: int = 14
    family: ClassVar = "trend"
    units: ClassVar = "percent"
    memory: ClassVar = "decaying"
    outputs: ClassVar = ("adx", "plus", "minus")
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> tuple[Node, ...]:
        up, down = directional.all(b.high, b.low)
        reach = wilder(b.true_range, self.n)
        plus, minus = (wilder(move, self.n) / reach * 100.0 for move in (up, down))
        return wilder(absolute(plus - minus) / (plus + minus) * 100.0, self.n), plus, minus

    @property
    def lookback(self) -> int:
        return 2 * self.n

    @property
    def memory_bars(self) -> int:
        return 1 + 2 * wilder_bars(self.n)
