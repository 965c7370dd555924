"""Fills folded into round trips."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from alphatrade.core.order import Fill
from alphatrade.execution import round_trips
from alphatrade.execution.ledger import TRADE_SCHEMA

CLOCK = np.arange(0, 1000, 10, dtype=np.int64)


def fill(
    time: int, qty: float, price: float, symbol: int = 0, commission: float = 0.0, spread: float = 0.0
) -> Fill:
    return Fill(1, symbol, time, qty, price, commission, spread, 0.0)


def trips(*fills: Fill, close: float = 100.0) -> tuple[pl.DataFrame, pl.DataFrame]:
    return round_trips(("A", "B"), fills, CLOCK, np.array([close, close]))


def test_no_fills_no_trips() -> None:
    closed, still = trips()
    assert closed.height == still.height == 0
    assert dict(closed.schema) == dict(still.schema) == TRADE_SCHEMA


def test_a_long_round_trip() -> None:
    closed, still = trips(
        fill(10, 5.0, 100.0, commission=1.0), fill(50, -5.0, 110.0, commission=2.0, spread=0.5)
    )
    row = closed.row(0, named=True)
    assert (row["symbol"], row["side"], row["qty"], row["bars"]) == ("A", 1, 5.0, 4)
    assert (row["entry_price"], row["exit_price"]) == (100.0, 110.0)
    assert (row["pnl"], row["ret"], row["cost"]) == (47.0, 47.0 / 500.0, 3.5)
    assert closed.select(pl.col("entry_time", "exit_time").to_physical()).row(0) == (10, 50)
    assert still.height == 0


def test_a_short_round_trip_gains_when_the_price_falls() -> None:
    closed, _ = trips(fill(10, -5.0, 100.0), fill(20, 5.0, 90.0))
    assert closed.select("side", "pnl", "ret").row(0) == (-1, 50.0, 0.1)


def test_adding_and_trimming_stay_inside_one_trip() -> None:
    closed, _ = trips(
        fill(10, 10.0, 100.0), fill(20, 10.0, 110.0), fill(30, -5.0, 120.0), fill(40, -15.0, 100.0)
    )
    assert closed.select("qty", "entry_price", "exit_price", "pnl", "bars").rows() == [
        (20.0, 105.0, 105.0, 0.0, 3)
    ]


def test_crossing_zero_ends_one_trip_and_begins_the_next() -> None:
    closed, still = trips(fill(10, 10.0, 100.0), fill(20, -30.0, 90.0, commission=3.0), close=80.0)
    assert closed.select("side", "qty", "pnl", "cost").rows() == [(1, 10.0, -101.0, 1.0)]
    assert still.select("side", "qty", "entry_price", "exit_price", "pnl", "cost").rows() == [
        (-1, 20.0, 90.0, 80.0, 198.0, 2.0)
    ]


def test_an_open_trip_is_valued_at_the_last_close_and_has_no_exit() -> None:
    _, still = trips(fill(10, 10.0, 100.0), fill(20, -4.0, 130.0), close=110.0)
    row = still.row(0, named=True)
    assert row["exit_time"] is None
    assert row["pnl"] == 4.0 * 30.0 + 6.0 * 10.0
    assert row["exit_price"] == pytest.approx((4.0 * 130.0 + 6.0 * 110.0) / 10.0)
    assert row["bars"] == len(CLOCK) - 2


def test_what_rounding_leaves_ends_a_trip() -> None:
    parts = [0.1] * 3
    closed, still = trips(*[fill(10, q, 100.0) for q in parts], fill(20, -0.3, 100.0))
    assert sum(parts) != 0.3
    assert (closed.height, still.height) == (1, 0)


def test_symbols_are_apart_and_trips_in_order_of_exit() -> None:
    closed, _ = trips(
        fill(10, 1.0, 100.0, 0), fill(20, 1.0, 50.0, 1), fill(30, -1.0, 51.0, 1), fill(40, -1.0, 99.0, 0)
    )
    assert closed.select("symbol", "pnl").rows() == [("B", 1.0), ("A", -1.0)]
