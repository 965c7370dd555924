"""Scales, ticks and thinning: from data units to pixels.

In: arrays of numbers or of time in int64 ns. Out: ``Scale``, ticks with labels, thinned series. Never here:
SVG.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Scale",
    "Tick",
    "extent",
    "log_ticks",
    "nice_ticks",
    "percent_ticks",
    "plain_ticks",
    "thin",
    "time_ticks",
]

Floats = NDArray[np.float64]
Tick = tuple[float, str]
DAY = 86_400_000_000_000


@dataclass(frozen=True)
class Scale:
    """Maps ``lo..hi`` in data units onto ``start..end`` in pixels, linearly or by logarithm.

    >>> Scale(0.0, 10.0, 0.0, 100.0)(2.5)
    25.0
    >>> round(Scale(1.0, 100.0, 0.0, 100.0, log=True)(10.0), 9)
    50.0
    """

    lo: float
    hi: float
    start: float
    end: float
    log: bool = False

    def __post_init__(self) -> None:
        if not self.hi > self.lo:
            raise ValueError(f"a scale needs lo < hi; found {self.lo} and {self.hi}")
        if self.log and not self.lo > 0:
            raise ValueError(f"a logarithmic scale needs positive values; found {self.lo}")

    def __call__(self, value: float) -> float:
        return float(self.many(np.array([value], dtype=np.float64))[0])

    def many(self, values: Floats) -> Floats:
        """Pixels of an array; NaN stays NaN."""
        lo, hi, v = self.lo, self.hi, np.asarray(values, dtype=np.float64)
        if self.log:
            lo, hi, v = math.log(lo), math.log(hi), np.log(v)
        return self.start + (v - lo) / (hi - lo) * (self.end - self.start)


def extent(*arrays: Floats, include: tuple[float, ...] = (), pad: float = 0.06) -> tuple[float, float]:
    """Smallest and largest finite value, with ``include`` inside and ``pad`` of the range at either end.

    The padding stops at a bound given in ``include``: bars that stand on zero start at zero.

    >>> extent(np.array([1.0, np.nan, 3.0]), include=(0.0,), pad=0.0)
    (0.0, 3.0)
    """
    flat = np.concatenate([np.ravel(np.asarray(a, dtype=np.float64)) for a in arrays] + [np.array(include)])
    flat = flat[np.isfinite(flat)]
    if flat.size == 0:
        return 0.0, 1.0
    lo, hi = float(flat.min()), float(flat.max())
    if lo == hi:
        room = abs(lo) * 0.5 or 1.0
        return lo - room, hi + room
    room = (hi - lo) * pad
    return (lo if lo in include else lo - room), (hi if hi in include else hi + room)


def _step(span: float, count: int) -> float:
    """The round step (1, 2 or 5 times a power of ten) that cuts ``span`` into about ``count`` parts."""
    raw = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    for m in (1.0, 2.0, 5.0):
        if raw <= m * power:
            return m * power
    return 10.0 * power


def nice_ticks(lo: float, hi: float, count: int = 5) -> list[float]:
    """Round numbers inside ``lo..hi``.

    >>> nice_ticks(0.0, 1.0, 5)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    step = _step(hi - lo, count)
    first = math.ceil(lo / step - 1e-9)
    last = math.floor(hi / step + 1e-9)
    digits = max(0, 1 - math.floor(math.log10(step)))
    return [round(k * step, digits) + 0.0 for k in range(first, last + 1)]


def plain_ticks(lo: float, hi: float, count: int = 5) -> list[Tick]:
    """``nice_ticks`` with their labels.

    >>> plain_ticks(-1.0, 1.0, 2)
    [(-1.0, '−1'), (0.0, '0'), (1.0, '1')]
    """
    return [(v, f"{v:,g}".replace("-", "−")) for v in nice_ticks(lo, hi, count)]


def percent_ticks(lo: float, hi: float, count: int = 5) -> list[Tick]:
    """``nice_ticks`` of fractions, labelled in percent with as few decimals as tell them apart.

    >>> [label for _, label in percent_ticks(0.0, 0.1, 2)]
    ['0\u202f%', '5\u202f%', '10\u202f%']
    """
    return [(v, f"{round(100 * v, 6):g}\u202f%".replace("-", "−")) for v in nice_ticks(lo, hi, count)]


