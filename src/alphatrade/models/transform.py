"""Scaling fitted on training rows: impute, winsorise, standardise.

In: training rows, NaN where unknown. Out: a frozen ``FittedStandardiser``. Never here: rows of a test fold.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from alphatrade.models.kernel import standardise

__all__ = ["FittedStandardiser", "Standardiser"]


@dataclass(frozen=True, eq=False)
class FittedStandardiser:
    """Frozen numbers of a ``Standardiser``, each (F,) float64; ``scale`` is the inverse deviation."""

    fill: np.ndarray
    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    scale: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """(n, F) float64, finite everywhere: a NaN becomes the training median before it is scaled."""
        out = np.empty(x.shape)
        standardise(np.ascontiguousarray(x), self.fill, self.low, self.high, self.mean, self.scale, out)
        return out

    def plain(self) -> dict[str, list[float]]:
        """As lists, for JSON."""
        return {f.name: getattr(self, f.name).tolist() for f in fields(self)}


@dataclass(frozen=True)
class Standardiser:
    """Impute with the median, clip at quantiles, then subtract the mean and divide by the deviation.

    Parameters
    ----------
    tail : float
        Share clipped at each end, 0 to below 0.5.

    Notes
    -----
    All four are taken from the finite values of the training rows; mean and deviation (``ddof=0``) after
    imputing and clipping. A column that is constant, or never known, in training becomes 0 everywhere,
    and so carries no weight.

    Examples
    --------
    >>> x = np.array([[1.0], [np.nan], [3.0]], dtype=np.float32)
    >>> Standardiser(tail=0.0).fit(x)(x).ravel().round(4)
    array([-1.2247,  0.    ,  1.2247])
    """

    tail: float = 0.01

    def __post_init__(self) -> None:
        if not 0.0 <= self.tail < 0.5:
            raise ValueError(f"tail: expected a share from 0 to below 0.5, found {self.tail}")

    def fit(self, x: np.ndarray) -> FittedStandardiser:
        """Learn from ``x`` (n, F), n at least 1."""
        columns = [self._column(x[:, f]) for f in range(x.shape[1])]
        fill, low, high, mean, scale = np.array(columns, dtype=np.float64).reshape(-1, 5).T.copy()
        return FittedStandardiser(fill, low, high, mean, scale)

    def _column(self, values: np.ndarray) -> tuple[float, float, float, float, float]:
        known = values[np.isfinite(values)].astype(np.float64)
        if not len(known):
            return (0.0,) * 5
        low, fill, high = (float(q) for q in np.quantile(known, [self.tail, 0.5, 1.0 - self.tail]))
        clipped = np.clip(np.where(np.isnan(values), fill, values).astype(np.float64), low, high)
        mean, deviation = float(clipped.mean()), float(clipped.std())
        # A column that moves only in its last bits would be blown up to noise.
        if deviation <= 1e-9 * max(abs(low), abs(high)):
            return fill, low, high, mean, 0.0
        return fill, low, high, mean, 1.0 / deviation
