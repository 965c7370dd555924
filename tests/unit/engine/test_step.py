"""One step: what comes first, what is denied, what a halt does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from alphatrade.core.errors import CausalityError
from alphatrade.core.opinion import Signals, Target
from alphatrade.core.order import Order, OrderKind
from alphatrade.engine import Engine, Plan, SimulatedBroker, Slice
from alphatrade.execution import Costs, Immediate
from alphatrade.risk import KillSwitch, Limits
from alphatrade.strategies import Running

SYMBOLS = ("A", "B")


@dataclass(frozen=True)
class Silent:
    """Has no opinion, ever."""

    reads: tuple[str, ...] = ()

    def start(self, symbols, features=()):
        nan = np.full(len(symbols), np.nan)
        return Running(lambda view: Signals(nan, nan, nan, nan, 1, "silent"))


@dataclass(frozen=True)
class Keep:
    """Targets nothing."""

    def allocate(self, signals, view):
        return Target(signals.side)


class Script:
    """Orders written down before: {slice: [(symbol, qty, order fields)]}."""

    def __init__(self, lines):
        self.lines, self.slice_number = lines, -1

    def slice(self, target, view):
        self.slice_number += 1
        rows = self.lines.get(self.slice_number, [])
        return [Order(view.next_order + k, s, qty, **how) for k, (s, qty, how) in enumerate(rows)]


def slice_of(n, price=100.0, session=0):
    bars = np.repeat([[price, price, price, price, 1e9]], 2, axis=0)
    return Slice((n + 1) * 10**9, bars, np.full(2, n, np.int32), session)


def engine_of(lines, limits=None, kill=None):
    plan = Plan(Silent(), Keep(), limits or Limits(), Script(lines))
    return Engine(SYMBOLS, plan, SimulatedBroker(SYMBOLS, Costs.free(), 1000.0), 1000.0, kill=kill)


def test_orders_that_reduce_make_room_for_orders_that_add():
    engine = engine_of({0: [(0, 10.0, {})], 2: [(1, 10.0, {}), (0, -10.0, {})]})
    for n in range(4):
        engine.step(slice_of(n))
    np.testing.assert_array_equal(engine.view.qty, [0.0, 10.0])


def test_an_order_beyond_the_limits_is_denied_and_never_reaches_the_broker():
    engine = engine_of({0: [(0, 25.0, {})]})
    engine.step(slice_of(0))
    assert [v.approved for v in engine.verdicts] == [False]
    assert engine.broker.working() == []
    assert engine.view.next_order == 2


def test_an_approved_order_counts_as_planned_at_once_and_is_filled_a_slice_later():
    engine = engine_of({0: [(0, 4.0, {})]})
    engine.step(slice_of(0))
    assert (engine.view.qty[0], engine.view.pending[0], engine.fills) == (0.0, 4.0, [])
    engine.step(slice_of(1))
    assert (engine.view.qty[0], engine.view.pending[0]) == (4.0, 0.0)
    assert [(f.qty, f.time) for f in engine.fills] == [(4.0, slice_of(1).time)]


def test_a_halt_withdraws_what_is_on_order_and_denies_what_adds():
    kill = KillSwitch()
    far = {"kind": OrderKind.LIMIT, "limit": 50.0}
    engine = engine_of({0: [(0, 4.0, {}), (1, 2.0, far)], 2: [(1, 1.0, {}), (0, -4.0, {})]}, kill=kill)
    engine.step(slice_of(0))
    engine.step(slice_of(1))
    assert [order.symbol for order in engine.working] == [1]
    kill.trip("by hand", slice_of(1).time)
    engine.step(slice_of(2))
    assert engine.view.halted
    assert engine.halt_reason == "by hand"
    assert [(v.order.symbol, v.approved) for v in engine.verdicts] == [(0, True), (1, False)]
    assert [order.symbol for order in engine.broker.working()] == [0]
    np.testing.assert_array_equal(engine.target.weight, [0.0, 0.0])
    engine.step(slice_of(3))
    np.testing.assert_array_equal(engine.view.qty, [0.0, 0.0])


def test_a_drawdown_trips_once_and_a_resumption_starts_a_new_peak():
    kill = KillSwitch()
    engine = engine_of({0: [(0, 10.0, {})]}, Limits(max_drawdown=0.2, daily_loss=1.0), kill)
    for n, price in enumerate((100.0, 100.0, 79.0)):
        engine.step(slice_of(n, price))
    assert kill.halt.time == slice_of(2).time
    kill.resume("Ada", "knows")
    engine.step(slice_of(3, 79.0))
    assert not engine.view.halted
    assert engine.view.drawdown == 0.0
    engine.step(slice_of(4, 60.0))
    assert "limits.max_drawdown" in engine.halt_reason


def test_time_never_runs_backward():
    engine = engine_of({})
    engine.step(slice_of(1))
    with pytest.raises(CausalityError, match="time ran backward"):
        engine.step(slice_of(0))


def test_a_plan_says_everything_it_decides_with():
    plan = Plan(Silent(), Keep(), Limits(max_gross=0.5), Immediate())
    assert plan.config["limits"]["max_gross"] == 0.5
    assert {"strategy", "allocator", "limits", "schedule", "span", "warm_up"} <= set(plan.config)
