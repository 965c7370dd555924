"""Batch and live sources serve the same bits."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from alphatrade.core.opinion import Forecast
from alphatrade.engine import BatchFeatures, BatchForecasts, FeatureStream, LiveModel, StoredFeed
from alphatrade.features import FeatureSet
from alphatrade.strategies import View

NAMES = ["rsi_14", "sma_10"]


class Linear:
    """A row-wise model of two features."""

    features = ("sma_10", "rsi_14")
    classes = (-1, 1)

    def predict(self, x):
        up = 1.0 / (1.0 + np.exp(-(x[:, 1].astype(float) - 50.0) / 10.0))
        return Forecast(self.classes, np.column_stack([1.0 - up, up]), up - 0.5 + 0.0 * x[:, 0])


def test_live_features_are_the_batch_features_of_the_same_slices(bars_of):
    bars = bars_of(3, 120)
    feed = StoredFeed(bars, clock=True)
    features = FeatureSet(NAMES)
    reads = ("sma_10", "rsi_14")
    batch = BatchFeatures(features.batch(bars), reads, feed.symbols)
    batch.check_rows(feed.row)
    stream = FeatureStream(features.start(symbols=feed.symbols, info=bars.info), reads, feed.symbols)
    known = 0
    for slice in feed:
        expected, found = batch.advance(slice), stream.advance(slice)
        np.testing.assert_array_equal(found, expected)
        known += int((~np.isnan(found)).sum())
    assert known > 500


def test_a_live_model_answers_what_the_forecast_table_holds(bars_of):
    bars = bars_of(3, 80)
    feed = StoredFeed(bars)
    table = (
        FeatureSet(NAMES).batch(bars).with_columns(status=bars.frame["status"]).filter(pl.col("status") > 0)
    )
    answer = Linear().predict(table.select(Linear.features).to_numpy())
    forecasts = table.select("symbol", t0="available_at").with_columns(
        pl.Series("p_-1", answer.probability[:, 0]),
        pl.Series("p_1", answer.probability[:, 1]),
        pl.Series("expected_return", answer.expected_return),
    )
    features = BatchFeatures(FeatureSet(NAMES).batch(bars), NAMES, feed.symbols)
    batch = BatchForecasts(forecasts, feed.time, feed.symbols)
    live = LiveModel(Linear(), features.names, len(feed.symbols))
    view = View(feed.symbols)
    for slice in feed:
        view.time, view.feature = slice.time, features.advance(slice)
        view.present = ~np.isnan(slice.bars[:, 3])
        expected, found = batch.advance(view), live.advance(view)
        assert expected.classes == found.classes
        np.testing.assert_array_equal(found.expected_return, expected.expected_return)
        np.testing.assert_array_equal(found.probability, expected.probability)


def test_a_forecast_table_can_be_entered_at_any_slice(bars_of, forecasts_of):
    bars = bars_of()
    feed = StoredFeed(bars)
    batch = BatchForecasts(forecasts_of(bars), feed.time, feed.symbols)
    view = View(feed.symbols)
    view.time = int(feed.time[50])
    late = batch.advance(view).expected_return.copy()
    for t in feed.time[:51].tolist():
        view.time = t
        again = batch.advance(view).expected_return
    np.testing.assert_array_equal(again, late)


def test_live_features_of_other_symbols_or_without_a_clock_are_refused(bars_of):
    bars = bars_of(2, 20)
    feed = StoredFeed(bars)
    live = FeatureSet(NAMES).start(symbols=feed.symbols, info=bars.info)
    with pytest.raises(ValueError, match="start both with the same"):
        FeatureStream(live, NAMES, ("S0",))
    with pytest.raises(ValueError, match="did you mean 'sma_10'"):
        FeatureStream(live, ["sma_11"], feed.symbols)
    with pytest.raises(ValueError, match="clock=True"):
        FeatureStream(live, NAMES, feed.symbols).advance(next(iter(feed)))
