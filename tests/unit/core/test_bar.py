"""Bars: their table, their clock, and what may be asked of them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from alphatrade.core.bar import INPUTS, SCHEMA, TIME, BarInfo, Bars, Status
from alphatrade.core.clock import parse_time
from alphatrade.core.errors import CausalityError

MINUTE = 60_000_000_000


def make(rows: list[tuple[str, str, float, int]], info: BarInfo | None = None, late: int = 0) -> Bars:
    """Bars of (symbol, start, close, status), 15 minutes long."""
    start = [parse_time(t) for _, t, _, _ in rows]
    price = [c if s else float("nan") for _, _, c, s in rows]
    frame = pl.DataFrame(
        {
            "symbol": [r[0] for r in rows],
            "timestamp": pl.Series(start).cast(TIME),
            "available_at": pl.Series([t + 15 * MINUTE + late for t in start]).cast(TIME),
            **dict.fromkeys(("open", "high", "low", "close", "volume"), price),
            "status": [r[3] for r in rows],
            "confidence": [1.0 if r[3] else 0.0 for r in rows],
        },
        schema=SCHEMA,
    )
    return Bars(frame, info or BarInfo("15m", "24/7"))


TWO = make(
    [
        ("A", "2021-03-01 00:00", 1.0, 2),
        ("A", "2021-03-01 00:15", 2.0, 0),
        ("A", "2021-03-01 00:30", 3.0, 2),
        ("B", "2021-03-01 00:15", 5.0, 2),
    ]
)


def test_a_table_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"load_bars, or data\.bars_from_frame"):
        Bars(pl.DataFrame({"symbol": ["A"]}), BarInfo("15m"))


def test_start_and_end_are_exact_to_the_nanosecond() -> None:
    bars = make([("A", "2021-03-01 00:00", 1.0, 2)], late=1)
    assert bars.start == parse_time("2021-03-01")
    assert bars.end == parse_time("2021-03-01 00:15") + 1


def test_before_is_strict_and_known_is_half_open() -> None:
    moment = parse_time("2021-03-01 00:30")
    assert len(TWO.before(moment)) == 1
    assert len(TWO.known(parse_time("2021-03-01 00:15"), moment)) == 2
    assert len(TWO.between("2021-03-01 00:15", "2021-03-01 00:30")) == 2


def test_as_of_the_future_is_refused() -> None:
    assert len(TWO.as_of(TWO.end)) == len(TWO)
    with pytest.raises(CausalityError, match="after the last known bar"):
        TWO.as_of(TWO.end + 1)


def test_an_unknown_symbol_is_named() -> None:
    assert TWO.only(["B"]).symbols == ("B",)
    with pytest.raises(ValueError, match="no bars of 'C'; there are A, B"):
        TWO.only(["C"])


def test_arrays_mark_missing_rows() -> None:
    own = TWO.arrays("A")
    assert own.ok.tolist() == [True, False, True]
    assert own.inputs.shape == (len(INPUTS), 3)
    assert own.inputs.flags.c_contiguous
    assert np.isnan(own.inputs[3]).tolist() == [False, True, False]
    assert (own.inputs[6] - own.inputs[5]).tolist() == [900.0] * 3


def test_slices_put_symbols_on_one_clock() -> None:
    slices = TWO.slices
    assert slices.row.tolist() == [[0, -1], [1, 0], [2, -1]]
    assert slices.time.tolist() == [parse_time(f"2021-03-01 00:{m}") for m in (15, 30, 45)]
    close = slices.bars[:, :, 3]
    assert np.isnan(close).tolist() == [[False, True], [True, False], [False, True]]


def test_a_bar_known_late_still_ended_when_it_ended() -> None:
    late = make([("A", "2021-03-01 00:00", 1.0, 2)], late=7 * 60 * MINUTE)
    seconds = late.arrays("A").inputs
    assert seconds[6][0] - seconds[5][0] == 900.0


def test_the_hash_knows_values_and_meaning() -> None:
    rows = [("A", "2021-03-01 00:00", 1.0, int(Status.REAL))]
    same = make(rows)
    assert same.hash == make(rows).hash
    assert same.hash != make([("A", "2021-03-01 00:00", 1.0000001, 2)]).hash
    assert same.hash != make(rows, BarInfo("15m", "24/7", feed="sip")).hash


def test_no_rows_are_bars_too() -> None:
    empty = TWO.before("2000-01-01")
    assert len(empty) == 0
    assert repr(empty) == "Bars(empty, 15m)"
