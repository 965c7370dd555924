"""The triple barrier: each outcome by hand, a slow twin, and real base rates."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from alphatrade.core.bar import PRICES, TIME, BarInfo, Bars
from alphatrade.execution.touch import touch
from alphatrade.labels import TripleBarrier, label_report, wilder_atr
from alphatrade.testing.labeler import label_bars

# Two bars of range 2 around 100: the average true range of one bar is 2 at the decision, bar 1.
BEFORE = [(100.0, 101.0, 99.0, 100.0), (100.0, 101.0, 99.0, 100.0)]
QUIET = (100.0, 100.5, 99.5, 100.0)
LONG = TripleBarrier(profit=2.0, stop=1.0, horizon=3, entry="close", atr_window=1)


def decide(make_bars: Callable[..., Bars], after: list[Any], labeler: TripleBarrier = LONG) -> dict[str, Any]:
    """The label of bar 1, followed by ``after``."""
    return labeler.label(make_bars(X=BEFORE + after)).row(1, named=True)


def expect(
    row: dict[str, Any], label: int, price: float, bars: int, side: int = 1, tie: bool = False
) -> None:
    assert (row["label"], row["touch_price"], row["bars"], row["tie"]) == (label, price, bars, tie)
    assert row["ret"] == side * (price / row["entry_price"] - 1.0)
    assert (row["t1"] - row["t0"]).total_seconds() == 900 * bars


def test_the_profit_barrier_is_plus_one(make_bars: Callable[..., Bars]) -> None:
    expect(decide(make_bars, [QUIET, (100.0, 104.5, 99.5, 104.0)]), 1, 104.0, 2)


def test_the_stop_barrier_is_minus_one(make_bars: Callable[..., Bars]) -> None:
    expect(decide(make_bars, [(100.0, 100.5, 97.0, 97.5)]), -1, 98.0, 1)


def test_time_is_zero_at_the_close_of_the_last_bar(make_bars: Callable[..., Bars]) -> None:
    expect(decide(make_bars, [QUIET, QUIET, (100.0, 101.5, 99.0, 101.0)]), 0, 101.0, 3)


def test_both_in_one_bar_is_the_stop_and_a_tie(make_bars: Callable[..., Bars]) -> None:
    expect(decide(make_bars, [(100.0, 105.0, 97.0, 100.0)]), -1, 98.0, 1, tie=True)


def test_the_study_may_let_the_profit_win_ties(make_bars: Callable[..., Bars]) -> None:
    hopeful = TripleBarrier(2.0, 1.0, 3, "close", atr_window=1, tie="profit_first")
    expect(decide(make_bars, [(100.0, 105.0, 97.0, 100.0)], hopeful), 1, 104.0, 1, tie=True)
    expect(decide(make_bars, [(97.0, 105.0, 96.0, 100.0)], hopeful), -1, 97.0, 1)


def test_a_gap_through_the_stop_fills_at_the_open(make_bars: Callable[..., Bars]) -> None:
    expect(decide(make_bars, [(95.0, 106.0, 94.0, 96.0)]), -1, 95.0, 1)


def test_a_gap_through_the_profit_fills_at_the_open_and_has_left(make_bars: Callable[..., Bars]) -> None:
    expect(decide(make_bars, [(106.0, 107.0, 90.0, 95.0)]), 1, 106.0, 1)


def test_the_last_rows_are_unknown_and_not_zero(make_bars: Callable[..., Bars]) -> None:
    table = LONG.label(make_bars(X=[*BEFORE, QUIET, QUIET]))
    assert table["label"].null_count() == 4
    for name in ("t1", "ret", "touch_price", "entry_price", "tie", "bars"):
        assert table[name].null_count() == 4


def test_a_touch_before_the_end_is_known_though_the_horizon_is_not_there(
    make_bars: Callable[..., Bars],
) -> None:
    expect(decide(make_bars, [(100.0, 104.5, 99.5, 104.0)]), 1, 104.0, 1)


def test_entry_at_the_next_open_can_touch_on_the_entry_bar(make_bars: Callable[..., Bars]) -> None:
    fill = TripleBarrier(2.0, 1.0, 3, entry="next_open", atr_window=1)
    row = decide(make_bars, [(101.0, 101.5, 98.5, 100.0)], fill)
    expect(row, -1, 99.0, 1)
    assert row["entry_price"] == 101.0


def test_next_open_counts_barriers_from_the_fill_not_from_the_close(make_bars: Callable[..., Bars]) -> None:
    fill = TripleBarrier(2.0, 1.0, 3, entry="next_open", atr_window=1)
    row = decide(make_bars, [(103.0, 104.5, 102.0, 104.0), (104.0, 107.5, 103.5, 107.0)], fill)
    expect(row, 1, 107.0, 2)


def test_a_short_is_the_mirror_of_a_long(make_bars: Callable[..., Bars]) -> None:
    short = TripleBarrier(2.0, 1.0, 3, "close", side=-1, atr_window=1)
    expect(decide(make_bars, [(100.0, 100.5, 95.5, 96.0)], short), 1, 96.0, 1, side=-1)
    expect(decide(make_bars, [(100.0, 102.5, 99.5, 102.0)], short), -1, 102.0, 1, side=-1)
    expect(decide(make_bars, [QUIET, QUIET, (100.0, 101.5, 99.5, 101.0)], short), 0, 101.0, 3, side=-1)


def test_a_barrier_at_infinity_is_never_met(make_bars: Callable[..., Bars]) -> None:
    no_stop = TripleBarrier(2.0, math.inf, 2, "close", atr_window=1)
    expect(decide(make_bars, [(100.0, 101.0, 1.0, 90.0), (90.0, 104.0, 89.0, 100.0)], no_stop), 1, 104.0, 2)


def test_missing_bars_are_no_decision_no_touch_and_no_time(make_bars: Callable[..., Bars]) -> None:
    after = [None, QUIET, None, QUIET, (100.0, 100.9, 99.5, 100.5)]
    table = LONG.label(make_bars(X=BEFORE + after))
    row = table.row(1, named=True)
    assert (row["label"], row["touch_price"], row["bars"]) == (0, 100.5, 3)
    assert (row["t1"] - row["t0"]).total_seconds() == 900 * 5
    assert table["label"][2] is None
    assert table["label"][4] is None


def test_no_range_no_label(make_bars: Callable[..., Bars]) -> None:
    flat = [(100.0, 100.0, 100.0, 100.0)] * 3
    assert LONG.label(make_bars(X=[*flat, (100.0, 200.0, 50.0, 100.0)]))["label"].to_list()[:3] == [None] * 3


def test_symbols_do_not_touch_each_other(make_bars: Callable[..., Bars]) -> None:
    up, down = [(100.0, 104.5, 99.5, 104.0)], [(100.0, 100.5, 97.0, 97.5)]
    table = LONG.label(make_bars(A=BEFORE + up, B=BEFORE + down))
    assert table["label"].to_list() == [None, 1, None, None, -1, None]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_do_not_change_the_table(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import alphatrade.labels.barrier as barrier
    from alphatrade.labels.base import label_table

    bars = label_bars()
    expected = TripleBarrier().label(bars)
    monkeypatch.setattr(barrier, "label_table", lambda b, fill: label_table(b, fill, threads))
    assert TripleBarrier().label(bars).equals(expected)


@pytest.mark.parametrize(
    "wrong",
    [
        {"profit": 0.0},
        {"stop": -1.0},
        {"horizon": 0},
        {"entry": "open"},
        {"side": 0},
        {"tie": "x"},
        {"atr_window": 0},
    ],
)
def test_a_wrong_setting_names_itself(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"labels.{next(iter(wrong))}"):
        TripleBarrier(**wrong)


def slow_twin(bars: Bars, symbol: str, b: TripleBarrier) -> list[tuple[Any, ...]]:
    """The definition, a row at a time, over real bars only."""
    a = bars.arrays(symbol)
    real = np.flatnonzero(a.ok)
    o, h, l, c = (a.inputs[k][real] for k in range(4))
    atr = wilder_atr(h, l, c, b.atr_window)
    found: list[tuple[Any, ...]] = [(None,) * 4] * len(a)
    for i in range(len(real) - 1):
        if not atr[i] > 0:
            continue
        entry = o[i + 1] if b.entry == "next_open" else c[i]
        stop, limit = entry - b.side * b.stop * atr[i], entry + b.side * b.profit * atr[i]
        for j in range(i + 1, min(i + b.horizon, len(real) - 1) + 1):
            hit, price = touch.py_func(o[j], h[j], l[j], stop, limit, b.side)
            if hit == 0 and j == i + b.horizon:
                price = c[j]
            elif hit == 0:
                continue
            found[real[i]] = (hit, price, int(a.available_at[real[j]]), entry)
            break
    return found


@pytest.mark.parametrize("entry", ["next_open", "close"])
@pytest.mark.parametrize("side", [1, -1])
def test_it_equals_its_slow_twin(entry: Any, side: Any) -> None:
    for seed in range(5):
        bars, b = label_bars(seed), TripleBarrier(1.5, 1.0, 7, entry, side)
        table = b.label(bars)
        for symbol in bars.symbols:
            own = table.filter(symbol=symbol).select(
                "label", "touch_price", pl.col("t1").to_physical(), "entry_price"
            )
            assert own.rows() == slow_twin(bars, symbol, b)


@pytest.fixture
def us_equity(shared_data: Callable[[str], Path]) -> Bars:
    """37 stocks, 15 minutes, regular session."""
    frame = pl.read_parquet(shared_data("us_equity_15min_2020_2022.parquet")).filter(pl.col("rth"))
    stamp = pl.col("timestamp").cast(TIME)
    frame = frame.sort("symbol", "timestamp").select(
        "symbol",
        stamp,
        (stamp + pl.duration(minutes=15)).cast(TIME).alias("available_at"),
        *(pl.col(p).cast(pl.Float64) for p in PRICES),
        status=pl.lit(2, pl.UInt8),
        confidence=pl.lit(1.0, pl.Float32),
    )
    return Bars(frame, BarInfo("15m"))


def rates(table: pl.DataFrame) -> list[float]:
    return [100.0 * label_report(table).base_rates[k] for k in (-1, 1, 0)]


def low_first(bars: Bars, b: TripleBarrier) -> list[float]:
    """Base rates where a bar that opens beyond the profit and then falls to the stop counts as a stop."""
    counts = np.zeros(3)
    for symbol in bars.symbols:
        f = bars.frame.filter(symbol=symbol)
        o, h, l, c = (f[p].to_numpy() for p in PRICES[:4])
        entry = np.append(o[1:], np.nan) if b.entry == "next_open" else c
        atr = wilder_atr(h, l, c, b.atr_window)
        rest = np.flatnonzero((atr > 0) & np.isfinite(entry))
        for k in range(1, b.horizon + 1):
            rest = rest[rest + k < len(c)]
            stopped = l[rest + k] <= entry[rest] - b.stop * atr[rest]
            gained = ~stopped & (h[rest + k] >= entry[rest] + b.profit * atr[rest])
            counts += [stopped.sum(), gained.sum(), 0]
            rest = rest[~stopped & ~gained]
        counts[2] += len(rest)
    return list(100.0 * counts / counts.sum())


@pytest.mark.shared_data
def test_base_rates_of_real_bars_are_the_known_ones(us_equity: Bars) -> None:
    """About 63.8 % stop, 32.9 % profit, 3.3 % time at the close, where a bar that opens beyond the profit and
    then falls to the stop is a stop. By the touch rule such a bar was sold at its open: 0.3 % of all
    outcomes.
    """
    at_close, at_open = TripleBarrier(entry="close"), TripleBarrier(entry="next_open")
    assert low_first(us_equity, at_close) == pytest.approx([63.8, 32.9, 3.3], abs=0.05)
    assert low_first(us_equity, at_open) == pytest.approx([64.3, 32.4, 3.3], abs=0.05)
    assert rates(at_close.label(us_equity)) == pytest.approx([63.5, 33.2, 3.3], abs=0.05)
    assert rates(at_open.label(us_equity)) == pytest.approx([64.0, 32.7, 3.3], abs=0.05)


@pytest.mark.shared_data
def test_a_blind_long_on_real_bars_gains_about_nothing(us_equity: Bars) -> None:
    report = label_report(TripleBarrier().label(us_equity))
    lo, hi = report.expectancy_interval
    assert lo < 0.0 < hi
    assert report.blind_warning is None
    assert 0.005 < report.tie_share < 0.02
    assert 6.0 < report.mean_bars < 7.0
