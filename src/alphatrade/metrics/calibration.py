"""Whether probabilities mean what they say.

In: the probability of a class, whether it came true, and which rows belong together in time. Out:
``Calibration``: reliability bins, the expected calibration error, and the error that chance alone would
produce. Never here: making probabilities better (``models`` calibrates).

References
----------
.. [1] Naeini, M., Cooper, G. & Hauskrecht, M. (2015). Obtaining well calibrated probabilities using Bayesian
   binning. *AAAI*.
.. [2] Newey, W. & West, K. (1987). A simple, positive semi-definite covariance matrix. *Econometrica* 55.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from alphatrade.metrics.bootstrap import block_length, long_run_variance
from alphatrade.metrics.check import codes, series
from alphatrade.metrics.proportion import design_effect, wilson

__all__ = ["Bin", "Calibration", "base_rate_error", "calibration"]


@dataclass(frozen=True)
class Bin:
    """Rows of similar forecasts: their mean forecast, the share that came true with its Wilson interval, and
    how many there are.
    """

    forecast: float
    observed: float
    lo: float
    hi: float
    n: int


@dataclass(frozen=True)
class Calibration:
    """Expected calibration error, the 95 % quantile it would have if forecasts were perfectly calibrated, and
    the bins.

    ``ece`` is the mean over rows of the distance between a bin's mean forecast and its observed share. It is
    never 0 in a finite sample, so it means something only beside ``ece_chance_95``; ``p_value`` is the
    probability of so large an error by chance.
    """

    ece: float
    ece_chance_95: float
    p_value: float
    bins: tuple[Bin, ...]


def _bin_of(probability: np.ndarray, bins: int) -> np.ndarray:
    """Codes of bins with equal numbers of rows; equal forecasts stay together, so that there may be fewer
    bins.
    """
    edges = np.unique(np.quantile(probability, np.arange(1, bins) / bins))
    _, code = np.unique(np.searchsorted(edges, probability, side="right"), return_inverse=True)
    return np.asarray(code)


def _covariance(residual: np.ndarray, code: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Covariance of the bins' summed residuals, rows of a cluster and of neighbouring clusters being
    dependent.
    """
    bins, clusters = int(code.max()) + 1, int(group.max()) + 1
    sums = np.bincount(group * bins + code, weights=residual, minlength=clusters * bins).reshape(
        clusters, bins
    )
    width = 1
    if clusters >= 10:
        # A mean block is too short a reach for Bartlett weights, which count far lags in part only.
        width = int(min(np.ceil(2.0 * block_length(sums.sum(axis=1)) - 1.0), clusters // 4))
    total = np.einsum("ca,cb->ab", sums, sums)
    for lag in range(1, width):
        beside = np.einsum("ca,cb->ab", sums[lag:], sums[:-lag]) * (1.0 - lag / width)
        total += beside + beside.T
    total = np.asarray(total * clusters / max(1, clusters - width))
    return _unshrunk(total, sums) if clusters >= 10 else total


def _unshrunk(covariance: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Scale up to the flat-top estimate: Bartlett weights shrink the variance of a persistent series."""
    whole = float(covariance.sum())
    if whole <= 0.0:
        return covariance
    return covariance * max(1.0, long_run_variance(sums.sum(axis=1)) * len(sums) / whole)


def base_rate_error(y01: ArrayLike, cluster: ArrayLike) -> float:
    """Standard error of the share of ones in training rows, dependent within and across clusters.

    Parameters
    ----------
    y01 : (n,) array of int or bool
        Whether the class came true in each training row, in order of time.
    cluster : (n,) int array
        Codes that ascend with time (days).

    Examples
    --------
    >>> y = np.random.default_rng(0).random(10_000) < 0.5
    >>> round(base_rate_error(y, np.arange(10_000)), 3)
    0.005
    """
    outcome = codes(y01, "y01", len(np.asarray(y01))).astype(np.float64)
    _, group = np.unique(codes(cluster, "cluster", len(outcome)), return_inverse=True)
    sums = np.bincount(group, weights=outcome - outcome.mean())
    if len(sums) < 2:
        raise ValueError(f"cluster: expected at least 2 clusters, found {len(sums)}")
    return float(np.sqrt(max(long_run_variance(sums), 0.0) * len(sums)) / len(outcome))


def calibration(
    probability: ArrayLike,
    y01: ArrayLike,
    cluster: ArrayLike,
    rng: np.random.Generator,
    *,
    bins: int = 10,
    level: float = 0.95,
    draws: int = 4_000,
    base_rate_error: float = 0.0,
) -> Calibration:
    """Compare the probability of a class with how often it came true.

    Parameters
    ----------
    probability : (n,) array
        Forecast probability of the class, 0 to 1; finite.
    y01 : (n,) array of int or bool
        Whether it came true.
    cluster : (n,) int array
        Codes that ascend with time, equal for rows that depend on each other (days).
    rng : numpy.random.Generator
    bins : int
        Bins of equal numbers of rows.
    level : float
        Of the bins' intervals.
    base_rate_error : float
        Standard error of the base rate that the forecasts were learned from; see ``base_rate_error``.

    Notes
    -----
    Chance: under perfect calibration the summed residuals of the bins are, for many clusters, normal with
    mean 0. Their covariance is estimated from the residuals about the bins' own means, summed by cluster,
    with Bartlett weights over neighbouring clusters [2]_, scaled up to the flat-top long-run variance where
    persistence makes those too small; ``ece_chance_95`` is the 95 % quantile of the error
    in ``draws`` such worlds. Rows of a day that fail together make it larger than independent rows would.
    A forecaster who learned the base rate from finite training rows is off by as much as those rows are by
    chance, in all bins together; ``base_rate_error`` adds that to the chance level. Without it a model
    that answers its training base rates, and so is as calibrated as can be, would fail far too often.
    Wilson intervals of bins count ``n`` over the bin's design effect.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> p = rng.random(2000)
    >>> c = calibration(p, rng.random(2000) < p, np.arange(2000) // 20, rng)
    >>> c.ece < c.ece_chance_95, len(c.bins)
    (True, 10)
    """
    p = series(probability, "probability")
    if (p < 0.0).any() or (p > 1.0).any():
        raise ValueError(f"probability: expected between 0 and 1, found {p.min()} to {p.max()}")
    outcome = codes(y01, "y01", len(p)).astype(np.float64)
    if not np.isin(outcome, (0.0, 1.0)).all():
        raise ValueError(f"y01: expected 0 and 1 only, found {np.unique(outcome).tolist()}")
    if bins < 1:
        raise ValueError(f"bins: expected at least 1, found {bins}")
    _, group = np.unique(codes(cluster, "cluster", len(p)), return_inverse=True)
    code = _bin_of(p, bins)
    count = np.bincount(code)
    observed = np.bincount(code, weights=outcome) / count
    forecast = np.bincount(code, weights=p) / count
    ece = float(np.sum(np.abs(observed - forecast) * count) / len(p))
    residual = outcome - p - (observed - forecast)[code]
    size, axes = np.linalg.eigh(_covariance(residual, code, group))
    normal = rng.standard_normal((draws, len(size))) * np.sqrt(np.maximum(size, 0.0))
    learned = base_rate_error * rng.standard_normal((draws, 1)) * count
    chance = np.sum(np.abs(np.einsum("rb,ab->ra", normal, axes) + learned), axis=1) / len(p)
    return Calibration(
        ece=ece,
        ece_chance_95=float(np.quantile(chance, 0.95)),
        p_value=float((1 + np.sum(chance >= ece)) / (1 + draws)),
        bins=tuple(_bin(code == b, outcome, group, float(forecast[b]), level) for b in range(len(count))),
    )


def _bin(inside: np.ndarray, outcome: np.ndarray, group: np.ndarray, forecast: float, level: float) -> Bin:
    hits, n = outcome[inside], int(inside.sum())
    lo, hi = wilson(float(hits.sum()), n, level, design_effect(hits, group[inside]))
    return Bin(forecast, float(hits.mean()), lo, hi, n)
