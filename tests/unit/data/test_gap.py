"""Gaps are marked where the calendar expects a bar, and nowhere else."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from alphatrade.core.bar import PRICES, Bars, Status
from alphatrade.core.clock import parse_time
from alphatrade.data import Grid, gaps, mark_missing, missing_share, random_walk


@pytest.fixture(scope="module")
def whole() -> Bars:
    return random_walk(3, symbols=("A", "B"), bars=200, frequency="1h", calendar="XNYS", start="2021-11-01")


def test_a_whole_market_has_no_gaps(whole: Bars) -> None:
    assert mark_missing(whole.frame, Grid("XNYS", "1h")) is whole.frame
    assert missing_share(whole.frame) == 0.0


def test_a_lost_bar_becomes_a_missing_row_with_nothing_in_it(whole: Bars) -> None:
    lost = whole.frame.with_row_index().filter(~pl.col("index").is_in([5, 6, 250])).drop("index")
    marked = mark_missing(lost, Grid("XNYS", "1h"))
    assert marked.height == whole.frame.height
    assert marked.select("symbol", "timestamp", "available_at").equals(
        whole.frame.select("symbol", "timestamp", "available_at")
    )
    absent = marked.filter(pl.col("status") == Status.MISSING)
    assert absent.height == 3
    assert np.isnan(absent.select(PRICES).to_numpy()).all()
    assert absent["confidence"].to_list() == [0.0] * 3
    assert marked.filter(pl.col("status") == Status.REAL).equals(lost)


def test_nothing_is_missing_before_the_first_bar_or_after_the_last(whole: Bars) -> None:
    t = pl.col("timestamp").to_physical()
    late = whole.frame.filter((pl.col("symbol") == "A") | (t >= parse_time("2021-11-10")))
    early = late.filter((pl.col("symbol") == "B") | (t < parse_time("2021-11-20")))
    assert mark_missing(early, Grid("XNYS", "1h")).height == early.height


def test_a_holiday_is_no_gap() -> None:
    days = random_walk(3, symbols=1, bars=30, calendar="XNYS", start="2021-11-15").frame
    assert mark_missing(days, Grid("XNYS", "1d")).height == 30


def test_the_market_with_gaps_says_how_many() -> None:
    bars = gaps(1, symbols=3, bars=500, lost=0.05, outages=0)
    share = missing_share(bars.frame)
    assert 0.03 < share < 0.07
    assert len(bars) == 1500


def test_no_rows_have_no_gaps(whole: Bars) -> None:
    assert mark_missing(whole.frame.clear(), Grid("XNYS", "1h")).height == 0
    assert missing_share(whole.frame.clear()) == 0.0
