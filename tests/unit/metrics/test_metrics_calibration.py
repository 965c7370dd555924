"""Calibration: an error means something only beside the error of chance."""

from __future__ import annotations

import math
import os

import numpy as np
import pytest
from scipy.special import ndtr

from alphatrade.metrics import calibration

PROVE = os.environ.get("ALPHATRADE_PROVE") == "1"
RUNS = 2_000 if PROVE else 200


def calibrated(rng: np.random.Generator, days: int, rows: int, shared: float) -> tuple[np.ndarray, ...]:
    """Forecasts that are exactly right, and outcomes of a day that go together."""
    p = rng.uniform(0.2, 0.5, (days, rows))
    shock = shared * rng.normal(size=(days, 1)) + math.sqrt(1 - shared**2) * rng.normal(size=(days, rows))
    y = ndtr(shock) < p
    return p.ravel(), y.ravel(), np.repeat(np.arange(days), rows)


@pytest.mark.prove
@pytest.mark.parametrize("shared", [0.0, 0.5])
def test_perfect_forecasts_exceed_chance_once_in_twenty(shared: float) -> None:
    rng = np.random.default_rng(0)
    above = 0
    for _ in range(RUNS):
        c = calibration(*calibrated(rng, 200, 20, shared), rng, draws=1_000)
        above += c.ece > c.ece_chance_95
    assert above / RUNS == pytest.approx(0.05, abs=0.025 if PROVE else 0.05)


def test_outcomes_that_go_together_raise_the_error_of_chance() -> None:
    rng = np.random.default_rng(1)
    apart = calibration(*calibrated(rng, 300, 30, 0.0), rng)
    together = calibration(*calibrated(rng, 300, 30, 0.6), rng)
    assert together.ece_chance_95 > 1.5 * apart.ece_chance_95
    widths = [[b.hi - b.lo for b in c.bins] for c in (together, apart)]
    assert np.mean(widths[0]) > 1.2 * np.mean(widths[1])


def test_forecasts_that_are_too_bold_are_found_out() -> None:
    rng = np.random.default_rng(2)
    p, y, day = calibrated(rng, 300, 20, 0.2)
    bold = 1 / (1 + np.exp(-2.0 * (np.log(p / (1 - p)) + 0.6)))
    c = calibration(bold, y, day, rng)
    assert c.ece > c.ece_chance_95
    assert c.p_value < 0.01


def test_bins_hold_equal_counts_and_the_error_is_their_weighted_distance() -> None:
    rng = np.random.default_rng(3)
    p, y, day = calibrated(rng, 100, 10, 0.0)
    c = calibration(p, y, day, rng, bins=5)
    assert [b.n for b in c.bins] == [200] * 5
    assert c.ece == pytest.approx(sum(abs(b.forecast - b.observed) * b.n for b in c.bins) / 1_000, rel=1e-12)
    assert all(b.lo <= b.observed <= b.hi for b in c.bins)
    assert [b.forecast for b in c.bins] == sorted(b.forecast for b in c.bins)


def test_equal_forecasts_share_a_bin() -> None:
    rng = np.random.default_rng(0)
    c = calibration(np.full(50, 0.3), np.arange(50) % 10 < 3, np.arange(50), rng)
    assert len(c.bins) == 1
    assert (c.bins[0].n, c.bins[0].observed, c.ece) == (50, pytest.approx(0.3), pytest.approx(0.0))


@pytest.mark.parametrize(
    ("p", "y", "cluster", "message"),
    [
        ([], [], [], "probability: expected at least 1 values"),
        ([1.2], [1], [0], r"probability: expected between 0 and 1, found 1\.2"),
        ([0.5], [2], [0], "y01: expected 0 and 1 only"),
        ([0.5], [1], [0, 1], "cluster: expected 1 integers"),
        ([math.nan], [1], [0], "probability: expected finite"),
    ],
)
def test_mistakes_are_named(p: list[float], y: list[int], cluster: list[int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calibration(p, y, cluster, np.random.default_rng(0))
