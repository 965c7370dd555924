"""What every measurement asks of its input.

In: anything array-like. Out: float64 arrays that are one-dimensional, finite and long enough, or a
``ValueError`` that says what was expected and found. Never here: measurements.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["codes", "periods", "same_length", "series"]


def series(x: ArrayLike, name: str, minimum: int = 1) -> np.ndarray:
    """Return ``x`` as a finite one-dimensional float64 array of at least ``minimum`` values.

    >>> series([1, 2], "returns")
    array([1., 2.])
    """
    values = np.asarray(x, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"{name}: expected one dimension, found shape {values.shape}")
    if len(values) < minimum:
        raise ValueError(f"{name}: expected at least {minimum} values, found {len(values)}")
    bad = ~np.isfinite(values)
    if bad.any():
        raise ValueError(
            f"{name}: expected finite values, found {int(bad.sum())} NaN or infinite of {len(values)}, "
            f"the first at index {int(bad.argmax())}: drop those rows before measuring"
        )
    return values


def codes(x: ArrayLike, name: str, n: int) -> np.ndarray:
    """Return ``x`` as ``n`` int64 codes."""
    values = np.asarray(x)
    if values.shape != (n,) or not (np.issubdtype(values.dtype, np.integer) or values.dtype == np.bool_):
        raise ValueError(f"{name}: expected {n} integers, found shape {values.shape} of {values.dtype}")
    return values.astype(np.int64)


def same_length(a: np.ndarray, b: np.ndarray, names: str) -> None:
    """Refuse arrays of different length."""
    if len(a) != len(b):
        raise ValueError(f"{names}: expected the same length, found {len(a)} and {len(b)}")


def periods(periods_per_year: float) -> float:
    """Refuse a count of periods per year that is not positive."""
    if not (np.isfinite(periods_per_year) and periods_per_year > 0):
        raise ValueError(f"periods_per_year: expected a positive number, found {periods_per_year}")
    return float(periods_per_year)
