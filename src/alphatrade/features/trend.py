"""Trend: averages, and where the price stands to them.

In: prices. Out: features. Never here: oscillators (``momentum``). Averages in price units are registered but
stay out of the catalogue: a model over several symbols cannot use them; their ratios to the close can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import ema, ema_bars, window_mean

__all__ = ["Ema", "EmaRatio", "Macd", "Sma", "SmaRatio"]


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
