"""Every rule, its message, and the exact account of rows."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from alphatrade.core.clock import SimulatedClock, parse_time
from alphatrade.core.errors import DataError
from alphatrade.data import RULES, Reading, account, bars_from_frame
from alphatrade.data.grid import Grid

GOOD = {"open": 10.0, "high": 11.0, "low": 9.0, "close": 10.5, "volume": 100.0}


def rows(n: int = 6) -> list[dict[str, Any]]:
    """Good 15-minute bars of XNYS from 09:30 New York on 2021-03-01."""
    first = parse_time("2021-03-01 14:30") // 1_000_000_000
    return [{"time": first + 900 * k, "symbol": "X", **GOOD} for k in range(n)]


def load(table: list[dict[str, Any]], **settings: Any) -> Any:
    settings = {"frequency": "15m", "calendar": "XNYS", **settings}
    frame = pl.DataFrame(table, infer_schema_length=None)
    return bars_from_frame(frame, reading=Reading(time_unit="s"), **settings)


BREAKS: dict[str, dict[str, Any]] = {
    "no_symbol": {"symbol": ""},
    "null_price": {"close": None},
    "null_volume": {"volume": None},
    "non_positive_price": {"low": 0.0},
    "high_below_low": {"high": 8.0},
    "open_outside_range": {"open": 12.0},
    "close_outside_range": {"close": 8.5},
    "negative_volume": {"volume": -1.0},
    "outside_calendar": {"time": parse_time("1980-03-03 15:00") // 1_000_000_000},
    "off_session": {"time": parse_time("2021-03-01 23:00") // 1_000_000_000},
    "misaligned": {"time": parse_time("2021-03-01 15:20") // 1_000_000_000},
    "unreadable": {"time": None},
    "bad_print": {"open": 21.0, "high": 21.0},
}


@pytest.mark.parametrize("rule", BREAKS)
def test_a_broken_row_goes_to_quarantine_under_its_rule(rule: str) -> None:
    table = rows()
    table[3].update(BREAKS[rule])
    bars = load(table)
    (found,) = bars.quarantine.iter_rows(named=True)
    assert (found["rule"], found["row"], found["file"]) == (rule, 4, "frame")
    assert found["message"]
    assert account(bars).rows_in == 6
    assert account(bars).by_rule == {rule: 1}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_price_that_is_not_finite_is_a_null_price(value: float) -> None:
    table = rows()
    table[2]["high"] = value
    assert load(table).quarantine["rule"].to_list() == ["null_price"]


def test_a_bar_that_has_not_ended_is_refused() -> None:
    clock = SimulatedClock(parse_time("2021-03-01 15:00"))
    bars = load(rows(), clock=clock)
    assert bars.quarantine["rule"].to_list() == ["future_stamp"] * 4
    assert bars.end == parse_time("2021-03-01 15:00")


def test_of_duplicates_the_first_is_kept() -> None:
    table = rows()
    table += [dict(table[1]), {**table[2], "close": 9.5}, {**table[2], "close": 9.6}]
    bars = load(table)
    found = bars.quarantine.select("row", "rule").rows()
    assert found == [(7, "duplicate"), (8, "conflicting_duplicate"), (9, "conflicting_duplicate")]
    assert bars.frame["close"].to_list() == [10.5] * 6


def test_a_broken_row_does_not_shadow_its_good_duplicate() -> None:
    table = rows()
    table.insert(2, {**table[2], "close": None})
    bars = load(table)
    assert bars.quarantine.select("row", "rule").rows() == [(3, "null_price")]
    assert len(bars) == 6


def test_rows_out_of_order_are_sorted_counted_and_kept() -> None:
    table = rows()
    shuffled = [table[k] for k in (0, 2, 1, 5, 3, 4)]
    bars = load(shuffled)
    assert bars.frame.equals(load(table).frame)
    assert "3 rows came out of order and were sorted." in bars.info.warnings


def test_neighbouring_symbols_do_not_judge_each_other() -> None:
    """The first bar of a symbol has no previous close, whatever the symbol before it costs."""
    other = [{**r, "symbol": "Y", **{p: 10 * r[p] for p in ("open", "high", "low", "close")}} for r in rows()]
    assert not load(rows() + other).quarantine.height


def test_a_crash_that_stays_is_no_bad_print() -> None:
    table = rows()
    for r in table[3:]:
        r.update(open=5.2, high=5.3, low=4.7, close=4.8)
    assert not load(table).quarantine.height


def test_a_close_that_jumps_and_comes_back_is_kept_and_reported() -> None:
    """Removing it would use the next bar, which nobody knew."""
    table = rows()
    table[3].update(high=25.0, close=22.0)
    table[4].update(open=10.4)
    bars = load(table)
    assert not bars.quarantine.height
    assert any("1 closes jump" in w for w in bars.info.warnings)


def test_when_nothing_is_good_the_error_says_why() -> None:
    table = [{**r, "time": r["time"] + 60} for r in rows()]
    with pytest.raises(DataError, match=r"all 6 rows were refused, 6 as misaligned: .*check timezone, stamp"):
        load(table)


def test_every_rule_of_the_list_is_tested_here() -> None:
    tested = {*BREAKS, "future_stamp", "duplicate", "conflicting_duplicate"}
    assert tested == set(RULES)


def test_bars_outside_the_session_stay_when_asked_for() -> None:
    table = rows(30)
    bars = load(table, session="all")
    assert len(bars) == 30
    assert len(load(table)) == 26
    assert load(table).quarantine["rule"].unique().to_list() == ["off_session"]
    starts, ends = Grid("XNYS", "15m").expected(bars.start, bars.end)
    assert bars.frame["available_at"].to_physical().to_list()[:26] == ends.tolist()
    assert len(starts) == 26
