"""Clocks, and times as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from alphatrade.core.clock import SimulatedClock, SystemClock, iso, parse_time
from alphatrade.core.errors import CausalityError

SECOND = 1_000_000_000


def test_simulated_time_goes_forward_or_stands_still() -> None:
    clock = SimulatedClock(5)
    clock.advance_to(5)
    clock.advance_to(7)
    assert clock.now() == 7
    with pytest.raises(CausalityError, match="time ran backward: 1970-01-01T00:00:00Z after"):
        clock.advance_to(6)
    assert clock.now() == 7


def test_the_system_refuses_slices_of_the_future() -> None:
    clock = SystemClock()
    now = clock.now()
    clock.advance_to(now)
    with pytest.raises(CausalityError, match="its time is in the future"):
        clock.advance_to(now + 3600 * SECOND)


def test_the_system_clock_counts_nanoseconds_since_1970() -> None:
    assert datetime.fromtimestamp(SystemClock().now() / 1e9, UTC).year >= 2024


@pytest.mark.parametrize(
    ("t", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_641_220_200 * SECOND, "2022-01-03T14:30:00Z"),
        (1_641_220_200 * SECOND + SECOND - 1, "2022-01-03T14:30:00Z"),
        (-1, "1969-12-31T23:59:59Z"),
    ],
)
def test_text_is_to_the_second_and_never_later(t: int, text: str) -> None:
    assert iso(t) == iso(np.int64(t)) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "2022-01-03 14:30",
        "2022-01-03T14:30:00Z",
        "2022-01-03T09:30:00-05:00",
        datetime(2022, 1, 3, 14, 30),  # noqa: DTZ001
        datetime(2022, 1, 3, 9, 30, tzinfo=timezone(-timedelta(hours=5))),
        1_641_220_200 * SECOND,
        np.int64(1_641_220_200 * SECOND),
    ],
    ids=str,
)
def test_one_moment_in_many_forms(text: str | datetime | int) -> None:
    assert parse_time(text) == 1_641_220_200 * SECOND
    assert type(parse_time(text)) is int


def test_microseconds_are_kept_exactly() -> None:
    assert parse_time("2022-01-03T14:30:00.123457") == 1_641_220_200 * SECOND + 123_457_000
    assert parse_time("1969-12-31T23:59:59.5") == -SECOND // 2


def test_what_is_no_time_is_told_what_one_looks_like() -> None:
    with pytest.raises(ValueError, match="expected an ISO time such as '2022-01-03 14:30', found 'soon'"):
        parse_time("soon")
