"""Sharpe inference and multiple tests against the papers' worked numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from alphatrade.metrics import (
    benjamini_hochberg,
    benjamini_yekutieli,
    deflated_sharpe,
    deflated_sharpe_ratio,
    expected_max_sharpe,
    holm,
    minimum_track_record,
    probabilistic_sharpe_ratio,
    sharpe,
    sidak,
)

# Benjamini and Hochberg (1995), section 4: p-values of 15 tests.
PAPER = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
0.6528,
         0.7590, 1.0]  # fmt: skip


def test_deflated_sharpe_of_the_2014_paper() -> None:
    """Annual Sharpe 2.5 over 5 years of days, skew -3, kurtosis 10, best of 100 trials of annual variance
    1/2.
    """
    daily = 2.5 / math.sqrt(250)
    assert expected_max_sharpe(100, 0.5 / 250) == pytest.approx(0.1132, abs=5e-5)
    value = deflated_sharpe_ratio(daily, 1250, -3.0, 10.0, trials=100, trial_variance=0.5 / 250)
    assert value == pytest.approx(0.9004, abs=5e-5)
    # The same paper: had only 46 trials been made, the strategy would pass at 95 %.
    passed = deflated_sharpe_ratio(daily, 1250, -3.0, 10.0, trials=46, trial_variance=0.5 / 250)
    assert passed == pytest.approx(0.9505, abs=5e-5)
    # And with normal returns, 88 trials would have been allowed.
    normal = deflated_sharpe_ratio(daily, 1250, trials=88, trial_variance=0.5 / 250)
    assert normal == pytest.approx(0.9505, abs=5e-4)


@pytest.mark.parametrize(
    ("per_year", "skew", "kurtosis", "years"),
    [(250, 0.0, 3.0, 2.73), (52, 0.0, 3.0, 2.83), (12, 0.0, 3.0, 3.24), (12, -0.72, 5.78, 4.99)],
)
def test_track_records_of_the_2012_paper(per_year: int, skew: float, kurtosis: float, years: float) -> None:
    """An annual Sharpe of 2 to be called above 1 at 95 %."""
    sr, target = 2 / math.sqrt(per_year), 1 / math.sqrt(per_year)
    needed = minimum_track_record(sr, skew, kurtosis, benchmark=target)
    assert needed / per_year == pytest.approx(years, abs=0.005)
    at_that = probabilistic_sharpe_ratio(sr, round(needed), skew, kurtosis, benchmark=target)
    assert at_that == pytest.approx(0.95, abs=2e-3)


def test_a_sharpe_below_the_benchmark_is_never_enough() -> None:
    assert minimum_track_record(0.1, benchmark=0.1) == math.inf


def test_probabilistic_sharpe_of_normal_returns_is_calibrated() -> None:
    rng = np.random.default_rng(0)
    p = [probabilistic_sharpe_ratio(sharpe(x, 1), 250) for x in rng.normal(size=(2000, 250))]
    assert np.mean(np.array(p) > 0.95) == pytest.approx(0.05, abs=0.02)


def test_expected_maximum_agrees_with_simulation() -> None:
    best = np.random.default_rng(0).normal(size=(4_000, 50)).max(axis=1).mean()
    assert expected_max_sharpe(50, 1.0) == pytest.approx(best, rel=0.02)
    assert expected_max_sharpe(1, 4.0) == 0.0


def test_one_trial_deflates_nothing_and_many_trials_deflate_much() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(0.1, 1.0, 1_000)
    own = sharpe(x, 1)
    moments = probabilistic_sharpe_ratio(own, 1_000, float(np.mean((x - x.mean()) ** 3) / x.std() ** 3),
                                         float(np.mean((x - x.mean()) ** 4) / x.std() ** 4))  # fmt: skip
    assert deflated_sharpe(x, [own]) == pytest.approx(moments, rel=1e-12)
    tried = [own, *rng.normal(0, 1 / math.sqrt(1_000), 999)]
    assert deflated_sharpe(x, tried) < 0.6
    assert deflated_sharpe(x, [own, math.nan]) < deflated_sharpe(x, [own])
    assert math.isnan(deflated_sharpe(np.zeros(20), [0.0]))
    with pytest.raises(ValueError, match="at least this one trial"):
        deflated_sharpe(x, [])


def test_the_best_of_a_thousand_noise_strategies_is_rejected() -> None:
    returns = np.random.default_rng(7).normal(0, 0.01, (1_000, 1_260))
    sharpes = returns.mean(axis=1) / returns.std(axis=1, ddof=1)
    best = returns[sharpes.argmax()]
    assert probabilistic_sharpe_ratio(float(sharpes.max()), 1_260) > 0.99
    assert deflated_sharpe(best, sharpes) < 0.95


def test_benjamini_hochberg_rejects_four_of_the_papers_fifteen() -> None:
    assert int(np.sum(benjamini_hochberg(PAPER) <= 0.05)) == 4
    assert int(np.sum(holm(PAPER) <= 0.05)) == 3
    assert int(np.sum(np.array(PAPER) * 15 <= 0.05)) == 3
    assert int(np.sum(benjamini_yekutieli(PAPER) <= 0.05)) == 3


def test_adjusted_p_values_keep_their_order_and_their_places() -> None:
    rng = np.random.default_rng(0)
    p = rng.random(40)
    for adjust in (benjamini_hochberg, benjamini_yekutieli, holm):
        q = adjust(p)
        assert (q >= p).all()
        assert (q <= 1.0).all()
        assert (np.diff(q[np.argsort(p)]) >= 0).all()
        shuffled = rng.permutation(40)
        assert (adjust(p[shuffled]) == q[shuffled]).all()


def test_sidak_is_exact_for_tiny_p_values() -> None:
    assert sidak(1e-18, 1000) == pytest.approx(1e-15, rel=1e-12)
    assert (sidak(0.0, 5), sidak(1.0, 5), sidak(0.3, 1)) == (0.0, 1.0, pytest.approx(0.3))


def test_probabilistic_sharpe_is_the_normal_tail_for_a_zero_sharpe_benchmark() -> None:
    expected = norm.cdf(0.1 * math.sqrt(99) / math.sqrt(1 + 0.5 * 0.01))
    assert probabilistic_sharpe_ratio(0.1, 100) == pytest.approx(expected, rel=1e-12)


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match="at least 2 periods, found 1"):
        probabilistic_sharpe_ratio(0.1, 1)
    with pytest.raises(ValueError, match="moments of one distribution"):
        probabilistic_sharpe_ratio(1.0, 10, skew=5.0, kurtosis=1.0)
    with pytest.raises(ValueError, match="at least 1 trial"):
        expected_max_sharpe(0, 1.0)
    with pytest.raises(ValueError, match="between 0 and 1, found"):
        holm([0.5, 1.5])
    with pytest.raises(ValueError, match="p-values: expected at least 1 values"):
        benjamini_hochberg([])
    with pytest.raises(ValueError, match=r"p in 0\.\.1"):
        sidak(0.1, 0)
    with pytest.raises(ValueError, match=r"level: expected between 0\.5 and 1"):
        minimum_track_record(0.1, level=0.2)
