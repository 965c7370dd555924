"""The chance level of the calibration error where what a forecast cannot see persists for weeks."""

from __future__ import annotations

import os

import numpy as np
import pytest
from scipy.special import ndtr

from alphatrade.metrics import base_rate_error, calibration

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
def test_perfect_forecasts_seldom_exceed_chance_though_their_errors_persist() -> None:
    """Nominally one in twenty; the variance of what persists for weeks is estimated a little small."""
    rng = np.random.default_rng(11)
    day = np.repeat(np.arange(DAYS), SYMBOLS)
    above = 0
    for _ in range(RUNS):
        seen, hidden = persistent(rng), persistent(rng)
        p = ndtr((0.3 * seen - 0.45) / np.sqrt(1.09))
        y = rng.standard_normal((DAYS, SYMBOLS)) < 0.3 * seen + 0.3 * hidden - 0.45
        c = calibration(p.ravel(), y.ravel(), day, rng, draws=500)
        above += c.ece > c.ece_chance_95
    assert 0.02 < above / RUNS < (0.11 if RUNS > 100 else 0.18)


@pytest.mark.prove
def test_a_model_that_answers_its_training_base_rates_fails_half_as_often_with_its_learning_error() -> None:
    """It is as calibrated as anyone can be who has seen so many rows. Under this persistence the nominal
    one in twenty is not reached: both variances are estimated too small, which refuses rather than admits.
    """
    rng = np.random.default_rng(12)
    day = np.repeat(np.arange(DAYS), SYMBOLS)
    above = naive = 0
    for _ in range(RUNS):
        hidden = np.concatenate([persistent(rng), persistent(rng)])
        y = rng.standard_normal(hidden.shape) < 0.5 * hidden - 0.45
        train, test = y[:DAYS].ravel(), y[DAYS:].ravel()
        answer = np.full(len(test), train.mean())
        error = base_rate_error(train, day)
        c = calibration(answer, test, day, rng, draws=500, base_rate_error=error)
        above += c.ece > c.ece_chance_95
        naive += calibration(answer, test, day, rng, draws=500).p_value < 0.05
    assert above / RUNS < 0.25
    assert naive > 1.5 * above
