"""Longer bars from shorter ones: 15 min to 1 h to 1 d.

In: ``Bars``. Out: ``Bars`` of a lower frequency, anchored at the session's open. Never here: bars that have
not closed. A longer bar exists once its end has passed, and is available when its last part was.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from alphatrade.core.bar import PRICES, SCHEMA, TIME, Bars, Status
from alphatrade.core.errors import ConfigError
from alphatrade.data.grid import Grid

__all__ = ["aggregate"]


def aggregate(bars: Bars, frequency: str) -> Bars:
    """Build longer bars from closed shorter ones.

    Parameters
    ----------
    bars : Bars
    frequency : str
        A whole multiple of the frequency of ``bars``, up to ``"1d"`` (the session).

    Returns
    -------
    Bars
        ``open`` of the first real part, highest high, lowest low, ``close`` of the last, sum of volumes.
        ``confidence`` is the share of parts that were there; a bar without any is MISSING. ``available_at``
        is the bar's end, or later where a part came later. Bars outside the sessions are left out.

    Examples
    --------
    >>> from alphatrade.data.synthetic import random_walk
    >>> fifteen = random_walk(seed=1, symbols=1, bars=10, frequency="15m", calendar="24/7")
    >>> len(fifteen), len(aggregate(fifteen, "1h"))
    (10, 2)
    """
    fine, coarse = Grid(bars.info.calendar, bars.info.frequency), Grid(bars.info.calendar, frequency)
    if coarse.width < fine.width or coarse.width % fine.width:
        raise ConfigError(
            f"bars of {frequency} cannot be built from {bars.info.frequency}: expected a whole multiple"
        )
    info = replace(bars.info, frequency=frequency)
    if not len(bars):
        return replace(bars, info=info)
    start, end, inside = coarse.bucket(bars.frame["timestamp"].to_physical().to_numpy())
    rows = bars.frame.with_columns(pl.Series("start", start), pl.Series("end", end))
    rows = rows.filter(pl.Series(inside & (end <= bars.end)))
    return Bars(_merge(rows, fine.width), info, bars.quarantine)


def _merge(rows: pl.DataFrame, width: int) -> pl.DataFrame:
    key = ["symbol", "start"]
    spans = rows.group_by(key, maintain_order=True).agg(pl.col("end").first())
    real = rows.filter(pl.col("status") != Status.MISSING)
    merged = real.group_by(key, maintain_order=True).agg(
        pl.col("open").first(),
        pl.col("high").max(),
        pl.col("low").min(),
        pl.col("close").last(),
        pl.col("volume").sum(),
        pl.col("status").min(),
        pl.col("confidence").sum(),
        pl.col("available_at").to_physical().max().alias("known"),
    )
    parts = -((pl.col("start") - pl.col("end")) // width)
    return (
        spans.join(merged, on=key, how="left", maintain_order="left")
        .with_columns(pl.col(p).fill_null(np.nan) for p in PRICES)
        .select(
            "symbol",
            pl.col("start").cast(TIME).alias("timestamp"),
            pl.max_horizontal("end", "known").cast(TIME).alias("available_at"),
            *PRICES,
            pl.col("status").fill_null(int(Status.MISSING)),
            (pl.col("confidence") / parts).fill_null(0.0).cast(pl.Float32),
        )
        .cast(SCHEMA)  # type: ignore[arg-type]
    )
