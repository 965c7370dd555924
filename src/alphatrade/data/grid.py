"""The grid of bars a market should print: which intervals exist at a frequency.

In: a calendar name and a frequency. Out: for any stamp the bar it belongs to, for any span the bars expected
in it. Never here: prices, and what to do about a bar that is absent (``data.gap``) or off the grid
(``data.quality``).

Bars are anchored at the session's open; the last one ends with the session, so a half day of three and a half
hours has four 1 h bars. A daily bar is the whole session.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from alphatrade.core.errors import ConfigError
from alphatrade.core.session import DAY, SECOND, Sessions, duration, sessions

__all__ = ["Grid", "Located", "detect_frequency", "frequency_name"]


@dataclass(frozen=True, eq=False)
class Located:
    """Where stamps lie: ``start`` and ``end`` (n,) of their bars, and why a stamp is no bar of the grid.

    ``covered`` is False where the calendar says nothing about that time, ``inside`` where it lies in no
    session, ``aligned`` where it is no boundary of the grid.
    """

    start: np.ndarray
    end: np.ndarray
    covered: np.ndarray
    inside: np.ndarray
    aligned: np.ndarray


@dataclass(frozen=True)
class Grid:
    """The bars of one calendar at one frequency.

    Parameters
    ----------
    calendar : str
        ``XNYS``, ``24/7``, ``24/5`` or another name of exchange-calendars.
    frequency : str
        ``"1m"`` to ``"1d"``.

    Examples
    --------
    >>> grid = Grid("24/7", "1h")
    >>> starts, ends = grid.expected(0, 7_200_000_000_000)
    >>> (starts // 3_600_000_000_000).tolist()
    [0, 1, 2]
    """

    calendar: str
    frequency: str

    def __post_init__(self) -> None:
        if self.width > DAY:
            raise ConfigError(
                f"expected a frequency up to '1d', found {self.frequency!r}: set data.frequency"
            )

    @cached_property
    def width(self) -> int:
        """Length of a full bar, nanoseconds."""
        return duration(self.frequency)

    @property
    def daily(self) -> bool:
        return self.width == DAY

    @cached_property
    def market(self) -> Sessions:
        return sessions(self.calendar)

    @cached_property
    def counts(self) -> np.ndarray:
        """Bars in each session."""
        length = self.market.close - self.market.open
        return np.ones_like(length) if self.daily else -(-length // self.width)

    def session_of(self, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Index of the session that contains each time, or of the next to open, and whether one is known."""
        index = np.searchsorted(self.market.close, t, side="right")
        covered = (t >= self.market.open[0] - DAY) & (index < len(self.market.close))
        return np.minimum(index, len(self.market.close) - 1), covered

    def bucket(self, t: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Start and end of the bar in which each time falls, and whether it falls in one at all."""
        i, covered = self.session_of(t)
        open_, close = self.market.open[i], self.market.close[i]
        if self.daily:
            return open_, close, covered & (t >= open_)
        start = open_ + (t - open_) // self.width * self.width
        return start, np.minimum(start + self.width, close), covered & (t >= open_)

    def locate(self, stamp: np.ndarray, at_close: bool = False, off_session: bool = False) -> Located:
        """Find the bar of each stamp, nanoseconds; ``at_close`` where stamps name the end of the bar.

        ``off_session`` also accepts bars outside the sessions, on the grid of the UTC day.
        """
        if self.daily:
            return self._locate_daily(stamp, at_close)
        moment = stamp - 1 if at_close else stamp
        _, covered = self.session_of(moment)
        start, end, inside = self.bucket(moment)
        if off_session:
            free = covered & ~inside
            start = np.where(free, moment // self.width * self.width, start)
            end = np.where(free, start + self.width, end)
            inside = covered
        aligned = np.where(at_close, end == stamp, start == stamp)
        return Located(start, end, covered, inside, aligned)

    def _locate_daily(self, stamp: np.ndarray, at_close: bool) -> Located:
        """Daily stamps are dates (midnight UTC, or midnight of the exchange) or times within a session."""
        moment = stamp - 1 if at_close else stamp
        near, covered = self.session_of(moment)
        local = stamp + self.market.offset[near]
        dated = (stamp % DAY == 0) | (local % DAY == 0)
        date = np.where(stamp % DAY == 0, stamp, local) // DAY
        i = np.minimum(np.searchsorted(self.market.date, date), len(self.market.date) - 1)
        within = moment >= self.market.open[near]
        i = np.where(dated, i, near)
        inside = covered & np.where(dated, self.market.date[i] == date, within)
        covered = covered | (dated & inside)
        everywhere = np.ones(len(stamp), bool)
        return Located(self.market.open[i], self.market.close[i], covered, inside, everywhere)

    def expected(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Starts and ends of all bars of the grid with ``first <= start <= last``."""
        found, _ = self.session_of(np.array([first, last]))
        index = np.arange(found[0], found[1] + 1)
        counts = self.counts[index]
        session = np.repeat(index, counts)
        step = np.arange(len(session)) - np.repeat(np.cumsum(counts) - counts, counts)
        start = self.market.open[session] + step * self.width
        end = np.minimum(start + self.width, self.market.close[session])
        keep = (start >= first) & (start <= last)
        return start[keep], end[keep]

    def session_bars(self, t: int) -> tuple[np.ndarray, np.ndarray]:
        """Starts and ends of all bars of the session in which ``t`` falls, or of the next one to open."""
        index, _ = self.session_of(np.array([t]))
        return self.expected(int(self.market.open[index[0]]), int(self.market.close[index[0]]) - 1)

    def next_start(self, start: int) -> int:
        """Start of the bar after the one that starts at ``start``."""
        index, _ = self.session_of(np.array([start]))
        i = int(index[0])
        step = 1 + (start - int(self.market.open[i])) // self.width
        if step < self.counts[i]:
            return int(self.market.open[i]) + step * self.width
        if i + 1 >= len(self.market.open):
            raise ConfigError(
                f"calendar {self.calendar!r} ends before the next bar: update exchange-calendars"
            )
        return int(self.market.open[i + 1])


def frequency_name(width: int) -> str:
    """Name of a bar length in nanoseconds.

    >>> frequency_name(900_000_000_000)
    '15m'
    """
    for unit, letter in ((DAY, "d"), (3_600 * SECOND, "h"), (60 * SECOND, "m"), (SECOND, "s")):
        if width % unit == 0:
            return f"{width // unit}{letter}"
    raise ConfigError(
        f"bars are {width} ns apart, no whole number of seconds: set data.frequency, such as '15m'"
    )


def detect_frequency(code: np.ndarray, stamp: np.ndarray) -> str:
    """Frequency of bars: the most common distance between neighbouring stamps of one symbol.

    Parameters
    ----------
    code : numpy.ndarray
        (n,) symbol codes.
    stamp : numpy.ndarray
        (n,) int64 nanoseconds, in any order.
    """
    order = np.lexsort((stamp, code))
    code, stamp = code[order], stamp[order]
    step = np.diff(stamp)[(np.diff(code) == 0) & (np.diff(stamp) > 0)]
    if not len(step):
        raise ConfigError(
            "one bar a symbol does not tell the frequency of bars: set data.frequency, such as '15m' or '1d'"
        )
    value, count = np.unique(step, return_counts=True)
    best = int(value[np.argmax(count)])
    share = count.max() / len(step)
    if share < 0.5 or best > DAY:
        raise ConfigError(
            f"the most common distance between bars is {best / SECOND:g} s ({share:.0%} of them), "
            "which names no frequency: set data.frequency, such as '15m' or '1d'"
        )
    return frequency_name(best)
