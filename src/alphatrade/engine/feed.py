"""Feeds of stored bars.

In: ``Bars``. Out: slices in order of time. Never here: live connections (``adapters``), waiting.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import numpy as np

from alphatrade.core.bar import INPUTS, PRICES, Bars
from alphatrade.core.session import sessions
from alphatrade.engine.port import Slice

__all__ = ["StoredFeed"]


class StoredFeed:
    """All slices of stored bars.

    Parameters
    ----------
    bars : Bars
        At least one row. A bar belongs to the session in which it became known.
    clock : bool
        Also serve what live features read of a bar's and its session's times.
    """

    def __init__(self, bars: Bars, *, clock: bool = False) -> None:
        if not len(bars):
            raise ValueError("a feed needs at least one bar, found none: widen the range of time or symbols")
        self.bars = bars
        self.symbols = bars.symbols
        slices = bars.slices
        self.time, self.row, self.blocks = slices.time, slices.row, slices.bars
        self.session: np.ndarray = sessions(bars.info.calendar).index(self.time - 1)
        self.clock = self._clocks() if clock else None

    def __len__(self) -> int:
        return len(self.time)

    def __iter__(self) -> Iterator[Slice]:
        clocks = repeat(None, len(self)) if self.clock is None else self.clock
        return map(Slice, self.time.tolist(), self.blocks, self.row, self.session.tolist(), clocks)

    def _clocks(self) -> np.ndarray:
        """(T, S, 4): the time columns of each symbol's row, NaN where it is absent."""
        first = len(PRICES)
        out = np.full((len(self), len(self.symbols), len(INPUTS) - first), np.nan)
        for s, symbol in enumerate(self.symbols):
            here = self.row[:, s] >= 0
            out[here, s] = self.bars.arrays(symbol).inputs[first:].T[self.row[here, s]]
        return out
