"""Sessions: half days, daylight saving, and markets that never close."""

from __future__ import annotations

import numpy as np
import pytest

from alphatrade.core.clock import parse_time
from alphatrade.core.errors import ConfigError
from alphatrade.core.session import DAY, duration, periods_per_year, session_columns, sessions


def hours(columns: np.ndarray) -> list[list[float]]:
    return (columns % 86_400 / 3_600).round(4).tolist()


def at(*texts: str) -> np.ndarray:
    return np.array([parse_time(t) for t in texts])


def test_local_hours_are_the_same_on_both_sides_of_daylight_saving() -> None:
    """The same 09:30 bar is 14:30 UTC on Friday and 13:30 UTC on Monday, in spring; the reverse in autumn."""
    start = at("2021-03-12 14:30", "2021-03-15 13:30", "2021-11-05 13:30", "2021-11-08 14:30")
    found = hours(session_columns("XNYS", start, start + duration("15m")))
    assert found == [[9.5] * 4, [9.75] * 4, [9.5] * 4, [16.0] * 4]


def test_a_half_day_closes_at_one() -> None:
    start = at("2021-11-26 14:30", "2021-11-26 17:45")
    found = hours(session_columns("XNYS", start, start + duration("15m")))
    assert found == [[9.5, 12.75], [9.75, 13.0], [9.5, 9.5], [13.0, 13.0]]


def test_a_daily_bar_stamped_at_midnight_belongs_to_the_session_it_ends_with() -> None:
    start, end = at("2021-03-15 00:00"), at("2021-03-15 20:00")
    assert hours(session_columns("XNYS", start, end))[2:] == [[9.5], [16.0]]


def test_sessions_of_a_market_that_never_closes_are_utc_days() -> None:
    start = at("2021-03-13 23:45", "2021-03-14 00:00")
    found = session_columns("24/7", start, start + duration("15m"))
    assert hours(found)[0] == [23.75, 0.0]
    assert (found[3] - found[2]).tolist() == [86_400.0, 86_400.0]
    assert found[2][1] == found[3][0]


def test_weekday_sessions_skip_the_weekend() -> None:
    market = sessions("24/5")
    saturday = at("2021-03-13 12:00")
    assert not market.inside(saturday)[0]
    assert market.open[market.index(saturday)[0]] == parse_time("2021-03-15")


def test_holidays_and_nights_are_outside_the_sessions() -> None:
    market = sessions("XNYS")
    inside = market.inside(
        at("2021-12-24 15:00", "2021-12-23 15:00", "2021-12-23 21:00", "2021-12-23 20:59:59")
    )
    assert inside.tolist() == [False, True, False, True]


def test_sessions_do_not_overlap_and_have_dates_in_order() -> None:
    market = sessions("XNYS")
    assert (market.close > market.open).all()
    assert (market.open[1:] > market.close[:-1]).all()
    assert (np.diff(market.date) > 0).all()
    local = market.open + market.offset
    assert (local // DAY == market.date).all()


def test_times_beyond_the_calendar_are_a_config_error() -> None:
    with pytest.raises(ConfigError, match="covers 1990"):
        sessions("XNYS").index(at("1980-01-02 15:00"))


def test_no_rows_have_no_columns() -> None:
    empty = np.empty(0, np.int64)
    assert session_columns("XNYS", empty, empty).shape == (4, 0)


@pytest.mark.parametrize("text", ["", "m", "15", "0m", "-5m", "1.5h", "15x"])
def test_a_duration_that_is_none_says_what_was_expected(text: str) -> None:
    with pytest.raises(ConfigError, match="expected a duration such as"):
        duration(text)


def test_an_unknown_calendar_is_told_the_nearest_one() -> None:
    with pytest.raises(ConfigError, match="did you mean 'XNYS'"):
        sessions("XNYSE")


def test_bars_a_year_come_from_the_calendar() -> None:
    assert periods_per_year("XNYS", "1d") == pytest.approx(252, abs=1)
    assert periods_per_year("XNYS", "15m") == pytest.approx(252 * 26, abs=30)
    assert periods_per_year("24/7", "1d") == pytest.approx(365.25, abs=0.01)
    assert periods_per_year("24/5", "1d") == pytest.approx(365.25 * 5 / 7, abs=0.1)
