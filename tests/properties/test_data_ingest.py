"""Rows in = rows stored + rows quarantined, exactly, however the rows are broken and ordered."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from alphatrade.core.bar import PRICES, Status
from alphatrade.data import account, aggregate, bars_from_frame, random_walk

CLEAN = random_walk(2, symbols=3, bars=50, frequency="15m", calendar="XNYS", start="2021-11-24")
TABLE = CLEAN.frame.select("timestamp", "symbol", *PRICES)
FAULTS = ("null", "nan", "zero", "negative", "swap", "volume", "move", "night", "again", "other", "name")


def broken(row: dict[str, object], fault: str, rng: np.random.Generator) -> list[dict[str, object]]:
    price = PRICES[int(rng.integers(0, 4))]
    minutes = 60_000_000_000
    made = dict(row)
    if fault in ("null", "nan", "zero", "negative"):
        made[price] = {"null": None, "nan": float("nan"), "zero": 0.0, "negative": -1.0}[fault]
    elif fault == "swap":
        made["high"], made["low"] = row["low"], row["high"]
    elif fault == "volume":
        made["volume"] = -5.0
    elif fault in ("move", "night"):
        by = 7 * minutes if fault == "move" else 9 * 60 * minutes
        made["timestamp"] = row["timestamp"] + by  # type: ignore[operator]
    elif fault == "name":
        made["symbol"] = None
    else:
        return [row, {**row, "close": row["open"]} if fault == "other" else dict(row)]
    return [made]


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.5), st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_row_is_stored_or_quarantined_once(seed: int, share: float, shuffled: bool) -> None:
    rng = np.random.default_rng(seed)
    rows: list[dict[str, object]] = []
    for row in TABLE.with_columns(pl.col("timestamp").to_physical()).iter_rows(named=True):
        fault = str(rng.choice(FAULTS)) if rng.random() < share else ""
        rows += broken(row, fault, rng) if fault else [row]
    if shuffled:
        rows = [rows[k] for k in rng.permutation(len(rows))]
    frame = pl.DataFrame(rows, schema=dict(TABLE.schema) | {"timestamp": pl.Int64})
    frame = frame.with_columns(pl.col("timestamp").cast(TABLE.schema["timestamp"]))
    bars = bars_from_frame(frame, frequency="15m")
    found = account(bars)
    assert found.rows_in == frame.height == found.stored + found.quarantined
    refused = set(bars.quarantine["row"].to_list())
    assert len(refused) == found.quarantined
    assert bars.quarantine.select("file", "rule", "message").null_count().sum_horizontal()[0] == 0
    kept = frame.with_row_index("row", offset=1).filter(~pl.col("row").is_in(list(refused)))
    real = bars.frame.filter(pl.col("status") == Status.REAL)
    assert (
        kept.sort("symbol", "timestamp")
        .select(real.select("timestamp", "symbol", *PRICES).columns)
        .equals(real.select("timestamp", "symbol", *PRICES))
    )


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_the_order_of_clean_rows_does_not_matter(seed: int) -> None:
    order = np.random.default_rng(seed).permutation(TABLE.height)
    assert bars_from_frame(TABLE[order], frequency="15m").frame.equals(CLEAN.frame)


@given(st.floats(0, 1), st.sampled_from(["30m", "1h", "1d"]))
@settings(max_examples=40, deadline=None)
def test_longer_bars_of_a_cut_history_are_the_cut_of_the_longer_bars(share: float, frequency: str) -> None:
    """Aggregation never used a bar from after the cut."""
    t = int(CLEAN.start + share * (CLEAN.end - CLEAN.start))
    whole = aggregate(CLEAN, frequency)
    want = whole.frame.filter(pl.col("available_at").to_physical() <= t)
    assert aggregate(CLEAN.before(t + 1), frequency).frame.equals(want)
