"""The port of a store of bars that knows when each value was known.

In: validated ``Bars``, and corrections of them. Out: ``Bars`` as they were known at a moment. Never here: a
file or a server (``adapters``).

A row is a version: the bar, its values, and ``available_at``, when that version became known. A correction
adds a version and removes none. Reading as of t sees the versions with ``available_at <= t`` and no other:

- ``version="first"``: the value as first known. For research: what a strategy could have seen.
- ``version="latest"``: the last correction known at t. For re-warming state, and for inspection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import polars as pl

from alphatrade.core.bar import BarInfo, Bars

__all__ = ["BarStore", "Receipt", "Version"]

Version = Literal["first", "latest"]


@dataclass(frozen=True)
class Receipt:
    """What a write did, in rows: new bars, corrections of stored ones, and repeats that changed nothing."""

    added: int
    corrected: int
    unchanged: int
    quarantined: int


class BarStore(Protocol):
    """Bars of one meaning (frequency, calendar, feed, adjustment), kept in versions."""

    def write(self, bars: Bars, known_at: str | datetime | int | None = None) -> Receipt:
        """Add bars; values that differ from the stored ones become versions known at ``known_at``.

        Writing the same bars again changes nothing. All of it becomes visible at once, or none.
        """
        ...

    def read(
        self,
        symbols: Sequence[str] | None = None,
        start: str | datetime | int | None = None,
        end: str | datetime | int | None = None,
        as_of: str | datetime | int | None = None,
        version: Version = "first",
    ) -> Bars:
        """Bars with ``start <= timestamp < end`` as known at ``as_of``; a future ``as_of`` is refused."""
        ...

    def versions(self, symbol: str) -> pl.DataFrame:
        """All stored versions of a symbol, by bar and then by when they became known."""
        ...

    def quarantine(self) -> pl.DataFrame:
        """All rows refused on the way in."""
        ...

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols with bars."""
        ...

    @property
    def info(self) -> BarInfo:
        """What the numbers mean."""
        ...

    @property
    def content_hash(self) -> str:
        """Digest of all versions of all symbols, whatever the order they were written in."""
        ...
