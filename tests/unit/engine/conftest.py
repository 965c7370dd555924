"""Small markets for the engine's tests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from alphatrade.core.bar import SCHEMA, TIME, BarInfo, Bars

MINUTE = 60 * 10**9
START = 1_600_000_020 * 10**9 // MINUTE * MINUTE


def make_bars(
    symbols: int = 3,
    n: int = 200,
    *,
    seed: int = 0,
    absent: float = 0.1,
    minutes: int = 15,
    volatility: float = 0.01,
) -> Bars:
    """Random walks on a 24/7 market; a fraction of rows is not there, another is MISSING."""
    rng = np.random.default_rng(seed)
    start = START + np.arange(n) * minutes * MINUTE
    frames = []
    for s in range(symbols):
        close = 100.0 * np.exp(np.cumsum(volatility * rng.standard_normal(n)))
        first = close * np.exp(0.3 * volatility * rng.standard_normal(n))
        status = np.where(rng.random(n) < absent / 2, 0, 2).astype(np.uint8)
        blank = np.where(status == 0, np.nan, 1.0)
        frame = pl.DataFrame(
            {
                "symbol": [f"S{s}"] * n,
                "timestamp": start,
                "available_at": start + minutes * MINUTE,
                "open": first * blank,
                "high": np.maximum(first, close) * 1.002 * blank,
                "low": np.minimum(first, close) * 0.998 * blank,
                "close": close * blank,
                "volume": rng.integers(10_000, 1_000_000, n) * blank,
                "status": status,
                "confidence": np.ones(n, np.float32),
            }
        ).with_columns(pl.col("timestamp", "available_at").cast(TIME))
        frames.append(frame.filter(pl.Series(rng.random(n) >= absent / 2)))
    return Bars(pl.concat(frames).cast(SCHEMA), BarInfo(f"{minutes}m", "24/7"))


def make_forecasts(bars: Bars, *, seed: int = 1, share: float = 0.8, scale: float = 0.02) -> pl.DataFrame:
    """Random forecasts of some of the bars that are there."""
    rng = np.random.default_rng(seed)
    rows = bars.frame.filter(pl.col("status") > 0)
    rows = rows.filter(pl.Series(rng.random(len(rows)) < share))
    p = rng.dirichlet(np.ones(3), len(rows))
    return rows.select(
        "symbol",
        pl.col("available_at").alias("t0"),
        pl.Series("p_-1", p[:, 0]),
        pl.Series("p_0", p[:, 1]),
        pl.Series("p_1", p[:, 2]),
        pl.Series("expected_return", scale * rng.standard_normal(len(rows))),
    )


@pytest.fixture
def bars_of() -> Callable[..., Bars]:
    return make_bars


@pytest.fixture
def forecasts_of() -> Callable[..., pl.DataFrame]:
    return make_forecasts
