"""The chance level of the calibration error where what a forecast cannot see persists for weeks."""

from __future__ import annotations

import os

import numpy as np
import pytest
from scipy.special import ndtr

from alphatrade.metrics import calibration

RUNS = 600 if os.environ.get("ALPHATRADE_PROVE") == "1" else 60
DAYS, SYMBOLS = 700, 8


def persistent(rng: np.random.Generator) -> np.ndarray:
    """(days, symbols) of unit variance with a half-life of ten days."""
    phi = 0.5**0.1
    shock = rng.standard_normal((DAYS, SYMBOLS))
    shock[1:] *= np.sqrt(1.0 - phi * phi)
    for t in range(1, DAYS):
        shock[t] += phi * shock[t - 1]
    return shock


@pytest.mark.prove
def test_perfect_forecasts_exceed_chance_once_in_twenty_though_their_errors_persist() -> None:
    rng = np.random.default_rng(11)
    day = np.repeat(np.arange(DAYS), SYMBOLS)
    above = 0
    for _ in range(RUNS):
        seen, hidden = persistent(rng), persistent(rng)
        p = ndtr((0.3 * seen - 0.45) / np.sqrt(1.09))
        y = rng.standard_normal((DAYS, SYMBOLS)) < 0.3 * seen + 0.3 * hidden - 0.45
        c = calibration(p.ravel(), y.ravel(), day, rng, draws=500)
        above += c.ece > c.ece_chance_95
    assert above / RUNS == pytest.approx(0.05, abs=0.025 if RUNS > 100 else 0.07)
