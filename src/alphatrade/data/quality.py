"""The judgement of rows on the way in: good, or quarantined with a rule and a message.

In: rows in the columns of ``RAW`` with the bar of the grid each stamp belongs to. Out: the good rows, sorted
and unique, and the quarantine; together they are exactly the rows that came in. Never here: repair. A row is
taken as it is or refused.

========================  =================================================================================
rule                      refused because
========================  =================================================================================
``unreadable``            a cell holds text that is no time or no number
``no_symbol``             the symbol is empty
``null_price``            open, high, low or close is empty, NaN or infinite
``null_volume``           the volume is empty, NaN or infinite
``non_positive_price``    a price is zero or negative
``high_below_low``        high < low
``open_outside_range``    the open is not within [low, high]
``close_outside_range``   the close is not within [low, high]
``negative_volume``       volume < 0
``outside_calendar``      the calendar knows nothing of that time
``off_session``           the bar lies in no session of the calendar
``misaligned``            the stamp is no boundary of the grid of the frequency
``future_stamp``          the bar would end after now
``duplicate``             the same bar again, with the same values; the first is kept
``conflicting_duplicate`` the same bar again, with other values; the first is kept
``bad_print``             the open is 1.8 times away from the previous close and the close back within 20 %
                          of it, or high or low is 2.5 times away and the close back within 5 %
========================  =================================================================================

A bad print is judged from the bar itself and the bar before it, never from a later one: a close that jumps
and comes back next bar cannot be told from a crash when it happens, so it stays, and ``reverting_closes``
counts it. The thresholds spare real days: UAL on 2008-09-08 (a false news story, low 4.1 times below, close
11 % below), MS on 2008-09-18 (low 1.9 times below), AAPL on 2000-09-29 (close 52 % below).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from alphatrade.core.bar import PRICES, TIME
from alphatrade.core.clock import iso
from alphatrade.data.grid import Grid

__all__ = ["QUARANTINE", "RULES", "Judged", "judge", "reverting_closes"]

QUARANTINE: dict[str, pl.DataType | type[pl.DataType]] = {
    "file": pl.String,
    "row": pl.UInt32,
    "symbol": pl.String,
    "timestamp": TIME,
    **dict.fromkeys(PRICES, pl.Float64),
    "rule": pl.String,
    "message": pl.String,
}
# How many times away from the previous close a price is, and how near to it the next one must be again.
OPEN_FACTOR, OPEN_BACK = 1.8, 1.2
WICK_FACTOR, WICK_BACK = 2.5, 1.05
CLOSE_FACTOR, CLOSE_BACK = 1.8, 1.2
_OHLC = PRICES[:4]


def _absent(name: str) -> pl.Expr:
    return pl.col(name).is_null() | ~pl.col(name).is_finite()


def _outside(name: str) -> pl.Expr:
    return (pl.col(name) > pl.col("high")) | (pl.col(name) < pl.col("low"))


def _row_rules(now: int) -> list[tuple[str, pl.Expr]]:
    """Rules that need one row only, the first that holds names the row."""
    return [
        ("unreadable", pl.col("unreadable").is_not_null() | pl.col("stamp").is_null()),
        ("no_symbol", pl.col("symbol").is_null() | (pl.col("symbol") == "")),
        ("null_price", pl.any_horizontal(_absent(p) for p in _OHLC)),
        ("null_volume", _absent("volume")),
        ("non_positive_price", pl.any_horizontal(pl.col(p) <= 0 for p in _OHLC)),
        ("high_below_low", pl.col("high") < pl.col("low")),
        ("open_outside_range", _outside("open")),
        ("close_outside_range", _outside("close")),
        ("negative_volume", pl.col("volume") < 0),
        ("outside_calendar", ~pl.col("covered")),
        ("off_session", ~pl.col("inside")),
        ("misaligned", ~pl.col("aligned")),
        ("future_stamp", pl.col("end") > now),
    ]


RULES = (*(name for name, _ in _row_rules(0)), "duplicate", "conflicting_duplicate", "bad_print")


def _messages(grid: Grid, now: int) -> dict[str, pl.Expr]:
    o, h, l, c, v = (pl.col(p).cast(pl.String).fill_null("empty") for p in PRICES)
    where = f"{grid.calendar} at {grid.frequency}"
    return {
        "unreadable": pl.coalesce("unreadable", pl.lit("the time is empty")),
        "no_symbol": pl.lit("the symbol is empty"),
        "null_price": pl.format(
            "a price is empty or not finite: open {}, high {}, low {}, close {}", o, h, l, c
        ),
        "null_volume": pl.lit("the volume is empty or not finite"),
        "non_positive_price": pl.format(
            "a price is not positive: open {}, high {}, low {}, close {}", o, h, l, c
        ),
        "high_below_low": pl.format("high {} is below low {}", h, l),
        "open_outside_range": pl.format("open {} lies outside [{}, {}]", o, l, h),
        "close_outside_range": pl.format("close {} lies outside [{}, {}]", c, l, h),
        "negative_volume": pl.format("volume {} is negative", v),
        "outside_calendar": pl.lit(f"the calendar {grid.calendar} does not cover this time"),
        "off_session": pl.lit(f"no session of {grid.calendar} then; session='all' keeps such bars"),
        "misaligned": pl.lit(f"no bar of {where} starts or ends there; check timezone, stamp and frequency"),
        "future_stamp": pl.lit(f"the bar ends after now ({iso(now)}); check timezone and stamp"),
        "duplicate": pl.lit("the same bar came before, with the same values"),
        "conflicting_duplicate": pl.lit("the same bar came before, with other values; the first is kept"),
        "bad_print": pl.format(
            "open {}, high {} or low {} is far from the previous close, and the close {} is back there",
            o,
            h,
            l,
            c,
        ),
    }


@dataclass(frozen=True, eq=False)
class Judged:
    """Good rows (sorted by symbol and time, unique), the quarantine, and how many came out of order."""

    good: pl.DataFrame
    quarantine: pl.DataFrame
    out_of_order: int


def judge(rows: pl.DataFrame, grid: Grid, now: int) -> Judged:
    """Split rows into good ones and the quarantine.

    Parameters
    ----------
    rows : polars.DataFrame
        ``RAW``, ``file``, and what ``Grid.locate`` says of each row: ``timestamp`` and ``end`` (int64 ns),
        ``covered``, ``inside``, ``aligned``; in the order of the source.
    grid : Grid
    now : int
        A bar that ends later is refused, nanoseconds.
    """
    names = [name for name, _ in _row_rules(now)]
    flags = [pl.when(condition).then(pl.lit(k, pl.UInt8)) for k, (_, condition) in enumerate(_row_rules(now))]
    rows = rows.with_columns(pl.coalesce([*flags, pl.lit(255, pl.UInt8)]).alias("rule"))
    refused = [_named(rows.filter(pl.col("rule") != 255), names)]
    good = rows.filter(pl.col("rule") == 255)
    good, out_of_order = _in_order(good)
    for pick in (_duplicates, _bad_prints):
        good, bad = pick(good)
        refused.append(bad)
    # One chunk: polars 2.1 panics when it formats text over a column of several.
    quarantine = pl.concat(refused).rechunk()
    messages = _messages(grid, now)
    present = set(quarantine["rule"].unique())
    parts = [
        quarantine.filter(pl.col("rule") == r).with_columns(messages[r].alias("message"))
        for r in RULES
        if r in present
    ]
    table = pl.concat(parts) if parts else quarantine.with_columns(pl.lit("").alias("message"))
    shown = table.select(
        "file", "row", "symbol", pl.col("stamp").alias("timestamp"), *PRICES, "rule", "message"
    )
    return Judged(good, shown.sort("file", "row").cast(QUARANTINE), out_of_order)  # type: ignore[arg-type]


def _named(rows: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    return rows.with_columns(pl.col("rule").replace_strict(range(len(names)), names, return_dtype=pl.String))


def _in_order(good: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Sort by symbol and time, equals in order of arrival; count rows older than one that came before."""
    by_symbol = good.with_row_index("__arrival").sort("symbol", "__arrival")
    symbol, t = by_symbol["symbol"].rle_id().to_numpy(), by_symbol["timestamp"].to_numpy()
    same = symbol[1:] == symbol[:-1]
    if not np.any(same & (t[1:] < t[:-1])):
        return by_symbol.drop("__arrival"), 0
    highest = by_symbol.select(pl.col("timestamp").cum_max().over("symbol")).to_series().to_numpy()
    late = int(np.count_nonzero(t < highest))
    return by_symbol.sort("symbol", "timestamp", "__arrival").drop("__arrival"), late


