"""Calendar: what the clock and the session say when a bar closes.

In: times of bars and sessions, local. Out: features. Never here: events of companies (their dates become
known at some time).

A bar's date is that of its session: the local date in the session's middle, so that a session that opens on
the evening before counts for its own day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import day_of, days_left, floor, modulo

__all__ = [
    "DayOfMonth",
    "Hour",
    "MinutesSinceOpen",
    "MinutesToClose",
    "Month",
    "MonthEnd",
    "Quarter",
    "QuarterEnd",
    "SessionProgress",
    "Weekday",
]


def _date(b: Inputs) -> tuple[Node, ...]:
    """Year, month, day and weekday of the bar's session."""
    return day_of.all((b.session_open + b.session_close) * 0.5)


@features.register("hour")
@dataclass(frozen=True)
class Hour(Feature):
    """Local time of day at which the bar ends, in hours: 9.75 for a quarter to ten, 0 for midnight."""

    family: ClassVar = "calendar"
    units: ClassVar = "hours"

    def graph(self, b: Inputs) -> Node:
        return modulo(b.bar_end, m=86_400.0) * (1.0 / 3_600.0)


@features.register("session_progress")
@dataclass(frozen=True)
class SessionProgress(Feature):
    """Share of the session that is over when the bar ends: 1 at its close, half days included."""

    family: ClassVar = "calendar"

    def graph(self, b: Inputs) -> Node:
        return (b.bar_end - b.session_open) / (b.session_close - b.session_open)


@features.register("minutes_since_open")
@dataclass(frozen=True)
class MinutesSinceOpen(Feature):
    """Minutes from the session's open to the bar's end."""

    family: ClassVar = "calendar"
    units: ClassVar = "minutes"

    def graph(self, b: Inputs) -> Node:
        return (b.bar_end - b.session_open) * (1.0 / 60.0)


@features.register("minutes_to_close")
@dataclass(frozen=True)
class MinutesToClose(Feature):
    """Minutes from the bar's end to the session's close, half days included."""

    family: ClassVar = "calendar"
    units: ClassVar = "minutes"

    def graph(self, b: Inputs) -> Node:
        return (b.session_close - b.bar_end) * (1.0 / 60.0)


@features.register("weekday")
@dataclass(frozen=True)
class Weekday(Feature):
    """Day of the week of the session: 0 for Monday, 6 for Sunday."""

    family: ClassVar = "calendar"
    units: ClassVar = "days"

    def graph(self, b: Inputs) -> Node:
        return _date(b)[3]


@features.register("day")
@dataclass(frozen=True)
class DayOfMonth(Feature):
    """Day of the month of the session, 1 to 31."""

    family: ClassVar = "calendar"
    units: ClassVar = "days"

    def graph(self, b: Inputs) -> Node:
        return _date(b)[2]


@features.register("month")
@dataclass(frozen=True)
class Month(Feature):
    """Month of the session, 1 to 12."""

    family: ClassVar = "calendar"
    units: ClassVar = "months"

    def graph(self, b: Inputs) -> Node:
        return _date(b)[1]


@features.register("quarter")
@dataclass(frozen=True)
class Quarter(Feature):
    """Calendar quarter of the session, 1 to 4."""

    family: ClassVar = "calendar"
    units: ClassVar = "quarters"

    def graph(self, b: Inputs) -> Node:
        return floor((_date(b)[1] + 2.0) * (1.0 / 3.0))


@features.register("month_end")
@dataclass(frozen=True)
class MonthEnd(Feature):
    """Calendar days from the session to the last day of its month, 0 on that day."""

    family: ClassVar = "calendar"
    units: ClassVar = "days"

    def graph(self, b: Inputs) -> Node:
        return days_left.all(*_date(b)[:3])[0]


@features.register("quarter_end")
@dataclass(frozen=True)
class QuarterEnd(Feature):
    """Calendar days from the session to the last day of its quarter, 0 on that day."""

    family: ClassVar = "calendar"
    units: ClassVar = "days"

    def graph(self, b: Inputs) -> Node:
        return days_left.all(*_date(b)[:3])[1]
