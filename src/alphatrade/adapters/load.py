"""``load_bars``: validated bars from the user's own files, in one call.

In: files and the settings that say what they mean. Out: ``Bars``. Never here: anything that is not wiring a
file source to ``data.ingest``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from alphatrade.adapters.file import FileSource
from alphatrade.core.bar import Bars
from alphatrade.core.clock import Clock
from alphatrade.core.progress import Progress
from alphatrade.data.ingest import ingest
from alphatrade.data.source import Reading

__all__ = ["load_bars"]


def load_bars(
    path: str | Path | Sequence[str | Path],
    *,
    calendar: str = "XNYS",
    timezone: str | None = None,
    frequency: str | None = None,
    stamp: str = "open",
    session: str = "regular",
    feed: str = "unknown",
    adjustment: str = "unknown",
    symbols: Sequence[str] | None = None,
    columns: Mapping[str, str] | None = None,
    symbol: str | None = None,
    time_format: str | None = None,
    time_unit: str | None = None,
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> Bars:
    """Read CSV or Parquet files into validated bars; rows that are refused are in ``.quarantine``.

    Parameters
    ----------
    path : str, Path or several
        File, folder or glob; ``.csv``, ``.tsv``, ``.txt`` (also ``.gz``), ``.parquet``, ``.pq``.
    calendar : str
        ``XNYS``, ``24/7``, ``24/5``, or another name of exchange-calendars.
    timezone : str, optional
        Zone of times that carry none; without it such times raise ``ConfigError``. Dates need none.
    frequency : str, optional
        ``"1m"`` to ``"1d"``; the most common distance between bars where left out.
    stamp : str
        ``"open"`` where bars are stamped with their start, ``"close"`` where with their end.
    session : str
        ``"regular"`` refuses bars outside the sessions, ``"all"`` keeps them.
    feed, adjustment : str
        What the prices are, for example ``"sip"`` and ``"raw"``, ``"splits"`` or ``"vendor@2022-09-23"``.
    symbols : sequence of str, optional
        Read these only.
    columns, symbol, time_format, time_unit
        See ``data.source.Reading``.
    clock : Clock, optional
        Bars that end after its now are refused.
    progress : Progress, optional
        Told how far reading and checking are.

    Raises
    ------
    ConfigError
        A setting is missing or wrong; the message names it.
    DataError
        A file cannot be read, lacks a column, or has no good row.
    """
    reading = Reading(
        timezone=timezone,
        stamp=stamp,
        time_format=time_format,
        time_unit=time_unit,
        columns=columns or {},
        symbol=symbol,
        symbols=None if symbols is None else tuple(symbols),
    )
    return ingest(
        FileSource(path, reading),
        calendar=calendar,
        frequency=frequency,
        session=session,
        feed=feed,
        adjustment=adjustment,
        clock=clock,
        progress=progress,
    )
