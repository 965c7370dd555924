"""Where bars should be."""

from __future__ import annotations

import numpy as np
import pytest

from alphatrade.core.clock import iso, parse_time
from alphatrade.core.errors import ConfigError
from alphatrade.data.grid import Grid, detect_frequency, frequency_name

MINUTE = 60_000_000_000


def at(*texts: str) -> np.ndarray:
    return np.array([parse_time(t) for t in texts])


def test_a_session_has_26_quarters_and_a_half_day_14() -> None:
    starts, ends = Grid("XNYS", "15m").expected(
        parse_time("2021-11-24 14:30"), parse_time("2021-11-26 23:00")
    )
    assert len(starts) == 26 + 14
    assert iso(int(ends[-1])) == "2021-11-26T18:00:00Z"


def test_the_last_hour_of_a_session_is_cut_at_its_close() -> None:
    starts, ends = Grid("XNYS", "1h").expected(parse_time("2021-11-26 14:30"), parse_time("2021-11-26 23:00"))
    assert ((ends - starts) // MINUTE).tolist() == [60, 60, 60, 30]


def test_stamps_at_the_close_find_the_same_bars() -> None:
    grid = Grid("XNYS", "1h")
    starts, ends = grid.expected(parse_time("2021-11-24"), parse_time("2021-11-30"))
    for stamp, at_close in ((starts, False), (ends, True)):
        found = grid.locate(stamp, at_close)
        assert found.aligned.all()
        assert found.inside.all()
        assert (found.start == starts).all()
        assert (found.end == ends).all()


def test_a_stamp_between_bars_is_misaligned() -> None:
    found = Grid("XNYS", "15m").locate(at("2021-03-01 14:37", "2021-03-01 14:45"))
    assert found.aligned.tolist() == [False, True]


@pytest.mark.parametrize(
    "stamp", ["2021-03-15 00:00", "2021-03-15 04:00", "2021-03-15 13:30", "2021-03-15 19:00"]
)
def test_a_daily_stamp_is_a_date_a_local_midnight_or_a_time_of_the_session(stamp: str) -> None:
    found = Grid("XNYS", "1d").locate(at(stamp))
    assert iso(int(found.start[0])) == "2021-03-15T13:30:00Z"
    assert iso(int(found.end[0])) == "2021-03-15T20:00:00Z"
    assert found.inside[0]


def test_a_date_without_session_is_outside() -> None:
    assert not Grid("XNYS", "1d").locate(at("2021-03-14 00:00", "2021-12-24 00:00")).inside.any()


def test_days_of_a_market_that_never_closes_are_utc_days() -> None:
    found = Grid("24/7", "1d").locate(at("2021-03-14 00:00"))
    assert found.end[0] - found.start[0] == 24 * 60 * MINUTE


def test_the_next_bar_follows_the_calendar() -> None:
    grid = Grid("XNYS", "1h")
    start = parse_time("2021-11-26 14:30")
    names = []
    for _ in range(5):
        names.append(iso(start)[5:16])
        start = grid.next_start(start)
    assert names == ["11-26T14:30", "11-26T15:30", "11-26T16:30", "11-26T17:30", "11-29T14:30"]


def test_the_bars_of_a_session_are_found_from_any_time_in_it_or_before_it() -> None:
    grid = Grid("XNYS", "1h")
    for t in ("2021-11-25 12:00", "2021-11-26 14:30", "2021-11-26 17:59"):
        starts, ends = grid.session_bars(parse_time(t))
        assert [iso(int(s))[8:16] for s in starts] == ["26T14:30", "26T15:30", "26T16:30", "26T17:30"]
        assert iso(int(ends[-1])) == "2021-11-26T18:00:00Z"


def test_the_frequency_is_the_most_common_distance() -> None:
    days = at(
        "2021-03-01", "2021-03-02", "2021-03-03", "2021-03-04", "2021-03-05", "2021-03-08", "2021-03-09"
    )
    assert detect_frequency(np.zeros(7), days[::-1]) == "1d"
    assert detect_frequency(np.zeros(4), at("2021-03-01") + np.arange(4) * 5 * MINUTE) == "5m"


def test_a_frequency_that_cannot_be_told_asks_for_the_setting() -> None:
    with pytest.raises(ConfigError, match=r"set data\.frequency"):
        detect_frequency(np.array([0, 1]), at("2021-03-01", "2021-03-02"))
    with pytest.raises(ConfigError, match=r"names no frequency: set data\.frequency"):
        detect_frequency(np.zeros(4), at("2021-03-01", "2021-03-08", "2021-03-15", "2021-03-22"))
    with pytest.raises(ConfigError, match="no whole number of seconds"):
        frequency_name(1_500_000)
    with pytest.raises(ConfigError, match="up to '1d'"):
        Grid("XNYS", "2d")
