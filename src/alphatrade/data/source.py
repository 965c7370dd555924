"""Where bars come from: the port every source implements, and the raw table it hands over.

In: a table as a file or vendor has it, and the settings that say what it means. Out: ``RawTable`` with one
vocabulary of columns, each row with its place in the source, nothing dropped and nothing judged. Never here:
opening files (``adapters``), and deciding which rows are good (``data.quality``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from alphatrade.core.bar import PRICES, TIME
from alphatrade.core.errors import ConfigError, DataError
from alphatrade.data.column import match_columns
from alphatrade.data.stamp import parse_stamps

__all__ = ["RAW", "BarSource", "FrameSource", "Layout", "RawTable", "Reading", "raw_table"]

RAW: dict[str, pl.DataType | type[pl.DataType]] = {
    "row": pl.UInt32,
    "symbol": pl.String,
    "stamp": TIME,
    **dict.fromkeys(PRICES, pl.Float64),
    "unreadable": pl.String,
}


@dataclass(frozen=True)
class Reading:
    """How a source is to be understood; what is left out is found in the source or asked for, never guessed.

    Parameters
    ----------
    timezone : str, optional
        Zone of times that carry none, such as ``"America/New_York"``.
    stamp : str
        ``"open"`` where a bar is stamped with its start, ``"close"`` where with its end.
    time_format, time_unit : str, optional
        See ``data.stamp.parse_stamps``.
    columns : Mapping[str, str]
        The source's name of ``time``, ``symbol``, ``open``, ``high``, ``low``, ``close`` or ``volume`` where
        it is not one of the common ones.
    symbol : str, optional
        The symbol of a source without a symbol column; a file's own name where left out.
    symbols : tuple of str, optional
        Read these symbols only.
    """

    timezone: str | None = None
    stamp: str = "open"
    time_format: str | None = None
    time_unit: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    symbol: str | None = None
    symbols: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.stamp not in ("open", "close"):
            raise ConfigError(
                f"expected stamp 'open' or 'close' (what a bar is stamped with), found {self.stamp!r}"
            )


@dataclass(frozen=True)
class Layout:
    """What was understood of one file; ``str()`` is the sentence shown to the user."""

    file: str
    columns: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...]
    zone: str
    stamp: str
    symbol: str | None

    def __str__(self) -> str:
        names = ", ".join(f"{key} from {' + '.join(map(repr, name))}" for key, name in self.columns.items())
        symbol = f", symbol {self.symbol!r} for the whole file" if self.symbol else ""
        unused = f"; not used: {', '.join(self.ignored)}" if self.ignored else ""
        zone = (
            "stamps are dates" if self.zone == "dates" else f"times in {self.zone} at the bar's {self.stamp}"
        )
        return f"{self.file}: {names}{symbol}; {zone}{unused}"


@dataclass(frozen=True, eq=False)
class RawTable:
    """One file's rows in the columns of ``RAW``.

    ``row`` counts as the source does (the line of a CSV file, the row of a table from 1); ``unreadable``
    says what of a row could not be read as a time or number.
    """

    file: str
    frame: pl.DataFrame
    layout: Layout


class BarSource(Protocol):
    """A place bars are read from: every row comes with its file and row number, none is dropped."""

    @property
    def reading(self) -> Reading:
        """How its tables are understood."""
        ...

    def describe(self) -> list[Layout]:
        """What would be read and how, from the first rows of every file."""
        ...

    def tables(self) -> Iterator[RawTable]:
        """All rows, file by file."""
        ...

    def __len__(self) -> int:
        """Number of tables that will come."""
        ...


@dataclass(frozen=True, eq=False)
class FrameSource:
    """A table already in memory.

    Examples
    --------
    >>> from datetime import date
    >>> table = pl.DataFrame({"date": [date(2021, 3, 1)], "o": 1.0, "h": 2.0, "l": 1.0, "c": 2.0, "v": 9})
    >>> next(FrameSource(table, Reading(symbol="X")).tables()).frame["symbol"].to_list()
    ['X']
    """

    frame: pl.DataFrame
    reading: Reading = Reading()
    name: str = "frame"

    def describe(self) -> list[Layout]:
        return [raw_table(self.name, self.frame.head(1000), self.reading, symbol=None).layout]

    def tables(self) -> Iterator[RawTable]:
        yield raw_table(self.name, self.frame, self.reading, symbol=None)

    def __len__(self) -> int:
        return 1


def raw_table(
    file: str, frame: pl.DataFrame, reading: Reading, *, symbol: str | None, first_row: int = 1
) -> RawTable:
    """Bring a table as it was read into the columns of ``RAW``.

    Parameters
    ----------
    file : str
        Where it came from, for messages and the quarantine.
    frame : polars.DataFrame
        Columns as the vendor names them; prices as numbers or text.
    reading : Reading
    symbol : str or None
        Symbol of a table without such a column, unless ``reading.symbol`` names it.
    first_row : int
        Number of the first row in the source.
    """
    if not frame.height:
        raise DataError(
            f"expected rows of bars in {file}, found none: the file has a header only, or is empty"
        )
    symbol = reading.symbol or symbol
    columns = match_columns(frame.columns, reading.columns, file, symbol=symbol is None)
    if "symbol" in columns:
        symbol = None
    frame = frame.with_row_index("__row", offset=first_row)
    if reading.symbols is not None and symbol is None:
        frame = frame.filter(pl.col(columns["symbol"][0]).cast(pl.String).is_in(list(reading.symbols)))
    stamps = parse_stamps(
        _time_column(frame, columns["time"]),
        timezone=reading.timezone,
        time_format=reading.time_format,
        time_unit=reading.time_unit,
    )
    prices = {p: _numbers(frame[columns[p][0]]) for p in PRICES}
    name = pl.lit(symbol) if symbol is not None else pl.col(columns["symbol"][0]).cast(pl.String)
    raw = frame.select(
        pl.col("__row").cast(pl.UInt32).alias("row"),
        name.alias("symbol"),
        stamps.values.alias("stamp"),
        *(prices[p].alias(p) for p in PRICES),
        _unreadable(frame, columns, stamps.values, prices).alias("unreadable"),
    )
    used = {name for names in columns.values() for name in names}
    ignored = tuple(c for c in frame.columns if c not in used and c != "__row")
    return RawTable(file, raw, Layout(file, columns, ignored, stamps.zone, reading.stamp, symbol))


def _time_column(frame: pl.DataFrame, names: tuple[str, ...]) -> pl.Series:
    if len(names) == 1:
        return frame[names[0]]
    joined = pl.concat_str([pl.col(n).cast(pl.String).str.strip_chars() for n in names], separator=" ")
    return frame.select(joined.alias(" + ".join(names))).to_series()


def _numbers(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        return column.str.strip_chars().cast(pl.Float64, strict=False)
    if not (column.dtype.is_numeric() or column.dtype == pl.Null):
        raise DataError(f"expected numbers in column {column.name!r}, found {column.dtype}: set columns")
    return column.cast(pl.Float64)


def _unreadable(
    frame: pl.DataFrame,
    columns: Mapping[str, tuple[str, ...]],
    stamps: pl.Series,
    prices: Mapping[str, pl.Series],
) -> pl.Expr:
    """What of a row is no time or number (the first such cell), null where all could be read."""
    shown = pl.concat_str(
        [pl.col(n).cast(pl.String) for n in columns["time"]], separator=" ", ignore_nulls=True
    )
    reasons = [
        pl.when(stamps.is_null()).then(
            pl.format("time {} cannot be read, or does not exist in its zone", shown)
        )
    ]
    for key, parsed in prices.items():
        name = columns[key][0]
        if frame[name].dtype == pl.String:
            text = pl.col(name).str.strip_chars()
            bad = parsed.is_null() & text.is_not_null() & (text != "")
            reasons.append(pl.when(bad).then(pl.format(f"{key} {{}} is no number", text)))
    return pl.coalesce([*reasons, pl.lit(None, pl.String)])
