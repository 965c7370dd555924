"""Bars: closed intervals of symbols, with the moment each became known.

In: a validated table (the ``data`` room makes it). Out: ``Bars``, per-symbol arrays for kernels, and the
slice clock. Never here: reading files, judging quality, filling gaps.

Times are nanoseconds since 1970 UTC. ``timestamp`` is the start of the bar, ``available_at`` the moment
it could be known (its close, or later).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from functools import cached_property

import numpy as np
import polars as pl

from alphatrade.core.clock import iso, parse_time
from alphatrade.core.errors import CausalityError
from alphatrade.core.provenance import hash_config, hash_frame
from alphatrade.core.session import duration, periods_per_year, session_columns

__all__ = ["INPUTS", "PRICES", "SCHEMA", "TIME", "BarInfo", "Bars", "Slices", "Status", "SymbolBars"]

TIME = pl.Datetime("ns", "UTC")
PRICES = ("open", "high", "low", "close", "volume")
# What a feature may read of a bar, in this order. Times are seconds: of the exchange's local wall clock
# for the bar's start and end and for its session's open and close.
INPUTS = (*PRICES, "bar_start", "bar_end", "session_open", "session_close")
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "symbol": pl.String,
    "timestamp": TIME,
    "available_at": TIME,
    **dict.fromkeys(PRICES, pl.Float64),
    "status": pl.UInt8,
    "confidence": pl.Float32,
}


class Status(IntEnum):
    """What is known of a bar. A MISSING row has NaN prices and no volume."""

    MISSING = 0
    IMPUTED = 1
    REAL = 2


@dataclass(frozen=True)
class BarInfo:
    """What the numbers mean: a model trained on one is refused on another.

    ``frequency`` is ``"1m"`` to ``"1d"``; ``calendar`` an exchange-calendars name (``XNYS``, ``24/7``);
    ``adjustment`` is ``raw``, ``splits`` or ``vendor@date``. ``warnings`` are repeated in every report, such
    as the survivorship of a hand-picked universe.
    """

    frequency: str
    calendar: str = "XNYS"
    feed: str = "unknown"
    adjustment: str = "unknown"
    warnings: tuple[str, ...] = ()
    bars_per_year: float | None = None

    @property
    def periods_per_year(self) -> float:
        """Bars a year: ``bars_per_year`` where given, else what the calendar's regular sessions hold."""
        if self.bars_per_year is not None:
            return self.bars_per_year
        return periods_per_year(self.calendar, self.frequency)


@dataclass(frozen=True, eq=False)
class SymbolBars:
    """One symbol's rows as arrays, in order of time.

    ``timestamp`` and ``available_at`` (n,) int64; ``inputs`` (9, n) float64, rows as in ``INPUTS``, C order;
    ``ok`` (n,) bool, False where the bar is MISSING.
    """

    symbol: str
    timestamp: np.ndarray
    available_at: np.ndarray
    inputs: np.ndarray
    ok: np.ndarray

    def __len__(self) -> int:
        return len(self.timestamp)


