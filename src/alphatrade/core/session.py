"""Exchange sessions: when a market is open, in its own wall-clock time.

In: a calendar name (``XNYS``, ``24/7``, ``24/5``, any name of exchange-calendars) and UTC times. Out:
sessions, half days and daylight saving included. Never here: bars. Sessions of ``24/7`` are UTC days; of
``24/5`` weekdays. A lunch break is part of its session.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache

import numpy as np

from alphatrade.core.errors import ConfigError

__all__ = ["DAY", "Sessions", "duration", "periods_per_year", "session_columns", "sessions"]

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
_LAST_COUNTED = 20_089  # 2025-01-01, days since 1970
_UNITS = {"s": SECOND, "m": 60 * SECOND, "h": 3_600 * SECOND, "d": DAY}


def duration(text: str) -> int:
    """Nanoseconds of a frequency or span such as ``"15m"``, ``"1h"``, ``"1d"``, ``"2w"``.

    >>> duration("15m") // 1_000_000_000
    900
    """
    units = {**_UNITS, "w": 7 * DAY}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.isdigit() or int(number) < 1:
        raise ConfigError(f"expected a duration such as '15m', '1h' or '1d', found {text!r}")
    return int(number) * units[unit]


@dataclass(frozen=True, eq=False)
class Sessions:
    """Sessions of one market in order: open and close (UTC ns), date (days since 1970), local offset (ns)."""

    name: str
    date: np.ndarray
    open: np.ndarray
    close: np.ndarray
    offset: np.ndarray

    def index(self, t: np.ndarray) -> np.ndarray:
        """Index of the session in which each time falls, or of the next one to open."""
        found, count = self.stretches(t)
        return np.repeat(found, count)

    def stretches(self, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """``index`` as runs of equal values: the sessions, and how many times in a row fall into each."""
        if len(t) and (t[1:] >= t[:-1]).all():
            # In order: a look-up a session, not one a time.
            first, last = np.searchsorted(self.close, t[[0, -1]], side="right")
            found = np.arange(first, last + 1)
            edges = np.searchsorted(t, self.close[first:last], side="left")
            count = np.diff(edges, prepend=0, append=len(t))
        else:
            found = np.searchsorted(self.close, t, side="right")
            count = np.ones(len(t), np.int64)
        if len(found) and (t.min() < self.open[0] or found.max() >= len(self.close)):
            raise ConfigError(
                f"calendar {self.name!r} covers {self.date[0].astype('M8[D]')} to "
                f"{self.date[-1].astype('M8[D]')} only; the data reach beyond it: set data.start, data.end"
            )
        return found, count

    def inside(self, t: np.ndarray) -> np.ndarray:
        """True where a time lies in ``[open, close)`` of a session."""
        result: np.ndarray = self.open[self.index(t)] <= t
        return result


def _always_open(name: str) -> Sessions:
    date = np.arange(np.datetime64("1970-01-01"), np.datetime64("2100-01-01"))
    if name == "24/5":
        date = date[np.is_busday(date)]
    start = date.astype("M8[ns]").astype(np.int64)
    return Sessions(name, date.astype(np.int64), start, start + DAY, np.zeros_like(start))


@cache
def sessions(name: str) -> Sessions:
    """The sessions of a market, from 1990 (or the calendar's own start) to about a year ahead."""
    if name in ("24/7", "24/5"):
        return _always_open(name)
    import exchange_calendars as xc

    try:
        with warnings.catch_warnings():
            # exchange-calendars calls what newer pandas deprecates; only its authors can change that.
            warnings.simplefilter("ignore", DeprecationWarning)
            calendar = xc.get_calendar(name, start="1990-01-01")
    except xc.errors.InvalidCalendarName:
        from alphatrade.core.component import did_you_mean

        known = [*xc.get_calendar_names(), "24/7", "24/5"]
        raise ConfigError(f"unknown calendar {name!r} in data.calendar{did_you_mean(name, known)}") from None
    table = calendar.schedule
    opens, closes = (table[c].to_numpy("M8[ns]").astype(np.int64) for c in ("open", "close"))
    dates = table.index.to_numpy("M8[D]").astype(np.int64)
    offsets = (
        table["open"].dt.tz_convert(calendar.tz).dt.tz_localize(None).to_numpy("M8[ns]").astype(np.int64)
    )
    return Sessions(name, dates, opens, closes, offsets - opens)


def session_columns(name: str, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Local seconds of bar start, bar end, session open and session close: (4, n) float64.

    A daily bar may be stamped at midnight; it belongs to the session it ends with.
    """
    if not len(start):
        return np.empty((4, 0))
    market = sessions(name)
    found, count = market.stretches(np.maximum(end - 1, start))
    local = market.offset[found] / SECOND
    offset = np.repeat(local, count)
    out = np.empty((4, len(start)))
    for row, t in zip(out, (start, end)):
        np.divide(t, SECOND, out=row)
        row += offset
    for row, edge in zip(out[2:], (market.open, market.close)):
        row[:] = np.repeat(edge[found] / SECOND + local, count)
    return out


def periods_per_year(name: str, frequency: str) -> float:
    """Bars a year of a market at a frequency, from its calendar: mean sessions a year times bars a session.

    >>> round(periods_per_year("24/7", "1h"))
    8766
    """
    market = sessions(name)
    # The calendar's end moves with today; a figure that every annual number hangs on must not.
    past = market.date < _LAST_COUNTED
    open_, close = market.open[past], market.close[past]
    a_year = len(open_) / (float(close[-1] - open_[0]) / (365.25 * DAY))
    if duration(frequency) >= DAY:
        return a_year
    # The usual session, not the mean of half days: bars of a full day.
    length = int(np.median(close - open_))
    return a_year * -(-length // duration(frequency))
