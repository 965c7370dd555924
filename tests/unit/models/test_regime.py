"""Regimes: a slow twin, chunks, and thresholds that stay where training put them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alphatrade.core.bar import SCHEMA, TIME, BarInfo, Bars
from alphatrade.core.errors import ModelError
from alphatrade.models import VolatilityTrend, load_regimes, model_hash, regime_models, regimes
from alphatrade.models.regime import NAMES

HOUR = 3_600_000_000_000
RECIPE = VolatilityTrend(volatility_sessions=1, trend_sessions=3)


def make_bars(slices: int = 600, symbols: int = 3, seed: int = 0, absent: float = 0.1) -> Bars:
    """Hourly bars around the clock, calm and wild in turns, with absent and MISSING bars."""
    rng = np.random.default_rng(seed)
    wild = np.where(np.arange(slices) // 100 % 2 == 1, 0.03, 0.005)
    close = 100 * np.exp((wild[:, None] * rng.standard_normal((slices, symbols))).cumsum(axis=0))
    frames = []
    for s in range(symbols):
        here = rng.random(slices) >= absent
        status = np.where(rng.random(slices) < 0.05, 0, 2)[here]
        price = np.where(status == 0, np.nan, close[here, s])
        start = (np.arange(slices) * HOUR)[here]
        frames.append(
            pl.DataFrame(
                {
                    "symbol": [f"S{s}"] * int(here.sum()),
                    "timestamp": pl.Series(start).cast(TIME),
                    "available_at": pl.Series(start + HOUR).cast(TIME),
                    **dict.fromkeys(("open", "high", "low", "close"), price),
                    "volume": np.where(status == 0, 0.0, 1e3),
                    "status": status.astype(np.uint8),
                    "confidence": np.ones(int(here.sum()), np.float32),
                }
            )
        )
    return Bars(pl.concat(frames).cast(dict(SCHEMA)), BarInfo("1h", "24/7"))


def twin(close: np.ndarray, short: int, long: int) -> tuple[np.ndarray, np.ndarray]:
    """The definition, slowly: deviation and sum of the last market returns after each slice."""
    last: dict[int, float] = {}
    market: list[float] = []
    deviation, trend = [], []
    for row in close:
        moves = []
        for s, c in enumerate(row):
            if np.isfinite(c):
                if s in last:
                    moves.append(np.log(c / last[s]))
                last[s] = c
        if moves:
            market.append(float(np.mean(moves)))
        deviation.append(np.std(market[-short:]) if len(market) >= short else np.nan)
        trend.append(np.sum(market[-long:]) if len(market) >= long else np.nan)
    return np.array(deviation), np.array(trend)


def test_measures_equal_the_slow_definition() -> None:
    bars = make_bars()
    fitted = RECIPE.fit(bars)
    assert (fitted.short, fitted.long) == (24, 72)
    close = bars.slices.bars[:, :, 3]
    found = fitted.measures(fitted.start(3), close)
    np.testing.assert_allclose(found.T, twin(close, 24, 72), rtol=1e-9, atol=1e-15)


def test_codes_follow_thresholds_and_direction() -> None:
    bars = make_bars()
    fitted = RECIPE.fit(bars)
    deviation, trend = twin(bars.slices.bars[:, :, 3], 24, 72)
    table = regimes(bars, fitted)
    for found, d, t in zip(table["regime"], deviation, trend):
        if np.isnan(d) or np.isnan(t):
            assert found is None
        else:
            level = "low" if d <= fitted.low else "high" if d >= fitted.high else "normal"
            assert found == f"{level} volatility, {'up' if t > 0 else 'down'}"


def test_wild_times_are_high_and_calm_ones_low() -> None:
    table = regimes(make_bars(), RECIPE.fit(make_bars()))
    at = np.arange(table.height)
    level = table["regime"].fill_null("").to_numpy().astype(str)
    settled = (at % 100 > 30) & (at > 100)
    wild = at // 100 % 2 == 1
    assert np.char.startswith(level[settled & wild], "high").mean() > 0.5
    assert not np.char.startswith(level[settled & ~wild], "high").any()


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_chunks_give_the_same_bits(size: int) -> None:
    bars = make_bars()
    fitted = RECIPE.fit(bars)
    close = bars.slices.bars[:, :, 3]
    whole = fitted.measures(fitted.start(3), close)
    state = fitted.start(3)
    pieces = [fitted.measures(state, close[i : i + size]) for i in range(0, len(close), size)]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    state = fitted.start(3, warmup=close[:200])
    np.testing.assert_array_equal(
        fitted.advance(state, close[200:]), fitted.advance(fitted.start(3), close)[200:]
    )


def test_thresholds_are_frozen_training_quantiles() -> None:
    bars = make_bars()
    training = bars.before(300 * HOUR)
    fitted = RECIPE.fit(training)
    deviation, _ = twin(training.slices.bars[:, :, 3], 24, 72)
    low, high = np.nanquantile(deviation, [1 / 3, 2 / 3])
    assert (fitted.low, fitted.high) == pytest.approx((low, high), rel=1e-9)
    assert fitted.known_until == training.end
    assert fitted.data_hash == training.hash


def test_no_symbol_in_a_slice_leaves_the_measures_as_they_were() -> None:
    bars = make_bars(absent=0.0)
    fitted = RECIPE.fit(bars)
    close = bars.slices.bars[:200, :, 3].copy()
    close[150] = np.nan
    found = fitted.measures(fitted.start(3), close)
    np.testing.assert_array_equal(found[150], found[149])


def test_saved_regimes_read_back(tmp_path: Path) -> None:
    fitted = RECIPE.fit(make_bars())
    folder = fitted.save(tmp_path)
    assert load_regimes(folder, model_hash(folder)) == fitted
    (folder / "card.json").write_text("{}")
    with pytest.raises(ModelError, match="the file changed"):
        load_regimes(folder)


def test_codes_run_over_all_names() -> None:
    assert len(NAMES) == 6
    assert NAMES[0] == "low volatility, down"
    assert NAMES[5] == "high volatility, up"


def test_too_few_bars_say_how_many_are_needed() -> None:
    with pytest.raises(ModelError, match="expected at least 960 slices"):
        VolatilityTrend().fit(make_bars(slices=500))


def test_other_number_of_symbols_is_refused() -> None:
    fitted = RECIPE.fit(make_bars())
    with pytest.raises(ValueError, match="expected closes"):
        fitted.advance(fitted.start(3), np.ones((5, 4)))


def test_daily_sessions_are_bars() -> None:
    bars = make_bars(slices=200, absent=0.0)
    stamps = (pl.col("timestamp").to_physical() * 24).cast(TIME)
    ends = (pl.col("timestamp").to_physical() * 24 + 24 * HOUR).cast(TIME)
    frame = bars.frame.with_columns(stamps.alias("timestamp"), ends.alias("available_at"))
    daily = Bars(frame, dataclasses.replace(bars.info, frequency="1d"))
    fitted = VolatilityTrend().fit(daily)
    assert (fitted.short, fitted.long) == (20, 60)


def test_registry_knows_the_recipe() -> None:
    assert regime_models.build("volatility_trend") == VolatilityTrend()


@pytest.mark.parametrize("wrong", [{"volatility_sessions": 0}, {"trend_sessions": 5}, {"low": 0.9}])
def test_senseless_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        VolatilityTrend(**wrong)  # type: ignore[arg-type]
