"""Intervals and p-values by the stationary bootstrap.

In: a series in order of time, a statistic of it, a ``numpy.random.Generator``. Out: intervals, p-values,
resampled indices, block lengths. Never here: which statistic matters, and any hidden random state.

A statistic that is a smooth function of column means (mean, Sharpe ratio, accuracy, log-loss skill, ...) is
resampled through prefix sums, O(1) a block, and its interval is studentised: every resample is measured in
its own standard error, which its blocks give, and the result is scaled by a flat-top estimate of the series'
own. That is second-order correct, and keeps covering where dependence is strong and plain percentiles are too
short. Other statistics get percentile intervals.

References
----------
.. [1] Politis, D. & Romano, J. (1994). The stationary bootstrap. *JASA* 89.
.. [2] Politis, D. & White, H. (2004), corrected with A. Patton (2009). Automatic block-length selection.
   *Econometric Reviews* 23, 28.
.. [3] Goetze, F. & Kuensch, H. (1996). Second-order correctness of the blockwise bootstrap. *Annals of
   Statistics* 24.
.. [4] Politis, D. (2003). Adaptive bandwidth choice. *Journal of Nonparametric Statistics* 15.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from alphatrade.core.kernel.compile import njit
from alphatrade.metrics.check import series

__all__ = [
    "Interval",
    "block_length",
    "bootstrap_interval",
    "bootstrap_p_value",
    "long_run_variance",
    "means_interval",
    "stationary_indices",
]

Means = Callable[[np.ndarray], np.ndarray]  # (..., k) column means to (...) values
MOST_BLOCKS = 4_000  # a resample of a long series needs no more blocks than this: blocks grow instead
FEWEST = 10  # observations below which no interval is given


class Interval(NamedTuple):
    """Lower and upper end; NaN where there is too little to say."""

    lo: float
    hi: float


UNKNOWN = Interval(math.nan, math.nan)


@njit
def _autocovariance(x, lags):  # type: ignore[no-untyped-def]
    """Autocovariances 0..lags of centred ``x``, each over n."""
    n = len(x)
    out = np.zeros(lags + 1)
    for lag in range(lags + 1):
        total = 0.0
        for i in range(lag, n):
            total += x[i] * x[i - lag]
        out[lag] = total / n
    return out


@njit
def _resample_sums(prefix, block, resamples, rng):  # type: ignore[no-untyped-def]
    """Sums of ``resamples`` stationary resamples from prefix sums (n + 1, k), and of the products of their
    block sums.

    Blocks start anywhere, wrap around, and have geometric lengths of mean ``block``; the last one is cut.
    """
    n, k = prefix.shape[0] - 1, prefix.shape[1]
    total = np.zeros((resamples, k))
    product = np.zeros((resamples, k, k))
    piece = np.empty(k)
    stay = math.log(1.0 - 1.0 / block) if block > 1.0 else 0.0
    for r in range(resamples):
        left = n
        while left > 0:
            length = 1
            if block > 1.0:
                length = min(left, 1 + int(math.log(1.0 - rng.random()) / stay))
            start = min(n - 1, int(rng.random() * n))
            end = start + length
            for a in range(k):
                piece[a] = prefix[min(end, n), a] - prefix[start, a]
                if end > n:
                    piece[a] += prefix[end - n, a]
                total[r, a] += piece[a]
                for b in range(a + 1):
                    product[r, a, b] += piece[a] * piece[b]
            left -= length
        for a in range(k):
            for b in range(a):
                product[r, b, a] = product[r, a, b]
    return total, product


@njit
def _indices(n, block, rng, out):  # type: ignore[no-untyped-def]
    stay = math.log(1.0 - 1.0 / block) if block > 1.0 else 0.0
    at = 0
    while at < n:
        length = 1
        if block > 1.0:
            length = min(n - at, 1 + int(math.log(1.0 - rng.random()) / stay))
        start = min(n - 1, int(rng.random() * n))
        for j in range(length):
            out[at + j] = (start + j) % n
        at += length


def _checked(level: float, resamples: int, rng: np.random.Generator) -> None:
    if not 0.0 < level < 1.0:
        raise ValueError(f"level: expected between 0 and 1, found {level}")
    if resamples < 100:
        raise ValueError(f"resamples: expected at least 100, found {resamples}")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a numpy.random.Generator, found {type(rng).__name__}")


def _bandwidth(covariance: np.ndarray, n: int) -> int:
    """Politis' flat-top bandwidth: twice the first of five lags in a row without significant correlation.

    That is one lag more than [2]_ writes and what its authors' program does.
    """
    run = 5
    significant = np.abs(covariance[1:] / covariance[0]) > 2.0 * math.sqrt(math.log10(n) / n)
    for lag in range(len(significant) - run + 1):
        if not significant[lag : lag + run].any():
            return 2 * (lag + 1)
    return len(significant)


def _flat_top(covariance: np.ndarray, width: int) -> np.ndarray:
    """Trapezoid weights of lags 0..len-1: 1 up to half of ``width``, then down to 0."""
    lag = np.arange(len(covariance)) / width
    return np.clip(2.0 * (1.0 - lag), 0.0, 1.0)


def _spectrum(x: np.ndarray) -> tuple[np.ndarray, int]:
    """Autocovariances and bandwidth; bandwidth 0 where ``x`` does not vary but for rounding."""
    n = len(x)
    mean = float(x.mean())
    lags = min(n - 1, math.ceil(math.sqrt(n)) + 5)
    covariance = _autocovariance(np.ascontiguousarray(x - mean), min(n - 1, 2 * lags))
    if covariance[0] <= (1e-9 * mean) ** 2:
        return np.zeros(1), 0
    return covariance, _bandwidth(covariance[: lags + 1], n)


def block_length(x: ArrayLike) -> float:
    """Mean block length for the stationary bootstrap of the mean of ``x``, by Politis and White [2]_; at
    least 1.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=1000)
    >>> walk = np.convolve(noise, np.ones(20))
    >>> block_length(noise) < 5 < block_length(walk)
    True
    """
    values = series(x, "x", 2)
    covariance, width = _spectrum(values)
    n = len(values)
    if width == 0:
        return 1.0
    width = min(width, math.ceil(math.sqrt(n)) + 5)
    weight = _flat_top(covariance, width)
    lag = np.arange(len(covariance))
    g = 2.0 * float(np.sum(weight * lag * covariance))
    spectrum = covariance[0] + 2.0 * float(np.sum((weight * covariance)[1:]))
    if spectrum <= 0.0:
        return 1.0
    best = (2.0 * g * g / (2.0 * spectrum * spectrum)) ** (1.0 / 3.0) * n ** (1.0 / 3.0)
    return float(min(max(1.0, best), math.ceil(min(3.0 * math.sqrt(n), n / 3.0))))


def long_run_variance(x: ArrayLike) -> float:
    """Variance of ``sqrt(n)`` times the mean of ``x``, dependence included: the flat-top estimate of [4]_.

    Notes
    -----
    Scaled up for the mean having been estimated from the same values; where the flat-top estimate falls below
    a tenth of the variance (it may be negative) Bartlett's, which cannot be, takes its place.
    """
    values = series(x, "x", 2)
    covariance, width = _spectrum(values)
    n = len(values)
    if width == 0:
        return 0.0
    # Two lags at full weight: a correlation too weak to be significant would otherwise be left out.
    width = max(width, 4)
    weight = _flat_top(covariance, width)
    variance = covariance[0] + 2.0 * float(np.sum((weight * covariance)[1:]))
    if variance < 0.1 * covariance[0]:
        weight = np.clip(1.0 - np.arange(len(covariance)) / (width + 1.0), 0.0, 1.0)
        variance = covariance[0] + 2.0 * float(np.sum((weight * covariance)[1:]))
    used = 2.0 * float(weight.sum()) - 1.0
    return float(variance / max(0.5, 1.0 - used / n))


def stationary_indices(n: int, block: float, rng: np.random.Generator) -> np.ndarray:
    """Row numbers of one stationary resample of ``n`` rows with blocks of mean length ``block``.

    >>> stationary_indices(5, 2.0, np.random.default_rng(0)).shape
    (5,)
    """
    if n < 1 or not block >= 1.0:
        raise ValueError(f"expected n >= 1 and block >= 1, found n={n}, block={block}")
    out = np.empty(n, dtype=np.int64)
    _indices(n, float(block), rng, out)
    return out


def _gradient(statistic: Means, means: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Derivatives (..., k) of a statistic at ``means`` (..., k), by central differences of a small share of
    ``scale``.
    """
    out = np.zeros_like(means)
    for a in np.flatnonzero(scale > 0.0):
        step = np.zeros(len(scale))
        step[a] = 1e-4 * scale[a]
        out[..., a] = (statistic(means + step) - statistic(means - step)) / (2.0 * step[a])
    return out


