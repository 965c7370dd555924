"""The feature set in batch and live."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from alphatrade.core.bar import BarInfo
from alphatrade.core.errors import ConfigError
from alphatrade.features import FeatureSet
from alphatrade.testing import calm_bars, rough_bars

SOME = ["ret_1", "rsi_14", "zscore_20", "xs_rank_ret_20", "beta_60", "rsi_5@1h", "bollinger_20_2"]


def same(a: pl.DataFrame, b: pl.DataFrame) -> bool:
    return a.equals(b, null_equal=True)


def test_the_table_has_a_row_for_each_bar_and_float32_columns():
    bars, some = rough_bars(300), FeatureSet(SOME)
    table = some.batch(bars)
    assert table.columns == ["symbol", "timestamp", "available_at", *some.names]
    assert table.select("symbol", "timestamp", "available_at").equals(
        bars.frame.select("symbol", "timestamp", "available_at")
    )
    assert all(table[n].dtype == pl.Float32 for n in some.names)


def test_missing_rows_are_nan_in_every_column():
    bars = rough_bars(300)
    table = FeatureSet(SOME).batch(bars).filter(bars.frame["status"] == 0)
    assert table.height > 0
    assert all(table[n].is_nan().all() for n in FeatureSet(SOME).names)


def test_one_thread_and_two_give_the_same_bits():
    bars, some = rough_bars(400), FeatureSet(SOME)
    assert same(some.batch(bars, threads=1), some.batch(bars, threads=2))


def test_a_live_run_continues_where_its_warm_up_ended():
    bars, some = rough_bars(500), FeatureSet(SOME)
    middle = int(bars.slices.time[250])
    live = some.start(warmup=bars.before(middle))
    tail = bars.known(middle - 1, bars.end)
    whole = some.batch(bars).filter(pl.col("available_at").to_physical() >= middle)
    assert same(live.advance(tail), whole)


def test_state_saved_and_restored_goes_on_with_the_same_bits(tmp_path):
    bars, some = rough_bars(500), FeatureSet(SOME)
    middle = int(bars.slices.time[250])
    live = some.start(warmup=bars.before(middle))
    np.savez(tmp_path / "state.npz", **live.save())
    again = some.start(bars.symbols, bars.info)
    with np.load(tmp_path / "state.npz") as state:
        again.restore(state)
    tail = bars.known(middle - 1, bars.end)
    assert same(live.advance(tail), again.advance(tail))


def test_state_of_other_features_is_refused():
    bars = calm_bars(50)
    state = FeatureSet(["ret_1"]).start(warmup=bars).save()
    with pytest.raises(ValueError, match="other features"):
        FeatureSet(["ret_5"]).start(bars.symbols, bars.info).restore(state)
    with pytest.raises(ValueError, match="saved state is of"):
        FeatureSet(["ret_1"]).start(["A"], bars.info).restore(state)


def test_late_bars_are_refused():
    bars = calm_bars(50)
    live = FeatureSet(["ret_1"]).start(warmup=bars)
    with pytest.raises(ValueError, match="sequencer"):
        live.advance(bars)


def test_a_feature_that_compares_symbols_needs_whole_slices():
    bars = calm_bars(50)
    live = FeatureSet(["xs_rank_ret_1"]).start(bars.symbols, bars.info)
    live.advance(bars.only(["A"]))
    with pytest.raises(ValueError, match="whole slices"):
        live.advance(bars.only(["B"]))


def test_unknown_symbols_and_other_bars_are_refused():
    bars = calm_bars(50)
    live = FeatureSet(["ret_1"]).start(["A"], bars.info)
    with pytest.raises(ValueError, match="B, C"):
        live.advance(bars)
    with pytest.raises(ValueError, match="15m"):
        live.advance(replace(bars.only(["A"]), info=BarInfo("1h", "24/7")))
    with pytest.raises(ValueError, match="warmup"):
        FeatureSet(["ret_1"]).start(["A"])


def test_a_timeframe_not_longer_than_the_bars_is_refused():
    with pytest.raises(ConfigError, match="rsi_14@15m needs bars shorter"):
        FeatureSet(["rsi_14@15m"]).batch(calm_bars(50))
    with pytest.raises(ConfigError, match="ret_20@15m needs bars shorter"):
        FeatureSet(["xs_rank_ret_20@15m"]).batch(calm_bars(50))


def test_the_hash_changes_with_columns_and_parameters():
    hashes = {FeatureSet(x).hash for x in (["rsi_14"], ["rsi_5"], ["rsi_14", "ret_1"], ["rsi_14@1h"])}
    assert len(hashes) == 4
    assert FeatureSet(["rsi_14"]).hash == FeatureSet(["rsi"]).hash


def test_lookback_counts_the_longest_memory():
    assert FeatureSet(["ret_5", "zscore_20"]).lookback_bars == 20
    info = BarInfo("15m", "24/7")
    assert FeatureSet(["zscore_20@1h"]).warmup_bars(info) == 84
    assert FeatureSet(["zscore_20@1d"]).warmup_bars(info) == 21 * 96


def test_order_of_symbols_given_to_start_does_not_matter():
    bars, some = calm_bars(60), FeatureSet(["xs_zscore_ret_1"])
    live = some.start(["C", "A", "B"], bars.info)
    assert live.symbols == ("A", "B", "C")
    assert same(live.advance(bars), some.batch(bars))


def test_select_keeps_named_columns_and_suggests_others():
    some = FeatureSet(SOME)
    assert some.select(["zscore_20", "ret_1"]).names == ("zscore_20", "ret_1")
    with pytest.raises(ConfigError, match="did you mean 'ret_1'"):
        some.select(["ret_2"])


def test_no_bars_give_an_empty_table():
    bars = calm_bars(10)
    empty = replace(bars, frame=bars.frame.clear())
    table = FeatureSet(["ret_1"]).batch(empty)
    assert table.height == 0
    assert table.columns == ["symbol", "timestamp", "available_at", "ret_1"]


def test_a_lifted_value_holds_until_the_next_bar_has_closed():
    bars = calm_bars(40, ("A",))
    table = FeatureSet(["ret_1@1h", "ret_1"]).batch(bars)
    close = bars.frame["close"].to_numpy()
    hourly = close[3::4]
    held = table["ret_1@1h"].to_numpy()
    # Row 7 ends the second hour: its return is known there, and not in row 6.
    assert np.isnan(held[:7]).all()
    for i in range(7, 40):
        k = (i + 1) // 4 - 1
        assert held[i] == pytest.approx(hourly[k] / hourly[k - 1] - 1.0, rel=1e-6)


def test_a_lift_whose_last_row_never_came_closes_with_the_next_bucket():
    bars = calm_bars(40, ("A",))
    keep = np.ones(40, bool)
    keep[11] = False
    frame = bars.frame.filter(pl.Series(keep))
    held = FeatureSet(["ret_1@1h"]).batch(replace(bars, frame=frame))["ret_1@1h"].to_numpy()
    close = bars.frame["close"].to_numpy()
    # Rows 8, 9, 10 are of the third hour; row 12 opens the fourth and so closes it, with the close of row 10.
    assert held[10] == pytest.approx(close[7] / close[3] - 1.0, rel=1e-6)
    assert held[11] == pytest.approx(close[10] / close[7] - 1.0, rel=1e-6)
