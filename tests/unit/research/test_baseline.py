"""Baselines: what the strategy is held against means what its label says."""

from __future__ import annotations

import numpy as np
import pytest

from alphatrade.data import synthetic_bars
from alphatrade.engine import backtest
from alphatrade.execution import Costs, Immediate
from alphatrade.portfolio import EqualWeight
from alphatrade.research.baseline import (
    blind_returns,
    close_returns,
    hold_returns,
    mean_weights,
    returns_of,
    window_slices,
)
from alphatrade.risk import Limits
from alphatrade.strategies import BlindLong

CASH = 1e6


@pytest.fixture(scope="module")
def bars():  # type: ignore[no-untyped-def]
    return synthetic_bars("random", seed=3, symbols=3, bars=300)


def window(bars):  # type: ignore[no-untyped-def]
    time = bars.slices.time
    return int(time[50]), int(time[-1]) + 1


def test_a_blind_long_that_lets_nothing_drift_earns_the_blind_baseline_after_its_first_fill(bars) -> None:  # type: ignore[no-untyped-def]
    w = window(bars)
    result = backtest(
        bars, BlindLong(), EqualWeight(max_position=0.9, max_gross=0.9), Limits(),
        Immediate(band=0.0, min_notional=0.0), Costs.free(), trade_from=w[0], cash=CASH,
    )  # fmt: skip
    slices = window_slices(bars, w)
    weights = mean_weights(result, slices)
    assert weights == pytest.approx([0.3, 0.3, 0.3], abs=0.005)
    assert weights.sum() == pytest.approx(result.net.mean(), abs=1e-9)
    blind = blind_returns(slices, weights)
    excess = (returns_of(result, CASH) - blind)[2:]
    usual = np.abs(blind).mean()
    assert np.abs(excess).mean() < 0.01 * usual
    assert abs(excess.mean()) < 0.002 * usual


def test_returns_compound_to_the_final_equity(bars) -> None:  # type: ignore[no-untyped-def]
    result = backtest(
        bars, BlindLong(), EqualWeight(max_position=0.3, max_gross=0.9),
        Limits(), Immediate(), Costs.us_equity(), cash=CASH,
    )  # fmt: skip
    assert CASH * np.prod(1.0 + returns_of(result, CASH)) == pytest.approx(result.equity[-1], rel=1e-12)


def test_buy_and_hold_is_the_mean_of_the_symbols_less_its_entry_costs(bars) -> None:  # type: ignore[no-untyped-def]
    slices = window_slices(bars, window(bars))
    bought_at, last = slices.bars[1, :, 0], slices.bars[-1, :, 3]
    # Shares are sized at the close of the first bar and bought at the open of the second.
    shares = CASH / 3 / slices.bars[0, :, 3]
    free = np.prod(1.0 + hold_returns(slices, Costs.free(), CASH))
    assert free == pytest.approx((CASH + shares @ (last - bought_at)) / CASH, rel=1e-9)
    assert np.prod(1.0 + hold_returns(slices, Costs.us_equity(), CASH)) < free


def test_a_missing_bar_passes_its_move_on_to_the_next_one(bars) -> None:  # type: ignore[no-untyped-def]
    slices = window_slices(bars, window(bars))
    slices.bars[10, 1] = np.nan
    moves = close_returns(slices)
    assert moves[10, 1] == 0.0
    assert moves[11, 1] == pytest.approx(slices.bars[11, 1, 3] / slices.bars[9, 1, 3] - 1.0)