class _Studentised(NamedTuple):
    """A statistic, its standard error, and the resampled ratios of deviation to standard error."""

    value: float
    error: float
    ratio: np.ndarray


def _studentise(
    columns: np.ndarray, statistic: Means, rng: np.random.Generator, block: float | None, resamples: int
) -> _Studentised | None:
    """Resample a function of column means; None where it is not finite or constant, or rows are too few."""
    n = len(columns)
    if n < FEWEST:
        return None
    centre = columns.mean(axis=0)
    deviation = columns - centre
    scale = np.sqrt(np.mean(deviation**2, axis=0) / n)
    with np.errstate(all="ignore"):
        value = float(statistic(centre))
        influence = np.sum(deviation * _gradient(statistic, centre, scale), axis=1)
    if not (math.isfinite(value) and np.isfinite(influence).all()):
        return None
    error = math.sqrt(long_run_variance(influence) / n)
    if not error > 1e-12 * abs(value):
        return None
    length = max(block_length(influence) if block is None else float(block), n / MOST_BLOCKS)
    ones = np.concatenate((np.ones((n, 1)), deviation), axis=1)
    prefix = np.concatenate((np.zeros((1, ones.shape[1])), np.cumsum(ones, axis=0)))
    total, product = _resample_sums(prefix, length, resamples, rng)
    shift = total[:, 1:] / n
    with np.errstate(all="ignore"):
        slope = _gradient(statistic, centre + shift, scale)
        weight = np.concatenate((-np.sum(slope * shift, axis=1, keepdims=True), slope), axis=1)
        own = np.sqrt(np.einsum("ra,rab,rb->r", weight, product, weight)) / n
        ratio = (statistic(centre + shift) - value) / own
    ratio = ratio[np.isfinite(ratio)]
    return _Studentised(value, error, ratio) if len(ratio) >= 0.9 * resamples else None


