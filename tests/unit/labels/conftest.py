"""Bars by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from alphatrade.core.bar import SCHEMA, BarInfo, Bars, Status

MINUTE = 60_000_000_000
Ohlc = list[tuple[float, float, float, float] | None]


def _frame(symbol: str, rows: Ohlc) -> pl.DataFrame:
    prices = np.array([(np.nan,) * 4 if r is None else r for r in rows], dtype=np.float64)
    missing = np.array([r is None for r in rows])
    stamp = 15 * MINUTE * np.arange(len(rows), dtype=np.int64)
    names = ("open", "high", "low", "close")
    return pl.DataFrame(
        {
            "symbol": [symbol] * len(rows),
            "timestamp": stamp,
            "available_at": stamp + 15 * MINUTE,
            **{name: prices[:, k] for k, name in enumerate(names)},
            "volume": np.where(missing, np.nan, 100.0),
            "status": np.where(missing, Status.MISSING, Status.REAL),
            "confidence": np.ones(len(rows)),
        }
    ).cast(SCHEMA)


@pytest.fixture
def make_bars() -> Callable[..., Bars]:
    """A keyword a symbol: open, high, low, close of each 15 minutes since 1970, None for a MISSING bar."""

    def make(**symbols: Ohlc) -> Bars:
        frames = [_frame(name, rows) for name, rows in symbols.items()]
        return Bars(pl.concat(frames), BarInfo("15m", calendar="24/7"))

    return make