def _split(good: pl.DataFrame, bad: np.ndarray, rule: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
    mask = pl.Series(bad)
    return good.filter(~mask), good.with_columns(rule.alias("rule")).filter(mask)


def _duplicates(good: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    key = good["symbol"].rle_id().to_numpy().astype(np.int64)
    t = good["timestamp"].to_numpy()
    again = np.zeros(len(t), bool)
    again[1:] = (key[1:] == key[:-1]) & (t[1:] == t[:-1])
    if not again.any():
        return _split(good, again, pl.lit(""))
    first = np.maximum.accumulate(np.where(again, 0, np.arange(len(t))))
    values = good.select(PRICES).to_numpy()
    same = (values == values[first]).all(axis=1)
    good = good.with_columns(pl.Series("__same", same))
    rule = pl.when(pl.col("__same")).then(pl.lit("duplicate")).otherwise(pl.lit("conflicting_duplicate"))
    kept, bad = _split(good, again, rule)
    return kept.drop("__same"), bad.drop("__same")


def _previous_close(good: pl.DataFrame) -> np.ndarray:
    close = good["close"].to_numpy()
    symbol = good["symbol"].rle_id().to_numpy()
    before = np.full(len(close), np.nan)
    same = symbol[1:] == symbol[:-1]
    before[1:][same] = close[:-1][same]
    return before


def _far(price: pl.Series, before: np.ndarray, factor: float) -> np.ndarray:
    """Where a price is ``factor`` times or more away from the close before; False where there is none."""
    far: np.ndarray = np.abs(np.log(price.to_numpy() / before)) >= np.log(factor)
    return far


def _bad_prints(good: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    before = _previous_close(good)
    back = np.abs(np.log(good["close"].to_numpy() / before))
    bad = _far(good["open"], before, OPEN_FACTOR) & (back < np.log(OPEN_BACK))
    wick = _far(good["high"], before, WICK_FACTOR) | _far(good["low"], before, WICK_FACTOR)
    return _split(good, bad | (wick & (back < np.log(WICK_BACK))), pl.lit("bad_print"))


def reverting_closes(good: pl.DataFrame) -> int:
    """Closes 1.8 times away from the one before, with the next one back within 20 %: probably bad, but kept.

    ``good`` is sorted by symbol and time. Nobody could have known at the time, so removing them would be
    looking ahead; the count is a warning about the source.
    """
    before = _previous_close(good)
    jump = _far(good["close"], before, CLOSE_FACTOR)
    symbol, close = good["symbol"].rle_id().to_numpy(), good["close"].to_numpy()
    back = np.zeros(len(close), bool)
    if len(close) > 1:
        same = symbol[1:] == symbol[:-1]
        back[:-1] = same & (np.abs(np.log(close[1:] / before[:-1])) < np.log(CLOSE_BACK))
    return int(np.count_nonzero(jump & back))
