"""Gaps: bars a market should have printed and a source does not have.

In: real bars of symbols, sorted, and their grid. Out: the same bars with a MISSING row for each absent one:
NaN prices, NaN volume, confidence 0. Never here: filling. Nothing is carried forward or backward.

Expected are the bars of the grid between a symbol's first and last bar; before a listing and after the last
known bar nothing is missing.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from alphatrade.core.bar import PRICES, SCHEMA, TIME, Status
from alphatrade.data.grid import Grid

__all__ = ["mark_missing", "missing_share"]


def mark_missing(frame: pl.DataFrame, grid: Grid) -> pl.DataFrame:
    """Add a MISSING row for each absent bar.

    Parameters
    ----------
    frame : polars.DataFrame
        Columns of ``core.bar.SCHEMA``, sorted by symbol and timestamp, unique.
    grid : Grid
        Which bars to expect.

    Returns
    -------
    polars.DataFrame
        Sorted as before. A MISSING row is available when its bar would have ended.
    """
    if not frame.height:
        return frame
    stamp = frame["timestamp"].to_physical().to_numpy()
    starts, ends = grid.expected(int(stamp.min()), int(stamp.max()))
    runs = frame["symbol"].rle().struct.unnest()
    parts, at = [], 0
    for length, symbol in runs.iter_rows():
        own = stamp[at : at + length]
        at += length
        i, j = np.searchsorted(starts, [own[0], own[-1]])
        absent = np.ones(j - i, bool)
        place = np.searchsorted(starts[i:j], own)
        hit = place < j - i
        hit[hit] = starts[i:j][place[hit]] == own[hit]
        absent[place[hit]] = False
        if absent.any():
            parts.append(_missing(symbol, starts[i:j][absent], ends[i:j][absent]))
    if not parts:
        return frame
    return pl.concat([frame, *parts]).sort("symbol", "timestamp")


def _missing(symbol: str, start: np.ndarray, end: np.ndarray) -> pl.DataFrame:
    n = len(start)
    columns = {
        "symbol": pl.repeat(symbol, n, dtype=pl.String, eager=True),
        "timestamp": pl.Series(start).cast(TIME),
        "available_at": pl.Series(end).cast(TIME),
        **{p: pl.repeat(np.nan, n, dtype=pl.Float64, eager=True) for p in PRICES},
        "status": pl.repeat(int(Status.MISSING), n, dtype=pl.UInt8, eager=True),
        "confidence": pl.repeat(0.0, n, dtype=pl.Float32, eager=True),
    }
    return pl.DataFrame(columns, schema=SCHEMA)


def missing_share(frame: pl.DataFrame) -> float:
    """Share of rows that are MISSING, a fraction; 0 for no rows."""
    if not frame.height:
        return 0.0
    return float((frame["status"] == Status.MISSING).sum()) / frame.height
