"""Measures: each gate has one, and nothing that is not known passes for a number."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from alphatrade.core.opinion import Forecast
from alphatrade.core.trials import Trial
from alphatrade.dataset import Sample
from alphatrade.research.gate import GATES
from alphatrade.research.measure import (
    DAY,
    FEW_TRADES,
    Held,
    Outcome,
    holdout_measures,
    measures,
    outcome,
    scored,
    shut_holdout,
)
from alphatrade.research.walk import WalkForwardResult


@pytest.fixture(scope="module")
def found(walked: WalkForwardResult) -> Outcome:
    trial = Trial(walked.recipe.hash, walked.bars.rows_hash, "trial", 0.01, 500)
    return outcome(walked, [trial], np.random.default_rng(0))


def with_trades(o: Outcome, **fields: Any) -> Outcome:
    return replace(o, trades=replace(o.trades, **fields))


def test_every_development_gate_is_measured_and_nothing_else(found: Outcome) -> None:
    assert list(measures(found)) == [g.name for g in GATES if g.stage == "development"]


def test_series_share_one_clock(found: Outcome) -> None:
    assert len(found.time) == len(found.returns) == len(found.hold) == len(found.blind) > 300
    assert (np.diff(found.time) > 0).all()
    assert np.isfinite([found.returns, found.hold, found.blind]).all()


def test_the_excess_is_what_is_earned_above_the_same_exposure_a_year(found: Outcome) -> None:
    shown = measures(found)["excess"]
    assert shown.value == pytest.approx((found.returns - found.blind).mean() * found.per_year)
    assert shown.interval is not None
    assert shown.interval[0] < shown.value < shown.interval[1]


def test_few_trades_have_no_p_value(found: Outcome) -> None:
    few, many = with_trades(found, n=FEW_TRADES - 1), with_trades(found, n=FEW_TRADES)
    assert math.isnan(measures(few)["p_value"].value)
    assert measures(few)["p_value"].note == "fewer than 30 trades: 29"
    assert measures(many)["p_value"].value == found.p_value


def test_more_trials_deflate_more(walked: WalkForwardResult, found: Outcome) -> None:
    rng = np.random.default_rng(1)
    trials = [
        replace(found.trials[0], config_hash=str(i), sharpe=s) for i, s in enumerate(rng.normal(0, 0.05, 40))
    ]
    many = outcome(walked, trials, np.random.default_rng(0))
    assert many.p_value > found.p_value
    assert many.deflated < found.deflated
    assert "40 trial(s)" in measures(many)["deflated_sharpe"].note


def test_losing_out_of_sample_has_no_ratio_to_in_sample(found: Outcome) -> None:
    lost = replace(found, oos=replace(found.oos, sharpe=-0.5))
    assert math.isnan(measures(lost)["overfit"].value)
    assert "-0.50 is not positive" in measures(lost)["overfit"].note
    won = replace(found, oos=replace(found.oos, sharpe=0.5), in_sample_sharpes=[1.0, math.nan, 2.0])
    assert measures(won)["overfit"].value == 3.0


def test_no_trades_have_no_win_rate(found: Outcome) -> None:
    shown = measures(with_trades(found, n=0))["win_rate"]
    assert math.isnan(shown.value)
    assert shown.note == "no trades"


@pytest.mark.parametrize(
    ("rate", "low", "even", "margin"),
    [(0.5, 0.4, 0.6, 0.05), (0.3, 0.25, 0.2, 0.05), (0.3, 0.2, 0.25, -0.05)],
)
def test_a_win_rate_meets_one_of_two_requirements(
    found: Outcome, rate: float, low: float, even: float, margin: float
) -> None:
    o = with_trades(found, n=50, win_rate=rate, win_rate_lo=low, break_even=even)
    assert measures(o)["win_rate"].value == pytest.approx(margin)


def test_a_shut_hold_out_is_measured_by_its_openings_alone(found: Outcome) -> None:
    assert {n: m.value for n, m in shut_holdout(3).items()} == {"holdout_fresh": 3}
    assert set(shut_holdout(3)) < {g.name for g in GATES if g.stage == "holdout"}
    assert "holdout_sharpe" not in measures(found)


def test_every_hold_out_gate_is_measured(found: Outcome, walked: WalkForwardResult) -> None:
    held = Held(walked.oos, found.returns, found.oos, found.scored)
    assert list(holdout_measures(held)) == [g.name for g in GATES if g.stage == "holdout"]


def test_each_part_is_scored_against_the_base_rates_of_its_own_training() -> None:
    rng = np.random.default_rng(0)
    n, classes = 400, (-1, 1)
    parts = []
    for share in (0.7, 0.3):
        y = np.where(rng.random(n) < share, -1, 1)
        t0 = np.repeat(np.arange(n // 2), 2) * DAY
        base = np.array([share, 1.0 - share])
        forecast = Forecast(classes, np.tile(base, (n, 1)), np.zeros(n))
        parts.append((forecast, Sample.of(np.zeros((n, 1)), y, t0=t0, t1=t0 + DAY), base))
    shown = scored(parts, rng)
    assert shown.rows == 2 * n
    assert shown.scores.skill == pytest.approx(0.0, abs=1e-12)
    assert shown.scores.log_loss == pytest.approx(shown.scores.log_loss_base)
