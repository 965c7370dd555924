"""Channels: bands about an average or a range, and where the close stands in them.

In: prices. Out: features of the family volatility. Never here: averages alone (``trend``). The bands
themselves are in price units and stay out of the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import (
    ema,
    ema_bars,
    moments,
    square_root,
    wilder,
    wilder_bars,
    window_max,
    window_min,
)

__all__ = ["BollingerBand", "Donchian", "Keltner", "KeltnerBand"]


@features.register("bollinger_band")
@dataclass(frozen=True)
class BollingerBand(Feature):
    """Bollinger's bands: the mean of ``n`` closes and ``k`` population deviations about it.

    Examples
    --------
    >>> BollingerBand(n=2, k=2.0).batch([1.0, 3.0])
    array([[nan,  4.],
           [nan,  2.],
           [nan,  0.]])
    """

    n: int = 20
    k: float = 2.0
    family: ClassVar = "volatility"
    units: ClassVar = "price"
    outputs: ClassVar = ("upper", "mid", "lower")
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> tuple[Node, ...]:
        mean, var = moments.all(b.close, w=self.n)
        reach = square_root(var) * self.k
        return mean + reach, mean, mean - reach


@dataclass(frozen=True)
class _Keltner(Feature):
    """Base of the two forms of Keltner's channel."""

    n: int = 20
    atr: int = 10
    k: float = 2.0
    family: ClassVar = "volatility"
    memory: ClassVar = "decaying"

    def _parts(self, b: Inputs) -> tuple[Node, Node]:
        return ema(b.close, self.n), wilder(b.true_range, self.atr) * self.k

    @property
    def lookback(self) -> int:
        return max(self.n, self.atr + 1)

    @property
    def memory_bars(self) -> int:
        return max(ema_bars(self.n), 1 + wilder_bars(self.atr))


@features.register("keltner_band")
@dataclass(frozen=True)
class KeltnerBand(_Keltner):
    """Keltner's channel, as by Raschke: exponential average of ``n`` closes and ``k`` average true ranges
    (Wilder, ``atr`` bars) about it.
    """

    units: ClassVar = "price"
    outputs: ClassVar = ("upper", "mid", "lower")
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> tuple[Node, ...]:
        mid, reach = self._parts(b)
        return mid + reach, mid, mid - reach


@features.register("keltner")
@dataclass(frozen=True)
class Keltner(_Keltner):
    """Place of the close in Keltner's channel: ``pos = (close - mid) / (upper - mid)``, NaN without range,
    and ``width = (upper - lower) / mid``.
    """

    outputs: ClassVar = ("pos", "width")

    def graph(self, b: Inputs) -> tuple[Node, ...]:
        mid, reach = self._parts(b)
        return (b.close - mid) / reach, reach * 2.0 / mid


@features.register("donchian")
@dataclass(frozen=True)
class Donchian(Feature):
    """Donchian's channel: highest high, lowest low of ``n`` bars, and their middle.

    Examples
    --------
    >>> Donchian(n=2).batch(high=[3.0, 2.0], low=[1.0, 0.0])
    array([[nan, 3. ],
           [nan, 1.5],
           [nan, 0. ]])
    """

    n: int = 20
    family: ClassVar = "volatility"
    units: ClassVar = "price"
    outputs: ClassVar = ("upper", "mid", "lower")
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> tuple[Node, ...]:
        high, low = window_max(b.high, self.n), window_min(b.low, self.n)
        return high, (high + low) * 0.5, low
