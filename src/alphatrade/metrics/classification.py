"""Scores of forecast classes: accuracy never without the base rate it has to beat.

In: probabilities, outcomes, the class shares *of the training rows*, and which rows belong together in time.
Out: ``Scores``, with intervals. Never here: probabilities of a model's making, thresholds, calibration
(``calibration`` has that).

Rows of overlapping labels, and rows of many symbols at one time, are not independent: intervals resample
clusters (days, as a rule) in blocks, never rows. Sums over clusters are all that is resampled, so millions of
rows cost no more than their days.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from alphatrade.metrics.bootstrap import Interval, Means, means_interval
from alphatrade.metrics.check import codes, series

__all__ = ["Scores", "auc", "classification_scores"]

SMALLEST = 1e-15  # probabilities are not taken to be smaller, so that no single row is infinitely wrong


@dataclass(frozen=True)
class Scores:
    """Scores of n forecasts. Intervals are None when no clusters were given, NaN where they cannot be had.

    Attributes
    ----------
    n, clusters : int
        Rows, and clusters of rows (``n`` when none were given).
    accuracy : float
        Share of rows whose most probable class came true (the first one on ties).
    base_rate : float
        Accuracy of always naming the most frequent class of training.
    edge : float
        ``accuracy - base_rate``.
    balanced_accuracy : float
        Mean over the classes that occur of the share of their rows that were named.
    mcc : float
        Matthews' correlation of named and true class; 0 when one class only was named or occurred.
    auc : float
        Probability that a row of the positive class was given a higher probability of it than a row of
        another; NaN without both.
    log_loss, log_loss_base : float
        Mean of -log of the probability of what came true: the model's, and that of the training shares.
    skill : float
        ``1 - log_loss / log_loss_base``; above 0 means better than knowing the training shares only.
    brier, brier_base : float
        Mean over rows of the squared distance of probabilities from what came true, summed over classes (0 to
        2).
    brier_skill : float
        ``1 - brier / brier_base``.
    """

    n: int
    clusters: int
    accuracy: float
    base_rate: float
    edge: float
    balanced_accuracy: float
    mcc: float
    auc: float
    log_loss: float
    log_loss_base: float
    skill: float
    brier: float
    brier_base: float
    brier_skill: float
    accuracy_interval: Interval | None = None
    edge_interval: Interval | None = None
    balanced_accuracy_interval: Interval | None = None
    mcc_interval: Interval | None = None
    auc_interval: Interval | None = None
    skill_interval: Interval | None = None
    brier_skill_interval: Interval | None = None

    def __str__(self) -> str:
        """Accuracy beside its base rate, then the scores that do not depend on a threshold."""
        lines = [
            f"accuracy   {_shown(self.accuracy, self.accuracy_interval)} beside a base rate of "
            f"{self.base_rate:.4f}",
            f"AUC        {_shown(self.auc, self.auc_interval)}",
            f"MCC        {_shown(self.mcc, self.mcc_interval)}",
            f"skill      {_shown(self.skill, self.skill_interval)} (log loss over the base rates)",
            f"Brier      {_shown(self.brier_skill, self.brier_skill_interval)} (skill)",
        ]
        return "\n".join([*lines, f"{self.n:,} rows in {self.clusters:,} clusters; intervals in brackets"])


def _shown(value: float, interval: Interval | None) -> str:
    return f"{value:.4f}" if interval is None else f"{value:.4f} [{interval.lo:.4f}, {interval.hi:.4f}]"


@dataclass(frozen=True, eq=False)
class _Rows:
    """Checked input: ``truth`` (n,) is the column of the true class, ``base`` (n, k) the training shares."""

    probability: np.ndarray
    truth: np.ndarray
    base: np.ndarray
    weight: np.ndarray


def _probabilities(x: ArrayLike, name: str, shape: tuple[int, int]) -> np.ndarray:
    p = np.asarray(x, dtype=np.float64)
    if p.shape != shape:
        raise ValueError(f"{name}: expected shape {shape} (rows, classes), found {p.shape}")
    bad = ~np.isfinite(p).all(axis=1)
    if bad.any():
        raise ValueError(
            f"{name}: expected finite rows, found {int(bad.sum())} with NaN: "
            "drop rows without a forecast first"
        )
    if (p < 0.0).any() or (np.abs(p.sum(axis=1) - 1.0) > 1e-4).any():
        raise ValueError(
            f"{name}: expected rows of probabilities that sum to 1, found {p.min()} to {p.max()}, sums "
            f"{p.sum(axis=1).min()} to {p.sum(axis=1).max()}"
        )
    return p


def _columns_of(y: np.ndarray, classes: Sequence[int]) -> np.ndarray:
    """Column of each outcome's class."""
    known = np.asarray(classes, dtype=np.int64)
    if len(known) < 2 or (np.diff(known) <= 0).any():
        raise ValueError(f"classes: expected at least two in ascending order, found {list(classes)}")
    at = np.minimum(np.searchsorted(known, y), len(known) - 1)
    strange = known[at] != y
    if strange.any():
        raise ValueError(f"y: expected only classes {known.tolist()}, found {np.unique(y[strange]).tolist()}")
    return np.asarray(at)


