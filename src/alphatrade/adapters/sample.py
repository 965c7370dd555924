"""The bundled sample: real daily bars of AAPL, GOOG, IBM and MSFT, 2000 to 2013, without network.

In: the table inside the ``bokeh_sampledata`` package (public domain, from Quandl WIKI Prices), read without
importing that package. Out: a source of bars, and ``sample_bars()``. Never here: its ``Adj Close``, which
knows corporate actions after the last row.

Prices in the file are unadjusted; three splits are applied here (AAPL 2:1 on 2000-06-21 and on 2005-02-28,
MSFT 2:1 on 2003-02-18). Dividends are not. AAPL's fall of 52 % on 2000-09-29 is real.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from alphatrade.adapters.csv import read_csv
from alphatrade.core.bar import Bars
from alphatrade.core.errors import ConfigError, DataError
from alphatrade.core.progress import Progress
from alphatrade.data.adjust import Split, adjust_splits
from alphatrade.data.ingest import ingest
from alphatrade.data.source import Layout, RawTable, Reading

__all__ = ["SAMPLE_SYMBOLS", "SampleSource", "sample_bars"]

SAMPLE_SYMBOLS = ("AAPL", "GOOG", "IBM", "MSFT")
_SPLITS = (
    Split("AAPL", date(2000, 6, 21), 2.0),
    Split("AAPL", date(2005, 2, 28), 2.0),
    Split("MSFT", date(2003, 2, 18), 2.0),
)
_WARNING = (
    "The sample holds four winners picked by hand with hindsight (survivorship): "
    "holding them did well, whatever a strategy says."
)


def _sample_file() -> Path:
    package = importlib.util.find_spec("bokeh_sampledata")
    if package is None or package.origin is None:
        raise DataError(
            "the sample needs the package bokeh_sampledata: pip install 'bokeh_sampledata>=2026.1,<2027'"
        )
    file = Path(package.origin).parent / "_data" / "stocks.csv.gz"
    if not file.exists():
        raise DataError(f"expected the sample at {file}: pip install 'bokeh_sampledata>=2026.1,<2027'")
    return file


class SampleSource:
    """The sample as a source; ``symbols`` among AAPL, GOOG, IBM, MSFT."""

    def __init__(self, symbols: tuple[str, ...] = SAMPLE_SYMBOLS) -> None:
        for s in symbols:
            if s not in SAMPLE_SYMBOLS:
                raise ConfigError(f"the sample has {', '.join(SAMPLE_SYMBOLS)}; found {s!r} in data.symbols")
        self.reading = Reading(symbols=tuple(symbols), columns={"close": "Close"})

    def __len__(self) -> int:
        return 1

    def _table(self) -> RawTable:
        table = read_csv(_sample_file(), self.reading)
        # The path of an installed package differs from machine to machine; the name does not.
        return RawTable("bokeh_sampledata/stocks.csv.gz", adjust_splits(table.frame, _SPLITS), table.layout)

    def describe(self) -> list[Layout]:
        return [replace(self._table().layout, file="bokeh_sampledata/stocks.csv.gz")]

    def tables(self) -> Iterator[RawTable]:
        yield self._table()


def sample_bars(symbols: tuple[str, ...] = SAMPLE_SYMBOLS, progress: Progress | None = None) -> Bars:
    """Daily bars of the sample, adjusted for splits, on the sessions of XNYS.

    Examples
    --------
    >>> sample_bars(("IBM",)).symbols
    ('IBM',)
    """
    return ingest(
        SampleSource(symbols),
        calendar="XNYS",
        frequency="1d",
        feed="quandl-wiki",
        adjustment="splits",
        warnings=(_WARNING,),
        progress=progress,
    )
