"""Statistics of returns: their shape, their memory, their order.

In: prices. Out: features, moments in population form (``ddof=0``). Never here: tests with critical values and
fitted models (``models``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import (
    absolute,
    comoments,
    delta,
    lagged,
    log,
    moments,
    negative_part,
    ordinal_entropy,
    shape,
    square_root,
    window_max,
    window_mean,
    window_min,
)

__all__ = [
    "AbsAutocorrelation",
    "Autocorrelation",
    "Downside",
    "Entropy",
    "Hurst",
    "Kurtosis",
    "MaxReturn",
    "MinReturn",
    "Skewness",
    "VarianceRatio",
]


@dataclass(frozen=True)
class _OfReturns(Feature):
    """Base: a statistic of the log returns of ``n`` bars."""

    n: int = 60
    family: ClassVar = "statistical"
    variants: ClassVar[tuple[tuple[int, ...], ...]] = ((60,),)

    @property
    def lookback(self) -> int:
        return self.n + 1


@features.register("skew")
@dataclass(frozen=True)
class Skewness(_OfReturns):
    """Skewness of the log returns of ``n`` bars: third central moment over the deviation cubed.

    NaN where returns do not vary.
    """

    variants: ClassVar = ((60,), (20,))

    def graph(self, b: Inputs) -> Node:
        return shape.all(b.log_ret, w=self.n)[0]


@features.register("kurt")
@dataclass(frozen=True)
class Kurtosis(_OfReturns):
    """Excess kurtosis of the log returns of ``n`` bars: fourth central moment over the variance squared, less
    3.

    NaN where returns do not vary.
    """

    variants: ClassVar = ((60,), (20,))

    def graph(self, b: Inputs) -> Node:
        return shape.all(b.log_ret, w=self.n)[1]


def _autocorrelation(x: Node, n: int, lag: int) -> Node:
    cov, var, before = comoments.all(x, lagged(x, lag=lag), w=n)
    return cov / square_root(var * before)


@features.register("autocorr")
@dataclass(frozen=True)
class Autocorrelation(Feature):
    """Correlation of ``n`` log returns with those ``lag`` bars before. Range [-1, 1].

    NaN where returns do not vary.
    """

    n: int = 60
    lag: int = 1
    family: ClassVar = "statistical"
    variants: ClassVar = ((60, 1), (60, 5))

    def graph(self, b: Inputs) -> Node:
        return _autocorrelation(b.log_ret, self.n, self.lag)

    @property
    def lookback(self) -> int:
        return self.n + self.lag + 1


@features.register("abs_autocorr")
@dataclass(frozen=True)
class AbsAutocorrelation(Feature):
    """Correlation of the sizes of ``n`` log returns with those ``lag`` bars before: how much volatility
    clusters. Range [-1, 1].
    """

    n: int = 60
    lag: int = 1
    family: ClassVar = "statistical"

    def graph(self, b: Inputs) -> Node:
        return _autocorrelation(absolute(b.log_ret), self.n, self.lag)

    @property
    def lookback(self) -> int:
        return self.n + self.lag + 1


@features.register("variance_ratio")
@dataclass(frozen=True)
class VarianceRatio(Feature):
    """Variance ratio [1]_: variance of log returns over ``q`` bars by ``q`` times that over one bar, both
    over the last ``n`` bars.

    Notes
    -----
    About 1 for a random walk, more under trends, less under reversals. Returns over ``q`` bars overlap. NaN
    where returns do not vary.

    References
    ----------
    .. [1] Lo, A. W. and MacKinlay, A. C. (1988). Stock market prices do not follow random walks. *Review of
       Financial Studies* 1.
    """

    n: int = 60
    q: int = 5
    family: ClassVar = "statistical"
    variants: ClassVar = ((60, 5),)

    def graph(self, b: Inputs) -> Node:
        _, one = moments.all(b.log_ret, w=self.n)
        _, many = moments.all(delta(b.log_close, lag=self.q), w=self.n)
        return many / one * (1.0 / self.q)

    @property
    def lookback(self) -> int:
        return self.n + self.q


_LAGS = (1, 2, 4, 8, 16)


@features.register("hurst")
@dataclass(frozen=True)
class Hurst(_OfReturns):
    """Generalised Hurst exponent [1]_: slope of the log size of log price changes on the log of their lag, by
    least squares.

    Notes
    -----
    The size at lags 1, 2, 4, 8 and 16 is the root mean square over ``n`` bars. About 0.5 for a random walk,
    more under trends, less under reversals. NaN while some lag shows no change.

    References
    ----------
    .. [1] Di Matteo, T. (2007). Multi-scaling in finance. *Quantitative Finance* 7.
    """

    n: int = 100
    variants: ClassVar = ((100,),)

    def graph(self, b: Inputs) -> Node:
        at = np.log(_LAGS) - np.mean(np.log(_LAGS))
        total: Node | None = None
        for lag, weight in zip(_LAGS, 0.5 * at / np.sum(at * at)):
            change = delta(b.log_close, lag=lag)
            term = log(window_mean(change * change, self.n)) * float(weight)
            total = term if total is None else total + term
        return total  # type: ignore[return-value]

    @property
    def lookback(self) -> int:
        return self.n + _LAGS[-1]


@features.register("entropy")
@dataclass(frozen=True)
class Entropy(_OfReturns):
    """Permutation entropy [1]_ of the log returns of ``n`` bars: of the orders of three neighbours, over its
    largest value, ln 6. Range [0, 1].

    Notes
    -----
    1 where all six orders are equally frequent, 0 where one order is all there is. Equal returns are ordered
    by age. The cost does not depend on ``n``.

    References
    ----------
    .. [1] Bandt, C. and Pompe, B. (2002). Permutation entropy. *Physical Review Letters* 88.
    """

    shortest: ClassVar = 3

    def graph(self, b: Inputs) -> Node:
        return ordinal_entropy(b.log_ret, w=self.n)


@features.register("downside")
@dataclass(frozen=True)
class Downside(_OfReturns):
    """Share of falls in the squared log returns of ``n`` bars. Range [0, 1].

    NaN where the price does not move. The realised semivariance of Barndorff-Nielsen, Kinnebrock and Shephard
    (2010), as a share.
    """

    def graph(self, b: Inputs) -> Node:
        fall = negative_part(b.log_ret)
        return window_mean(fall * fall, self.n) / window_mean(b.log_ret * b.log_ret, self.n)


@features.register("max_ret")
@dataclass(frozen=True)
class MaxReturn(_OfReturns):
    """Largest log return of one bar among ``n``: the lottery feature of Bali, Cakici and Whitelaw (2011)."""

    n: int = 20
    units: ClassVar = "log"
    variants: ClassVar = ((20,),)

    def graph(self, b: Inputs) -> Node:
        return window_max(b.log_ret, self.n)


@features.register("min_ret")
@dataclass(frozen=True)
class MinReturn(_OfReturns):
    """Smallest log return of one bar among ``n``."""

    n: int = 20
    units: ClassVar = "log"
    variants: ClassVar = ((20,),)

    def graph(self, b: Inputs) -> Node:
        return window_min(b.log_ret, self.n)
