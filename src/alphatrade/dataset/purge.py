"""The purge: which rows may train beside a test.

In: label spans, test rows, and the width of the embargo in slices. Out: row numbers, and counts of what was
refused. Never here: features, symbols (a span is a span: the purge works across all symbols at once), a
splitter's opinion.

With ``lo`` the first decision of a test window and ``hi`` the last outcome of its rows, a row trains only
when its span ``[t0, t1]`` does not meet ``[lo, hi]`` (else it is *purged*), nor that interval widened by
the embargo (else it is *embargoed*).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Purged", "purge", "purged_before"]


@dataclass(frozen=True, eq=False)
class Purged:
    """Rows left to train on, ascending, and how many candidates were refused for which reason."""

    rows: np.ndarray
    purged: int
    embargoed: int


def purged_before(t1: np.ndarray, times: np.ndarray, at: int, gap: int) -> np.ndarray:
    """Rows whose outcome was known more than ``gap`` slices before slice ``at`` of ``times``."""
    found: np.ndarray = np.flatnonzero(t1 < times[max(at - gap, 0)])
    return found


def purge(
    t0: np.ndarray,
    t1: np.ndarray,
    times: np.ndarray,
    candidates: np.ndarray,
    tests: list[slice],
    before: int = 0,
    after: int = 0,
) -> Purged:
    """Take from ``candidates`` every row whose span meets a test, or its embargo.

    Parameters
    ----------
    t0, t1 : ndarray (n,) of int64
        Spans, in order of ``t0``.
    times : ndarray (T,) of int64
        The distinct values of ``t0``, ascending: the clock that the embargo is counted on.
    candidates : ndarray (n,) of bool
        Rows that may train as far as the splitter is concerned. Test rows are never among the result.
    tests : list of slice
        Consecutive rows of each test window, none empty.
    before, after : int
        Width of the embargo on either side of a window, in slices.

    Examples
    --------
    Row 1 ends where the test begins, row 5 begins where its outcome becomes known:

    >>> t0 = np.arange(6); t1 = t0 + 2
    >>> purge(t0, t1, t0, np.ones(6, bool), [slice(3, 4)]).rows.tolist()
    [0]
    """
    keep = candidates.copy()
    purged = np.zeros(len(t0), np.bool_)
    for test in tests:
        keep[test] = False
    possible = keep.copy()
    for test in tests:
        lo, hi = int(t0[test.start]), int(t1[test].max())
        wide_lo, wide_hi = _widened(times, lo, hi, before, after)
        # Rows are in order of t0, so those that start after the embargo, and all that matters, are one range.
        end = int(np.searchsorted(t0, wide_hi, side="right"))
        keep[:end] &= t1[:end] < wide_lo
        inner = int(np.searchsorted(t0, hi, side="right"))
        purged[:inner] |= t1[:inner] >= lo
    n_purged = int(np.count_nonzero(purged & possible))
    rows = np.flatnonzero(keep)
    return Purged(rows, n_purged, int(np.count_nonzero(possible)) - n_purged - len(rows))


def _widened(times: np.ndarray, lo: int, hi: int, before: int, after: int) -> tuple[int, int]:
    """``lo`` moved back and ``hi`` forward by slices; ``hi`` need not be a slice itself."""
    first = int(np.searchsorted(times, lo))
    last = int(np.searchsorted(times, hi, side="right")) - 1 + after
    wide_lo = int(times[max(first - before, 0)]) if before else lo
    wide_hi = int(times[min(last, len(times) - 1)]) if after else hi
    return wide_lo, max(wide_hi, hi)
