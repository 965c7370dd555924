"""Fixed-horizon labels."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alphatrade.core.bar import Bars
from alphatrade.core.errors import ConfigError
from alphatrade.labels import FixedHorizon, labelers


def bar(price: float) -> tuple[float, float, float, float]:
    return (price, price + 1, price - 1, price + 0.5)


def test_the_last_horizon_rows_are_missing_never_zero(make_bars: Callable[..., Bars]) -> None:
    table = FixedHorizon(3).label(make_bars(X=[bar(100 + k) for k in range(10)]))
    assert table["label"].to_list() == [1] * 7 + [None] * 3
    assert table["ret"].null_count() == table["t1"].null_count() == 3


def test_the_return_runs_from_the_entry_to_the_close_of_the_last_bar(make_bars: Callable[..., Bars]) -> None:
    bars = make_bars(X=[bar(100.0), bar(110.0), bar(90.0)])
    at_open = FixedHorizon(2, entry="next_open").label(bars).row(0, named=True)
    at_close = FixedHorizon(2, entry="close").label(bars).row(0, named=True)
    assert (at_open["entry_price"], at_open["touch_price"], at_open["label"]) == (110.0, 90.5, -1)
    assert at_open["ret"] == 90.5 / 110.0 - 1.0
    assert at_close["entry_price"] == 100.5
    assert (at_open["t1"] - at_open["t0"]).total_seconds() == 1800


def test_the_neutral_zone_is_zero(make_bars: Callable[..., Bars]) -> None:
    bars = make_bars(X=[(100, 101, 99, 100), (100, 101, 99, 100.5), (100, 102, 99, 102.0), (1, 1, 1, 1)])
    assert FixedHorizon(1, entry="close", threshold=0.01).label(bars)["label"].to_list() == [0, 1, -1, None]
    assert FixedHorizon(1, entry="close").label(bars)["label"].to_list() == [1, 1, -1, None]


def test_a_return_target_has_no_class(make_bars: Callable[..., Bars]) -> None:
    table = FixedHorizon(1, target="return").label(make_bars(X=[bar(100.0), bar(101.0), bar(99.0)]))
    assert table["label"].to_list() == [0, 0, None]
    assert table["ret"][0] == 101.5 / 101.0 - 1.0


def test_missing_bars_do_not_count(make_bars: Callable[..., Bars]) -> None:
    table = FixedHorizon(1, entry="close").label(make_bars(X=[bar(100.0), None, bar(102.0), bar(99.0)]))
    assert table["label"].to_list() == [1, None, -1, None]
    assert table["touch_price"][0] == 102.5


def test_fewer_bars_than_the_horizon_give_no_label(make_bars: Callable[..., Bars]) -> None:
    assert FixedHorizon(5).label(make_bars(X=[bar(1.0)] * 5))["label"].null_count() == 5


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match=r"labels.horizon"):
        FixedHorizon(0)
    with pytest.raises(ValueError, match="neutral zone"):
        FixedHorizon(target="return", threshold=0.1)


def test_unknown_labelers_and_settings_are_answered_with_the_nearest() -> None:
    assert labelers.build({"kind": "fixed_horizon", "horizon": 3}) == FixedHorizon(3)
    with pytest.raises(ConfigError, match="did you mean 'triple_barrier'"):
        labelers.build("triple_barier")
    with pytest.raises(ConfigError, match="did you mean 'horizon'"):
        labelers.build({"kind": "fixed_horizon", "horizn": 3})
