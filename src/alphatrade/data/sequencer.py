"""The order in which bars become slices: one for live feeds and for replayed history.

In: bars as they arrive, doubled, reordered, late or corrected. Out: slices in order of time, each closed
once: when all symbols have arrived, or at the bar's end plus a grace. Never here: judging prices beyond what
makes a bar a bar, waiting for the wall clock (``advance`` is told the time), and filling what never came.

A bar that comes after its slice closed is an event, ``late`` or ``corrected``, and changes no slice:
decisions already made stand. Every arrival is counted as exactly one of accepted, duplicate, corrected,
late, refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from alphatrade.core.bar import PRICES, Bars, Status
from alphatrade.core.session import SECOND
from alphatrade.data.grid import Grid

__all__ = ["Arrival", "BarEvent", "Sequencer", "SequencerCounts", "Slice", "arrivals_of", "replay"]


_KNOWN_BARS = 10_000


@dataclass(frozen=True)
class Arrival:
    """One bar as it came in.

    ``timestamp`` is the bar's start, ``arrived_at`` the moment it came, both nanoseconds; ``values`` are
    open, high, low, close, volume. Of two versions of a bar the higher ``revision`` holds, then the later
    arrival.
    """

    symbol: str
    timestamp: int
    values: tuple[float, float, float, float, float]
    arrived_at: int
    revision: int = 0


@dataclass(frozen=True, eq=False)
class Slice:
    """All symbols at one moment.

    ``time`` is the bar's end and ``timestamp`` its start; ``bars`` (S, 5), NaN where absent; ``present``
    (S,) bool; ``closed_at`` when the sequencer let it go.
    """

    time: int
    timestamp: int
    bars: np.ndarray
    present: np.ndarray
    closed_at: int


@dataclass(frozen=True)
class BarEvent:
    """What happened to an arrival that is in no slice: ``late``, ``corrected`` or ``refused``, and why."""

    kind: str
    arrival: Arrival
    why: str


@dataclass
class SequencerCounts:
    """How many arrivals became what; ``accepted`` to ``refused`` add up to ``arrived``.

    ``out_of_order`` counts arrivals older than one of the same symbol before, ``absent`` the empty places of
    closed slices.
    """

    arrived: int = 0
    accepted: int = 0
    duplicate: int = 0
    corrected: int = 0
    late: int = 0
    refused: int = 0
    out_of_order: int = 0
    slices: int = 0
    absent: int = 0

    @property
    def trouble_share(self) -> float:
        """Share of arrivals that were late or refused, a fraction: what an alert watches."""
        return (self.late + self.refused) / self.arrived if self.arrived else 0.0


@dataclass(eq=False)
class _Slot:
    end: int
    bars: np.ndarray
    revision: np.ndarray
    here: int = 0


@dataclass
class Sequencer:
    """Turns arrivals into slices.

    Parameters
    ----------
    symbols : tuple of str
        Whom to wait for; also the order within a slice.
    grid : Grid
        Which bars there are.
    grace : int
        How long after a bar's end to wait for the rest, nanoseconds.
    start : int, optional
        Start of the first bar to expect; the earliest arrival's where left out.
    remember : int
        Closed slices kept, to tell a late duplicate from a correction.
    """

    symbols: tuple[str, ...]
    grid: Grid
    grace: int = 5 * SECOND
    start: int | None = None
    remember: int = 500
    counts: SequencerCounts = field(default_factory=SequencerCounts)

    def __post_init__(self) -> None:
        self._place = {s: k for k, s in enumerate(self.symbols)}
        self._open: dict[int, _Slot] = {}
        self._closed: dict[int, _Slot] = {}
        self._expected = self.start
        self._ends: dict[int, int] = {}
        self._next: dict[int, int] = {}
        self._latest = np.full(len(self.symbols), np.iinfo(np.int64).min)
        self._events: list[BarEvent] = []

    def push(self, arrival: Arrival) -> list[Slice]:
        """Take one arrival; return the slices that close by it, in order."""
        done = self._close(arrival.arrived_at, inclusive=False)
        self.counts.arrived += 1
        refusal = self._refusal(arrival)
        if refusal:
            self._event("refused", arrival, refusal)
        else:
            self._take(arrival)
            done += self._close(arrival.arrived_at, inclusive=False)
        return done

    def advance(self, now: int) -> list[Slice]:
        """Tell the time; return the slices whose grace has ended, in order."""
        return self._close(now, inclusive=True)

    def take_events(self) -> list[BarEvent]:
        """Late, corrected and refused arrivals since the last call."""
        events, self._events = self._events, []
        return events

    def _event(self, kind: str, arrival: Arrival, why: str) -> None:
        setattr(self.counts, kind, getattr(self.counts, kind) + 1)
        self._events.append(BarEvent(kind, arrival, why))

    def _refusal(self, a: Arrival) -> str:
        """Why an arrival is no bar of ours, or nothing."""
        if a.symbol not in self._place:
            return f"{a.symbol} is not subscribed"
        o, h, l, c, v = a.values
        # Every comparison with NaN is False, so a NaN anywhere is no bar.
        if not (0 < l <= o <= h < np.inf and l <= c <= h and 0 <= v < np.inf):
            return f"not a bar: open {o}, high {h}, low {l}, close {c}, volume {v}"
        slot = self._slot(a.timestamp)
        if slot is None:
            return f"no {self.grid.frequency} bar of {self.grid.calendar} starts at {a.timestamp}"
        if a.arrived_at < slot.end:
            return "the bar has not ended yet"
        return ""

    def _slot(self, start: int) -> _Slot | None:
        """The place of a bar, open, closed or new; None off the grid."""
        slot = self._open.get(start) or self._closed.get(start)
        if slot is None:
            end = self._end(start)
            if end is None:
                return None
            slot = self._empty(end)
            if self._expected is None or start >= self._expected:
                self._open[start] = slot
        return slot

    def _empty(self, end: int) -> _Slot:
        n = len(self.symbols)
        return _Slot(end, np.full((n, len(PRICES)), np.nan), np.full(n, -1))

    def _take(self, a: Arrival) -> None:
        k = self._place[a.symbol]
        if a.timestamp < self._latest[k]:
            self.counts.out_of_order += 1
        self._latest[k] = max(self._latest[k], a.timestamp)
        slot = self._open.get(a.timestamp)
        if slot is None:
            self._take_late(a, k)
        elif slot.revision[k] < 0:
            slot.here += 1
            slot.bars[k], slot.revision[k] = a.values, a.revision
            self.counts.accepted += 1
        elif tuple(slot.bars[k]) == a.values or a.revision < slot.revision[k]:
            slot.revision[k] = max(slot.revision[k], a.revision)
            self.counts.duplicate += 1
        else:
            slot.bars[k], slot.revision[k] = a.values, a.revision
            self._event("corrected", a, "before its slice closed: the slice has the correction")

    def _take_late(self, a: Arrival, k: int) -> None:
        slot = self._closed.get(a.timestamp)
        if slot is None:
            self._event("late", a, "its slice closed long ago, or is before the start")
        elif slot.revision[k] < 0:
            slot.bars[k], slot.revision[k] = a.values, a.revision
            self._event("late", a, "its slice has closed without it")
        elif tuple(slot.bars[k]) == a.values or a.revision < slot.revision[k]:
            self.counts.duplicate += 1
        else:
            slot.bars[k], slot.revision[k] = a.values, a.revision
            self._event("corrected", a, "its slice has closed with the old values")

    def _close(self, now: int, inclusive: bool) -> list[Slice]:
        done: list[Slice] = []
        while True:
            start = self._expected
            if start is None:
                if not self._open:
                    return done
                start = min(self._open)
            slot = self._open.get(start)
            end = slot.end if slot is not None else self._end(start)
            if end is None:
                raise ValueError(f"no {self.grid.frequency} bar of {self.grid.calendar} starts at {start}")
            deadline = end + self.grace
            complete = slot is not None and slot.here == len(self.symbols)
            if not (complete or deadline < now or (inclusive and deadline == now)):
                return done
            done.append(self._emit(start, slot or self._empty(end), now if complete else deadline))

    def _end(self, start: int) -> int | None:
        """End of the bar that starts there, None off the grid; looked up for a whole session at once."""
        if start not in self._ends:
            starts, ends = self.grid.session_bars(start)
            if len(self._ends) > _KNOWN_BARS:
                self._ends.clear()
                self._next.clear()
            self._ends.update(zip(starts.tolist(), ends.tolist(), strict=True))
            self._next.update(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True))
        return self._ends.get(start)

    def _emit(self, start: int, slot: _Slot, closed_at: int) -> Slice:
        self._open.pop(start, None)
        self._closed[start] = slot
        if len(self._closed) > self.remember:
            del self._closed[next(iter(self._closed))]
        self._expected = self._next.get(start) or self.grid.next_start(start)
        present = slot.revision >= 0
        self.counts.slices += 1
        self.counts.absent += int(np.count_nonzero(~present))
        # A late correction rewrites the slot; the slice that was let go must not change with it.
        return Slice(slot.end, start, slot.bars.copy(), present, closed_at)


def arrivals_of(bars: Bars) -> Iterator[Arrival]:
    """History as arrivals, in the order in which bars became known; MISSING bars never came."""
    frame = bars.frame.filter(bars.frame["status"] != Status.MISSING).sort("available_at", "symbol")
    stamp, at = (frame[c].to_physical().to_list() for c in ("timestamp", "available_at"))
    values = zip(*(frame[p].to_list() for p in PRICES), strict=True)
    for symbol, t, known, v in zip(frame["symbol"].to_list(), stamp, at, values, strict=True):
        yield Arrival(symbol, t, v, known)


def replay(arrivals: Iterable[Arrival], sequencer: Sequencer, until: int | None = None) -> Iterator[Slice]:
    """Slices of a stream of arrivals; at its end (or at ``until``) the clock runs out every open grace."""
    last = 0
    for arrival in arrivals:
        last = max(last, arrival.arrived_at)
        yield from sequencer.push(arrival)
    if last or until is not None:
        yield from sequencer.advance(until if until is not None else last + sequencer.grace)
