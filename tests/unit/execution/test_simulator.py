"""The simulator, one rule at a time."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from alphatrade.core.bar import Slices
from alphatrade.core.order import Order, OrderKind
from alphatrade.execution import Costs, Immediate, Simulator

NAN = math.nan
CALM = [100.0, 101.0, 99.0, 100.0, 1000.0]
ABSENT = [NAN] * 5
FREE = Costs.free()


def simulate(*bars: list[float], orders: tuple[Order, ...] = (), costs: Costs = FREE) -> Simulator:
    """One symbol: orders are decided at the first bar."""
    sim = Simulator(("A",), costs, 1e6)
    for t, bar in enumerate(bars):
        sim.step(t + 1, np.array([bar]))
        if t == 0:
            for order in orders:
                sim.submit(order)
    return sim


def happened(sim: Simulator) -> list[tuple[int, str, int, float]]:
    return sim.events().select("slice", "kind", "order_id", "qty").rows()


def fills(sim: Simulator) -> list[tuple[int, float, float]]:
    events = sim.events()
    return events.filter(events["kind"] == "filled").select("slice", "qty", "price").rows()


def test_a_market_order_fills_at_the_next_open() -> None:
    sim = simulate(CALM, [102.0, 103.0, 101.0, 102.5, 1000.0], orders=(Order(1, 0, 10.0),))
    assert fills(sim) == [(1, 10.0, 102.0)]
    assert sim.equity == 1e6 + 10.0 * 0.5


def test_a_market_order_waits_for_its_symbols_next_bar() -> None:
    sim = simulate(CALM, ABSENT, ABSENT, CALM, orders=(Order(1, 0, 10.0, bars=1),))
    assert fills(sim) == [(3, 10.0, 100.0)]


@pytest.mark.parametrize("volume", [0.0, NAN])
def test_a_bar_without_volume_does_not_trade_but_counts(volume: float) -> None:
    idle = [100.0, 101.0, 99.0, 100.5, volume]
    sim = simulate(CALM, idle, CALM, orders=(Order(1, 0, 10.0), Order(2, 0, 5.0, bars=1)))
    assert happened(sim)[2:] == [(1, "expired", 2, 5.0), (2, "filled", 1, 10.0)]
    assert sim.last_close.tolist() == [100.0]


def test_an_absent_symbol_keeps_its_last_close() -> None:
    sim = simulate(CALM, CALM, ABSENT, orders=(Order(1, 0, 10.0),))
    assert sim.last_close.tolist() == [100.0]
    assert sim.equity == 1e6


def test_the_rest_of_a_large_order_goes_on_at_the_next_bar() -> None:
    costs = replace(FREE, participation=0.1)
    sim = simulate(CALM, CALM, CALM, CALM, orders=(Order(1, 0, 250.0),), costs=costs)
    assert [q for _, q, _ in fills(sim)] == [100.0, 100.0, 50.0]
    assert sim.working() == []


def test_orders_share_the_volume_in_order_of_arrival() -> None:
    costs = replace(FREE, participation=0.1)
    orders = (Order(1, 0, 70.0), Order(2, 0, -70.0, OrderKind.LIMIT, limit=100.5), Order(3, 0, 5.0))
    sim = simulate(CALM, CALM, orders=orders, costs=costs)
    assert [(o.id, o.qty) for o in sim.working()] == [(2, -40.0), (3, 5.0)]


def test_whole_shares_round_partial_fills_down() -> None:
    sim = Simulator(("A",), replace(FREE, participation=0.1), 1e6, schedule=Immediate(whole_shares=True))
    sim.step(1, np.array([CALM]))
    sim.submit(Order(1, 0, 50.0))
    sim.step(2, np.array([[100.0, 101.0, 99.0, 100.0, 57.0]]))
    assert fills(sim) == [(1, 5.0, 100.0)]


@pytest.mark.parametrize(
    ("qty", "limit", "price"),
    [
        (10.0, 99.5, 99.5),
        (-10.0, 100.5, 100.5),
        (10.0, 100.5, 100.0),
        (10.0, 98.9, None),
        (-10.0, 101.1, None),
    ],
)
def test_limit_orders(qty: float, limit: float, price: float | None) -> None:
    sim = simulate(CALM, CALM, orders=(Order(1, 0, qty, OrderKind.LIMIT, limit=limit),))
    assert fills(sim) == ([] if price is None else [(1, qty, price)])


@pytest.mark.parametrize(
    ("qty", "stop", "price"),
    [
        (-10.0, 99.5, 99.5),
        (10.0, 100.5, 100.5),
        (-10.0, 100.5, 100.0),
        (-10.0, 98.9, None),
        (10.0, 101.1, None),
    ],
)
def test_stop_orders(qty: float, stop: float, price: float | None) -> None:
    sim = simulate(CALM, CALM, orders=(Order(1, 0, qty, OrderKind.STOP, stop=stop),))
    assert fills(sim) == ([] if price is None else [(1, qty, price)])


def test_a_stop_protects_a_position_through_a_gap() -> None:
    gap = [90.0, 91.0, 89.0, 90.0, 1000.0]
    orders = (Order(1, 0, 10.0), Order(2, 0, -10.0, OrderKind.STOP, stop=95.0))
    sim = simulate(CALM, CALM, gap, orders=orders)
    assert happened(sim)[-2:] == [(2, "triggered", 2, -10.0), (2, "filled", 2, -10.0)]
    assert fills(sim)[-1] == (2, -10.0, 90.0)
    assert sim.qty.tolist() == [0.0]
    assert math.isnan(sim.avg_price[0])


def test_a_touched_stop_goes_on_as_a_market_order() -> None:
    costs = replace(FREE, participation=0.01)
    up = [104.0, 105.0, 103.0, 104.0, 1000.0]
    sim = simulate(CALM, CALM, up, orders=(Order(1, 0, -15.0, OrderKind.STOP, stop=99.5),), costs=costs)
    assert fills(sim) == [(1, -10.0, 99.5), (2, -5.0, 104.0)]


def test_an_order_expires_after_its_bars() -> None:
    order = Order(1, 0, 10.0, OrderKind.LIMIT, limit=50.0, bars=2)
    sim = simulate(CALM, CALM, ABSENT, CALM, CALM, orders=(order,))
    assert happened(sim) == [(0, "submitted", 1, 10.0), (3, "expired", 1, 10.0)]


def test_cancelling_withdraws_what_is_left() -> None:
    sim = simulate(CALM, CALM, orders=(Order(1, 0, 10.0, OrderKind.LIMIT, limit=50.0),))
    sim.cancel(1)
    assert sim.working() == []
    sim.cancel(1)
    sim.step(3, np.array([[40.0, 41.0, 39.0, 40.0, 1000.0]]))
    assert happened(sim)[1:] == [(1, "cancelled", 1, 10.0), (1, "rejected", 1, 0.0)]


def test_an_order_cancelled_before_it_arrived_never_trades() -> None:
    sim = simulate(CALM)
    sim.submit(Order(1, 0, 10.0))
    sim.cancel(1)
    sim.step(2, np.array([CALM]))
    assert fills(sim) == []


def test_opposite_market_orders_cancel_each_other_first() -> None:
    costs = replace(FREE, participation=0.01)
    sim = simulate(CALM, CALM, orders=(Order(1, 0, 30.0),), costs=costs)
    sim.submit(Order(2, 0, -25.0))
    sim.step(3, np.array([CALM]))
    assert happened(sim)[2:] == [
        (1, "submitted", 2, -25.0),
        (1, "cancelled", 2, -20.0),
        (1, "cancelled", 1, 20.0),
        (2, "filled", 2, -5.0),
    ]
    assert sim.qty.tolist() == [5.0]


def test_average_price_follows_adding_trimming_and_turning() -> None:
    sim = Simulator(("A",), FREE, 1e6)
    found = []
    for t, (price, qty) in enumerate(
        [(100.0, 10.0), (110.0, 10.0), (120.0, -5.0), (90.0, -25.0), (80.0, 10.0)]
    ):
        sim.step(2 * t + 1, np.array([CALM]))
        sim.submit(Order(t, 0, qty))
        sim.step(2 * t + 2, np.array([[price, price, price, price, 1e6]]))
        found.append((float(sim.qty[0]), float(sim.avg_price[0]), float(sim.realised[0])))
    assert found[:4] == [(10.0, 100.0, 0.0), (20.0, 105.0, 0.0), (15.0, 105.0, 75.0), (-10.0, 90.0, -150.0)]
    assert found[4][0] == 0.0
    assert found[4][2] == -50.0
    assert sim.equity == 1e6 - 50.0


def test_targets_are_sized_at_the_deciding_close_and_filled_at_the_next_open() -> None:
    sim = Simulator(("A", "B"), FREE, 1e6)
    sim.step(1, np.array([[50.0, 50.0, 50.0, 50.0, 1e6], [20.0, 20.0, 20.0, 20.0, 1e6]]))
    sim.set_targets(np.array([0.5, -0.25]))
    sim.step(2, np.array([[51.0, 52.0, 50.0, 52.0, 1e6], [20.0, 21.0, 19.0, 19.0, 1e6]]))
    assert sim.qty.tolist() == [10_000.0, -12_500.0]
    assert sim.cash == 1e6 - 510_000.0 + 250_000.0
    sim.step(3, np.array([[60.0, 60.0, 60.0, 60.0, 1e6], ABSENT]))
    assert sim.qty.tolist() == [10_000.0, -12_500.0], "targets act once"


def slices(close: np.ndarray) -> Slices:
    bars = np.repeat(close[:, None, None], 5, axis=2).astype(float)
    bars[:, :, 4] = 1e6
    n = len(close)
    return Slices(("A",), np.arange(1, n + 1, dtype=np.int64), np.arange(n, dtype=np.int32)[:, None], bars)


def test_the_result_of_a_chunk() -> None:
    sim = Simulator(("A",), FREE, 1000.0)
    result = sim.run(
        slices(np.array([10.0, 10.0, 12.0, 12.0, 9.0])), np.array([[1.0], [NAN], [0.0], [-0.5], [NAN]])
    )
    assert result.equity.tolist() == [1000.0, 1000.0, 1200.0, 1200.0, 1200.0]
    assert result.exposure.tolist() == [0.0, 1.0, 1.0, 0.0, 0.375]
    assert result.net.tolist() == [0.0, 1.0, 1.0, 0.0, -0.375]
    assert result.turnover.tolist() == [0.0, 1.0, 0.0, 1.0, 0.375]
    assert result.trades.select("symbol", "side", "qty", "pnl", "ret", "bars").rows() == [
        ("A", 1, 100.0, 200.0, 0.2, 2)
    ]
    assert result.open_trades.select("side", "qty", "exit_time", "pnl").rows() == [(-1, 50.0, None, 0.0)]
    assert sim.turnover == 1000.0 + 1200.0 + 450.0


def test_the_account_of_a_bankrupt_is_closed_and_has_no_exposure() -> None:
    sim = Simulator(("A",), FREE, 1000.0)
    result = sim.run(slices(np.array([10.0, 10.0, 2.0, 2.0])), np.array([[3.0], [3.0], [3.0], [3.0]]))
    assert result.equity.tolist() == [1000.0, 1000.0, -1400.0, -1400.0]
    assert np.isnan(result.exposure[2:]).all()
    assert sim.qty.tolist() == [0.0]


def test_the_journal_grows_as_needed() -> None:
    sim = simulate(CALM)
    for number in range(1, 2001):
        sim.submit(Order(number, 0, 1.0 if number % 2 else -1.0, OrderKind.LIMIT, limit=100.0))
    assert len(sim.step(2, np.array([[100.0, 100.0, 100.0, 100.0, 1e9]]))) == 2000
    assert sim.events().height == 4000
    assert sim.equity == 1e6


def test_fills_of_a_step_are_those_of_that_step() -> None:
    sim = simulate(CALM, costs=replace(FREE, participation=0.001))
    sim.submit(Order(1, 0, 2000.0))
    assert [len(sim.step(t, np.array([CALM]))) for t in range(2, 1502)] == [1] * 1500
    fill = sim.step(1502, np.array([CALM]))[0]
    assert (fill.order_id, fill.symbol, fill.time, fill.qty, fill.price) == (1, 0, 1502, 1.0, 100.0)


def test_next_order_is_a_number_no_order_has_had() -> None:
    sim = simulate(CALM)
    assert sim.next_order == 1
    sim.submit(Order(41, 0, 1.0))
    assert sim.next_order == 42
    sim.set_targets(np.array([0.5]))
    sim.step(2, np.array([CALM]))
    assert sim.next_order == 43


def test_nothing_can_be_decided_before_the_first_slice() -> None:
    sim = Simulator(("A",), FREE)
    for decide in (lambda: sim.submit(Order(1, 0, 1.0)), lambda: sim.set_targets(np.array([1.0]))):
        with pytest.raises(ValueError, match="before the first slice"):
            decide()


def test_mistakes_are_named() -> None:
    sim = simulate(CALM, orders=(Order(1, 0, 10.0),))
    with pytest.raises(ValueError, match="working already: number the next one 2"):
        sim.submit(Order(1, 0, 5.0))
    with pytest.raises(ValueError, match="symbol 3"):
        sim.submit(Order(2, 3, 5.0))
    with pytest.raises(ValueError, match="order of time"):
        sim.step(1, np.array([CALM]))
    with pytest.raises(ValueError, match="each of 1 symbols"):
        sim.set_targets(np.array([0.5, 0.5]))
    with pytest.raises(ValueError, match="infinite"):
        sim.set_targets(np.array([math.inf]))
    with pytest.raises(ValueError, match="at least one symbol"):
        Simulator((), FREE)
    with pytest.raises(ValueError, match="cash must be above 0"):
        Simulator(("A",), FREE, 0.0)


def test_mistakes_of_a_chunk_are_named() -> None:
    few = slices(np.array([10.0, 10.0]))
    with pytest.raises(ValueError, match="expected shape"):
        Simulator(("A",), FREE).run(few, np.zeros((3, 1)))
    with pytest.raises(ValueError, match="found both"):
        Simulator(("A",), FREE).run(few, np.zeros((2, 1)), [(0, Order(1, 0, 1.0))])
    with pytest.raises(ValueError, match="slices from 1 to 1"):
        Simulator(("A",), FREE).run(few, messages=[(1, Order(1, 0, 1.0)), (0, 1)])
    with pytest.raises(ValueError, match="the simulator of"):
        Simulator(("B",), FREE).run(few)
    with pytest.raises(ValueError, match="infinite"):
        Simulator(("A",), FREE).run(few, np.array([[math.inf], [0.0]]))


def test_a_saved_state_of_other_costs_is_refused() -> None:
    state = simulate(CALM).save()
    with pytest.raises(ValueError, match="other costs"):
        Simulator(("A",), Costs.us_equity()).restore(state)
    with pytest.raises(ValueError, match="expected 2 symbols"):
        Simulator(("A", "B"), FREE).restore(state)


def test_read_only_bars_are_taken() -> None:
    few, want = slices(np.array([10.0, 11.0])), np.ones((2, 1))
    few.bars.setflags(write=False)
    few.time.setflags(write=False)
    want.setflags(write=False)
    assert Simulator(("A",), FREE, 100.0).run(few, want).equity.tolist() == [100.0, 100.0]
