"""Calibration: how far a model may leave the base rates.

In: raw scores of rows the model was not fitted on, their labels and spans. Out: a frozen ``Calibration``
that turns scores into probabilities. Never here: rows of a test fold, learners.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from alphatrade.models.kernel import probabilities

__all__ = ["Calibration", "Shrinkage", "log_loss", "time_blocks"]

ONE_DEVIATION = 0.8413447460685429  # the normal distribution's share below one standard deviation


@dataclass(frozen=True)
class Calibration:
    """A fitted shrinkage: ``p = softmax(log(base) + slope * (log p_raw - log(anchor)))``.

    ``base`` (k,) are the base rates that are answered at ``slope`` 0; ``anchor`` (k,) the rates the raw
    model was fitted to, which differ from ``base`` when its rows were weighted. ``estimate`` and
    ``error`` are the slope that fits best and its standard error, None where there is none; ``blocks``
    and ``rows`` what they rest on.
    """

    base: tuple[float, ...]
    anchor: tuple[float, ...]
    slope: float
    estimate: float | None = None
    error: float | None = None
    blocks: int = 0
    rows: int = 0

    def apply(self, scores: np.ndarray) -> np.ndarray:
        """(n, k) probabilities of raw scores (n, k): log-odds up to a constant a row."""
        with np.errstate(divide="ignore"):
            anchor, base = np.log(self.anchor), np.log(self.base)
        out: np.ndarray = probabilities(scores, anchor, base, self.slope)
        return out

    def moved(self, base: np.ndarray, anchor: np.ndarray) -> Calibration:
        """The same slope about other rates: for the model refitted on all its training rows."""
        return replace(self, base=_floats(base), anchor=_floats(anchor))

    def plain(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> Calibration:
        """Rebuild a calibration; ``TypeError`` when the fields are not those of this version."""
        rates = {name: tuple(values[name]) for name in ("base", "anchor")}
        return cls(**{**values, **rates})


def _floats(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(v) for v in values)


@dataclass(frozen=True)
class Shrinkage:
    """Temperature scaling toward the base rates, with one slope chosen below its estimate.

    Parameters
    ----------
    deviations : float
        By how many standard errors the slope lies below its estimate. 1 answers the base rates unless the
        held-back rows speak for the model; 0 takes the best fit.
    blocks : int
        Into how many blocks of time the held-back rows are cut at most; a block is never shorter than the
        longest label.
    highest : float
        Largest slope; above 1 it sharpens a model that was penalised more than its skill deserved.

    Notes
    -----
    The slope ``s`` in ``[0, highest]`` scales how far the raw log-probabilities lie from the rates the model
    was fitted to: 1 leaves them, 0 answers the base rates. At a fixed anchor this is temperature scaling
    [1]_ with the temperature ``1 / s``, and shrinkage of a forecast toward climatology. The estimate
    minimises the log loss of the held-back rows, which is convex in ``s``. Rows at one time share their
    market and overlapping labels share their bars, so the standard error is the sandwich one with whole
    blocks of time as units, all symbols together; with few blocks one deviation is Student's. Then ``s =
    clip(estimate - deviations * error, 0, highest)``. With fewer than two blocks the error is unbounded and
    the slope 0.

    A model without skill therefore answers the base rates, one with much of it is left alone.

    References
    ----------
    .. [1] Guo, C., Pleiss, G., Sun, Y., Weinberger, K. Q. (2017). *On calibration of modern neural
    networks*. ICML.
    """

    deviations: float = 1.0
    blocks: int = 20
    highest: float = 2.0

    def __post_init__(self) -> None:
        if not self.deviations >= 0.0:
            raise ValueError(f"deviations: expected a number of at least 0, found {self.deviations}")
        if self.blocks < 2:
            raise ValueError(
                f"blocks: expected at least 2, found {self.blocks}: an error needs two blocks of time"
            )

    def fit(
        self,
        scores: np.ndarray,
        index: np.ndarray,
        t0: np.ndarray,
        t1: np.ndarray,
        base: np.ndarray,
        anchor: np.ndarray,
    ) -> Calibration:
        """Choose the slope on held-back rows.

        Parameters
        ----------
        scores : (n, k) float64
            Raw scores of rows the model did not see.
        index : (n,) int
            Class index of each row's label.
        t0, t1 : (n,) int64
            Label spans, nanoseconds UTC.
        base, anchor : (k,) float64
            Plain and weighted class rates of the rows the model was fitted on.
        """
        slope_at = _Slope(scores, index, base, anchor)
        estimate = slope_at.best()
        block = time_blocks(t0, t1, self.blocks)
        count = int(block.max()) + 1
        error = slope_at.error(estimate, block, count)
        if error is None and self.deviations > 0.0:
            slope = 0.0  # nothing vouches for the model
        else:
            slope = float(np.clip(estimate - self.deviations * (error or 0.0), 0.0, self.highest))
        return Calibration(_floats(base), _floats(anchor), slope, estimate, error, count, len(index))


class _Slope:
    """Log loss of rows as a function of the slope: derivative, curvature, minimum, standard error."""

    HIGHEST = 4.0  # far above 1, where the answer is cut off anyway

    def __init__(self, scores: np.ndarray, index: np.ndarray, base: np.ndarray, anchor: np.ndarray) -> None:
        seen = anchor > 0.0
        top = scores[:, seen].max(axis=1, keepdims=True)
        shift = top + np.log(np.exp(scores[:, seen] - top).sum(axis=1, keepdims=True))
        self.deviation = np.zeros_like(scores)
        self.deviation[:, seen] = scores[:, seen] - shift - np.log(anchor[seen])
        self.base = np.where(base > 0.0, np.log(np.maximum(base, 1e-300)), -np.inf)
        self.own = np.take_along_axis(self.deviation, index[:, None], axis=1)[:, 0]

    def _moments(self, slope: float) -> tuple[np.ndarray, np.ndarray]:
        """(n,) first and second derivative of each row's log loss."""
        e = self.base + slope * self.deviation
        p = np.exp(e - e.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        mean = (p * self.deviation).sum(axis=1)
        return mean - self.own, (p * self.deviation**2).sum(axis=1) - mean**2

    def best(self) -> float:
        """Where the loss is least, in ``[0, HIGHEST]``."""
        from scipy.optimize import brentq

        def gradient(s: float) -> float:
            return float(self._moments(s)[0].mean())

        if gradient(0.0) >= 0.0:
            return 0.0
        if gradient(self.HIGHEST) <= 0.0:
            return self.HIGHEST
        return float(brentq(gradient, 0.0, self.HIGHEST, xtol=1e-9))

    def error(self, slope: float, block: np.ndarray, count: int) -> float | None:
        """Sandwich standard error of the slope over ``count`` blocks of rows; None when it has no bound."""
        from scipy.special import stdtrit

        first, second = self._moments(slope)
        curvature = float(second.sum())
        if count < 2 or curvature <= 0.0:
            return None
        sums = np.bincount(block, first, minlength=count)
        spread = float(np.sqrt((sums**2).sum() * count / (count - 1)))
        return float(stdtrit(count - 1, ONE_DEVIATION)) * spread / curvature


def time_blocks(t0: np.ndarray, t1: np.ndarray, most: int) -> np.ndarray:
    """(n,) block of each row by its decision time: equal stretches of time, none shorter than the longest
    span.

    Blocks without rows are left out, so the numbers run from 0 without a hole.

    >>> time_blocks(np.array([0, 1, 10, 11, 30]), np.array([4, 5, 14, 15, 34]), 20)
    array([0, 0, 1, 1, 2])
    """
    longest = int((t1 - t0).max())
    width = max(longest, -(-int(t0.max() - t0.min() + 1) // most), 1)
    return np.unique((t0 - t0.min()) // width, return_inverse=True)[1]


def log_loss(probability: np.ndarray, index: np.ndarray) -> float:
    """Mean of ``-log p`` of what happened, nats; unweighted."""
    p = np.take_along_axis(probability, index[:, None], axis=1)[:, 0]
    with np.errstate(divide="ignore"):
        return float(-np.log(p).mean())
