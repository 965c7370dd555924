"""The journal: what the engine saw and did, slice by slice, append-only.

In: the engine after a step. Out: records that say everything a replay must reproduce, chained by hashes.
Never here: a database (``adapters.journal`` is one).

State is a fold over the journal: start-up replays it. What a replay computes again is compared with what
was written, in the order in which a step computes it, so that the first difference names its cause.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any, Protocol

import numpy as np

from alphatrade.core.errors import ConfigError
from alphatrade.core.order import Fill, Order, OrderKind
from alphatrade.engine.port import Slice
from alphatrade.engine.step import Engine, Verdict
from alphatrade.risk.approval import Denied

__all__ = ["EMPTY", "Difference", "Journal", "MemoryJournal", "Record", "chained", "first_difference"]

EMPTY = "0" * 64


@dataclass(frozen=True)
class Record:
    """One slice, in the order in which a step goes through it.

    ``present`` has a ``1`` for each symbol with a bar; ``bars``, ``features`` and ``forecasts`` are digests
    of their columns; ``fills`` as ``core.order.Fill``; ``working`` what was still on order after them: (id,
    symbol, qty); ``halted`` the reason, or None; ``target`` weights, None where left as it is; ``orders``
    as ``core.order.Order``, with the quantity wanted and the reason of a denial, or None. Floats survive
    JSON to the last bit.
    """

    time: int
    present: str
    bars: str
    fills: list[list[Any]]
    working: list[list[Any]]
    equity: float
    features: str
    forecasts: str
    halted: str | None
    target: list[float | None]
    orders: list[list[Any]]

    @classmethod
    def of(cls, engine: Engine, slice: Slice) -> Record:
        """What the step of ``slice`` saw and did."""
        view, forecast = engine.view, engine.view.forecast
        return cls(
            time=slice.time,
            present="".join("1" if p else "0" for p in view.present.tolist()),
            bars=_digest(slice.bars),
            fills=[[getattr(f, name) for name in Fill.__slots__] for f in engine.fills],
            working=[[o.id, o.symbol, o.qty] for o in engine.working],
            equity=view.equity,
            features=_digest(view.feature),
            forecasts=_digest(forecast.probability, forecast.expected_return),
            halted=engine.halt_reason,
            target=[_plain(w) for w in engine.target.weight.tolist()],
            orders=[_verdict(v) for v in engine.verdicts],
        )

    def text(self) -> str:
        """Canonical JSON."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def parse(cls, text: str) -> Record:
        return cls(**json.loads(text))

    def sent(self) -> list[Order]:
        """The orders that were approved."""
        return [_order(row[:-2]) for row in self.orders if row[-1] is None]


def _digest(*arrays: np.ndarray) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _plain(x: float) -> float | None:
    return x if x == x else None


def _row(order: Order) -> list[Any]:
    return [
        order.id,
        order.symbol,
        order.qty,
        int(order.kind),
        _plain(order.limit),
        _plain(order.stop),
        order.bars,
    ]


def _verdict(verdict: Verdict) -> list[Any]:
    if isinstance(verdict, Denied):
        return [*_row(verdict.order), verdict.order.qty, verdict.reason]
    return [*_row(verdict.order), verdict.wanted, None]


def _order(row: list[Any]) -> Order:
    number, symbol, qty, kind, limit, stop, bars = row
    limit, stop = (math.nan if price is None else price for price in (limit, stop))
    return Order(number, symbol, qty, OrderKind(kind), limit, stop, bars)


@dataclass(frozen=True)
class Difference:
    """The first field in which two records differ."""

    field: str
    expected: Any
    found: Any


def first_difference(expected: Record, found: Record) -> Difference | None:
    """The earliest difference in the order of a step, down to the item of a list; None when equal."""
    for field in fields(Record):
        a, b = getattr(expected, field.name), getattr(found, field.name)
        if a != b:
            return _inside(field.name, a, b)
    return None


def _inside(name: str, a: Any, b: Any) -> Difference:
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return Difference(f"{name} (how many)", len(a), len(b))
        i = next(i for i, (x, y) in enumerate(zip(a, b)) if x != y)
        return Difference(f"{name}[{i}]", a[i], b[i])
    return Difference(name, a, b)


def chained(before: str, text: str) -> str:
    """Hash of an entry and of all entries before it."""
    return hashlib.sha256(f"{before}|{text}".encode()).hexdigest()


class Journal(Protocol):
    """Where records are kept."""

    def begin(self, header: dict[str, Any]) -> None:
        """Write ``header``, the session's configuration, into a new journal; else check it is the same."""
        ...

    def append(self, record: Record) -> None:
        """Write one slice, whole or not at all; on return it survives a crash."""
        ...

    def records(self) -> Iterator[Record]:
        """All slices in order; ``DataError`` at the first entry that was changed."""
        ...

    def head(self) -> str:
        """Hash of the last entry."""
        ...


class MemoryJournal:
    """A journal that ends with the process: for tests, and for sessions nobody needs to recover."""

    def __init__(self) -> None:
        self.header: dict[str, Any] | None = None
        self._texts: list[str] = []
        self._head = EMPTY

    def begin(self, header: dict[str, Any]) -> None:
        self.header = require_header(self.header, header)

    def append(self, record: Record) -> None:
        text = record.text()
        self._head = chained(self._head, text)
        self._texts.append(text)

    def records(self) -> Iterator[Record]:
        return map(Record.parse, list(self._texts))

    def head(self) -> str:
        return self._head


def require_header(written: dict[str, Any] | None, header: dict[str, Any]) -> dict[str, Any]:
    """``header``, or ``ConfigError`` naming the first key in which a journal already written has another."""
    if written is not None and written != header:
        for key in sorted({*written, *header}):
            if written.get(key) != header.get(key):
                raise ConfigError(
                    f"the journal is of another session: {key} was {written.get(key)!r}, "
                    f"now {header.get(key)!r}. Restore that setting, or start with a new journal"
                )
    return header
