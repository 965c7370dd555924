"""Splits, applied to raw rows.

In: raw rows and known splits. Out: prices and volumes in the shares of the last row. Never here: finding
splits by looking at prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

__all__ = ["Split", "adjust_splits"]


@dataclass(frozen=True)
class Split:
    """``ratio`` new shares for one old share; ``day`` is the first session at the new price."""

    symbol: str
    day: date
    ratio: float


def adjust_splits(frame: pl.DataFrame, splits: Sequence[Split]) -> pl.DataFrame:
    """Divide prices before each split by its ratio and multiply volumes by it; their product is unchanged.

    Parameters
    ----------
    frame : polars.DataFrame
        Columns ``symbol``, ``stamp``, open to volume.
    splits : sequence of Split

    Examples
    --------
    >>> rows = pl.DataFrame({"symbol": ["X"], "stamp": [date(2020, 1, 1)], "volume": [10.0]}).with_columns(
    ...     pl.lit(8.0).alias(p) for p in ("open", "high", "low", "close"))
    >>> adjust_splits(rows, [Split("X", date(2021, 1, 1), 2.0)]).select("close", "volume").row(0)
    (4.0, 20.0)
    """
    ratio = pl.lit(1.0)
    for split in splits:
        before = (pl.col("symbol") == split.symbol) & (pl.col("stamp").dt.date() < split.day)
        ratio = ratio * pl.when(before).then(split.ratio).otherwise(1.0)
    prices = [(pl.col(p) / ratio).alias(p) for p in ("open", "high", "low", "close")]
    return frame.with_columns(*prices, (pl.col("volume") * ratio).alias("volume"))