def means_interval(
    columns: np.ndarray,
    statistic: Means,
    rng: np.random.Generator,
    *,
    level: float = 0.95,
    block: float | None = None,
    resamples: int = 2_000,
) -> Interval:
    """Studentised interval of a smooth function of column means.

    Parameters
    ----------
    columns : (n, k) array
        Rows in order of time; finite.
    statistic : callable
        Takes means of shape (..., k), gives values of shape (...); smooth around the observed means.
    rng : numpy.random.Generator
    level : float
    block : float, optional
        Mean block length in rows; by default that of Politis and White for the statistic's influence values.
    resamples : int

    Returns
    -------
    Interval
        NaN for fewer than 10 rows, a statistic that is not finite or does not vary, or when over a tenth of
        the resamples are not finite.
    """
    _checked(level, resamples, rng)
    values = np.asarray(columns, dtype=np.float64)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise ValueError(f"columns: expected a finite table (n, k), found shape {values.shape}")
    s = _studentise(values, statistic, rng, block, resamples)
    if s is None:
        return UNKNOWN
    low, high = np.quantile(s.ratio, (0.5 - level / 2.0, 0.5 + level / 2.0), method="weibull")
    return Interval(s.value - float(high) * s.error, s.value - float(low) * s.error)


def _mean(m: np.ndarray) -> np.ndarray:
    return np.asarray(m[..., 0])


