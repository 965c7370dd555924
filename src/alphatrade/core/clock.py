"""The clock: the only place where wall-clock time is read.

In: the system's time, or the time of a simulation. Out: nanoseconds since 1970 UTC as ``int``.
Never here: calendars (see ``core.session``).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol, SupportsIndex

from alphatrade.core.errors import CausalityError

__all__ = ["Clock", "SimulatedClock", "SystemClock", "iso", "parse_time"]


class Clock(Protocol):
    """What tells the engine the time."""

    def now(self) -> int:
        """Nanoseconds since 1970-01-01 UTC."""
        ...

    def advance_to(self, t: int) -> None:
        """Move to ``t`` (simulated), or check that ``t`` is not in the future (system)."""
        ...


class SystemClock:
    """The machine's time."""

    def now(self) -> int:
        return time.time_ns()

    def advance_to(self, t: int) -> None:
        if t > self.now():
            raise CausalityError(
                f"a slice of {iso(t)} arrived at {iso(self.now())}: its time is in the future"
            )


class SimulatedClock:
    """Time as told by the data; it never runs backward."""

    def __init__(self, start: int = 0) -> None:
        self._now = start

    def now(self) -> int:
        return self._now

    def advance_to(self, t: int) -> None:
        if t < self._now:
            raise CausalityError(f"time ran backward: {iso(t)} after {iso(self._now)}")
        self._now = t


def iso(t: int) -> str:
    """ISO 8601 text, UTC, to the second (rounded down), of nanoseconds since 1970.

    >>> iso(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(int(t) // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str | datetime | int) -> int:
    """Nanoseconds since 1970 from ISO text, a ``datetime`` or nanoseconds; a missing zone means UTC.

    >>> parse_time("1970-01-01 00:00:01")
    1000000000
    """
    if isinstance(text, SupportsIndex):
        return int(text)
    if isinstance(text, str):
        try:
            text = datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"expected an ISO time such as '2022-01-03 14:30', found {text!r}") from None
    if text.tzinfo is None:
        text = text.replace(tzinfo=UTC)
    whole = int(text.replace(microsecond=0).timestamp())
    return whole * 1_000_000_000 + text.microsecond * 1_000
