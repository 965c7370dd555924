"""Average uniqueness beside a slow twin."""

from __future__ import annotations

import numpy as np
import pytest

from alphatrade.dataset.weight import uniqueness


def slow_twin(t0: np.ndarray, t1: np.ndarray, symbol: np.ndarray) -> list[float]:
    """Mean over a label's bars of one over the labels alive there, bar by bar."""
    found = []
    for i in range(len(t0)):
        own = np.flatnonzero(symbol == symbol[i])
        clock = sorted({*t0[own].tolist(), *t1[own].tolist()})
        bars = [b for b in clock if t0[i] < b <= t1[i]]
        found.append(float(np.mean([1.0 / sum(t0[k] < b <= t1[k] for k in own) for b in bars])))
    return found


def test_it_equals_its_slow_twin() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        n = int(rng.integers(1, 60))
        t0 = np.sort(rng.choice(200, n, replace=False)).astype(np.int64)
        t1 = t0 + rng.integers(1, 30, n)
        symbol = rng.integers(0, 3, n).astype(np.int32)
        np.testing.assert_allclose(uniqueness(t0, t1, symbol, 3), slow_twin(t0, t1, symbol), rtol=1e-12)


def test_labels_that_share_nothing_are_worth_one_each() -> None:
    t0 = np.arange(0, 100, 10)
    assert uniqueness(t0, t0 + 10, np.zeros(10, np.int32), 1).tolist() == pytest.approx([1.0] * 10)


def test_h_overlapping_labels_are_worth_one_in_the_middle() -> None:
    t0 = np.arange(200)
    weight = uniqueness(t0, t0 + 20, np.zeros(200, np.int32), 1)
    assert weight[50:150] == pytest.approx(np.full(100, 1 / 20))
