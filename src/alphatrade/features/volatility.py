"""Volatility: how much the price moves.

In: prices. Out: features, deviations in population form (``ddof=0``). Never here: fitted volatility models
(``models``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import moments, square_root, wilder, wilder_bars

__all__ = ["Atr", "Bollinger", "Natr", "Std", "Volatility"]


@features.register("atr")
@dataclass(frozen=True)
class Atr(Feature):
    """Average true range of Wilder (1978): Wilder average over ``n`` bars of the true range."""

    n: int = 14
    family: ClassVar = "volatility"
    units: ClassVar = "price"
    memory: ClassVar = "decaying"
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> Node:
        return wilder(b.true_range, self.n)

    @property
    def lookback(self) -> int:
        return self.n + 1

    @property
    def memory_bars(self) -> int:
        return 1 + wilder_bars(self.n)


@features.register("natr")
@dataclass(frozen=True)
class Natr(Feature):
    """Average true range in percent of the close: ``100 atr(n) / close``, as TA-Lib's NATR."""

    n: int = 14
    family: ClassVar = "volatility"
    units: ClassVar = "percent"
    memory: ClassVar = "decaying"
    variants: ClassVar = ((14,), (5,), (20,), (60,))
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> Node:
        return wilder(b.true_range, self.n) / b.close * 100.0

    @property
    def lookback(self) -> int:
        return self.n + 1

    @property
    def memory_bars(self) -> int:
        return 1 + wilder_bars(self.n)


@features.register("volatility")
@dataclass(frozen=True)
class Volatility(Feature):
    """Deviation of the log returns of ``n`` bars, per bar, not annualised."""

    n: int = 20
    family: ClassVar = "volatility"
    units: ClassVar = "log"
    variants: ClassVar = ((20,), (5,), (10,), (60,))
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> Node:
        _, var = moments.all(b.log_ret, w=self.n)
        return square_root(var)

    @property
    def lookback(self) -> int:
        return self.n + 1


@features.register("bollinger")
@dataclass(frozen=True)
class Bollinger(Feature):
    """Bollinger's bands [1]_ at ``k`` deviations about the mean of ``n`` closes.

    Notes
    -----
    ``pctb = (close - lower) / (upper - lower)``, NaN where the deviation is zero; ``width = (upper - lower) /
    mean``.

    References
    ----------
    .. [1] Bollinger, J. (2001). *Bollinger on Bollinger Bands*.
    """

    n: int = 20
    k: float = 2.0
    family: ClassVar = "volatility"
    outputs: ClassVar = ("pctb", "width")
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> tuple[Node, ...]:
        mean, var = moments.all(b.close, w=self.n)
        reach = square_root(var) * self.k
        return (b.close - mean) / (reach * 2.0) + 0.5, reach * 2.0 / mean


@features.register("std")
@dataclass(frozen=True)
class Std(Feature):
    """Population deviation of ``n`` closes, in price units.

    Examples
    --------
    >>> Std(n=2).batch([1.0, 3.0])
    array([nan,  1.])
    """

    n: int = 20
    family: ClassVar = "volatility"
    units: ClassVar = "price"
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> Node:
        return square_root(moments.all(b.close, w=self.n)[1])
