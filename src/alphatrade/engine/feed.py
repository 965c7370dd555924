"""Feeds of stored bars.

In: ``Bars``. Out: slices in order of time. Never here: live connections (``adapters``), waiting.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from alphatrade.core.bar import Bars
from alphatrade.core.session import sessions
from alphatrade.engine.port import Slice

__all__ = ["StoredFeed"]


class StoredFeed:
    """All slices of stored bars.

    Parameters
    ----------
    bars : Bars
        At least one row. A bar belongs to the session in which it became known.
    """

    def __init__(self, bars: Bars) -> None:
        if not len(bars):
            raise ValueError("a feed needs at least one bar, found none: widen the range of time or symbols")
        self.bars = bars
        self.symbols = bars.symbols
        slices = bars.slices
        self.time, self.row, self.blocks = slices.time, slices.row, slices.bars
        self.session: np.ndarray = sessions(bars.info.calendar).index(self.time - 1)

    def __len__(self) -> int:
        return len(self.time)

    def __iter__(self) -> Iterator[Slice]:
        return map(Slice, self.time.tolist(), self.blocks, self.row, self.session.tolist())