def _sharpe(m: np.ndarray) -> np.ndarray:
    return np.asarray(m[..., 0] / np.sqrt(m[..., 1] - m[..., 0] ** 2))


def bootstrap_interval(
    x: ArrayLike,
    statistic: str | Callable[[np.ndarray], float],
    rng: np.random.Generator,
    *,
    level: float = 0.95,
    block: float | None = None,
    resamples: int = 2_000,
) -> Interval:
    """Interval of a statistic of a series that may depend on its past.

    Parameters
    ----------
    x : (n,) array
        In order of time; finite.
    statistic : str or callable
        ``"mean"``; ``"sharpe"``, per period; ``"growth"``, mean of log(1 + x); or a function of a resampled
        series. The named ones are studentised, functions get percentile intervals and cost n a resample.
    rng : numpy.random.Generator
    level : float
    block : float, optional
        Mean block length; by default Politis and White's choice.
    resamples : int

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(1.0, 1.0, 500)
    >>> lo, hi = bootstrap_interval(x, "mean", np.random.default_rng(1))
    >>> bool(lo < x.mean() < hi), 0.1 < hi - lo < 0.3
    (True, True)
    """
    _checked(level, resamples, rng)
    values = series(x, "x", 2)
    options = {"level": level, "block": block, "resamples": resamples}
    if callable(statistic):
        return _percentile(values, statistic, rng, level, block, resamples)
    if statistic == "mean":
        return means_interval(values[:, None], _mean, rng, **options)  # type: ignore[arg-type]
    if statistic == "sharpe":
        # Moments about the observed mean lose no digits; the ratio gets the mean back.
        mean = values.mean()
        columns = np.stack((values - mean, (values - mean) ** 2), axis=1)
        return means_interval(columns, lambda m: _sharpe_about(m, mean), rng, **options)  # type: ignore[arg-type]
    if statistic == "growth":
        if (values <= -1.0).any():
            return UNKNOWN
        return means_interval(np.log1p(values)[:, None], _mean, rng, **options)  # type: ignore[arg-type]
    raise ValueError(f"statistic: expected 'mean', 'sharpe', 'growth' or a function, found {statistic!r}")


def _sharpe_about(m: np.ndarray, mean: float) -> np.ndarray:
    return np.asarray((m[..., 0] + mean) / np.sqrt(m[..., 1] - m[..., 0] ** 2))


def _percentile(
    values: np.ndarray,
    statistic: Callable[[np.ndarray], float],
    rng: np.random.Generator,
    level: float,
    block: float | None,
    resamples: int,
) -> Interval:
    n = len(values)
    if n < FEWEST:
        return UNKNOWN
    length = max(block_length(values) if block is None else float(block), n / MOST_BLOCKS)
    draws = np.array([statistic(values[stationary_indices(n, length, rng)]) for _ in range(resamples)])
    draws = draws[np.isfinite(draws)]
    if len(draws) < 0.9 * resamples:
        return UNKNOWN
    low, high = np.quantile(draws, (0.5 - level / 2.0, 0.5 + level / 2.0), method="weibull")
    return Interval(float(low), float(high))


def bootstrap_p_value(
    x: ArrayLike, rng: np.random.Generator, *, block: float | None = None, resamples: int = 10_000
) -> float:
    """Probability of so large a mean if the true mean were zero: one-sided, centred, studentised.

    Notes
    -----
    ``(1 + number of resampled t >= observed t) / (1 + resamples)``, where t is the mean over its standard
    error and resamples are of ``x`` less its mean. Never below ``1 / (1 + resamples)``. 1 where ``x`` does
    not vary and its mean is not positive or fewer than 10 values are given: nothing was shown.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(0.5, 1.0, 200)
    >>> bootstrap_p_value(x, np.random.default_rng(1)) < 0.001
    True
    """
    _checked(0.95, resamples, rng)
    values = series(x, "x", 2)
    s = _studentise(values[:, None], _mean, rng, block, resamples)
    if s is None:
        return 1.0
    return float((1 + np.sum(s.ratio >= s.value / s.error)) / (1 + len(s.ratio)))
