"""What is understood of a table: columns, symbols, row numbers, unreadable cells."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from alphatrade.core.errors import ConfigError, DataError
from alphatrade.data import FrameSource, Reading, Split, adjust_splits
from alphatrade.data.column import match_columns
from alphatrade.data.source import RAW, raw_table


@pytest.mark.parametrize(
    "header",
    [
        ["timestamp", "symbol", "open", "high", "low", "close", "volume"],
        ["Date", "Ticker", "Open", "High", "Low", "Close", "Volume", "Adj Close"],
        ["t", "S", "o", "h", "l", "c", "v", "vw", "n"],
        ["datetime", "sym", "1. open", "2. high", "3. low", "4. close", "5. volume"],
        ["<DATE>", "<TIME>", "<TICKER>", "<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<VOL>"],
        ["Open Time", "Symbol", "Open Price", "High Price", "Low Price", "Close/Last", "Volume"],
    ],
)
def test_the_columns_of_common_vendors_are_known(header: list[str]) -> None:
    found = match_columns(header)
    assert set(found) == {"time", "symbol", "open", "high", "low", "close", "volume"}
    assert "Adj Close" not in found["close"]


def test_two_columns_for_one_thing_are_not_chosen_between() -> None:
    header = ["date", "symbol", "open", "high", "low", "close", "last", "volume"]
    with pytest.raises(ConfigError, match=r"several columns for close: \['close', 'last'\]; choose one"):
        match_columns(header)
    assert match_columns(header, {"close": "last"})["close"] == ("last",)


def test_a_missing_column_is_named_with_what_was_found() -> None:
    with pytest.raises(DataError, match=r"expected a column for volume in the source, found \['date'"):
        match_columns(["date", "symbol", "open", "high", "low", "close"])


def test_wrong_keys_and_names_in_the_setting_are_told() -> None:
    with pytest.raises(ConfigError, match="did you mean 'close'"):
        match_columns(["date"], {"clsoe": "date"})
    with pytest.raises(ConfigError, match=r"columns names 'Price' as close, but the source has \['date'\]"):
        match_columns(["date"], {"close": "Price"})


TABLE = pl.DataFrame(
    {
        "date": ["2021-03-01", "2021-03-02", "soon", "2021-03-04"],
        "o": ["1", "1", "1", "1"],
        "h": ["2", "2", "2", "2"],
        "l": ["1", "1", "1", "1"],
        "c": ["2", "n.v.", "2", None],
        "v": ["9", "9", "9", "9"],
    }
)


def test_cells_that_cannot_be_read_are_named_and_the_rest_goes_on() -> None:
    table = raw_table("f.csv", TABLE, Reading(symbol="X"), symbol=None, first_row=2)
    assert dict(table.frame.schema) == RAW
    assert table.frame["row"].to_list() == [2, 3, 4, 5]
    said = table.frame["unreadable"].to_list()
    assert said[0] is None
    assert said[1] == "close n.v. is no number"
    assert said[2] == "time soon cannot be read, or does not exist in its zone"
    assert said[3] is None
    assert table.frame["close"].to_list() == [2.0, None, 2.0, None]


def test_what_was_understood_is_one_sentence() -> None:
    (layout,) = FrameSource(TABLE, Reading(symbol="X")).describe()
    assert str(layout) == (
        "frame: time from 'date', open from 'o', high from 'h', low from 'l', close from 'c', "
        "volume from 'v', "
        "symbol 'X' for the whole file; stamps are dates"
    )


def test_symbols_that_were_not_asked_for_are_not_read() -> None:
    table = TABLE.with_columns(pl.Series("ticker", ["X", "Y", "X", "Y"]))
    raw = next(FrameSource(table, Reading(symbols=("Y",))).tables()).frame
    assert raw.select("row", "symbol").rows() == [(2, "Y"), (4, "Y")]


def test_a_price_column_of_another_type_is_refused() -> None:
    with pytest.raises(DataError, match="expected numbers in column 'c', found Boolean"):
        raw_table("f", TABLE.with_columns(pl.lit(True).alias("c")), Reading(symbol="X"), symbol=None)


def test_a_stamp_is_at_the_open_or_at_the_close() -> None:
    with pytest.raises(ConfigError, match="expected stamp 'open' or 'close'"):
        Reading(stamp="end")


def test_a_split_keeps_price_times_volume_and_leaves_its_day_alone() -> None:
    rows = pl.DataFrame(
        {
            "symbol": ["X", "X", "X", "Y"],
            "stamp": [date(2021, 1, 1), date(2021, 2, 1), date(2021, 3, 1), date(2021, 1, 1)],
            "open": 12.0,
            "high": 12.0,
            "low": 12.0,
            "close": 12.0,
            "volume": 100.0,
        }
    ).with_columns(pl.col("stamp").cast(pl.Datetime("ns", "UTC")))
    splits = [Split("X", date(2021, 2, 1), 2.0), Split("X", date(2021, 3, 1), 3.0)]
    done = adjust_splits(rows, splits)
    assert done["close"].to_list() == [2.0, 4.0, 12.0, 12.0]
    assert done["volume"].to_list() == [600.0, 300.0, 100.0, 100.0]
