"""Whether forecasts put symbols in the right order.

In: forecasts and outcomes of many symbols at many times. Out: information coefficients, a time each and
together (``Ranking``). Never here: portfolios of the best and the worst.

A row with NaN in forecast or outcome is left out: it is a symbol without an opinion or a result at that time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from alphatrade.metrics.bootstrap import UNKNOWN, Interval, bootstrap_interval
from alphatrade.metrics.check import codes, same_length

__all__ = ["Coefficients", "Ranking", "information_coefficients", "ranking_scores"]


@dataclass(frozen=True, eq=False)
class Coefficients:
    """Correlation of forecast and outcome across symbols, a slice each; NaN where it is not defined.

    ``slice`` (T,) are the codes in ascending order, ``count`` (T,) rows used, ``ic`` (T,) Pearson's
    correlation, ``rank_ic`` (T,) Spearman's.
    """

    slice: np.ndarray
    count: np.ndarray
    ic: np.ndarray
    rank_ic: np.ndarray


@dataclass(frozen=True)
class Ranking:
    """Mean information coefficient over slices, plain and of ranks.

    ``slices`` counts those with a coefficient, ``rows`` the rows in them; ``icir`` is the mean over the
    deviation (``ddof=1``) across slices, not annualised; intervals are studentised block bootstraps over
    slices, so overlapping outcomes widen them. NaN where too few.
    """

    slices: int
    rows: int
    ic: float
    ic_interval: Interval
    icir: float
    rank_ic: float
    rank_ic_interval: Interval
    rank_icir: float


def _ranks(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Ranks within groups, ties sharing their mean; counted across groups, which only shifts a group."""
    order = np.lexsort((values, group))
    v, g = values[order], group[order]
    new = np.concatenate(([True], (v[1:] != v[:-1]) | (g[1:] != g[:-1])))
    tie = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    middle = (first + np.append(first[1:], len(v)) - 1) / 2.0
    out = np.empty(len(v))
    out[order] = middle[tie]
    return out


def _correlation(a: np.ndarray, b: np.ndarray, group: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Pearson's correlation by group; NaN where one side does not vary but for rounding."""
    centred = []
    for x in (a, b):
        mean = np.bincount(group, weights=x) / count
        scale = np.bincount(group, weights=np.abs(x)) / count
        away = x - mean[group]
        # Rounding of equal numbers is not variation.
        away[np.abs(away) <= 1e-12 * scale[group]] = 0.0
        centred.append(away)
    x, y = centred
    with np.errstate(all="ignore"):
        spread = np.bincount(group, weights=x * x) * np.bincount(group, weights=y * y)
        r = np.bincount(group, weights=x * y) / np.sqrt(spread)
    return np.asarray(r)


def information_coefficients(
    forecast: ArrayLike, outcome: ArrayLike, slice: ArrayLike, *, fewest: int = 5
) -> Coefficients:
    """Correlate forecast and outcome across the rows of every slice.

    Parameters
    ----------
    forecast, outcome : (n,) arrays
        NaN leaves the row out; infinite values are refused.
    slice : (n,) int array
        Which time a row belongs to; ascending codes in order of time, rows in any order.
    fewest : int
        Slices with fewer rows have no coefficient.

    Examples
    --------
    >>> c = information_coefficients([1, 2, 3, 1, 2, 3], [1, 2, 9, 3, 2, 1], [0, 0, 0, 1, 1, 1], fewest=3)
    >>> c.rank_ic.round(9)
    array([ 1., -1.])
    """
    f, o = np.asarray(forecast, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    if f.ndim != 1 or np.isinf(f).any() or np.isinf(o).any():
        raise ValueError("forecast and outcome: expected one-dimensional arrays without infinite values")
    same_length(f, o, "forecast and outcome")
    when = codes(slice, "slice", len(f))
    if fewest < 2:
        raise ValueError(f"fewest: expected at least 2, found {fewest}")
    kept = ~(np.isnan(f) | np.isnan(o))
    times, group = np.unique(when, return_inverse=True)
    f, o, group = f[kept], o[kept], group[kept]
    count = np.bincount(group, minlength=len(times))
    used, inner = np.unique(group, return_inverse=True)
    ic, rank_ic = np.full(len(times), np.nan), np.full(len(times), np.nan)
    if len(used):
        ic[used] = _correlation(f, o, inner, count[used])
        rank_ic[used] = _correlation(_ranks(f, inner), _ranks(o, inner), inner, count[used])
    few = count < fewest
    ic[few] = rank_ic[few] = np.nan
    return Coefficients(times, count, ic, rank_ic)


def _summary(x: np.ndarray, rng: np.random.Generator, level: float) -> tuple[float, Interval, float]:
    known = x[np.isfinite(x)]
    if len(known) == 0:
        return math.nan, UNKNOWN, math.nan
    mean = float(known.mean())
    deviation = float(known.std(ddof=1)) if len(known) > 1 else 0.0
    interval = bootstrap_interval(known, "mean", rng, level=level) if len(known) > 1 else UNKNOWN
    return mean, interval, mean / deviation if deviation > 1e-12 else math.nan


def ranking_scores(
    forecast: ArrayLike,
    outcome: ArrayLike,
    slice: ArrayLike,
    rng: np.random.Generator,
    *,
    fewest: int = 5,
    level: float = 0.95,
) -> Ranking:
    """Mean information coefficients over slices with intervals; arguments as in ``information_coefficients``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(200, 10))
    >>> y = x + 3 * rng.normal(size=(200, 10))
    >>> r = ranking_scores(x.ravel(), y.ravel(), np.repeat(np.arange(200), 10), rng)
    >>> r.slices, r.rank_ic_interval.lo > 0.2
    (200, True)
    """
    c = information_coefficients(forecast, outcome, slice, fewest=fewest)
    ic, ic_interval, icir = _summary(c.ic, rng, level)
    rank_ic, rank_ic_interval, rank_icir = _summary(c.rank_ic, rng, level)
    known = np.isfinite(c.rank_ic)
    return Ranking(
        slices=int(known.sum()),
        rows=int(c.count[known].sum()),
        ic=ic,
        ic_interval=ic_interval,
        icir=icir,
        rank_ic=rank_ic,
        rank_ic_interval=rank_ic_interval,
        rank_icir=rank_icir,
    )
