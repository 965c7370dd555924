"""From a source to validated Bars: read, place on the grid, judge, sort, mark gaps.

In: a ``BarSource`` and what its numbers mean. Out: ``Bars`` whose quarantine holds every refused row, so
that rows in = rows stored + rows quarantined. Never here: file formats (``adapters``) and rules
(``data.quality``).

The steps: ``tables`` of the source, ``Grid.locate``, ``quality.judge``, ``gap.mark_missing``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from alphatrade.core.bar import PRICES, SCHEMA, TIME, BarInfo, Bars, Status
from alphatrade.core.clock import Clock, SystemClock, iso
from alphatrade.core.errors import ConfigError, DataError
from alphatrade.core.progress import Progress, Silent
from alphatrade.data.gap import mark_missing, missing_share
from alphatrade.data.grid import Grid, detect_frequency
from alphatrade.data.quality import Judged, judge, reverting_closes
from alphatrade.data.source import BarSource, FrameSource, Reading

__all__ = ["RowAccount", "account", "bars_from_frame", "ingest", "summary"]

SURVIVORSHIP = (
    "The symbols were chosen by hand and carry no membership dates: "
    "survivors chosen with hindsight flatter every result."
)


def ingest(
    source: BarSource,
    *,
    calendar: str = "XNYS",
    frequency: str | None = None,
    session: str = "regular",
    feed: str = "unknown",
    adjustment: str = "unknown",
    warnings: Sequence[str] = (SURVIVORSHIP,),
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> Bars:
    """Read a source into validated bars.

    Parameters
    ----------
    source : BarSource
    calendar : str
        Sessions the bars belong to: ``XNYS``, ``24/7``, ``24/5``, or another name of exchange-calendars.
    frequency : str, optional
        ``"1m"`` to ``"1d"``; the most common distance between bars where left out.
    session : str
        ``"regular"`` refuses bars outside the sessions, ``"all"`` keeps them.
    feed, adjustment : str
        What the prices are (``sip``; ``raw``, ``splits``, ``vendor@date``); repeated by every report.
    warnings : sequence of str
        What a reader of any result must know of these data.
    clock : Clock, optional
        Bars that end after its now are refused; the system's clock where left out.
    progress : Progress, optional
        Told how far ``read`` and ``check`` are.

    Raises
    ------
    ConfigError
        A setting is missing or wrong, such as the time zone of times that carry none.
    DataError
        The source cannot be read, or not one of its rows is good.

    Examples
    --------
    >>> from datetime import datetime, timedelta
    >>> hours = [datetime(2021, 3, 1, h) for h in (0, 1, 2, 4)]
    >>> table = pl.DataFrame({"t": hours, "o": 2.0, "h": 3.0, "l": 1.0, "c": 2.0, "v": 5.0})
    >>> bars = ingest(FrameSource(table, Reading(timezone="UTC", symbol="X")), calendar="24/7")
    >>> bars.info.frequency, bars.frame["status"].to_list()
    ('1h', [2, 2, 2, 0, 2])
    """
    if session not in ("regular", "all"):
        raise ConfigError(f"expected session 'regular' or 'all', found {session!r}")
    tell = (progress or Silent()).update
    rows = _rows(source, tell)
    tell("check", 0, 1)
    frequency = frequency or _detected(rows)
    grid = Grid(calendar, frequency)
    now = (clock or SystemClock()).now()
    judged = judge(_located(rows, grid, source.reading.stamp == "close", session == "all"), grid, now)
    if not judged.good.height:
        raise DataError(_all_refused(judged, source))
    tell("check", 1, 1)
    frame = mark_missing(_stored(judged.good), grid)
    notes = (*warnings, *_findings(judged, frame, adjustment))
    info = BarInfo(frequency, calendar, feed, adjustment, notes)
    return Bars(frame, info, judged.quarantine)


def bars_from_frame(frame: pl.DataFrame, *, reading: Reading | None = None, **settings: object) -> Bars:
    """Validate a table in memory; ``settings`` are those of ``ingest``."""
    return ingest(FrameSource(frame, reading or Reading()), **settings)  # type: ignore[arg-type]


def _rows(source: BarSource, tell: Callable[[str, int, int], None]) -> pl.DataFrame:
    parts = []
    for k, table in enumerate(source.tables()):
        tell("read", k, len(source))
        parts.append(table.frame.with_columns(pl.lit(table.file).alias("file")))
    tell("read", len(source), len(source))
    rows = pl.concat(parts) if parts else pl.DataFrame()
    asked = source.reading.symbols or ()
    absent = sorted(set(asked) - set(rows["symbol"].unique())) if rows.height else sorted(asked)
    if absent or not rows.height:
        raise DataError(
            f"the source has no rows of {', '.join(absent) or 'bars'}: check its path, and data.symbols"
        )
    return rows


def _detected(rows: pl.DataFrame) -> str:
    known = rows.filter(pl.col("stamp").is_not_null() & pl.col("symbol").is_not_null()).sort("symbol")
    return detect_frequency(known["symbol"].rle_id().to_numpy(), known["stamp"].to_physical().to_numpy())


def _located(rows: pl.DataFrame, grid: Grid, at_close: bool, off_session: bool) -> pl.DataFrame:
    stamp = rows["stamp"].to_physical().fill_null(0).to_numpy()
    found = grid.locate(stamp, at_close, off_session)
    return rows.with_columns(
        pl.Series("timestamp", found.start),
        pl.Series("end", found.end),
        pl.Series("covered", found.covered),
        pl.Series("inside", found.inside),
        pl.Series("aligned", found.aligned),
    )


def _stored(good: pl.DataFrame) -> pl.DataFrame:
    return good.select(
        "symbol",
        pl.col("timestamp").cast(TIME),
        pl.col("end").cast(TIME).alias("available_at"),
        *PRICES,
        pl.lit(int(Status.REAL), pl.UInt8).alias("status"),
        pl.lit(1.0, pl.Float32).alias("confidence"),
    ).select(list(SCHEMA))


def _all_refused(judged: Judged, source: BarSource) -> str:
    counts = (
        judged.quarantine.group_by("rule")
        .agg(pl.len(), pl.col("message").first())
        .sort("len", descending=True)
    )
    rule, count, message = counts.row(0)
    place = judged.quarantine.row(0, named=True)
    return (
        f"all {judged.quarantine.height:,} rows were refused, {count:,} as {rule}: {message} "
        f"(first: {place['file']} row {place['row']}). Understood was: "
        f"{'; '.join(map(str, source.describe()))}"
    )


def _findings(judged: Judged, frame: pl.DataFrame, adjustment: str) -> list[str]:
    """What the reader of a result must know and only the data can tell."""
    said = []
    if adjustment == "unknown":
        said.append("Nothing says whether prices are adjusted for splits and dividends: set data.adjustment.")
    if judged.out_of_order:
        said.append(f"{judged.out_of_order:,} rows came out of order and were sorted.")
    share = missing_share(frame)
    if share > 0.02:
        said.append(f"{share:.1%} of the expected bars are missing (marked, not filled).")
    jumps = reverting_closes(judged.good)
    if jumps:
        said.append(
            f"{jumps:,} closes jump by 1.8 times or more and come back on the next bar: look at the source."
        )
    return said


@dataclass(frozen=True)
class RowAccount:
    """What became of the rows of a source: ``rows_in == stored + quarantined``, always.

    ``by_rule`` counts the quarantine; ``missing`` counts the marks added for absent bars, which are not rows
    of the source.
    """

    rows_in: int
    stored: int
    quarantined: int
    by_rule: dict[str, int]
    missing: int
    missing_share: float


def account(bars: Bars) -> RowAccount:
    """Count what became of the rows that ``bars`` were made from."""
    status = bars.frame["status"].to_numpy()
    stored = int(np.count_nonzero(status != Status.MISSING))
    by_rule: dict[str, int] = {}
    if bars.quarantine.height:
        counts = bars.quarantine.group_by("rule").len().sort("len", "rule", descending=[True, False])
        by_rule = {rule: int(n) for rule, n in counts.iter_rows()}
    refused = bars.quarantine.height
    return RowAccount(
        stored + refused, stored, refused, by_rule, len(status) - stored, missing_share(bars.frame)
    )


def summary(bars: Bars) -> dict[str, Any]:
    """What was stored and refused, as plain values for tables and JSON.

    ``rows`` is the account of all rows, ``symbols`` a list of symbol, rows, missing, from, to (ISO), and
    ``quarantined`` the number of rows by rule.
    """
    counts = bars.frame.group_by("symbol", maintain_order=True).agg(
        (pl.col("status") != Status.MISSING).sum().alias("rows"),
        (pl.col("status") == Status.MISSING).sum().alias("missing"),
        pl.col("timestamp").to_physical().min().alias("from"),
        pl.col("available_at").to_physical().max().alias("to"),
    )
    symbols = [
        {**row, "from": iso(row["from"]), "to": iso(row["to"])} for row in counts.iter_rows(named=True)
    ]
    rows = account(bars)
    return {"rows": asdict(rows), "symbols": symbols, "quarantined": rows.by_rule}
