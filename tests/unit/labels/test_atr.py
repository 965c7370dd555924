"""Wilder's average true range beside TA-Lib, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import talib

from alphatrade.labels import wilder_atr


def walk(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    close = 50.0 * np.exp(np.cumsum(rng.normal(0, 0.01, n)))
    return close * (1 + rng.uniform(0, 0.01, n)), close * (1 - rng.uniform(0, 0.01, n)), close


@pytest.mark.parametrize("n", [2, 14, 50])
def test_it_equals_talib(n: int) -> None:
    high, low, close = walk(5_000)
    ours, theirs = wilder_atr(high, low, close, n), talib.ATR(high, low, close, n)
    assert np.isnan(ours[:n]).all()
    np.testing.assert_allclose(ours[n:], theirs[n:], rtol=1e-9)


def test_a_gap_counts_as_range() -> None:
    high, low, close = np.array([10.0, 20.5]), np.array([9.0, 20.0]), np.array([10.0, 20.0])
    assert wilder_atr(high, low, close, 1)[1] == 10.5


def test_too_few_bars_are_nan() -> None:
    high, low, close = walk(14)
    assert np.isnan(wilder_atr(high, low, close, 14)).all()
    assert len(wilder_atr(high[:0], low[:0], close[:0], 14)) == 0


def test_the_past_does_not_change_with_later_bars() -> None:
    high, low, close = walk(300)
    whole = wilder_atr(high, low, close, 14)
    for n in (15, 40, 299):
        np.testing.assert_array_equal(wilder_atr(high[:n], low[:n], close[:n], 14), whole[:n])
