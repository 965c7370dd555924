"""Momentum: how fast the price moves, and where it stands in its recent range.

In: prices. Out: features. Never here: averages (``trend``), distances in deviations (``mean_reversion``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import (
    delta,
    lagged,
    negative_part,
    positive_part,
    session_first,
    sign,
    wilder,
    wilder_bars,
    window_max,
    window_mean,
    window_min,
)

__all__ = ["Acceleration", "LogReturn", "Return", "Roc", "Rsi", "SessionReturn", "Stochastic", "UpShare"]


@features.register("rsi")
@dataclass(frozen=True)
class Rsi(Feature):
    """Relative strength index of Wilder [1]_: ``100 up / (up + down)``, Wilder averages of rises and falls of
    the close. Range [0, 100].

    Notes
    -----
    NaN while prices do not move at all. The averages start with the means of the first ``n`` changes, as in
    TA-Lib.

    References
    ----------
    .. [1] Wilder, J. W. (1978). *New Concepts in Technical Trading Systems*.

    Examples
    --------
    >>> Rsi(n=2).batch([1.0, 2.0, 1.0, 2.0])
    array([nan, nan, 50., 75.])
    """

    n: int = 14
    family: ClassVar = "momentum"
    units: ClassVar = "percent"
    memory: ClassVar = "decaying"
    variants: ClassVar = ((14,), (5,), (20,), (60,))
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> Node:
        change = delta(b.close, lag=1)
        up, down = wilder(positive_part(change), self.n), wilder(negative_part(change), self.n)
        return up / (up + down) * 100.0

    @property
    def lookback(self) -> int:
        return self.n + 1

    @property
    def memory_bars(self) -> int:
        return 1 + wilder_bars(self.n)


@features.register("ret")
@dataclass(frozen=True)
class Return(Feature):
    """Simple return of the close over ``n`` bars: ``close / close[n] - 1``.

    Examples
    --------
    >>> Return(n=1).batch([1.0, 2.0, 3.0])
    array([nan, 1. , 0.5])
    """

    n: int = 1
    family: ClassVar = "momentum"
    variants: ClassVar = ((1,), (5,), (10,), (20,), (60,))

    def graph(self, b: Inputs) -> Node:
        return b.close / lagged(b.close, lag=self.n) - 1.0

    @property
    def lookback(self) -> int:
        return self.n + 1


@features.register("log_ret")
@dataclass(frozen=True)
class LogReturn(Feature):
    """Logarithmic return of the close over ``n`` bars: ``ln(close / close[n])``.

    Examples
    --------
    >>> LogReturn(n=1).batch([1.0, 1.0])
    array([nan,  0.])
    """

    n: int = 1
    family: ClassVar = "momentum"
    units: ClassVar = "log"
    variants: ClassVar = ((1,),)

    def graph(self, b: Inputs) -> Node:
        return delta(b.log_close, lag=self.n)

    @property
    def lookback(self) -> int:
        return self.n + 1


@features.register("roc")
@dataclass(frozen=True)
class Roc(Feature):
    """Rate of change of the close over ``n`` bars in percent, as TA-Lib's ROC: ``100 ret(n)``."""

    n: int = 10
    family: ClassVar = "momentum"
    units: ClassVar = "percent"
    variants: ClassVar = ()

    def graph(self, b: Inputs) -> Node:
        return (b.close / lagged(b.close, lag=self.n) - 1.0) * 100.0

    @property
    def lookback(self) -> int:
        return self.n + 1


@features.register("stoch")
@dataclass(frozen=True)
class Stochastic(Feature):
    """Slow stochastic oscillator: place of the close in the range of ``n`` bars, in percent, averaged; ``k``
    and its average ``d``.

    Notes
    -----
    ``k = mean(100 (close - low_n) / (high_n - low_n), smooth)``, ``d = mean(k, signal)``. NaN where the range
    is zero. ``d`` needs ``n + smooth + signal - 2`` bars, ``k`` fewer.
    """

    n: int = 14
    smooth: int = 3
    signal: int = 3
    family: ClassVar = "momentum"
    units: ClassVar = "percent"
    outputs: ClassVar = ("k", "d")
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> tuple[Node, ...]:
        low, high = window_min(b.low, self.n), window_max(b.high, self.n)
        k = window_mean((b.close - low) / (high - low) * 100.0, self.smooth)
        return k, window_mean(k, self.signal)

    @property
    def lookback(self) -> int:
        return self.n + self.smooth + self.signal - 2


@features.register("acceleration")
@dataclass(frozen=True)
class Acceleration(Feature):
    """Log return over ``n`` bars less that over the ``n`` bars before.

    Examples
    --------
    >>> Acceleration(n=1).batch([1.0, 1.0, 2.0]).round(6)
    array([     nan,      nan, 0.693147])
    """

    n: int = 10
    family: ClassVar = "momentum"
    units: ClassVar = "log"
    variants: ClassVar = ((10,), (20,))

    def graph(self, b: Inputs) -> Node:
        return delta(delta(b.log_close, lag=self.n), lag=self.n)

    @property
    def lookback(self) -> int:
        return 2 * self.n + 1


@features.register("up_share")
@dataclass(frozen=True)
class UpShare(Feature):
    """Share of the last ``n`` bars that closed above the close before. Range [0, 1]."""

    n: int = 20
    family: ClassVar = "momentum"
    variants: ClassVar = ((20,),)

    def graph(self, b: Inputs) -> Node:
        return window_mean(positive_part(sign(delta(b.close, lag=1))), self.n)

    @property
    def lookback(self) -> int:
        return self.n + 1


@features.register("session_ret")
@dataclass(frozen=True)
class SessionReturn(Feature):
    """Return since the session's first open: ``close / first open - 1``."""

    family: ClassVar = "momentum"
    memory: ClassVar = "anchored"

    def graph(self, b: Inputs) -> Node:
        return b.close / session_first(b.open, b.session_open) - 1.0

    @property
    def memory_bars(self) -> int:
        # A session around the clock, of one-minute bars.
        return 1_440
