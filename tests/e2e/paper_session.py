"""A small paper session in a process of its own: ``paper_session.py FOLDER SLICES AT MOMENT``.

``MOMENT`` is where in slice ``AT`` the process kills itself with SIGKILL: ``step`` (decided, not in the
journal), ``transaction`` (inserted, not committed), ``committed`` (no order sent yet), ``sent`` (after the
first order from there on), or ``never``. The broker lives in a file beside the journal and remembers across
crashes, as a real broker does.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import polars as pl
import sqlalchemy as sa

from alphatrade.adapters.journal import SqlJournal
from alphatrade.core.bar import SCHEMA, TIME, BarInfo, Bars
from alphatrade.core.order import Fill, Order, OrderKind
from alphatrade.engine import (
    Engine,
    FeatureStream,
    PaperSession,
    Plan,
    Record,
    SimulatedBroker,
    Slice,
    StoredFeed,
)
from alphatrade.execution import Costs, Immediate
from alphatrade.features import FeatureSet
from alphatrade.portfolio import VolatilityTarget
from alphatrade.risk import ApprovedOrder, Limits
from alphatrade.strategies import SmaCross, View

CASH = 1e6
MINUTE = 60 * 10**9
PLAN = Plan(
    SmaCross(fast="sma_3", slow="sma_8", short=True),
    VolatilityTarget(35_000.0, max_position=0.4),
    Limits(),
    Immediate(),
    warm_up=5,
)


def bars(n: int) -> Bars:
    """Three random walks with holes."""
    rng = np.random.default_rng(5)
    start = 1_600_000_200 * 10**9 + np.arange(n) * 15 * MINUTE
    frames = []
    for name in "ABC":
        close = 100.0 * np.exp(np.cumsum(0.01 * rng.standard_normal(n)))
        frame = pl.DataFrame({"symbol": [name] * n, "timestamp": start, "available_at": start + 15 * MINUTE})
        frame = frame.with_columns(
            pl.col("timestamp", "available_at").cast(TIME),
            open=pl.Series(close),
            high=pl.Series(close * 1.01),
            low=pl.Series(close * 0.99),
            close=pl.Series(close),
            volume=pl.Series(rng.integers(1_000, 50_000, n)).cast(pl.Float64),
            status=pl.lit(2, pl.UInt8),
            confidence=pl.lit(1.0, pl.Float32),
        )
        frames.append(frame.filter(pl.Series(rng.random(n) > 0.1)))
    return Bars(pl.concat(frames).select(*SCHEMA), BarInfo("15m", "24/7"))


class FileBroker:
    """A simulated account whose log of slices seen and orders taken outlives the process."""

    def __init__(self, path: Path, feed: StoredFeed) -> None:
        self.inner = SimulatedBroker(feed.symbols, Costs.us_equity(), CASH)
        self.fills: list[Fill] = []
        self.clock = self.after = 0
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        self._log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        slices = {slice.time: slice for slice in feed}
        for line in lines:
            if "clock" in line:
                self._trade(slices[line["clock"]])
            else:
                self.inner.submit(_approved(line["order"]))

    def _trade(self, slice: Slice) -> None:
        self.fills += self.inner.poll(slice)
        self.clock = slice.time

    def _note(self, **what: object) -> None:
        os.write(self._log, (json.dumps(what) + "\n").encode())

    def poll(self, slice: Slice) -> list[Fill]:
        if slice.time > self.clock:
            self._trade(slice)
            self._note(clock=slice.time)
        found = [fill for fill in self.fills if fill.time > self.after]
        self.after = slice.time
        return found

    def submit(self, approved: ApprovedOrder) -> None:
        order = approved.order
        self._note(order=[order.id, order.symbol, order.qty, int(order.kind)])
        self.inner.submit(approved)

    def cancel(self, order_id: int) -> None:
        self.inner.cancel(order_id)

    def working(self) -> list[Order]:
        return self.inner.working()

    def resume(self, after: int) -> None:
        self.after = after


def _approved(row: list[float]) -> ApprovedOrder:
    """The order again, which risk approved before it was logged."""
    number, symbol, qty, kind = row
    view = View(("A", "B", "C"))
    view.close[:], view.equity = 1.0, 1e18
    verdict = Limits().approve(Order(int(number), int(symbol), qty, OrderKind(int(kind))), view)
    assert isinstance(verdict, ApprovedOrder)
    return verdict


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Journal(SqlJournal):
    """Kills the process around the entry of one slice."""

    def __init__(self, url: str, at: int, moment: str) -> None:
        super().__init__(url)
        self.at, self.moment = at, moment
        sa.event.listen(self._engine, "commit", self._committing)

    def _committing(self, _: object) -> None:
        if self.moment == "transaction" and self._next == self.at:
            die()

    def append(self, record: Record) -> None:
        here = self._next == self.at
        if here and self.moment == "step":
            die()
        super().append(record)
        if here and self.moment == "committed":
            die()


class Mortal(FileBroker):
    """Kills the process after the first order sent from one entry on."""

    journal: Journal

    def submit(self, approved: ApprovedOrder) -> None:
        super().submit(approved)
        if self.journal.moment == "sent" and self.journal._next > self.journal.at:
            die()


def main(folder: Path, slices: int, at: int, moment: str) -> None:
    stored = bars(slices)
    feed = StoredFeed(stored, clock=True)
    broker = Mortal(folder / "broker.jsonl", feed)
    broker.journal = Journal(f"sqlite:///{folder / 'journal.sqlite'}", at, moment)
    live = FeatureSet(["sma_3", "sma_8"]).start(symbols=feed.symbols, info=stored.info)
    features = FeatureStream(live, PLAN.strategy.reads, feed.symbols)
    engine = Engine(feed.symbols, PLAN, broker, CASH, features=features)
    print(PaperSession(engine, feed, broker.journal).run())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