@dataclass(frozen=True, eq=False)
class Slices:
    """The slice clock: all moments at which some bar became known, and who was there.

    ``time`` (T,) int64 ascending; ``row`` (T, S) int32, a symbol's own row index or -1;
    ``bars`` (T, S, 5) float64, NaN where absent or MISSING.
    """

    symbols: tuple[str, ...]
    time: np.ndarray
    row: np.ndarray
    bars: np.ndarray

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True, eq=False)
class Bars:
    """Validated bars of one or more symbols, sorted by symbol and time; immutable.

    Parameters
    ----------
    frame : polars.DataFrame
        Columns and types of ``SCHEMA``, unique and sorted in (symbol, timestamp).
    info : BarInfo
    quarantine : polars.DataFrame
        The rows that were refused: their source, row number and reason.
    """

    frame: pl.DataFrame
    info: BarInfo
    quarantine: pl.DataFrame = field(default_factory=pl.DataFrame)

    def __post_init__(self) -> None:
        if dict(self.frame.schema) != SCHEMA:
            raise ValueError(
                f"expected columns {list(SCHEMA)}, found {dict(self.frame.schema)}: "
                "make Bars with alphatrade.load_bars, or data.bars_from_frame"
            )

    def __len__(self) -> int:
        return self.frame.height

    def __repr__(self) -> str:
        if not len(self):
            return f"Bars(empty, {self.info.frequency})"
        lo, hi = iso(self.start), iso(self.end)
        return f"Bars({len(self.symbols)} symbols, {len(self):,} rows, {self.info.frequency}, {lo} to {hi})"

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        return tuple(self.frame["symbol"].unique(maintain_order=True).to_list())

    @property
    def start(self) -> int:
        """Start of the first bar, nanoseconds."""
        return int(self.frame["timestamp"].to_physical().min())  # type: ignore[arg-type]

    @property
    def end(self) -> int:
        """Moment the last bar became known, nanoseconds."""
        return int(self.frame["available_at"].to_physical().max())  # type: ignore[arg-type]

    @cached_property
    def hash(self) -> str:
        """Digest of the rows and of what they mean."""
        meaning = {k: getattr(self.info, k) for k in ("frequency", "calendar", "feed", "adjustment")}
        return hash_config({"rows": hash_frame(self.frame), **meaning})[:32]

    @cached_property
    def rows_hash(self) -> str:
        """Digest of the rows alone: relabelling the feed makes no new data, so trials are counted by this."""
        return hash_frame(self.frame)[:32]

    def _where(self, condition: pl.Expr) -> Bars:
        return replace(self, frame=self.frame.filter(condition))

    def only(self, symbols: Sequence[str]) -> Bars:
        """The rows of some symbols."""
        for s in symbols:
            if s not in self.symbols:
                raise ValueError(f"no bars of {s!r}; there are {', '.join(self.symbols)}")
        return self._where(pl.col("symbol").is_in(list(symbols)))

    def before(self, t: str | datetime | int) -> Bars:
        """Bars known strictly before ``t``."""
        return self._where(pl.col("available_at").to_physical() < parse_time(t))

    def between(self, start: str | datetime | int, end: str | datetime | int) -> Bars:
        """Bars with ``start <= timestamp < end``."""
        stamp = pl.col("timestamp").to_physical()
        return self._where((stamp >= parse_time(start)) & (stamp < parse_time(end)))

    def known(self, after: int, until: int) -> Bars:
        """Bars that became known in ``(after, until]``."""
        at = pl.col("available_at").to_physical()
        return self._where((at > after) & (at <= until))

    def as_of(self, t: str | datetime | int) -> Bars:
        """Bars known at ``t``; a ``t`` past the last bar is refused: nobody can vouch for that future."""
        moment = parse_time(t)
        if moment > self.end:
            raise CausalityError(f"as_of {iso(moment)} lies after the last known bar, {iso(self.end)}")
        return self._where(pl.col("available_at").to_physical() <= moment)

    @cached_property
    def _bounds(self) -> dict[str, tuple[int, int]]:
        counts = self.frame.group_by("symbol", maintain_order=True).len()
        bounds, at = {}, 0
        for symbol, n in counts.iter_rows():
            bounds[symbol] = (at, at + n)
            at += n
        return bounds

    @property
    def counts(self) -> dict[str, int]:
        """Rows of each symbol."""
        return {symbol: j - i for symbol, (i, j) in self._bounds.items()}

    @cached_property
    def _columns(self) -> dict[str, np.ndarray]:
        """The frame's columns as arrays, not copied where the frame is in one piece; times in nanoseconds."""
        whole = self.frame.rechunk()
        return {name: whole[name].to_physical().to_numpy() for name in SCHEMA if name != "symbol"}

    def arrays(self, symbol: str, space: np.ndarray | None = None) -> SymbolBars:
        """One symbol's rows as arrays; the inputs are made anew by each call: kept for all symbols, they
        would weigh as much as the table.

        Parameters
        ----------
        symbol : str
        space : numpy.ndarray, optional
            Flat float64 memory that the inputs are written into, for callers that take one symbol after the
            other.
        """
        i, j = self._bounds[symbol]
        rows = {name: column[i:j] for name, column in self._columns.items()}
        stamps, known = rows["timestamp"], rows["available_at"]
        shape = len(INPUTS), j - i
        inputs = np.empty(shape) if space is None else space[: len(INPUTS) * (j - i)].reshape(shape)
        for row, name in zip(inputs, PRICES):
            row[:] = rows[name]
        # A bar that became known late, or was corrected, still ended when it ended.
        ends = np.minimum(known, stamps + duration(self.info.frequency))
        inputs[len(PRICES) :] = session_columns(self.info.calendar, stamps, ends)
        return SymbolBars(symbol, stamps, known, inputs, rows["status"] != Status.MISSING)

    @cached_property
    def slices(self) -> Slices:
        """All symbols on one clock."""
        at = self.frame["available_at"].to_physical().to_numpy()
        time = np.unique(at)
        row = np.full((len(time), len(self.symbols)), -1, np.int32)
        bars = np.full((len(time), len(self.symbols), len(PRICES)), np.nan)
        ok = self.frame["status"].to_numpy() != Status.MISSING
        prices = np.stack([self.frame[p].to_numpy() for p in PRICES], axis=1)
        for s, symbol in enumerate(self.symbols):
            i, j = self._bounds[symbol]
            where = np.searchsorted(time, at[i:j])
            row[where, s] = np.arange(j - i, dtype=np.int32)
            bars[where[ok[i:j]], s] = prices[i:j][ok[i:j]]
        return Slices(self.symbols, time, row, bars)
