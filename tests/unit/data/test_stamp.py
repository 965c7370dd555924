"""Time stamps: what is understood, and what must be said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from alphatrade.core.clock import parse_time
from alphatrade.core.errors import ConfigError
from alphatrade.data.stamp import parse_stamps

NOON = parse_time("2021-03-01 12:00")


def values(column: pl.Series, **settings: str) -> list[int | None]:
    return parse_stamps(column, **settings).values.to_physical().to_list()


@pytest.mark.parametrize(
    "text",
    [
        "2021-03-01T12:00:00Z",
        "2021-03-01 12:00:00+00:00",
        "2021-03-01 07:00:00-05:00",
        "2021-03-01 07:00:00 -0500",
        "2021-03-01 12:00:00 UTC",
        "2021-03-01T12:00:00.000Z",
        "20210301 12:00Z",
    ],
)
def test_text_with_a_zone_needs_no_setting(text: str) -> None:
    assert values(pl.Series([text])) == [NOON]


@pytest.mark.parametrize(
    "text", ["2021-03-01 07:00", "2021-03-01T07:00:00", "20210301 070000", "2021/03/01 07:00"]
)
def test_text_without_a_zone_needs_timezone(text: str) -> None:
    column = pl.Series("when", [text])
    with pytest.raises(ConfigError, match=r"'when' carry no time zone .*set timezone"):
        parse_stamps(column)
    assert values(column, timezone="America/New_York") == [NOON]


@pytest.mark.parametrize("text", ["2021-03-01", "20210301", "2021/03/01", "01-Mar-2021", "Mar 01, 2021"])
def test_dates_are_dates_in_any_zone(text: str) -> None:
    found = parse_stamps(pl.Series([text]), timezone="Asia/Tokyo")
    assert found.dates
    assert found.values.dt.date().to_list() == [date(2021, 3, 1)]


def test_midnights_of_any_zone_are_dates() -> None:
    for column in (
        pl.Series([date(2021, 3, 1)]),
        pl.Series([date(2021, 3, 1)]).cast(pl.Datetime),
        pl.Series([datetime(2021, 3, 1, tzinfo=UTC)]),
        pl.Series([datetime(2021, 3, 1, tzinfo=ZoneInfo("Europe/Berlin"))]),
    ):
        found = parse_stamps(column)
        assert found.dates
        assert found.values.dt.date().to_list() == [date(2021, 3, 1)]


def test_slashes_are_ambiguous_and_need_a_format() -> None:
    column = pl.Series("d", ["03/04/2021"])
    with pytest.raises(ConfigError, match="set time_format"):
        parse_stamps(column)
    assert parse_stamps(column, time_format="%d/%m/%Y").values.dt.date().to_list() == [date(2021, 4, 3)]


def test_whole_numbers_need_a_unit() -> None:
    column = pl.Series("t", [NOON // 1_000_000])
    with pytest.raises(ConfigError, match="set time_unit to one of s, ms, us, ns"):
        parse_stamps(column)
    assert values(column, time_unit="ms") == [NOON]


def test_hours_that_daylight_saving_skips_or_doubles_are_null() -> None:
    column = pl.Series(["2021-03-01 07:00", "2021-03-14 02:30", "2021-11-07 01:30"])
    assert values(column, timezone="America/New_York") == [NOON, None, None]


def test_one_cell_that_is_no_time_is_null_not_an_error() -> None:
    assert values(pl.Series(["2021-03-01T12:00:00Z", "yesterday", None])) == [NOON, None, None]


def test_an_unknown_zone_or_a_price_column_is_refused() -> None:
    with pytest.raises(ConfigError, match="unknown timezone 'New York'"):
        parse_stamps(pl.Series(["2021-03-01 07:00"]), timezone="New York")
    with pytest.raises(ConfigError, match="expected dates or times"):
        parse_stamps(pl.Series([1.5]))
