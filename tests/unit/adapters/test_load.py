"""load_bars: the user's own files."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from alphatrade.adapters import load_bars
from alphatrade.adapters.file import find_files
from alphatrade.core.bar import TIME, Bars
from alphatrade.core.errors import ConfigError, DataError
from alphatrade.data import account, aggregate, random_walk


@pytest.fixture(scope="module")
def bars() -> Bars:
    return random_walk(1, symbols=("A", "B"), bars=60, frequency="15m", calendar="XNYS", start="2021-11-22")


@pytest.fixture(scope="module")
def table(bars: Bars) -> pl.DataFrame:
    return bars.frame.select("timestamp", "symbol", "open", "high", "low", "close", "volume")


def test_csv_and_parquet_of_the_same_bars_load_as_the_same_bars(
    bars: Bars, table: pl.DataFrame, tmp_path: Path
) -> None:
    table.write_parquet(tmp_path / "bars.parquet")
    table.with_columns(pl.col("timestamp").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).write_csv(tmp_path / "bars.csv")
    (tmp_path / "bars.csv.gz").write_bytes(gzip.compress((tmp_path / "bars.csv").read_bytes()))
    for name in ("bars.parquet", "bars.csv", "bars.csv.gz"):
        loaded = load_bars(tmp_path / name)
        assert loaded.frame.equals(bars.frame), name
        assert loaded.info.frequency == "15m"


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_the_delimiter_is_found(bars: Bars, table: pl.DataFrame, tmp_path: Path, separator: str) -> None:
    path = tmp_path / "bars.txt"
    table.with_columns(pl.col("timestamp").dt.strftime("%Y-%m-%d %H:%M:%S")).write_csv(
        path, separator=separator
    )
    assert load_bars(path, timezone="UTC").frame.equals(bars.frame)


def test_a_folder_of_one_file_a_symbol_takes_names_from_the_files(
    bars: Bars, table: pl.DataFrame, tmp_path: Path
) -> None:
    local = pl.col("timestamp").dt.convert_time_zone("America/New_York").dt.replace_time_zone(None)
    for (symbol,), part in table.partition_by("symbol", as_dict=True).items():
        part.with_columns(local).drop("symbol").write_csv(tmp_path / f"{symbol}.csv")
    loaded = load_bars(tmp_path, timezone="America/New_York")
    assert loaded.frame.equals(bars.frame)
    assert load_bars(tmp_path / "*.csv", timezone="America/New_York", symbols=None).symbols == ("A", "B")
    assert load_bars(tmp_path / "A.csv", timezone="America/New_York", symbol="IBM").symbols == ("IBM",)


def test_stamps_at_the_close_are_the_same_bars(bars: Bars, table: pl.DataFrame, tmp_path: Path) -> None:
    ends = table.with_columns(bars.frame["available_at"].alias("timestamp"))
    ends.write_parquet(tmp_path / "bars.parquet")
    assert load_bars(tmp_path / "bars.parquet", stamp="close").frame.equals(bars.frame)


def test_dates_map_onto_the_sessions(bars: Bars, tmp_path: Path) -> None:
    days = aggregate(bars, "1d")
    table = days.frame.select(
        pl.col("timestamp").dt.date().alias("date"), "symbol", "open", "high", "low", "close", "volume"
    )
    table.write_csv(tmp_path / "days.csv")
    loaded = load_bars(tmp_path / "days.csv")
    assert loaded.frame.equals(days.frame.with_columns(pl.lit(1.0, pl.Float32).alias("confidence")))


def test_symbols_and_progress(table: pl.DataFrame, tmp_path: Path) -> None:
    table.write_parquet(tmp_path / "bars.parquet")
    seen = []

    class Shown:
        def update(self, stage: str, done: int, total: int) -> None:
            seen.append((stage, done, total))

    loaded = load_bars(tmp_path / "bars.parquet", symbols=["B"], progress=Shown())
    assert loaded.symbols == ("B",)
    assert account(loaded).rows_in == 60
    assert seen == [("read", 0, 1), ("read", 1, 1), ("check", 0, 1), ("check", 1, 1)]


def test_the_order_of_files_does_not_depend_on_the_disk(tmp_path: Path) -> None:
    for name in ("b.csv", "a.parquet", "notes.md", "c.csv.gz"):
        (tmp_path / name).touch()
    assert [f.name for f in find_files(tmp_path)] == ["a.parquet", "b.csv", "c.csv.gz"]
    with pytest.raises(DataError, match="no file of bars at"):
        find_files(tmp_path / "none*.csv")
    with pytest.raises(DataError, match=r"found notes\.md"):
        find_files(tmp_path / "notes.md")


def test_what_the_numbers_are_is_asked_for(table: pl.DataFrame, tmp_path: Path) -> None:
    table.write_parquet(tmp_path / "bars.parquet")
    silent = load_bars(tmp_path / "bars.parquet")
    assert any("data.adjustment" in w for w in silent.info.warnings)
    told = load_bars(tmp_path / "bars.parquet", adjustment="raw", feed="sip")
    assert not any("data.adjustment" in w for w in told.info.warnings)
    assert (told.info.feed, told.info.adjustment) == ("sip", "raw")
    with pytest.raises(ConfigError, match="expected session 'regular' or 'all'"):
        load_bars(tmp_path / "bars.parquet", session="rth")


def test_the_real_quarter_hours_load_whole(shared_data: Callable[[str], Path]) -> None:
    bars = load_bars(shared_data("us_equity_15min_2020_2022.parquet"), adjustment="vendor@2022-09-23")
    rows = account(bars)
    assert (rows.rows_in, rows.stored, rows.quarantined) == (801_990, 476_066, 325_924)
    assert rows.by_rule == {"off_session": 325_924}
    assert len(bars.symbols) == 37
    # The file's own flag takes every day to close at 16:00; the calendar knows the half days.
    flagged = pl.read_parquet(shared_data("us_equity_15min_2020_2022.parquet")).filter("rth")
    assert flagged.height - rows.stored == 155
    stamps = bars.quarantine.join(
        flagged.with_columns(pl.col("timestamp").cast(TIME)), on=["symbol", "timestamp"], how="semi"
    )["timestamp"]
    half_days = ["2020-11-27", "2020-12-24", "2021-11-26", "2022-11-25"]
    assert stamps.dt.date().cast(pl.String).unique().sort().to_list() == half_days


def test_the_bad_prints_of_real_data_are_found_and_its_crashes_stay(
    shared_data: Callable[[str], Path],
) -> None:
    bars = load_bars(
        shared_data("us_equity_daily_sp500_1999_2021.parquet"), symbols=["GPS", "UAL", "MS", "AAPL"]
    )
    found = bars.quarantine.select("symbol", pl.col("timestamp").dt.date().cast(pl.String), "rule").rows()
    assert found == [("GPS", "2002-11-01", "bad_print")]
