"""The ports of the engine: what differs between a backtest, a paper session and a live one.

In: nothing. Out: protocols and the ``Slice`` that travels through them. Never here: an implementation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from alphatrade.core.opinion import Forecast, Target
from alphatrade.core.order import Fill, Order
from alphatrade.risk.approval import ApprovedOrder
from alphatrade.strategies.view import View

__all__ = ["Broker", "DurableBroker", "FeatureSource", "Feed", "ModelSource", "Schedule", "Slice"]


class Slice(NamedTuple):
    """All bars that became known at one moment.

    ``time`` ns since 1970 UTC; ``bars`` (S, 5) float64, open to volume, NaN where a symbol is absent or its
    bar MISSING; ``row`` (S,) int32, the symbol's own row number (MISSING rows count), -1 where absent;
    ``session`` a number that changes when a new session of the market begins; ``clock`` (S, 4)
    float64, the last four rows of ``core.bar.INPUTS`` of each symbol's row, for feeds that serve live
    features.
    """

    time: int
    bars: np.ndarray
    row: np.ndarray
    session: int
    clock: np.ndarray | None = None


class Feed(Protocol):
    """Where slices come from, in order of time."""

    @property
    def symbols(self) -> tuple[str, ...]: ...

    def __iter__(self) -> Iterator[Slice]: ...


class FeatureSource(Protocol):
    """Serves the features of a slice: computed as it comes, or read from a block computed before."""

    @property
    def names(self) -> tuple[str, ...]: ...

    def advance(self, slice: Slice) -> np.ndarray:
        """(S, F) float32, NaN where not known; slices come in order and each once."""
        ...


class ModelSource(Protocol):
    """Serves the forecasts of a slice."""

    @property
    def classes(self) -> tuple[int, ...]: ...

    def advance(self, view: View) -> Forecast:
        """S rows, NaN where there is no answer; ``view`` has this slice's features."""
        ...


class Schedule(Protocol):
    """Turns a target into orders."""

    def slice(self, target: Target, view: View) -> Sequence[Order]:
        """Orders of this slice, numbered from ``view.next_order``."""
        ...


class Broker(Protocol):
    """Who trades.

    ``submit`` is idempotent: an order whose ``id`` it has seen is ignored. An order submitted at a slice
    acts on later slices only.
    """

    def poll(self, slice: Slice) -> list[Fill]:
        """What was filled since the last poll, up to and including ``slice``."""
        ...

    def submit(self, approved: ApprovedOrder) -> None: ...

    def cancel(self, order_id: int) -> None:
        """Withdraw what is left of an order; one that is no longer working is no error."""
        ...

    def working(self) -> list[Order]:
        """Orders not yet finished; ``qty`` is what is left of each."""
        ...


@runtime_checkable
class DurableBroker(Broker, Protocol):
    """A broker that outlives the process: an account elsewhere, which goes on trading while we are down."""

    def resume(self, after: int) -> None:
        """Reconnect: the next ``poll`` answers every fill later than ``after`` (ns)."""
        ...
