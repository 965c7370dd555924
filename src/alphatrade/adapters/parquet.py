"""Bars from Parquet files.

In: a file and a ``Reading``. Out: a ``RawTable`` with rows counted from 1. Never here: the store of validated
bars (``adapters.parquet_store``).
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from alphatrade.core.errors import DataError
from alphatrade.data.source import RawTable, Reading, raw_table

__all__ = ["PARQUET_ENDINGS", "read_parquet"]

PARQUET_ENDINGS = (".parquet", ".pq")


def read_parquet(file: Path, reading: Reading, rows: int | None = None) -> RawTable:
    """Read one Parquet file, or its first ``rows``; every problem is a ``DataError`` that names the file."""
    if not file.stat().st_size:
        raise DataError(f"expected bars in {file}, found an empty file")
    try:
        frame = pl.read_parquet(file, n_rows=rows)
    except (pl.exceptions.PolarsError, OSError) as e:
        reason = str(e).strip().splitlines()[0]
        raise DataError(f"{file} is no readable Parquet file, perhaps truncated: {reason}") from e
    return raw_table(str(file), frame, reading, symbol=file.name.split(".")[0])
