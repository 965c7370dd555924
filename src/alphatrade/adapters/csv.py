"""Bars from CSV files, gzip included.

In: a file and a ``Reading``. Out: a ``RawTable`` whose row numbers are the lines of the file. Never here: a
judgement of the rows; cells that are no number come out empty and are named as unreadable.

The delimiter is the one of ``, ; tab |`` that the header has most of.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl

from alphatrade.core.errors import DataError
from alphatrade.data.source import RawTable, Reading, raw_table

__all__ = ["CSV_ENDINGS", "find_delimiter", "read_csv"]

CSV_ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz")


def read_csv(file: Path, reading: Reading, rows: int | None = None) -> RawTable:
    """Read one CSV file, or its first ``rows``; every problem is a ``DataError`` that names the file."""
    header = _header(file)
    delimiter = find_delimiter(header)
    try:
        # As text: a price that is no number must reach the quarantine, not stop the file.
        frame = pl.read_csv(
            file,
            separator=delimiter,
            infer_schema=False,
            n_rows=rows,
            null_values=["null", "NULL", "NA", "N/A"],
        )
    except pl.exceptions.PolarsError as e:
        raise DataError(f"{file} cannot be read as CSV with delimiter {delimiter!r}: {_first_line(e)}") from e
    except UnicodeDecodeError as e:
        raise DataError(f"{file} is no UTF-8 text: {e}") from e
    stem = file.name.split(".")[0]
    return raw_table(str(file), frame, reading, symbol=stem, first_row=2)


def _header(file: Path) -> str:
    try:
        with gzip.open(file, "rb") if file.name.endswith(".gz") else file.open("rb") as f:
            line = f.readline(1 << 16)
        text = line.decode("utf-8-sig").strip()
    except (OSError, EOFError, UnicodeDecodeError) as e:
        raise DataError(f"{file} cannot be read: {e}") from e
    if not text:
        raise DataError(f"expected a header line in {file}, found none: the file is empty")
    return text


def find_delimiter(header: str) -> str:
    """Delimiter of a header line.

    >>> find_delimiter("date;open;high;low;close;volume")
    ';'
    """
    best = max(",;\t|", key=header.count)
    if not header.count(best):
        raise DataError(
            f"expected a header such as 'timestamp,symbol,open,high,low,close,volume', found {header[:80]!r}"
        )
    return best


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
