"""How a series of returns did.

In: simple returns per period (net of whatever was charged), or a wealth curve. Out: ``Performance``,
``Relative``, drawdowns, monthly returns. Never here: a judgement, an interval (``inference`` has those), a
default for how many periods a year has.

Returns must be finite: a bar without a return is the caller's to drop or to call 0. Ratios are of returns in
excess of what cash earned, so subtract that first where it was not zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from alphatrade.metrics.check import periods, same_length, series

__all__ = [
    "Performance",
    "Relative",
    "annual_return",
    "drawdown",
    "monthly_returns",
    "performance",
    "relative",
    "sharpe",
    "wealth",
]

# A deviation this small beside the mean is the rounding of equal numbers, not risk.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Performance:
    """The usual figures of a return series; fractions, never percent. NaN where a ratio has no denominator.

    Attributes
    ----------
    n : int
        Periods measured.
    total_return, annual_return : float
        Compounded over all periods, and per year (``(1 + total) ** (periods_per_year / n) - 1``).
    annual_volatility : float
        Deviation of returns (``ddof=1``) times ``sqrt(periods_per_year)``.
    sharpe : float
        Mean over deviation (``ddof=1``), annualised by ``sqrt(periods_per_year)``.
    sortino : float
        Mean over downside deviation, annualised likewise. The downside deviation is the root of the mean over
        *all* periods of ``min(return, 0) ** 2``, so that it means the same at any frequency.
    calmar : float
        ``annual_return / max_drawdown``.
    max_drawdown : float
        Deepest fall below an earlier peak (the start counts as one), a positive fraction.
    longest_drawdown : int
        Most consecutive periods spent below an earlier peak.
    tail_ratio : float
        95 % quantile over the absolute 5 % quantile of returns.
    skew, kurtosis : float
        Standardised third and fourth moments (``ddof=0``); a normal distribution has 0 and 3.
    best, worst : float
        Largest and smallest return of one period.
    positive_share : float
        Share of periods with a return above 0.
    exposure : float
        Mean gross exposure, fraction of equity; NaN when not given.
    turnover : float
        Traded notional per year, in multiples of equity; NaN when not given.
    """

    n: int
    total_return: float
    annual_return: float
    annual_volatility: float
    sharpe: float
    sortino: float
    calmar: float
    max_drawdown: float
    longest_drawdown: int
    tail_ratio: float
    skew: float
    kurtosis: float
    best: float
    worst: float
    positive_share: float
    exposure: float
    turnover: float


@dataclass(frozen=True)
class Relative:
    """A return series beside a benchmark of the same periods.

    ``beta`` is the slope and ``alpha`` the intercept of returns on the benchmark's; ``alpha`` is times
    ``periods_per_year``, not compounded, so that mean = alpha + beta * benchmark mean holds per year.
    ``tracking_error`` is the annualised deviation of the difference, ``excess`` its annualised mean,
    ``information_ratio`` that mean over that deviation. NaN where the benchmark (or the difference) does not
    vary.
    """

    alpha: float
    beta: float
    correlation: float
    excess: float
    tracking_error: float
    information_ratio: float


def _ratio(a: float, b: float) -> float:
    return a / b if b > 0.0 else math.nan


def _deviation(x: np.ndarray, mean: float) -> float:
    """Deviation with ``ddof=1``; 0 where all values are equal but for rounding, NaN for one value."""
    if len(x) < 2:
        return math.nan
    sd = float(np.sqrt(np.sum((x - mean) ** 2) / (len(x) - 1)))
    return 0.0 if sd <= ROUNDING * abs(mean) else sd


def wealth(returns: ArrayLike) -> np.ndarray:
    """Wealth after each period, starting from 1. Wealth that reached zero stays there.

    >>> wealth([0.5, -0.5, 1.0])
    array([1.5 , 0.75, 1.5 ])
    """
    x = series(returns, "returns")
    out = np.cumprod(1.0 + x)
    ruined = x <= -1.0
    if ruined.any():
        out[int(ruined.argmax()) :] = 0.0
    return out


def drawdown(equity: ArrayLike) -> np.ndarray:
    """Fall below the highest value so far, as a positive fraction of it.

    >>> drawdown([1.0, 2.0, 1.5, 3.0])
    array([0.  , 0.  , 0.25, 0.  ])
    """
    values = series(equity, "equity")
    if values[0] <= 0.0:
        raise ValueError(f"equity: expected a positive first value, found {values[0]}")
    peak = np.maximum.accumulate(values)
    return np.asarray(1.0 - values / peak)


def _longest_run(mask: np.ndarray) -> int:
    """Length of the longest run of True."""
    edges = np.diff(np.concatenate(([0], mask.astype(np.int8), [0])))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return int((ends - starts).max()) if len(starts) else 0


def annual_return(returns: ArrayLike, periods_per_year: float) -> float:
    """Compound return per year; -1 after ruin, infinite where compounding overflows.

    >>> round(annual_return([0.01] * 12, 12), 6)
    0.126825
    """
    return _annual(float(wealth(returns)[-1]), len(np.atleast_1d(returns)), periods(periods_per_year))


def _annual(final: float, n: int, periods_per_year: float) -> float:
    if final <= 0.0:
        return -1.0
    with np.errstate(over="ignore"):
        return float(np.expm1(np.log(final) * periods_per_year / n))


def sharpe(returns: ArrayLike, periods_per_year: float) -> float:
    """Annualised Sharpe ratio (``ddof=1``); NaN where returns do not vary. ``periods_per_year=1`` is per
    period.

    >>> round(sharpe([0.01, 0.02, 0.03], 1), 6)
    2.0
    """
    x = series(returns, "returns")
    mean = float(np.mean(x))
    return _ratio(mean, _deviation(x, mean)) * math.sqrt(periods(periods_per_year))


def _shape(x: np.ndarray, mean: float, sd: float) -> tuple[float, float]:
    """Skewness and kurtosis of ``x``; NaN where it does not vary."""
    if not sd > 0.0:
        return math.nan, math.nan
    centred = x - mean
    square = centred * centred
    variance = float(np.mean(square))
    skew = float(np.mean(square * centred)) / variance**1.5
    return skew, float(np.mean(square * square)) / variance**2


def _known_mean(x: ArrayLike | None, name: str, like: np.ndarray) -> float:
    """Mean of the values that are not NaN; NaN where there are none."""
    if x is None:
        return math.nan
    values = np.asarray(x, dtype=np.float64)
    same_length(like, values, f"returns and {name}")
    known = values[~np.isnan(values)]
    return float(np.mean(series(known, name))) if len(known) else math.nan


def performance(
    returns: ArrayLike,
    periods_per_year: float,
    *,
    exposure: ArrayLike | None = None,
    turnover: ArrayLike | None = None,
) -> Performance:
    """Measure a return series.

    Parameters
    ----------
    returns : (n,) array
        Simple returns per period; finite.
    periods_per_year : float
        Periods (bars) in a year, for annualising.
    exposure : (n,) array, optional
        Gross exposure, fraction of equity; NaN (no equity is left) is not counted.
    turnover : (n,) array, optional
        Notional traded in the period, fraction of equity; NaN is not counted.

    Examples
    --------
    >>> p = performance([0.10, -0.05, 0.02], periods_per_year=252)
    >>> round(p.total_return, 6), round(p.max_drawdown, 6), p.longest_drawdown
    (0.0659, 0.05, 2)
    """
    x = series(returns, "returns")
    per_year = periods(periods_per_year)
    curve = wealth(x)
    falls = drawdown(np.concatenate(([1.0], curve)))
    mean = float(np.mean(x))
    sd = _deviation(x, mean)
    low, high = (float(q) for q in np.quantile(x, (0.05, 0.95)))
    skew, kurtosis = _shape(x, mean, sd)
    annual = _annual(float(curve[-1]), len(x), per_year)
    deepest = float(falls.max())
    return Performance(
        n=len(x),
        total_return=float(curve[-1]) - 1.0,
        annual_return=annual,
        annual_volatility=sd * math.sqrt(per_year),
        sharpe=_ratio(mean, sd) * math.sqrt(per_year),
        sortino=_ratio(mean, math.sqrt(float(np.mean(np.minimum(x, 0.0) ** 2)))) * math.sqrt(per_year),
        calmar=_ratio(annual, deepest),
        max_drawdown=deepest,
        longest_drawdown=_longest_run(falls > 0.0),
        tail_ratio=_ratio(abs(high), abs(low)),
        skew=skew,
        kurtosis=kurtosis,
        best=float(x.max()),
        worst=float(x.min()),
        positive_share=float(np.mean(x > 0.0)),
        exposure=_known_mean(exposure, "exposure", x),
        turnover=_known_mean(turnover, "turnover", x) * per_year,
    )


def relative(returns: ArrayLike, benchmark: ArrayLike, periods_per_year: float) -> Relative:
    """Measure returns beside a benchmark's returns of the same periods.

    Examples
    --------
    >>> r = relative([0.02, 0.04, 0.06], [0.01, 0.02, 0.03], periods_per_year=1)
    >>> round(r.beta, 9), abs(round(r.alpha, 9)), round(r.information_ratio, 9)
    (2.0, 0.0, 2.0)
    """
    x, b = series(returns, "returns"), series(benchmark, "benchmark")
    same_length(x, b, "returns and benchmark")
    per_year = periods(periods_per_year)
    mean, base = float(np.mean(x)), float(np.mean(b))
    sd, base_sd = _deviation(x, mean), _deviation(b, base)
    covariance = float(np.sum((x - mean) * (b - base))) / (len(x) - 1) if len(x) > 1 else math.nan
    beta = _ratio(covariance, base_sd**2)
    difference = mean - base
    tracking = _deviation(x - b, difference)
    return Relative(
        alpha=(mean - beta * base) * per_year,
        beta=beta,
        correlation=_ratio(covariance, sd * base_sd),
        excess=difference * per_year,
        tracking_error=tracking * math.sqrt(per_year),
        information_ratio=_ratio(difference, tracking) * math.sqrt(per_year),
    )


def monthly_returns(time: ArrayLike, equity: ArrayLike, start: float | None = None) -> pl.DataFrame:
    """Return per calendar month (UTC) of a wealth curve: columns ``year``, ``month``, ``ret``.

    Parameters
    ----------
    time : (n,) int array
        Nanoseconds since 1970 UTC, ascending.
    equity : (n,) array
        Wealth at each time.
    start : float, optional
        Wealth before the first time; ``equity[0]`` when left out, so that the first period's return does not
        count.

    Examples
    --------
    >>> day = 86_400_000_000_000
    >>> monthly_returns([0, 30 * day, 31 * day], [1.0, 1.1, 2.2]).rows()
    [(1970, 1, 0.1), (1970, 2, 1.0)]
    """
    values = series(equity, "equity")
    stamps = np.asarray(time, dtype=np.int64)
    same_length(stamps, values, "time and equity")
    if (np.diff(stamps) < 0).any():
        raise ValueError("time: expected ascending times, found one before its predecessor: sort the curve")
    month = stamps.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    last = np.flatnonzero(np.append(np.diff(month) != 0, True))
    ends = values[last]
    begins = np.concatenate(([values[0] if start is None else start], ends[:-1]))
    if (begins <= 0.0).any():
        raise ValueError("equity: expected positive values at the start of every month, found zero or less")
    year, number = np.divmod(month[last], 12)
    # One rounding at the 15th digit hides the noise of the division: 1.1 / 1.0 - 1 reads 0.1.
    ret = np.round(ends / begins - 1.0, 15)
    return pl.DataFrame({"year": year + 1970, "month": number + 1, "ret": ret})
