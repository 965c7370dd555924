"""A session that survives: paper trading on a feed, and its recovery.

In: an engine, a feed, a journal. Out: one journal entry a slice. Never here: deciding (``engine.step``),
storage.

Start-up and recovery are one code path: replay every journalled slice through the engine, compare what it
computes with what was written, then go on. Orders are journalled before they are sent and carry ids that a
broker knows again, so that a crash between the two neither loses nor doubles one.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

from alphatrade.core.clock import iso
from alphatrade.core.errors import CausalityError, DataError
from alphatrade.core.order import Fill, Order
from alphatrade.core.progress import Progress
from alphatrade.engine.journal import Difference, Journal, Record, first_difference
from alphatrade.engine.port import Broker, DurableBroker, Feed, Slice
from alphatrade.engine.step import Engine
from alphatrade.risk.approval import ApprovedOrder
from alphatrade.risk.kill import Halt, KillSwitch, MemoryHalts

__all__ = ["PaperSession"]


class _Outbox:
    """Holds orders back until they are journalled."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self._queue: list[ApprovedOrder] = []

    def poll(self, slice: Slice) -> list[Fill]:
        return self.broker.poll(slice)

    def submit(self, approved: ApprovedOrder) -> None:
        self._queue.append(approved)

    def cancel(self, order_id: int) -> None:
        self.broker.cancel(order_id)

    def working(self) -> list[Order]:
        return self.broker.working()

    def flush(self) -> None:
        for approved in self._queue:
            self.broker.submit(approved)
        self._queue.clear()


class _Past:
    """Answers as a durable broker answered then; what is sent to it goes nowhere, for it was sent already."""

    def __init__(self) -> None:
        self.record: Record | None = None
        self._working: dict[int, Order] = {}

    def poll(self, slice: Slice) -> list[Fill]:
        assert self.record is not None
        self._working = {number: Order(number, symbol, qty) for number, symbol, qty in self.record.working}
        return [Fill(*row) for row in self.record.fills]

    def submit(self, approved: ApprovedOrder) -> None:
        return

    def cancel(self, order_id: int) -> None:
        self._working.pop(order_id, None)

    def working(self) -> list[Order]:
        return list(self._working.values())


class PaperSession:
    """Trade a feed and journal every slice.

    Parameters
    ----------
    engine : Engine
        Fresh: at its start state. A broker in this process (the simulator) is rebuilt by the replay; one
        that outlives it (``DurableBroker``) is left alone while the past is replayed from the journal, then
        reconnected.
    feed : Feed
        From the session's first slice on: what was journalled must come again, bit for bit.
    journal : Journal
        Empty, or of this very session.
    identity : mapping of str to str, optional
        What else must be the same to go on: hashes of the model and the features, the costs.

    Notes
    -----
    Each slice is one transaction, in this order: step; journal entry; orders to the broker. After a crash,
    orders journalled with the last entry may not have reached a durable broker: they are sent again, and it
    ignores the ids it knows.
    """

    def __init__(
        self, engine: Engine, feed: Feed, journal: Journal, *, identity: Mapping[str, str] | None = None
    ) -> None:
        if tuple(feed.symbols) != engine.symbols:
            raise ValueError(
                f"the feed has symbols {feed.symbols}, the engine {engine.symbols}: make both of the same"
            )
        self.engine, self.feed, self.journal = engine, feed, journal
        self._identity = {} if identity is None else dict(identity)
        self._outbox = _Outbox(engine.broker)

    @property
    def header(self) -> dict[str, Any]:
        """What the journal must have been written with."""
        engine = self.engine
        plan = json.dumps(engine.plan.config, sort_keys=True, default=str)
        return {"symbols": list(engine.symbols), "cash": engine.cash, "plan": plan, **self._identity}

    def run(self, progress: Progress | None = None) -> int:
        """Replay the journal, then trade until the feed ends; the number of slices in the journal.

        Raises
        ------
        ConfigError
            The journal is of another configuration.
        RiskHalt
            A new session while the kill switch is tripped. A session that is recovered goes on, and only
            closes positions.
        DataError, CausalityError
            The feed, or what the engine makes of it, is not what the journal says; the first difference is
            named.
        """
        self.journal.begin(self.header)
        feed = iter(self.feed)
        n = self._replay(feed)
        self._connect(n)
        for slice in feed:
            n += 1
            self.engine.step(slice)
            self.journal.append(Record.of(self.engine, slice))
            self._outbox.flush()
            if progress is not None:
                progress.update("paper session", n, n)
        return n

    def replay(self) -> int:
        """Replay the journal and trade nothing: the number of slices decided again without a difference.

        Raises
        ------
        ConfigError, DataError, CausalityError
            As ``run``.
        """
        self.journal.begin(self.header)
        return self._replay(iter(self.feed))

    def _replay(self, feed: Iterator[Slice]) -> int:
        """Bring the engine to where the journal ends; how many slices that is."""
        engine, switch = self.engine, self.engine.kill
        past, halts = _Past(), MemoryHalts()
        engine.broker = past if isinstance(self._outbox.broker, DurableBroker) else self._outbox
        engine.kill = KillSwitch(halts)
        n = 0
        for n, record in enumerate(self.journal.records(), start=1):
            past.record = record
            halts.write(None if record.halted is None else Halt(record.halted, record.time), "replay")
            self._repeat(n, next(feed, None), record)
        engine.kill = switch
        return n

    def _connect(self, n: int) -> None:
        """From the past to the present, after ``n`` replayed slices."""
        engine, broker = self.engine, self._outbox.broker
        if n == 0:
            engine.kill.require_clear()
        elif isinstance(broker, DurableBroker):
            broker.resume(after=engine.view.time)
            for verdict in engine.verdicts:
                if isinstance(verdict, ApprovedOrder):
                    broker.submit(verdict)
        engine.broker = self._outbox

    def _repeat(self, n: int, slice: Slice | None, record: Record) -> None:
        if slice is None:
            raise DataError(
                f"the feed ended before journal entry {n} of {iso(record.time)}: was it another feed?"
            )
        if slice.time == record.time:
            self.engine.step(slice)
            self._outbox.flush()
            found = Record.of(self.engine, slice)
        else:
            found = dataclasses.replace(record, time=slice.time)
        difference = first_difference(record, found)
        if difference is not None:
            _refuse(n, record, difference)


def _refuse(n: int, record: Record, difference: Difference) -> None:
    where = f"journal entry {n}, slice {iso(record.time)}"
    what = f"{difference.field} expected {difference.expected}, found {difference.found}"
    if difference.field.split("[")[0].split(" ")[0] in ("time", "present", "bars"):
        raise DataError(f"{where}: {what}: the feed does not answer the bars the journal was written on")
    raise CausalityError(f"{where}: {what}: replay decides otherwise on the same bars; code or state differs")