def _rows(
    probability: ArrayLike, y: ArrayLike, classes: Sequence[int], base: ArrayLike, weight: ArrayLike | None
) -> _Rows:
    n = len(np.atleast_1d(np.asarray(y)))
    if n == 0:
        raise ValueError("y: expected at least one row, found none")
    truth = _columns_of(codes(y, "y", n), classes)
    shape = (n, len(classes))
    p = _probabilities(probability, "probability", shape)
    shares = np.asarray(base, dtype=np.float64)
    shares = np.broadcast_to(shares, shape) if shares.shape == shape[1:] else shares
    w = np.ones(n) if weight is None else series(weight, "weight")
    if len(w) != n or (w < 0.0).any() or not w.sum() > 0.0:
        raise ValueError(
            f"weight: expected {n} values of at least 0, not all 0, found {len(w)} from {w.min()}"
        )
    return _Rows(p, truth, _probabilities(shares, "base_probability", shape), w)


def _placements(score: np.ndarray, positive: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted share of the other side that each row is ranked on the right side of; ties count half.

    The mean over positives, and that over negatives, is the area under the curve.
    """
    _, tie = np.unique(score, return_inverse=True)
    mine = np.bincount(tie, weights=weight * positive)
    other = np.bincount(tie, weights=weight * ~positive)
    below = (np.cumsum(other) - 0.5 * other) / other.sum()
    above = (mine.sum() - np.cumsum(mine) + 0.5 * mine) / mine.sum()
    return np.asarray(np.where(positive, below[tie], above[tie]))


def auc(score: ArrayLike, positive: ArrayLike, weight: ArrayLike | None = None) -> float:
    """Area under the ROC curve by ranks, ties counting half; NaN unless both outcomes occur.

    >>> auc([0.1, 0.4, 0.35, 0.8], [False, False, True, True])
    0.75
    """
    s = series(score, "score")
    hit = codes(positive, "positive", len(s)) != 0
    w = np.ones(len(s)) if weight is None else series(weight, "weight")
    if not ((w * hit).sum() > 0.0 and (w * ~hit).sum() > 0.0):
        return math.nan
    return float(np.sum((w * _placements(s, hit, w))[hit]) / np.sum(w[hit]))


def _ratio_of(m: np.ndarray) -> np.ndarray:
    return np.asarray(m[..., 0] / m[..., 1])


def _skill_of(m: np.ndarray) -> np.ndarray:
    return np.asarray(1.0 - m[..., 0] / m[..., 1])


def _square(m: np.ndarray) -> np.ndarray:
    """Confusion tables (..., k, k), true class first, from their cells (..., k * k)."""
    k = math.isqrt(m.shape[-1])
    return m.reshape(*m.shape[:-1], k, k)


def _accuracy_of(m: np.ndarray) -> np.ndarray:
    table = _square(m)
    return np.asarray(np.trace(table, axis1=-2, axis2=-1) / table.sum(axis=(-2, -1)))


def _balanced_of(present: np.ndarray) -> Means:
    def balanced(m: np.ndarray) -> np.ndarray:
        table = _square(m)
        recall = np.diagonal(table, axis1=-2, axis2=-1) / table.sum(axis=-1)
        return np.asarray(recall[..., present].mean(axis=-1))

    return balanced


def _mcc_of(m: np.ndarray) -> np.ndarray:
    table = _square(m)
    total = table.sum(axis=(-2, -1))
    true, named = table.sum(axis=-1), table.sum(axis=-2)
    covariance = np.trace(table, axis1=-2, axis2=-1) * total - np.sum(true * named, axis=-1)
    spread = (total**2 - np.sum(named**2, axis=-1)) * (total**2 - np.sum(true**2, axis=-1))
    return np.asarray(covariance / np.sqrt(spread))


@dataclass(frozen=True, eq=False)
class _Columns:
    """What is summed, row by row; a score is a function of the sums of some of it."""

    confusion: np.ndarray  # (n, k * k)
    edge: np.ndarray  # (n, 2)
    log_loss: np.ndarray  # (n, 2) model's, base
    brier: np.ndarray  # (n, 2)
    auc: np.ndarray | None  # (n, 4)


def _row_columns(rows: _Rows, positive: int | None) -> _Columns:
    p, truth, w = rows.probability, rows.truth, rows.weight
    n, k = p.shape
    at = np.arange(n)
    named = np.argmax(p, axis=1)
    confusion = np.zeros((n, k * k))
    confusion[at, truth * k + named] = w
    edge = w * ((named == truth).astype(float) - (np.argmax(rows.base, axis=1) == truth))
    happened = np.zeros((n, k))
    happened[at, truth] = 1.0
    losses = [-w * np.log(np.maximum(q[at, truth], SMALLEST)) for q in (p, rows.base)]
    distances = [w * np.sum((q - happened) ** 2, axis=1) for q in (p, rows.base)]
    return _Columns(
        confusion,
        np.stack((edge, w), axis=1),
        np.stack(losses, axis=1),
        np.stack(distances, axis=1),
        None if positive is None else _auc_columns(p[:, positive], truth == positive, w),
    )


def _auc_columns(score: np.ndarray, hit: np.ndarray, w: np.ndarray) -> np.ndarray | None:
    if not ((w * hit).sum() > 0.0 and (w * ~hit).sum() > 0.0):
        return None
    placed = w * _placements(score, hit, w)
    return np.stack((placed * hit, w * hit, placed * ~hit, w * ~hit), axis=1)


def _auc_of(columns: np.ndarray | None) -> Means:
    """The area as a function of the four sums; moving rows moves both of its projections, positives and
    negatives.
    """
    if columns is None:
        return lambda m: np.full(m.shape[:-1], np.nan)
    total = columns.sum(axis=0)
    area = total[0] / total[1]
    return lambda m: np.asarray(m[..., 0] / m[..., 1] + m[..., 2] / m[..., 3] - area)


def classification_scores(
    probability: ArrayLike,
    y: ArrayLike,
    classes: Sequence[int],
    base_probability: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    cluster: ArrayLike | None = None,
    rng: np.random.Generator | None = None,
    positive: int = 1,
    level: float = 0.95,
    block: float | None = None,
    resamples: int = 2_000,
) -> Scores:
    """Score probabilities against what happened.

    Parameters
    ----------
    probability : (n, k) array
        Rows sum to 1; no NaN.
    y : (n,) int array
        Outcomes, each one of ``classes``.
    classes : k ints
        Ascending, in the order of the columns.
    base_probability : (k,) or (n, k) array
        Class shares of the *training* rows; a row each where forecasts come from several folds.
    weight : (n,) array, optional
        Of rows, such as their uniqueness.
    cluster : (n,) int array, optional
        Codes that ascend with time, equal for rows that depend on each other (days). With it come intervals,
        and ``rng`` is needed.
    positive : int
        The class of the area under the curve, against all others.
    level, block, resamples
        Of the intervals, as in ``bootstrap_interval``; ``block`` counts clusters.

    Notes
    -----
    Every score is a smooth function of sums over rows, so its interval resamples sums over clusters. The area
    under the curve is one through its placements (the share of the other side a row is ranked right of),
    taken as fixed: the usual linear approximation of a U-statistic, as DeLong's variance has it, here with
    clusters.

    Examples
    --------
    >>> s = classification_scores([[0.8, 0.2], [0.4, 0.6], [0.7, 0.3]], [0, 1, 1], (0, 1), [0.5, 0.5])
    >>> round(s.accuracy, 4), round(s.base_rate, 4), s.auc, round(s.skill, 4)
    (0.6667, 0.3333, 1.0, 0.068)
    """
    rows = _rows(probability, y, classes, base_probability, weight)
    column = list(classes).index(positive) if positive in classes else None
    columns = _row_columns(rows, column)
    present = np.unique(rows.truth)
    parts: dict[str, tuple[np.ndarray | None, Means]] = {
        "accuracy": (columns.confusion, _accuracy_of),
        "edge": (columns.edge, _ratio_of),
        "balanced_accuracy": (columns.confusion, _balanced_of(present)),
        "mcc": (columns.confusion, _mcc_of),
        "auc": (columns.auc, _auc_of(columns.auc)),
        "skill": (columns.log_loss, _skill_of),
        "brier_skill": (columns.brier, _skill_of),
    }
    with np.errstate(all="ignore"):
        value = {k: math.nan if c is None else float(f(c.sum(axis=0))) for k, (c, f) in parts.items()}
    total = rows.weight.sum()
    (loss, loss_base), (brier, brier_base) = (
        c.sum(axis=0) / total for c in (columns.log_loss, columns.brier)
    )
    group = np.arange(len(rows.truth))
    intervals: dict[str, Interval] = {}
    if cluster is not None:
        if rng is None:
            raise ValueError("rng: expected a numpy.random.Generator to draw the intervals, found None")
        _, group = np.unique(codes(cluster, "cluster", len(rows.truth)), return_inverse=True)
        for name, (c, f) in parts.items():
            sums = np.zeros((0, 1)) if c is None else _cluster_sums(c, group)
            found = means_interval(sums, f, rng, level=level, block=block, resamples=resamples)
            intervals[f"{name}_interval"] = _within(found, name)
    return Scores(
        n=len(rows.truth),
        clusters=int(group.max()) + 1,
        accuracy=value["accuracy"],
        base_rate=value["accuracy"] - value["edge"],
        edge=value["edge"],
        balanced_accuracy=value["balanced_accuracy"],
        mcc=value["mcc"] if math.isfinite(value["mcc"]) else 0.0,
        auc=value["auc"],
        log_loss=float(loss),
        log_loss_base=float(loss_base),
        skill=value["skill"],
        brier=float(brier),
        brier_base=float(brier_base),
        brier_skill=value["brier_skill"],
        **intervals,
    )


def _cluster_sums(columns: np.ndarray, group: np.ndarray) -> np.ndarray:
    return np.stack([np.bincount(group, weights=c) for c in columns.T], axis=1)


LIMITS = {
    "accuracy": (0.0, 1.0),
    "balanced_accuracy": (0.0, 1.0),
    "auc": (0.0, 1.0),
    "edge": (-1.0, 1.0),
    "mcc": (-1.0, 1.0),
}


def _within(interval: Interval, name: str) -> Interval:
    """The interval cut to the values its score can take."""
    low, high = LIMITS.get(name, (-math.inf, 1.0))
    return Interval(*(v if math.isnan(v) else min(max(v, low), high) for v in interval))
