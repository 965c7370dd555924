"""Finding the files of a source.

In: a path, a folder, a glob, or several of them. Out: the files, sorted, and a source that reads them all by
what their names end with. Never here: what is in a file (``adapters.csv``, ``adapters.parquet``).
"""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path

from alphatrade.adapters.csv import CSV_ENDINGS, read_csv
from alphatrade.adapters.parquet import PARQUET_ENDINGS, read_parquet
from alphatrade.core.errors import DataError
from alphatrade.data.source import Layout, RawTable, Reading

__all__ = ["FileSource", "find_files"]

_ENDINGS = (*CSV_ENDINGS, *PARQUET_ENDINGS)


def find_files(path: str | Path | Sequence[str | Path]) -> tuple[Path, ...]:
    """Files of bars under a path, in a fixed order; ``DataError`` where there are none."""
    if not isinstance(path, str | Path):
        return tuple(file for p in path for file in find_files(p))
    place = Path(path).expanduser()
    if place.is_dir():
        found = sorted(f for f in place.rglob("*") if f.is_file() and f.name.lower().endswith(_ENDINGS))
    elif place.exists():
        found = [place]
    else:
        found = sorted(Path(f) for f in glob.glob(str(place), recursive=True))
    if not found:
        raise DataError(
            f"no file of bars at {path}: expected a file, folder or glob of {', '.join(_ENDINGS)}"
        )
    for file in found:
        if not file.name.lower().endswith(_ENDINGS):
            raise DataError(f"expected a name that ends with one of {', '.join(_ENDINGS)}, found {file.name}")
    return tuple(found)


class FileSource:
    """CSV and Parquet files as one source of bars.

    Parameters
    ----------
    path : str, Path, or several
        File, folder or glob. A file without a symbol column holds one symbol, named as the file is.
    reading : Reading
    """

    def __init__(self, path: str | Path | Sequence[str | Path], reading: Reading | None = None) -> None:
        self.files = find_files(path)
        self.reading = reading or Reading()

    def __len__(self) -> int:
        return len(self.files)

    def describe(self) -> list[Layout]:
        return [_read(f, self.reading, rows=1000).layout for f in self.files]

    def tables(self) -> Iterator[RawTable]:
        for file in self.files:
            yield _read(file, self.reading)


def _read(file: Path, reading: Reading, rows: int | None = None) -> RawTable:
    read = read_parquet if file.name.lower().endswith(PARQUET_ENDINGS) else read_csv
    return read(file, reading, rows)
