"""Synthetic markets: valid, reproducible, and as random as they say."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from alphatrade.core.bar import Bars, Status
from alphatrade.core.errors import ConfigError
from alphatrade.core.session import periods_per_year
from alphatrade.data import (
    bars_from_frame,
    jumps,
    oracle_sharpe,
    planted_with_signal,
    random_walk,
    regimes,
    synthetic_bars,
)
from alphatrade.data.market import MARKETS

YEAR = periods_per_year("24/5", "1d")


def returns(bars: Bars) -> np.ndarray:
    close = bars.slices.bars[:, :, 3]
    return close[1:] / close[:-1] - 1.0


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("settings", [{}, {"calendar": "XNYS", "frequency": "15m", "start": "2021-11-22"}])
def test_every_market_passes_validation_with_no_row_refused(market: str, settings: dict[str, Any]) -> None:
    bars = synthetic_bars(market, 7, symbols=3, bars=300, **settings)
    real = bars.frame.filter(bars.frame["status"] == Status.REAL)
    again = bars_from_frame(
        real.select("timestamp", "symbol", "open", "high", "low", "close", "volume"),
        calendar=bars.info.calendar,
        frequency=bars.info.frequency,
    )
    assert not again.quarantine.height
    assert again.frame.equals(bars.frame)
    assert (real["volume"] > 0).all()
    assert len(bars) == 900


@pytest.mark.parametrize("market", MARKETS)
def test_the_seed_decides_every_bit(market: str) -> None:
    one, same, other = (synthetic_bars(market, seed, symbols=2, bars=50) for seed in (1, 1, 2))
    assert one.hash == same.hash
    assert one.hash != other.hash


def test_symbols_keep_their_order_of_the_alphabet() -> None:
    market = planted_with_signal(1, symbols=("B", "A"), bars=50)
    assert market.bars.symbols == ("A", "B")
    same = planted_with_signal(1, symbols=("SYN02", "SYN01"), bars=50)
    np.testing.assert_array_equal(market.signal, same.signal)


def test_a_random_walk_drifts_nowhere_and_remembers_nothing() -> None:
    ret = np.concatenate([returns(random_walk(seed)) for seed in range(10)])
    error = ret.mean(axis=1).std() / np.sqrt(len(ret))
    assert abs(ret.mean()) < 4 * error
    lag = [np.corrcoef(ret[1:, k], ret[:-1, k])[0, 1] for k in range(8)]
    assert abs(np.mean(lag)) < 4 / np.sqrt(len(ret) * 8 / 3)


def test_the_shape_of_a_bar_tells_nothing_about_the_next_in_a_random_walk() -> None:
    near = []
    for seed in range(10):
        bars = random_walk(seed, correlation=0.0)
        o, h, l, c, v = np.moveaxis(bars.slices.bars, 2, 0)
        place, ret = (c - l) / (h - l), returns(bars)
        shape = (place[:-1].ravel(), np.log(h / l)[:-1].ravel(), (np.log(v) * np.sign(c - o))[:-1].ravel())
        near.append([np.corrcoef(x, ret.ravel())[0, 1] for x in shape])
    assert np.abs(np.mean(near, axis=0)).max() < 4 / np.sqrt(10 * 8 * 2500)


def test_volatility_and_correlation_are_as_asked() -> None:
    ret = np.concatenate([returns(random_walk(seed, volatility=0.3, correlation=0.5)) for seed in range(10)])
    assert ret.std() * np.sqrt(YEAR) == pytest.approx(0.3, rel=0.05)
    pairs = np.corrcoef(ret.T)[np.triu_indices(8, 1)]
    assert pairs.mean() == pytest.approx(0.5, abs=0.05)


def test_volatility_clusters() -> None:
    ret = np.abs(returns(random_walk(1, symbols=1, bars=20_000, start="1990-01-01", frequency="1h")))[:, 0]
    assert np.corrcoef(ret[1:], ret[:-1])[0, 1] > 0.03


def test_regimes_say_which_was_in_force() -> None:
    bars, regime = regimes(1, bars=5000, mean_bars=100)
    ret = returns(bars)
    assert ret[regime[1:] == 1].std() / ret[regime[1:] == 0].std() == pytest.approx(0.40 / 0.15, rel=0.1)
    assert 0.2 < regime.mean() < 0.8


def test_jumps_lie_between_bars() -> None:
    bars = jumps(1, symbols=4, bars=2000, per_year=20, size=0.2)
    o, c = bars.slices.bars[:, :, 0], bars.slices.bars[:, :, 3]
    between, within = np.log(o[1:] / c[:-1]), np.log(c / o)
    assert np.abs(between).max() > 0.3
    assert np.abs(within).max() < 0.15


def test_an_oracle_of_the_planted_signal_earns_what_is_promised() -> None:
    earned = [oracle_sharpe(planted_with_signal(seed), YEAR) for seed in range(20)]
    assert min(earned) > 2.5


def test_without_strength_the_oracle_pays_its_costs_and_earns_nothing() -> None:
    earned = [oracle_sharpe(planted_with_signal(seed, strength=0.0), YEAR) for seed in range(10)]
    assert np.mean(earned) < 0.0


def test_no_single_shape_of_a_bar_shows_the_planted_signal_plainly() -> None:
    market = planted_with_signal(1)
    o, h, l, c, v = np.moveaxis(market.bars.slices.bars, 2, 0)
    for trace in ((c - l) / (h - l), np.log(v), np.log(h / l), (c - o) / o):
        assert abs(np.corrcoef(trace.ravel(), market.signal.ravel())[0, 1]) < 0.5


def test_eight_symbols_of_ten_years_take_no_time() -> None:
    random_walk(0, bars=10)
    began = time.perf_counter()
    planted_with_signal(1)
    assert time.perf_counter() - began < 1.0


def test_settings_that_make_no_market_are_refused() -> None:
    with pytest.raises(ConfigError, match="did you mean 'planted'"):
        synthetic_bars("plantd")
    with pytest.raises(ValueError, match="correlation in"):
        random_walk(1, correlation=1.0)
    with pytest.raises(ValueError, match="strength in"):
        planted_with_signal(1, strength=1.0)
    with pytest.raises(ValueError, match="distinct symbols"):
        random_walk(1, symbols=("A", "A"))
    with pytest.raises(ConfigError, match="start earlier"):
        random_walk(1, symbols=1, bars=100_000)
