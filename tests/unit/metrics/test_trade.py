"""Trades: win rate, break-even and costs belong together."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

from alphatrade.metrics import design_effect, trade_scores, trade_scores_by, wilson

HOUR = 3_600_000_000_000


def table(pnl: list[float], cost: float = 0.0, hours: int = 24) -> pl.DataFrame:
    n = len(pnl)
    return pl.DataFrame(
        {
            "symbol": ["A", "B"] * (n // 2) + ["A"] * (n % 2),
            "entry_time": [i * hours * HOUR for i in range(n)],
            "pnl": pnl,
            "ret": [p / 1000.0 for p in pnl],
            "bars": [2] * n,
            "cost": [cost] * n,
        }
    ).with_columns(pl.col("entry_time").cast(pl.Datetime("ns", "UTC")))


def test_two_to_one_barriers_break_even_at_a_third_and_costs_raise_that() -> None:
    s = trade_scores(table([19.0, -11.0, -11.0, 19.0, -11.0, -11.0], cost=1.0))
    assert (s.payoff_gross, s.break_even_gross) == (pytest.approx(2.0), pytest.approx(1 / 3))
    # (mean loss + cost) / (mean win + mean loss), all before costs
    assert s.break_even == pytest.approx((10 + 1) / (20 + 10))
    assert s.win_rate == pytest.approx(1 / 3)
    assert s.expectancy == pytest.approx(-1.0)
    assert s.profit_factor == pytest.approx(38 / 44)
    assert (s.mean_bars, s.mean_cost, s.n) == (2.0, 1.0, 6)


def test_the_win_rate_beats_break_even_exactly_when_trades_earn() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        s = trade_scores(table(rng.normal(0, 10, 31).tolist(), cost=0.5))
        assert (s.win_rate > s.break_even) == (s.expectancy > 0)


def test_no_trades_and_no_losses_have_no_ratios() -> None:
    s = trade_scores(table([]))
    assert s.n == 0
    assert math.isnan(s.win_rate)
    won = trade_scores(table([1.0, 2.0]))
    assert won.win_rate == 1.0
    assert math.isnan(won.profit_factor)
    assert math.isnan(won.payoff)


def test_excursions_are_averaged_where_recorded() -> None:
    trades = table([1.0, -1.0]).with_columns(mae=pl.Series([-0.02, -0.04]), mfe=pl.Series([0.05, 0.01]))
    s = trade_scores(trades)
    assert (s.mae, s.mfe) == (pytest.approx(-0.03), pytest.approx(0.03))
    assert math.isnan(trade_scores(table([1.0, -1.0])).mae)


def test_trades_of_one_day_that_fail_together_widen_the_interval() -> None:
    together = [1.0] * 20 + [-1.0] * 20
    apart = trade_scores(table(together, hours=24))
    same_day = trade_scores(table(together, hours=1))
    assert same_day.design_effect > 5.0
    assert same_day.win_rate_hi - same_day.win_rate_lo > 1.5 * (apart.win_rate_hi - apart.win_rate_lo)


def test_groups_are_measured_apart() -> None:
    by = trade_scores_by(table([1.0, -1.0, 2.0, -3.0]), "symbol")
    assert by["group"].to_list() == ["A", "B"]
    assert by["win_rate"].to_list() == [1.0, 0.0]
    hours = trade_scores_by(table([1.0, -1.0, 2.0], hours=1), pl.col("entry_time").dt.hour())
    assert hours["group"].to_list() == [0, 1, 2]
    assert trade_scores_by(table([]), "symbol").height == 0


def test_a_missing_column_and_a_missing_number_are_named() -> None:
    with pytest.raises(ValueError, match=r"\['cost'\] not among"):
        trade_scores(table([1.0]).drop("cost"))
    with pytest.raises(ValueError, match="finite 'pnl' in every row, found 1 without"):
        trade_scores(table([1.0, math.nan]))


def test_wilson_covers_shares_on_average() -> None:
    """For a single share and n the coverage of any interval of counts jumps about; over shares it is the
    level.
    """
    rng = np.random.default_rng(0)
    shares = rng.uniform(0.2, 0.8, 2_000)
    ends = [wilson(k, 60) for k in rng.binomial(60, shares)]
    assert np.mean([lo <= p <= hi for p, (lo, hi) in zip(shares, ends)]) == pytest.approx(0.95, abs=0.015)
    assert wilson(0, 5)[0] == 0.0
    assert all(math.isnan(v) for v in wilson(0, 0))
    with pytest.raises(ValueError, match="0 <= k <= n"):
        wilson(3, 2)


def test_design_effect_of_copies_is_their_number() -> None:
    x = np.repeat(np.random.default_rng(0).normal(size=500), 4)
    assert design_effect(x, np.repeat(np.arange(500), 4)) == pytest.approx(4.0, rel=0.01)
    assert design_effect(x, np.zeros(2000, dtype=int)) == 1.0
    assert design_effect(np.ones(4), np.arange(4)) == 1.0
