"""The paper session: journal, replay, recovery, and a broker that outlives us."""

from __future__ import annotations

import dataclasses
import math

import pytest

from alphatrade.adapters.halt import FileHalts
from alphatrade.adapters.journal import SqlJournal
from alphatrade.core.errors import CausalityError, ConfigError, DataError, RiskHalt
from alphatrade.engine import (
    BatchForecasts,
    DurableBroker,
    Engine,
    MemoryJournal,
    PaperSession,
    Plan,
    Record,
    SimulatedBroker,
    StoredFeed,
    first_difference,
)
from alphatrade.execution import Costs, Immediate
from alphatrade.portfolio import VolatilityTarget
from alphatrade.risk import ApprovedOrder, KillSwitch, Limits
from alphatrade.strategies import ForecastStrategy

PLAN = Plan(
    ForecastStrategy(entry=0.01, short=True),
    VolatilityTarget(35_000.0, max_position=0.5),
    Limits(max_drawdown=1.0, daily_loss=1.0),
    Immediate(band=0.1),
    warm_up=5,
)


class Short:
    """The first slices of a feed."""

    def __init__(self, feed, n):
        self.feed, self.n, self.symbols = feed, n, feed.symbols

    def __iter__(self):
        return (slice for slice, _ in zip(self.feed, range(self.n)))


@pytest.fixture
def market(bars_of, forecasts_of):
    bars = bars_of(3, 120)
    return StoredFeed(bars), forecasts_of(bars)


def engine_of(market, *, plan=PLAN, broker=None, kill=None):
    feed, forecasts = market
    broker = broker or SimulatedBroker(feed.symbols, Costs.us_equity(), 1e6)
    return Engine(
        feed.symbols, plan, broker, 1e6, models=BatchForecasts(forecasts, feed.time, feed.symbols), kill=kill
    )


def run(market, journal, *, feed=None, **how):
    session = PaperSession(engine_of(market, **how), feed or market[0], journal)
    return session, session.run()


def test_every_slice_is_journalled_with_what_was_seen_and_done(market):
    journal = MemoryJournal()
    session, n = run(market, journal)
    records = list(journal.records())
    assert n == len(records) == len(market[0])
    assert sum(len(r.fills) for r in records) > 50
    assert {len(r.present) for r in records} == {3}
    assert any("0" in r.present for r in records)
    assert records[-1].equity == session.engine.view.equity
    sent = [order.id for r in records for order in r.sent()]
    assert len(sent) == len(set(sent)) > 50


@pytest.mark.parametrize("stop", [0, 1, 2, 60, 119, 120])
def test_a_session_stopped_after_any_slice_goes_on_as_if_it_had_not(market, stop, tmp_path):
    whole = MemoryJournal()
    run(market, whole)
    journal = SqlJournal(f"sqlite:///{tmp_path / 'journal.sqlite'}")
    if stop:
        run(market, journal, feed=Short(market[0], stop))
        journal.close()
        journal = SqlJournal(f"sqlite:///{tmp_path / 'journal.sqlite'}")
    _, n = run(market, journal)
    assert n == 120
    assert [r.text() for r in journal.records()] == [r.text() for r in whole.records()]
    journal.close()


def test_other_bars_are_named_as_the_first_difference(market, bars_of, forecasts_of):
    journal = MemoryJournal()
    run(market, journal, feed=Short(market[0], 50))
    other = bars_of(3, 120, seed=9)
    with pytest.raises(DataError, match=r"journal entry 1, slice 2020-.*: bars expected \w+, found"):
        run((StoredFeed(other), forecasts_of(other)), journal)
    with pytest.raises(DataError, match="feed ended before journal entry 21"):
        run(market, journal, feed=Short(market[0], 20))


def test_another_decision_on_the_same_bars_is_named_as_the_first_difference(market):
    journal = MemoryJournal()
    run(market, journal, feed=Short(market[0], 50))
    records = list(journal.records())
    at = next(i for i, r in enumerate(records) if r.orders)
    bent = MemoryJournal()
    bent.begin(journal.header)
    for i, record in enumerate(records):
        if i == at:
            orders = [list(row) for row in record.orders]
            orders[0][2] += 1.0
            record = dataclasses.replace(record, orders=orders)
        bent.append(record)
    with pytest.raises(CausalityError, match=rf"journal entry {at + 1}, .*orders\[0\] expected"):
        run(market, bent)


def test_a_journal_of_another_plan_is_refused_with_the_setting(market):
    journal = MemoryJournal()
    run(market, journal, feed=Short(market[0], 5))
    other = dataclasses.replace(PLAN, span=50)
    with pytest.raises(ConfigError, match=r"plan was .*\"span\": 100.*now .*\"span\": 50"):
        run(market, journal, plan=other)


def test_a_new_session_is_refused_while_trading_is_halted(market):
    kill = KillSwitch()
    kill.trip("by hand", 0)
    with pytest.raises(RiskHalt, match="by hand"):
        run(market, MemoryJournal(), kill=kill)


def test_a_halt_closes_everything_and_recovery_after_it_changes_nothing(market, tmp_path):
    def session(journal, path, n=None):
        kill = KillSwitch(FileHalts(path))
        limits = Limits(max_drawdown=0.004, daily_loss=1.0)
        plan = dataclasses.replace(PLAN, limits=limits)
        feed = market[0] if n is None else Short(market[0], n)
        return run(market, journal, plan=plan, kill=kill, feed=feed)[0]

    whole = MemoryJournal()
    ended = session(whole, tmp_path / "whole.json")
    records = list(whole.records())
    halted = next(i for i, r in enumerate(records) if r.halted)
    assert 10 < halted < 100
    assert "limits.max_drawdown" in records[halted].halted
    assert all(not r.orders or r.halted for r in records[halted:])
    assert ended.engine.view.gross == 0.0
    for stop in (halted, halted + 1, halted + 2, 110):
        journal, path = MemoryJournal(), tmp_path / f"{stop}.json"
        session(journal, path, stop)
        session(journal, path)
        assert [r.text() for r in journal.records()] == [r.text() for r in records]


