"""What a labeler is, and the table every labeler answers with.

In: bars. Out: the labels table, one row for each bar row. Never here: a definition of an outcome.

MISSING bars do not exist for a labeler: they are no decision, no touch, and do not count towards a horizon.
Everything else about time is counted in real bars; a span may cross a night, a weekend or a hole in the data.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import polars as pl

from alphatrade.core.bar import TIME, Bars, Status
from alphatrade.core.component import Registry

__all__ = ["ENTRIES", "LABEL_SCHEMA", "Labeler", "Outcomes", "Prices", "check_entry", "labelers", "register"]

ENTRIES = ("next_open", "close")
LABEL_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "symbol": pl.String,
    "t0": TIME,
    "t1": TIME,
    "label": pl.Int8,
    "ret": pl.Float64,
    "touch_price": pl.Float64,
    "entry_price": pl.Float64,
    "tie": pl.Boolean,
    "bars": pl.Int32,
}


@runtime_checkable
class Labeler(Protocol):
    """A frozen dataclass that answers with outcomes."""

    @property
    def horizon_bars(self) -> int:
        """Most bars between a decision and its outcome."""
        ...

    def label(self, bars: Bars) -> pl.DataFrame:
        """One row for each row of ``bars``, in its order, with the columns of ``LABEL_SCHEMA``.

        ``t0`` is the decision bar's ``available_at``, ``t1`` that of the bar at which the outcome became
        known. ``ret`` is the simple return of the labelled position before costs, ``tie`` whether the
        outcome hung on the order of events inside one bar, ``bars`` the number of bars from decision to
        outcome. Where the outcome is unknown all but ``symbol`` and ``t0`` are null, never zero.
        """
        ...


labelers: Registry[Labeler] = Registry("labeler", "alphatrade.labels")
register = labelers.register


def check_entry(entry: str) -> None:
    if entry not in ENTRIES:
        raise ValueError(f"expected entry in {ENTRIES}, found {entry!r}: set labels.entry")


@dataclass(frozen=True, eq=False)
class Prices:
    """One symbol's real bars: (n,) float64 prices and the moments (n,) int64 at which they were known."""

    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    at: np.ndarray


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What a labeler fills in for n decisions; ``bars`` stays 0 where the outcome is unknown."""

    label: np.ndarray
    t1: np.ndarray
    ret: np.ndarray
    touch_price: np.ndarray
    entry_price: np.ndarray
    tie: np.ndarray
    bars: np.ndarray

    @classmethod
    def empty(cls, n: int) -> Outcomes:
        return cls(
            np.zeros(n, np.int8),
            np.zeros(n, np.int64),
            np.empty(n),
            np.empty(n),
            np.empty(n),
            np.zeros(n, np.bool_),
            np.zeros(n, np.int32),
        )

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        return (self.label, self.t1, self.ret, self.touch_price, self.entry_price, self.tie, self.bars)

    def part(self, start: int, end: int) -> Outcomes:
        """A view of some rows."""
        return Outcomes(*(a[start:end] for a in self.arrays))


def label_table(bars: Bars, fill: Callable[[Prices, Outcomes], None], threads: int = 2) -> pl.DataFrame:
    """Run ``fill`` on each symbol's real bars and make the table.

    Parameters
    ----------
    bars : Bars
    fill : callable
        Gets one symbol's ``Prices`` and the ``Outcomes`` to fill in.
    threads : int
        Symbols labelled at a time; the result does not depend on it.
    """
    frame = bars.frame
    real = (frame["status"] != Status.MISSING).to_numpy()
    whole = bool(real.all())
    used = frame if whole else frame.filter(pl.Series(real))
    columns = [used[name].to_numpy() for name in ("open", "high", "low", "close")]
    columns.append(used["available_at"].to_physical().to_numpy())
    out = Outcomes.empty(used.height)
    borders = np.concatenate([[0], np.cumsum(used["symbol"].rle().struct.field("len").to_numpy())])

    def one(k: int) -> None:
        i, j = int(borders[k]), int(borders[k + 1])
        fill(Prices(*(c[i:j] for c in columns)), out.part(i, j))

    with ThreadPoolExecutor(max(threads, 1)) as pool:
        list(pool.map(one, range(len(borders) - 1)))
    return _table(frame, out if whole else _scattered(out, real))


def _scattered(out: Outcomes, real: np.ndarray) -> Outcomes:
    """Outcomes of real bars at their rows among all rows; the rest is unknown."""
    full = Outcomes.empty(len(real))
    for into, values in zip(full.arrays, out.arrays):
        into[real] = values
    return full


def _table(frame: pl.DataFrame, out: Outcomes) -> pl.DataFrame:
    known = pl.col("bars") > 0
    names = list(LABEL_SCHEMA)[2:]
    table = frame.select("symbol", t0="available_at").with_columns(
        pl.Series("t1", out.t1).cast(TIME),
        pl.Series("label", out.label),
        pl.Series("ret", out.ret),
        pl.Series("touch_price", out.touch_price),
        pl.Series("entry_price", out.entry_price),
        pl.Series("tie", out.tie),
        pl.Series("bars", out.bars),
    )
    return table.with_columns(pl.when(known).then(pl.col(name)).alias(name) for name in names)
