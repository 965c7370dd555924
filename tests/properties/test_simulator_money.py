"""Money is conserved, orders are kept to their word, and a slow twin agrees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.properties.simulator_market import CASH, EXAMPLES, Case, cases
from tests.properties.simulator_twin import Twin

from alphatrade.core.order import Order, OrderKind
from alphatrade.execution import SimResult, Simulator

RELATIVE = 1e-9
proof = settings(max_examples=EXAMPLES, deadline=None, derandomize=True)


def simulate(case: Case, by_targets: bool) -> tuple[Simulator, SimResult]:
    sim = Simulator(case.slices.symbols, case.costs, CASH, schedule=case.schedule)
    if by_targets:
        return sim, sim.run(case.slices, case.targets)
    return sim, sim.run(case.slices, messages=case.orders)


def volume_of_money(case: Case, result: SimResult) -> float:
    """What rounding is relative to: equity, and the notional behind it."""
    fills = result.events.filter(pl.col("kind") == "filled")
    return float(np.abs(result.equity).max() + (fills["qty"] * fills["price"]).abs().sum())


@proof
@given(cases(), st.booleans())
@pytest.mark.prove
def test_equity_is_cash_and_positions_at_every_slice(case: Case, by_targets: bool) -> None:
    _, result = simulate(case, by_targets)
    slices, fills = case.slices, result.events.filter(pl.col("kind") == "filled")
    cash, qty, close = CASH, np.zeros(case.symbols), np.zeros(case.symbols)
    index = {name: s for s, name in enumerate(slices.symbols)}
    by_slice = fills.partition_by("slice", as_dict=True)
    for t in range(len(slices)):
        for row in by_slice.get((t,), fills.clear()).iter_rows(named=True):
            cash -= row["qty"] * row["price"] + row["commission"]
            qty[index[row["symbol"]]] += row["qty"]
        close = np.where(np.isnan(slices.bars[t, :, 3]), close, slices.bars[t, :, 3])
        scale = abs(result.equity[t]) + np.abs(qty * close).sum()
        assert abs(cash + float(qty @ close) - result.equity[t]) <= RELATIVE * scale


@proof
@given(cases(), st.booleans())
@pytest.mark.prove
def test_change_of_equity_is_profit_less_costs(case: Case, by_targets: bool) -> None:
    sim, result = simulate(case, by_targets)
    change, scale = sim.equity - CASH, volume_of_money(case, result)
    held = sim.qty != 0.0
    unrealised = float(((sim.last_close - sim.avg_price) * sim.qty)[held].sum())
    assert abs(sim.realised.sum() + unrealised - sim.commission - change) <= RELATIVE * scale
    trips = float(result.trades["pnl"].sum() + result.open_trades["pnl"].sum())
    assert abs(trips - change) <= RELATIVE * scale
    paid = float(result.trades["cost"].sum() + result.open_trades["cost"].sum())
    assert abs(paid - sim.commission - sim.spread_cost - sim.slippage_cost) <= RELATIVE * scale
    assert result.open_trades["exit_time"].null_count() == result.open_trades.height == int(held.sum())


@proof
@given(cases())
@pytest.mark.prove
def test_without_concessions_the_same_fills_would_have_cost_that_much_less(case: Case) -> None:
    sim, result = simulate(case, by_targets=True)
    slices, index = case.slices, {name: s for s, name in enumerate(case.slices.symbols)}
    gained = 0.0
    for row in result.events.filter(pl.col("kind") == "filled").iter_rows(named=True):
        reference = slices.bars[row["slice"], index[row["symbol"]], 0]  # market orders: the open
        gained += row["qty"] * (row["price"] - reference)
        assert row["spread_cost"] >= 0.0
        assert row["slippage_cost"] >= -1e-12 * abs(row["qty"] * row["price"])
    scale = volume_of_money(case, result)
    assert abs(gained - sim.spread_cost - sim.slippage_cost) <= RELATIVE * scale


@proof
@given(cases(), st.booleans())
@pytest.mark.prove
def test_fills_keep_within_the_bar_and_come_after_the_decision(case: Case, by_targets: bool) -> None:
    _, result = simulate(case, by_targets)
    events, bars = result.events, case.slices.bars
    index = {name: s for s, name in enumerate(case.slices.symbols)}
    decided = dict(events.filter(pl.col("kind") == "submitted").select("order_id", "slice").iter_rows())
    traded = np.zeros(bars.shape[:2])
    for row in events.filter(pl.col("kind") == "filled").iter_rows(named=True):
        t, s = row["slice"], index[row["symbol"]]
        assert t > decided[row["order_id"]]
        assert bars[t, s, 4] > 0.0
        side, worst = np.sign(row["qty"]), case.costs.worst()
        reference = row["price"] - side * (row["spread_cost"] + row["slippage_cost"]) / abs(row["qty"])
        assert bars[t, s, 2] * (1.0 - 1e-9) <= reference <= bars[t, s, 1] * (1.0 + 1e-9)
        assert abs(row["price"] / reference - 1.0) <= worst + 1e-9
        traded[t, s] += abs(row["qty"])
    volume = np.nan_to_num(bars[:, :, 4])
    assert (traded <= case.costs.participation * volume * (1.0 + 1e-12)).all()


@proof
@given(cases())
@pytest.mark.prove
def test_orders_are_kept_to_their_word(case: Case) -> None:
    sim, result = simulate(case, by_targets=False)
    known = {m.id: m for _, m in case.orders if isinstance(m, Order)}
    left: dict[int, float] = {}
    for row in result.events.iter_rows(named=True):
        number, kind, qty = row["order_id"], row["kind"], row["qty"]
        if kind == "submitted":
            assert number not in left
            left[number] = qty
        elif kind == "triggered":
            assert known[number].kind is OrderKind.STOP
        elif kind == "rejected":
            assert left.get(number, 0.0) == 0.0  # only cancellations of what is no longer working
        else:
            assert qty * left[number] > 0.0, "a finished order acted"
            left[number] -= qty
            left[number] = 0.0 if abs(left[number]) < 1e-9 else left[number]
        order = known[number]
        if kind == "filled" and order.kind is OrderKind.LIMIT:
            side = np.sign(order.qty)
            assert side * (row["price"] - order.limit) <= 0.0
    waiting = {m.id for t, m in case.orders if isinstance(m, Order) and t == case.bars - 1}
    still = {o.id: o.qty for o in sim.working() if o.id not in waiting}
    last_words = {m for t, m in case.orders if not isinstance(m, Order) and t == case.bars - 1}
    expected = {n: q for n, q in left.items() if q != 0.0 and n not in last_words}
    assert still.keys() == expected.keys()
    assert all(abs(still[n] - q) < 1e-6 for n, q in expected.items())


def twin_of(case: Case, by_targets: bool) -> Twin:
    twin = Twin(case.symbols, case.costs, CASH, case.schedule)
    slices, want, messages = case.slices, case.targets, case.orders
    for t in range(len(slices)):
        decided = [m for at, m in messages if at == t - 1] if not by_targets else []
        aims = want[t - 1].tolist() if by_targets and t > 0 else None
        twin.step(slices.bars[t], decided, aims)
    return twin


@proof
@given(cases(), st.booleans())
@pytest.mark.prove
def test_a_plain_twin_makes_the_same_fills(case: Case, by_targets: bool) -> None:
    # Without a smallest trade, rounding decides whether a difference of nothing is traded.
    case = replace(case, schedule=replace(case.schedule, min_notional=max(case.schedule.min_notional, 1.0)))
    sim, result = simulate(case, by_targets)
    twin = twin_of(case, by_targets)
    fills = result.events.filter(pl.col("kind") == "filled")
    index = {name: s for s, name in enumerate(case.slices.symbols)}
    columns = ("slice", "symbol", "order_id", "qty", "price", "commission")
    ours = [(t, index[name], *rest) for t, name, *rest in fills.select(columns).iter_rows()]
    # Rounding may decide which of two symbols comes first; nothing depends on that but their numbers.
    ours, theirs = (sorted(f, key=lambda fill: fill[:2]) for f in (ours, twin.fills))
    numbered = 2 if by_targets else 3
    assert [fill[:numbered] for fill in ours] == [fill[:numbered] for fill in theirs]
    numbers = [np.array([fill[3:] for fill in f]).reshape(-1, 3) for f in (ours, theirs)]
    np.testing.assert_allclose(*numbers, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(sim.equity, twin.equity, rtol=1e-9, atol=1e-9 * volume_of_money(case, result))
