"""The columns a data set, a fold and a sample share: arrays of equal length that nobody can write to.

In: arrays. Out: the same arrays, checked, as read-only views. Never here: choosing rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Columns", "frozen"]

_DTYPES = {
    "x": np.float32,
    "y": np.int8,
    "ret": np.float64,
    "weight": np.float64,
    "t0": np.int64,
    "t1": np.int64,
    "symbol": np.int32,
}


def frozen(array: np.ndarray) -> np.ndarray:
    """A view of ``array`` that refuses to be written to."""
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, eq=False)
class Columns:
    """Features, outcomes and spans, one entry a row; rows are in order of ``(t0, symbol)``.

    ``x`` (n, F) float32, NaN where a feature is not known; ``y`` (n,) int8; ``ret`` (n,) and ``weight``
    (n,) float64; ``t0`` and ``t1`` (n,) int64 nanoseconds, the label's span; ``symbol`` (n,) int32, an
    index into ``symbols``.
    """

    x: np.ndarray
    y: np.ndarray
    ret: np.ndarray
    weight: np.ndarray
    t0: np.ndarray
    t1: np.ndarray
    symbol: np.ndarray
    symbols: tuple[str, ...]
    features: tuple[str, ...]

    def __post_init__(self) -> None:
        n = len(self.y)
        for name, dtype in _DTYPES.items():
            array = getattr(self, name)
            if array.dtype != dtype or len(array) != n:
                raise ValueError(
                    f"expected {name} with {n} rows of {np.dtype(dtype)}, found {len(array)} of {array.dtype}"
                )
            object.__setattr__(self, name, frozen(array))
        if self.x.ndim != 2 or self.x.shape[1] != len(self.features):
            raise ValueError(f"expected x of shape ({n}, {len(self.features)}), found {self.x.shape}")
        self._check_spans()

    def _check_spans(self) -> None:
        if bool((self.t1 <= self.t0).any()):
            raise ValueError("expected every outcome after its decision (t1 > t0): look at the labeler")
        if bool((self.t0[1:] < self.t0[:-1]).any()):
            raise ValueError("expected rows in order of t0: sort them by (t0, symbol)")

    def __len__(self) -> int:
        return len(self.y)
