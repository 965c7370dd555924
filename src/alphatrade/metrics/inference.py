"""How far a result can be believed.

In: returns, Sharpe ratios *per period* (not annualised), p-values, numbers of trials. Out: probabilities,
adjusted p-values, lengths of record; the bootstrap's names are re-exported here. Never here: a threshold, and
counting the trials (the trial ledger does).

References
----------
.. [1] Bailey, D. & Lopez de Prado, M. (2012). The Sharpe ratio efficient frontier. *Journal of Risk* 15.
.. [2] Bailey, D. & Lopez de Prado, M. (2014). The deflated Sharpe ratio. *Journal of Portfolio Management*
   40.
.. [3] Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. *JRSS B* 57.
.. [4] Benjamini, Y. & Yekutieli, D. (2001). The control of the false discovery rate under dependency. *Annals
   of Statistics* 29.
.. [5] Holm, S. (1979). A simple sequentially rejective multiple test procedure. *Scandinavian Journal of
   Statistics* 6.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from alphatrade.metrics.bootstrap import (
    Interval,
    block_length,
    bootstrap_interval,
    bootstrap_p_value,
    long_run_variance,
    means_interval,
    stationary_indices,
)
from alphatrade.metrics.check import periods, series
from alphatrade.metrics.performance import performance

__all__ = [
    "Interval",
    "annual_return_interval",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "block_length",
    "bootstrap_interval",
    "bootstrap_p_value",
    "deflated_sharpe",
    "deflated_sharpe_ratio",
    "expected_max_sharpe",
    "holm",
    "long_run_variance",
    "means_interval",
    "minimum_track_record",
    "probabilistic_sharpe_ratio",
    "sharpe_interval",
    "sidak",
    "stationary_indices",
]


def sharpe_interval(
    returns: ArrayLike,
    periods_per_year: float,
    rng: np.random.Generator,
    *,
    level: float = 0.95,
    block: float | None = None,
    resamples: int = 2_000,
) -> Interval:
    """Studentised bootstrap interval of the annualised Sharpe ratio; NaN where returns do not vary."""
    factor = math.sqrt(periods(periods_per_year))
    lo, hi = bootstrap_interval(returns, "sharpe", rng, level=level, block=block, resamples=resamples)
    return Interval(lo * factor, hi * factor)


def annual_return_interval(
    returns: ArrayLike,
    periods_per_year: float,
    rng: np.random.Generator,
    *,
    level: float = 0.95,
    block: float | None = None,
    resamples: int = 2_000,
) -> Interval:
    """Studentised bootstrap interval of the compound annual return; NaN after ruin or where returns do not
    vary.
    """
    per_year = periods(periods_per_year)
    lo, hi = bootstrap_interval(returns, "growth", rng, level=level, block=block, resamples=resamples)
    with np.errstate(over="ignore"):
        return Interval(float(np.expm1(lo * per_year)), float(np.expm1(hi * per_year)))


def _spread(sharpe: float, skew: float, kurtosis: float) -> float:
    """Variance of ``sqrt(n - 1)`` times an estimated Sharpe ratio (Mertens); kurtosis is 3 for a normal
    distribution.
    """
    value = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe
    if not value > 0.0:
        raise ValueError(
            "expected moments of one distribution (kurtosis at least 1 + skew ** 2, and 3 for a normal one), "
            f"found skew {skew}, kurtosis {kurtosis}"
        )
    return value


def probabilistic_sharpe_ratio(
    sharpe: float, n: int, skew: float = 0.0, kurtosis: float = 3.0, *, benchmark: float = 0.0
) -> float:
    """Probability that the true Sharpe ratio exceeds ``benchmark``, given the estimate [1]_.

    Parameters
    ----------
    sharpe, benchmark : float
        Per period.
    n : int
        Periods behind the estimate, at least 2.
    skew, kurtosis : float
        Of the returns; kurtosis is not excess.

    Examples
    --------
    >>> round(probabilistic_sharpe_ratio(0.1, 101), 4)
    0.8407
    """
    if n < 2:
        raise ValueError(f"n: expected at least 2 periods, found {n}")
    return float(ndtr((sharpe - benchmark) * math.sqrt((n - 1) / _spread(sharpe, skew, kurtosis))))


def minimum_track_record(
    sharpe: float, skew: float = 0.0, kurtosis: float = 3.0, *, benchmark: float = 0.0, level: float = 0.95
) -> float:
    """Periods needed to call a Sharpe ratio larger than ``benchmark`` at ``level`` [1]_; infinite where it is
    not larger.

    Examples
    --------
    The paper's monthly hedge fund: Sharpe 2 against 1 a year, skew -0.72, kurtosis 5.78, takes 4.99 years.

    >>> months = minimum_track_record(2 / 12**0.5, -0.72, 5.78, benchmark=1 / 12**0.5)
    >>> round(months / 12, 2)
    4.99
    """
    if not 0.5 < level < 1.0:
        raise ValueError(f"level: expected between 0.5 and 1, found {level}")
    if sharpe <= benchmark:
        return math.inf
    return 1.0 + _spread(sharpe, skew, kurtosis) * (float(ndtri(level)) / (sharpe - benchmark)) ** 2


def expected_max_sharpe(trials: int, trial_variance: float) -> float:
    """Sharpe ratio (per period) that the best of ``trials`` skill-less independent trials is expected to show
    [2]_.

    ``trial_variance`` is the variance of Sharpe ratios across trials. 0 for one trial: nothing was picked.

    >>> round(expected_max_sharpe(100, 1 / 500), 4)
    0.1132
    """
    if trials < 1 or not trial_variance >= 0.0:
        raise ValueError(
            f"expected at least 1 trial and a variance >= 0, found {trials} and {trial_variance}"
        )
    if trials == 1:
        return 0.0
    high = float(ndtri(1.0 - 1.0 / trials))
    higher = float(ndtri(1.0 - 1.0 / (trials * math.e)))
    return math.sqrt(trial_variance) * ((1.0 - np.euler_gamma) * high + np.euler_gamma * higher)


def deflated_sharpe_ratio(
    sharpe: float, n: int, skew: float = 0.0, kurtosis: float = 3.0, *, trials: int, trial_variance: float
) -> float:
    """Probability that the true Sharpe ratio is positive beyond what picking the best of ``trials`` explains
    [2]_.

    The probabilistic Sharpe ratio against ``expected_max_sharpe(trials, trial_variance)``; all Sharpe ratios
    per period.

    Examples
    --------
    The paper's example: an annual Sharpe of 2.5 in 1,250 days, the best of 100 trials of annual variance 1/2.

    >>> round(deflated_sharpe_ratio(2.5 / 250**0.5, 1250, -3, 10, trials=100, trial_variance=0.5 / 250), 4)
    0.9004
    """
    hurdle = expected_max_sharpe(trials, trial_variance)
    return probabilistic_sharpe_ratio(sharpe, n, skew, kurtosis, benchmark=hurdle)


def deflated_sharpe(returns: ArrayLike, trial_sharpes: ArrayLike) -> float:
    """Deflated Sharpe ratio of returns whose strategy was one of several tried.

    Parameters
    ----------
    returns : (n,) array
        Of the strategy that was picked; finite.
    trial_sharpes : (m,) array
        Per-period Sharpe ratio of every distinct trial, this one included.

    Notes
    -----
    Trials number m; their variance is that of ``trial_sharpes`` (``ddof=1``). With one trial nothing was
    picked and the result is the probabilistic Sharpe ratio against 0. Trials whose Sharpe ratio is NaN (it
    never traded) count, at 0. NaN where ``returns`` do not vary.
    """
    tried = np.nan_to_num(np.asarray(trial_sharpes, dtype=np.float64), nan=0.0)
    if tried.ndim != 1 or len(tried) == 0:
        raise ValueError(f"trial_sharpes: expected at least this one trial, found shape {tried.shape}")
    p = performance(returns, 1.0)
    if not math.isfinite(p.sharpe):
        return math.nan
    variance = float(np.var(tried, ddof=1)) if len(tried) > 1 else 0.0
    return deflated_sharpe_ratio(
        p.sharpe, p.n, p.skew, p.kurtosis, trials=len(tried), trial_variance=variance
    )


def sidak(p: float, trials: int) -> float:
    """P-value of the best of ``trials`` independent tests: ``1 - (1 - p) ** trials``.

    >>> round(sidak(0.05, 2), 6)
    0.0975
    """
    if not 0.0 <= p <= 1.0 or trials < 1:
        raise ValueError(f"expected p in 0..1 and at least 1 trial, found {p} and {trials}")
    return 1.0 if p == 1.0 else -math.expm1(trials * math.log1p(-p))


def _p_values(p: ArrayLike) -> np.ndarray:
    values = series(p, "p-values")
    if (values < 0.0).any() or (values > 1.0).any():
        raise ValueError(f"p-values: expected between 0 and 1, found {values.min()} to {values.max()}")
    return values


def _step_up(values: np.ndarray, factor: float) -> np.ndarray:
    order = np.argsort(values, kind="stable")
    scaled = values[order] * factor * len(values) / np.arange(1, len(values) + 1)
    out = np.empty_like(values)
    out[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return out


def benjamini_hochberg(p: ArrayLike) -> np.ndarray:
    """Adjusted p-values that bound the false discovery rate for independent or positively dependent tests
    [3]_.

    >>> benjamini_hochberg([0.01, 0.04, 0.03])
    array([0.03, 0.04, 0.04])
    """
    return _step_up(_p_values(p), 1.0)


def benjamini_yekutieli(p: ArrayLike) -> np.ndarray:
    """Adjusted p-values that bound the false discovery rate under any dependence [4]_.

    >>> benjamini_yekutieli([0.01, 0.5]).round(4)
    array([0.03, 0.75])
    """
    values = _p_values(p)
    return _step_up(values, float(np.sum(1.0 / np.arange(1, len(values) + 1))))


def holm(p: ArrayLike) -> np.ndarray:
    """Adjusted p-values that bound the chance of any false rejection, under any dependence [5]_.

    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    values = _p_values(p)
    order = np.argsort(values, kind="stable")
    scaled = values[order] * np.arange(len(values), 0, -1)
    out = np.empty_like(values)
    out[order] = np.minimum(1.0, np.maximum.accumulate(scaled))
    return out
