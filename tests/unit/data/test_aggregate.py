"""Longer bars come from closed shorter ones only."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from alphatrade.core.bar import PRICES, TIME, Bars, Status
from alphatrade.core.clock import iso, parse_time
from alphatrade.core.errors import ConfigError
from alphatrade.data import Grid, aggregate, mark_missing, random_walk


@pytest.fixture(scope="module")
def quarters() -> Bars:
    """26 quarters a day, with a half day (2021-11-26) and a holiday."""
    return random_walk(
        4, symbols=("A", "B"), bars=26 * 8, frequency="15m", calendar="XNYS", start="2021-11-22"
    )


def by_hand(bars: Bars, symbol: str, start: str, end: str) -> tuple[float, ...]:
    part = bars.only([symbol]).between(start, end).frame
    return (part["open"][0], part["high"].max(), part["low"].min(), part["close"][-1], part["volume"].sum())  # type: ignore[return-value]


def test_an_hour_is_four_quarters_from_the_open_on(quarters: Bars) -> None:
    hours = aggregate(quarters, "1h")
    assert hours.info.frequency == "1h"
    first = hours.only(["B"]).frame.row(0, named=True)
    want = by_hand(quarters, "B", "2021-11-22 14:30", "2021-11-22 15:30")
    assert tuple(first[p] for p in PRICES) == want
    assert first["available_at"].hour == 15


def test_the_last_hour_of_a_day_is_half_an_hour(quarters: Bars) -> None:
    day = aggregate(quarters, "1h").only(["A"]).between("2021-11-22", "2021-11-23").frame
    assert day.height == 7
    assert iso(int(day["available_at"].to_physical()[-1])) == "2021-11-22T21:00:00Z"


def test_a_day_is_its_session_half_days_included(quarters: Bars) -> None:
    days = aggregate(quarters, "1d").only(["A"])
    half = days.between("2021-11-26", "2021-11-27").frame.row(0, named=True)
    assert tuple(half[p] for p in PRICES) == by_hand(quarters, "A", "2021-11-26", "2021-11-27")
    assert (half["timestamp"].hour, half["available_at"].hour) == (14, 18)


def test_days_from_hours_are_days_from_quarters(quarters: Bars) -> None:
    direct, by_hours = aggregate(quarters, "1d"), aggregate(aggregate(quarters, "1h"), "1d")
    exact = [c for c in direct.frame.columns if c != "volume"]
    assert direct.frame.select(exact).equals(by_hours.frame.select(exact))
    np.testing.assert_allclose(direct.frame["volume"], by_hours.frame["volume"], rtol=1e-12)


def test_no_bar_exists_before_its_end(quarters: Bars) -> None:
    """Cutting the history anywhere leaves the bars that had closed by then, and changes none of them."""
    whole = aggregate(quarters, "1h")
    for moment in ("2021-11-22 15:15", "2021-11-22 15:30", "2021-11-26 17:45", "2021-11-26 18:00"):
        t = parse_time(moment)
        assert aggregate(quarters.as_of(t), "1h").frame.equals(
            whole.as_of(t).frame if t < whole.end else whole.frame
        )


def test_a_bar_whose_last_part_never_came_closes_on_the_clock(quarters: Bars) -> None:
    t = pl.col("timestamp").to_physical()
    lost = quarters.frame.filter((pl.col("symbol") == "B") | (t != parse_time("2021-11-22 15:15")))
    bars = Bars(mark_missing(lost, Grid("XNYS", "15m")), quarters.info)
    first = aggregate(bars, "1h").only(["A"]).frame.row(0, named=True)
    assert first["confidence"] == pytest.approx(0.75)
    assert first["status"] == Status.REAL
    assert iso(int(first["available_at"].timestamp() * 1e9)) == "2021-11-22T15:30:00Z"


def test_a_bar_without_parts_is_missing(quarters: Bars) -> None:
    t = pl.col("timestamp").to_physical()
    hour = (t >= parse_time("2021-11-22 15:30")) & (t < parse_time("2021-11-22 16:30"))
    bars = Bars(mark_missing(quarters.frame.filter(~hour), Grid("XNYS", "15m")), quarters.info)
    second = aggregate(bars, "1h").only(["A"]).frame.row(1, named=True)
    assert (second["status"], second["confidence"]) == (Status.MISSING, 0.0)
    assert np.isnan(second["close"])


def test_a_part_that_came_late_makes_the_bar_late(quarters: Bars) -> None:
    first = pl.col("timestamp").to_physical() == quarters.start
    late = (
        pl.when(first).then(pl.col("available_at") + pl.duration(hours=3)).otherwise(pl.col("available_at"))
    )
    bars = Bars(quarters.frame.with_columns(late.cast(TIME).alias("available_at")), quarters.info)
    known = aggregate(bars, "1h").frame["available_at"][0]
    assert iso(int(known.timestamp() * 1e9)) == "2021-11-22T17:45:00Z"


def test_only_whole_multiples_can_be_built(quarters: Bars) -> None:
    for frequency in ("5m", "20m"):
        with pytest.raises(ConfigError, match="whole multiple"):
            aggregate(quarters, frequency)


def test_no_bars_make_no_bars(quarters: Bars) -> None:
    assert len(aggregate(quarters.before("2000-01-01"), "1h")) == 0