def test_a_person_resumes_and_the_drawdown_counts_from_there(market, tmp_path):
    kill = KillSwitch(FileHalts(tmp_path / "halt.json"))
    plan = dataclasses.replace(PLAN, limits=Limits(max_drawdown=0.004, daily_loss=1.0))
    journal = MemoryJournal()
    run(market, journal, plan=plan, kill=kill, feed=Short(market[0], 100))
    assert kill.halt is not None
    kill.resume("Ada", "understood the loss")
    session, _ = run(market, journal, plan=plan, kill=kill, feed=Short(market[0], 103))
    records = list(journal.records())
    assert [r.halted is None for r in records[98:103]] == [False, False, True, True, True]
    assert sum(len(r.sent()) for r in records[100:]) > 0
    again, _ = run(market, journal, plan=plan, kill=kill, feed=Short(market[0], 103))
    assert again.engine.view.equity == session.engine.view.equity


class Elsewhere:
    """A broker in another process: it keeps trading, forgets nothing, and answers what it is asked."""

    def __init__(self, feed, costs):
        self.inner = SimulatedBroker(feed.symbols, costs, 1e6)
        self.sent, self.fills, self.clock, self.after = [], [], 0, 0

    def poll(self, slice):
        if slice.time > self.clock:
            self.fills += self.inner.poll(slice)
            self.clock = slice.time
        found = [f for f in self.fills if f.time > self.after]
        self.after = slice.time
        return found

    def submit(self, approved):
        assert isinstance(approved, ApprovedOrder)
        self.sent.append(approved.order.id)
        self.inner.submit(approved)

    def cancel(self, order_id):
        self.inner.cancel(order_id)

    def working(self):
        return self.inner.working()

    def resume(self, after):
        self.after = after


class Crash(Exception):
    pass


@pytest.mark.parametrize("at", [1, 17, 60])
@pytest.mark.parametrize("moment", ["before the journal", "after the journal", "within submission"])
def test_a_broker_elsewhere_gets_every_order_and_trades_each_once(market, at, moment):
    whole, reference = MemoryJournal(), Elsewhere(market[0], Costs.us_equity())
    assert isinstance(reference, DurableBroker)
    run(market, whole, broker=reference)

    class Failing(MemoryJournal):
        def append(self, record):
            if len(self._texts) == at and moment == "before the journal":
                raise Crash
            super().append(record)
            if len(self._texts) == at and moment == "after the journal":
                raise Crash

    journal, broker = Failing(), Elsewhere(market[0], Costs.us_equity())
    session = PaperSession(engine_of(market, broker=broker), market[0], journal)
    if moment == "within submission":
        session._outbox.flush = crash_within(session._outbox, at)
    with pytest.raises(Crash):
        session.run()
    recovered = MemoryJournal()
    recovered.header, recovered._texts, recovered._head = journal.header, journal._texts, journal._head
    run(market, recovered, broker=broker)
    assert recovered.head() == whole.head()
    assert broker.fills == reference.fills
    assert sorted(set(broker.sent)) == sorted(reference.sent)


def crash_within(outbox, at):
    """Send the first order only of the ``at``-th slice that has some."""
    seen = [0]

    def flush():
        seen[0] += bool(outbox._queue)
        if seen[0] == max(at // 4, 1):
            outbox.broker.submit(outbox._queue[0])
            raise Crash
        for approved in outbox._queue:
            outbox.broker.submit(approved)
        outbox._queue.clear()

    return flush


def test_a_record_survives_json_to_the_last_bit(market):
    journal = MemoryJournal()
    run(market, journal)
    for record in journal.records():
        assert Record.parse(record.text()) == record


def test_the_first_difference_is_the_earliest_of_the_step():
    record = Record(1, "1", "b", [], [], 1.0, "f", "p", None, [0.5, None], [])
    assert first_difference(record, record) is None
    later = dataclasses.replace(record, target=[0.5, 0.0], equity=math.nextafter(1.0, 2.0))
    assert first_difference(record, later).field == "equity"
    later = dataclasses.replace(record, target=[0.5, 0.0])
    assert first_difference(record, later) == dataclasses.replace(
        first_difference(record, later), field="target[1]", expected=None, found=0.0
    )
    more = dataclasses.replace(record, fills=[[1]])
    assert first_difference(record, more).field == "fills (how many)"


def test_replay_decides_again_and_trades_nothing(market):
    journal, broker = MemoryJournal(), Elsewhere(market[0], Costs.us_equity())
    run(market, journal, feed=Short(market[0], 50), broker=broker)
    before = list(broker.sent)
    session = PaperSession(engine_of(market, broker=broker), market[0], journal)
    assert session.replay() == 50
    assert broker.sent == before
    assert len(list(journal.records())) == 50


def test_a_journal_of_another_model_is_refused(market):
    journal = MemoryJournal()
    PaperSession(engine_of(market), Short(market[0], 5), journal, identity={"model": "abc"}).run()
    with pytest.raises(ConfigError, match="model was 'abc', now 'def'"):
        PaperSession(engine_of(market), market[0], journal, identity={"model": "def"}).run()


def test_the_feed_must_have_the_engines_symbols(market, bars_of):
    with pytest.raises(ValueError, match="make both of the same"):
        PaperSession(engine_of(market), StoredFeed(bars_of(2, 20)), MemoryJournal())
