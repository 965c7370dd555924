"""What a person gets for each kind of bad file: a clear error, or quarantine with the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import alphatrade as at
from alphatrade.data import account

HEADER = "timestamp,symbol,open,high,low,close,volume"
GOOD = [
    f"2021-03-01T{hour:02d}:{minute:02d}:00Z,X,10,11,9,10.5,100"
    for hour, minute in ((14, 30), (14, 45), (15, 0), (15, 15), (15, 30), (15, 45), (16, 0))
]

Write = Callable[[list[str]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(lines: list[str]) -> Path:
        path = tmp_path / "bars.csv"
        path.write_text("\n".join(lines) + "\n")
        return path

    return put


def refused(path: Path) -> list[tuple[int, str]]:
    """Line and rule of every refused row, after checking that the account is exact."""
    bars = at.load_bars(path)
    rows = account(bars)
    assert rows.rows_in == len(path.read_text().splitlines()) - 1 == rows.stored + rows.quarantined
    assert all(bars.quarantine["message"].to_list())
    assert bars.quarantine["file"].unique().to_list() in ([str(path)], [])
    return bars.quarantine.select("row", "rule").rows()


def test_good_rows_are_all_stored(write: Write) -> None:
    assert refused(write([HEADER, *GOOD])) == []


def test_a_missing_column_is_an_error_that_names_it_and_the_setting(write: Write) -> None:
    lines = [HEADER.replace(",close", ""), *(g.replace(",10.5", "") for g in GOOD)]
    with pytest.raises(
        at.DataError, match=r"expected a column for close in .*bars\.csv, found .*set columns="
    ):
        at.load_bars(write(lines))


@pytest.mark.parametrize("value", ["NaN", "nan", "", "null"])
def test_a_price_that_is_not_there_goes_to_quarantine(write: Write, value: str) -> None:
    lines = [HEADER, *GOOD]
    lines[3] = lines[3].replace("10.5", value)
    assert refused(write(lines)) == [(4, "null_price")]


def test_a_price_that_is_no_number_goes_to_quarantine(write: Write) -> None:
    lines = [HEADER, *GOOD]
    lines[3] = lines[3].replace("10.5", "ten")
    assert refused(write(lines)) == [(4, "unreadable")]


def test_high_below_low_goes_to_quarantine(write: Write) -> None:
    lines = [HEADER, *GOOD]
    lines[2] = lines[2].replace("10,11,9,10.5", "10,9,11,10.5")
    assert refused(write(lines)) == [(3, "high_below_low")]


def test_of_duplicate_rows_the_first_is_stored(write: Write) -> None:
    lines = [HEADER, *GOOD, GOOD[1], GOOD[2].replace("10.5", "10.25")]
    assert refused(write(lines)) == [(9, "duplicate"), (10, "conflicting_duplicate")]


def test_unsorted_rows_are_sorted_and_said(write: Write) -> None:
    path = write([HEADER, *GOOD[::-1]])
    assert refused(path) == []
    bars = at.load_bars(path)
    assert bars.frame["timestamp"].is_sorted()
    assert any("came out of order and were sorted" in w for w in bars.info.warnings)


def test_times_without_zone_are_an_error_until_the_zone_is_set(write: Write) -> None:
    path = write([HEADER, *(g.replace("Z,", ",") for g in GOOD)])
    with pytest.raises(at.ConfigError, match=r"carry no time zone .*2021-03-01 14:30:00.*set timezone"):
        at.load_bars(path)
    assert len(at.load_bars(path, timezone="UTC")) == 7
    with pytest.raises(at.ConfigError, match="unknown timezone"):
        at.load_bars(path, timezone="Mars/Olympus")


@pytest.mark.parametrize("text", ["", "\n", HEADER, HEADER + "\n"])
def test_an_empty_file_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(text)
    with pytest.raises(at.DataError, match=r"bars\.csv.*found none"):
        at.load_bars(path)


def test_a_truncated_parquet_file_is_an_error_at_every_length(tmp_path: Path) -> None:
    bars = at.synthetic_bars("random", seed=1, symbols=2, bars=200)
    whole, part = tmp_path / "whole.parquet", tmp_path / "part.parquet"
    bars.frame.drop("available_at", "status", "confidence").write_parquet(whole)
    assert at.load_bars(whole, calendar="24/5").frame.equals(bars.frame)
    data = whole.read_bytes()
    for k in range(40):
        part.write_bytes(data[: len(data) * k // 40])
        with pytest.raises(at.DataError, match=r"part\.parquet"):
            at.load_bars(part, calendar="24/5")


def test_a_file_that_is_no_csv_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("hello\nworld\n")
    with pytest.raises(at.DataError, match=r"expected a header such as 'timestamp,symbol.*found 'hello'"):
        at.load_bars(path)
    path.write_bytes(bytes(range(128, 256)) * 10)
    with pytest.raises(at.DataError, match=r"bars\.csv cannot be read"):
        at.load_bars(path)
    (tmp_path / "bars.csv.gz").write_bytes(b"\x1f\x8b\x08not gzip")
    with pytest.raises(at.DataError, match=r"bars\.csv\.gz cannot be read"):
        at.load_bars(tmp_path / "bars.csv.gz")


def test_a_row_with_too_many_fields_is_an_error_and_one_with_too_few_goes_to_quarantine(write: Write) -> None:
    with pytest.raises(at.DataError, match=r"bars\.csv cannot be read as CSV with delimiter ','"):
        at.load_bars(write([HEADER, *GOOD, GOOD[0] + ",9,9"]))
    assert refused(write([HEADER, *GOOD, "2021-03-01T16:15:00Z,X,10,11,9,10.5"])) == [(9, "null_volume")]


def test_windows_line_ends_and_a_byte_order_mark_are_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([HEADER, *GOOD, ""]).encode())
    assert len(at.load_bars(path)) == 7


def test_the_wrong_zone_refuses_every_row_and_says_what_to_check(write: Write) -> None:
    path = write([HEADER, *(g.replace("Z,", ",") for g in GOOD)])
    with pytest.raises(at.DataError, match=r"all 7 rows were refused, 7 as off_session.*times in Asia/Tokyo"):
        at.load_bars(path, timezone="Asia/Tokyo")


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(at.DataError, match=r"no file of bars at .*none\.csv"):
        at.load_bars(tmp_path / "none.csv")


def test_a_symbol_that_is_not_in_the_file_is_an_error(write: Write) -> None:
    with pytest.raises(at.DataError, match=r"no rows of Y: check its path, and data\.symbols"):
        at.load_bars(write([HEADER, *GOOD]), symbols=["Y"])
    with pytest.raises(at.DataError, match="no rows of Z"):
        at.load_bars(write([HEADER, *GOOD]), symbols=["X", "Z"])


def test_a_parquet_file_of_something_else_is_an_error(tmp_path: Path) -> None:
    pl.DataFrame({"mood": ["good"]}).write_parquet(tmp_path / "x.parquet")
    with pytest.raises(at.DataError, match=r"expected a column for time in .*found \['mood'\]"):
        at.load_bars(tmp_path / "x.parquet")