def log_ticks(lo: float, hi: float) -> list[float]:
    """1, 2 and 5 times powers of ten inside ``lo..hi``, at most eight.

    Over more decades powers of ten alone, every so many; ``nice_ticks`` where fewer than three would be left.

    >>> log_ticks(0.8, 12.0)
    [1.0, 2.0, 5.0, 10.0]
    >>> log_ticks(0.8, 2e9)
    [1.0, 100.0, 10000.0, 1000000.0, 100000000.0]
    """
    powers = range(math.floor(math.log10(lo)), math.ceil(math.log10(hi)) + 1)
    found = [m * 10.0**p for p in powers for m in (1.0, 2.0, 5.0) if lo <= m * 10.0**p <= hi]
    if len(found) > 8:
        every = max(1, -(-len(powers) // 7))
        found = [10.0**p for p in powers if p % every == 0 and lo <= 10.0**p <= hi]
    return found if len(found) >= 3 else nice_ticks(lo, hi, 4)


def _month_starts(lo: int, hi: int, step: int) -> list[np.datetime64]:
    first = np.datetime64(lo, "ns").astype("datetime64[M]")
    last = np.datetime64(hi, "ns").astype("datetime64[M]")
    months = np.arange(first, last + 1)
    return [m for m in months if m.astype(int) % step == 0]


def time_ticks(lo: int, hi: int, count: int = 7) -> list[Tick]:
    """Calendar ticks between two times in ns since 1970, each with its label.

    Whole years, months or days, whichever leaves at most ``count`` ticks; hours only below three days.

    >>> [label for _, label in time_ticks(0, 3 * 366 * DAY, 5)]
    ['1970', '1971', '1972', '1973']
    """
    for step in (1, 2, 3, 6, 12, 24, 60, 120, 240):
        months = _month_starts(lo, hi, step)
        ticks = [(int(m.astype("datetime64[ns]").astype(np.int64)), m) for m in months]
        inside = [(float(at), _month_label(m, step)) for at, m in ticks if lo <= at <= hi]
        if 3 <= len(inside) <= count:
            return inside
    return _day_ticks(lo, hi, count)


def _month_label(month: np.datetime64, step: int) -> str:
    date = month.astype("datetime64[D]").item()
    return f"{date.year}" if step >= 12 else f"{date:%b} {date.year}"


def _day_ticks(lo: int, hi: int, count: int) -> list[Tick]:
    hour = DAY // 24
    for step in (hour, 3 * hour, 6 * hour, DAY, 2 * DAY, 5 * DAY, 10 * DAY, 20 * DAY, 40 * DAY):
        at = np.arange(-(-lo // step) * step, hi + 1, step)
        if 1 <= len(at) <= count:
            dates = at.astype("datetime64[ns]").astype("datetime64[s]").tolist()
            midnight = step >= DAY
            labels = (f"{d.day} {d:%b}" if midnight or d.hour == 0 else f"{d:%H:%M}" for d in dates)
            return list(zip(at.astype(np.float64).tolist(), labels))
    return []


def thin(x: Floats, y: Floats, buckets: int) -> tuple[Floats, Floats]:
    """Keep the smallest and the largest finite ``y`` of each of ``buckets`` equal intervals of ``x``.

    Order in time is kept, and so are the first and the last point: a drawn line covers the same pixels as
    the whole series does, and no peak or trough is lost. A bucket without a finite value leaves a NaN, so
    that a gap stays one.

    Parameters
    ----------
    x : array (n,)
        Sorted.
    y : array (n,)
    buckets : int
        About one a pixel.

    Examples
    --------
    >>> x, y = thin(np.arange(6.0), np.array([0.0, 5.0, 1.0, 2.0, -3.0, 0.5]), 2)
    >>> y.tolist()
    [0.0, 5.0, 2.0, -3.0, 0.5]
    """
    if len(x) <= 2 * buckets:
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    edges = np.searchsorted(x, np.linspace(x[0], x[-1], buckets + 1)[1:-1], side="left")
    keep = {0, len(x) - 1}
    for part in np.split(np.arange(len(x)), edges):
        finite = part[np.isfinite(y[part])]
        if finite.size:
            keep.add(int(finite[np.argmin(y[finite])]))
            keep.add(int(finite[np.argmax(y[finite])]))
        elif part.size:
            keep.add(int(part[0]))
    index = np.array(sorted(keep))
    return np.asarray(x, dtype=np.float64)[index], np.asarray(y, dtype=np.float64)[index]
