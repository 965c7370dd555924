"""Mean reversion: how far the price is from where it was, in its own measure, and whether it comes back.

In: prices. Out: features. Never here: fitted processes (``models``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import (
    comoments,
    ema,
    ema_bars,
    lagged,
    moments,
    square_root,
    wilder,
    wilder_bars,
    window_rank,
)

__all__ = ["AtrDistance", "PercentRank", "Reversion", "ZScore"]


@features.register("zscore")
@dataclass(frozen=True)
class ZScore(Feature):
    """Distance of the last close from its trailing mean, in trailing standard deviations.

    Parameters
    ----------
    n : int
        Window in bars, the current one included.

    Notes
    -----
    Population deviation (``ddof=0``), as in [1]_. NaN on a missing bar, until ``n`` real bars were seen
    (again after a gap longer than ``max_gap``), and where the deviation is zero.

    References
    ----------
    .. [1] Bollinger, J. (2001). *Bollinger on Bollinger Bands*. McGraw-Hill.

    Examples
    --------
    >>> ZScore(n=3).batch([1.0, 2.0, 3.0]).round(6)
    array([     nan,      nan, 1.224745])
    """

    n: int = 20
    family: ClassVar = "mean_reversion"
    variants: ClassVar = ((20,), (60,))
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> Node:
        mean, var = moments.all(b.close, w=self.n)
        return (b.close - mean) / square_root(var)


@features.register("atr_distance")
@dataclass(frozen=True)
class AtrDistance(Feature):
    """Distance of the close from its exponential average of ``n`` bars, in average true ranges of ``atr``
    bars.

    NaN without range.
    """

    n: int = 20
    atr: int = 14
    family: ClassVar = "mean_reversion"
    memory: ClassVar = "decaying"
    variants: ClassVar = ((20, 14), (50, 14))
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> Node:
        return (b.close - ema(b.close, self.n)) / wilder(b.true_range, self.atr)

    @property
    def lookback(self) -> int:
        return max(self.n, self.atr + 1)

    @property
    def memory_bars(self) -> int:
        return max(ema_bars(self.n), 1 + wilder_bars(self.atr))


@features.register("percent_rank")
@dataclass(frozen=True)
class PercentRank(Feature):
    """Share of the last ``n`` closes below the newest, ties and itself by half: in (0, 1).

    The cost is ``n`` steps a bar.

    Examples
    --------
    >>> PercentRank(n=2).batch([1.0, 2.0, 2.0])
    array([ nan, 0.75, 0.5 ])
    """

    n: int = 20
    family: ClassVar = "mean_reversion"
    variants: ClassVar = ((20,), (60,))

    def graph(self, b: Inputs) -> Node:
        return window_rank(b.close, w=self.n)


@features.register("reversion")
@dataclass(frozen=True)
class Reversion(Feature):
    """Speed of return to the mean: minus the slope of log close changes on the log close before, over ``n``
    bars.

    Notes
    -----
    The regression of Dickey and Fuller (1979) with a constant and no lags: about 0 for a random walk (a
    little above in short windows), 1 where every deviation is gone after one bar. NaN where the price does
    not move.
    """

    n: int = 60
    family: ClassVar = "mean_reversion"
    variants: ClassVar = ((60,),)

    def graph(self, b: Inputs) -> Node:
        cov, _, var = comoments.all(b.log_ret, lagged(b.log_close, lag=1), w=self.n)
        return -(cov / var)

    @property
    def lookback(self) -> int:
        return self.n + 1
