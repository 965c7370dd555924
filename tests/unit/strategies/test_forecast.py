"""The forecast strategy: entry, exit, hysteresis, and what silence means."""

from __future__ import annotations

import math

import numpy as np
import pytest

from alphatrade.core.errors import ConfigError
from alphatrade.core.opinion import Forecast
from alphatrade.strategies import STRATEGIES, ForecastStrategy, View

NAN = math.nan


def decide(recipe, path, *, classes=(-1, 0, 1), probability=(0.3, 0.1, 0.6), present=None):
    """Sides of one symbol over a path of expected returns."""
    running = recipe.start(("A",))
    view = View(("A",))
    sides, confidences = [], []
    for t, expected in enumerate(path):
        view.present[0] = present is None or present[t]
        row = np.full((1, len(classes)), NAN) if math.isnan(expected) else np.array([probability], float)
        view.forecast = Forecast(classes, row, np.array([expected]))
        signals = running.decide(view)
        sides.append(signals.side[0])
        confidences.append(signals.confidence[0])
    return sides, confidences


def same(found, expected):
    np.testing.assert_array_equal(found, expected)


def test_a_position_is_opened_at_entry_and_kept_until_the_forecast_falls_below_exit():
    sides, _ = decide(
        ForecastStrategy(entry=0.02, exit=0.005), [0.019, 0.02, 0.01, 0.005, 0.004, 0.019, 0.02]
    )
    same(sides, [0, 1, 1, 1, 0, 0, 1])


def test_without_short_a_bad_forecast_is_flat():
    sides, _ = decide(ForecastStrategy(entry=0.01), [-0.05, 0.05, -0.05])
    same(sides, [0, 1, 0])


def test_short_mirrors_long_and_flips_in_one_slice():
    recipe = ForecastStrategy(entry=0.01, exit=0.002, short=True)
    sides, _ = decide(recipe, [-0.01, -0.002, -0.001, 0.02, -0.02])
    same(sides, [-1, -1, 0, 1, -1])


def test_silence_leaves_a_position_as_it_is_until_the_horizon_and_then_closes_it():
    sides, _ = decide(ForecastStrategy(entry=0.01, horizon=3), [0.02, NAN, NAN, NAN, NAN, 0.02])
    same(sides, [1, NAN, NAN, 0, 0, 1])


def test_a_forecast_restarts_the_count_of_silent_bars():
    sides, _ = decide(ForecastStrategy(entry=0.01, horizon=2), [0.02, NAN, 0.005, NAN, NAN])
    same(sides, [1, NAN, 1, NAN, 0])


def test_missing_bars_change_nothing_and_are_not_counted():
    recipe = ForecastStrategy(entry=0.01, horizon=2)
    sides, _ = decide(recipe, [0.02, NAN, NAN, NAN, NAN, NAN], present=[1, 0, 0, 0, 1, 1])
    same(sides, [1, NAN, NAN, NAN, NAN, 0])


def test_a_flat_symbol_without_a_forecast_stays_flat():
    same(decide(ForecastStrategy(entry=0.01), [NAN, NAN])[0], [0, 0])


def test_confidence_is_the_share_of_outcomes_on_the_positions_side_and_is_kept_from_entry():
    _, confidence = decide(ForecastStrategy(entry=0.01), [0.02, 0.005], probability=(0.3, 0.1, 0.6))
    assert confidence == pytest.approx([0.6 / 0.9, 0.6 / 0.9])
    _, confidence = decide(ForecastStrategy(entry=0.01, short=True), [-0.02], probability=(0.3, 0.1, 0.6))
    assert confidence == pytest.approx([0.3 / 0.9])


def test_labels_zero_and_one_read_zero_as_the_other_side():
    _, confidence = decide(ForecastStrategy(entry=0.01), [0.02], classes=(0, 1), probability=(0.4, 0.6))
    assert confidence == pytest.approx([0.6])


def test_entry_is_a_multiple_of_the_round_trip_cost_unless_given():
    assert ForecastStrategy(cost_multiple=2.0, round_trip_cost=0.001).threshold == pytest.approx(0.002)
    assert ForecastStrategy(entry=0.01, round_trip_cost=0.001).threshold == 0.01


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "set entry"),
        ({"entry": 0.01, "exit": 0.02}, "raise entry or lower exit"),
        ({"entry": -0.01, "exit": -0.02}, "raise entry or lower exit"),
        ({"entry": 0.01, "horizon": 0}, "horizon must be at least 1"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_setting_to_change(fields, message):
    with pytest.raises(ValueError, match=message):
        ForecastStrategy(**fields)


def test_the_registry_builds_it_and_names_the_nearest_setting():
    assert STRATEGIES.build({"kind": "forecast", "entry": 0.01}) == ForecastStrategy(entry=0.01)
    with pytest.raises(ConfigError, match="did you mean 'entry'"):
        STRATEGIES.build({"kind": "forecast", "entri": 0.01})
    with pytest.raises(ConfigError, match="did you mean 'forecast'"):
        STRATEGIES.build("forcast")


def test_a_state_of_other_symbols_is_refused():
    recipe = ForecastStrategy(entry=0.01)
    with pytest.raises(ValueError, match="same recipe and symbols"):
        recipe.start(("A", "B")).restore(recipe.start(("A",)).save())
