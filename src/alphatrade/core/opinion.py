"""Forecasts, signals and targets: what models expect, what strategies advise, what to hold.

In: numbers. Out: frozen columns with one entry a row or a symbol. Never here: how they are made.
A slice's signals and targets are arrays over its symbols in fixed order; NaN means "no opinion".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Forecast", "Signals", "Target"]


@dataclass(frozen=True, eq=False)
class Forecast:
    """A model's answer for n rows.

    ``classes`` (k,) are label values in ascending order, ``probability`` (n, k) sums to 1 a row,
    ``expected_return`` (n,) is a simple return over the label's horizon before costs, as estimated in
    training. All NaN where the model cannot answer.
    """

    classes: tuple[int, ...]
    probability: np.ndarray
    expected_return: np.ndarray

    def __len__(self) -> int:
        return len(self.expected_return)


@dataclass(frozen=True, eq=False)
class Signals:
    """A strategy's opinion on each symbol of a slice.

    ``side`` (S,) is +1, -1 or 0; ``confidence`` (S,) in 0..1; ``expected_return`` (S,) a simple return over
    ``horizon_bars``; ``volatility`` (S,) the deviation of one bar's return, NaN where unknown.
    """

    side: np.ndarray
    confidence: np.ndarray
    expected_return: np.ndarray
    volatility: np.ndarray
    horizon_bars: int
    source: str


@dataclass(frozen=True, eq=False)
class Target:
    """What to hold: ``weight`` (S,), signed fraction of equity. NaN leaves a position as it is."""

    weight: np.ndarray
