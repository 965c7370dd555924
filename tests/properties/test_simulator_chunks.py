"""Chunks of 1, 7, 1,000 and all slices, and single steps from Python, give the same bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from tests.properties.simulator_market import CASH, EXAMPLES, Case, cases

from alphatrade.adapters import load_bars
from alphatrade.core.bar import Slices
from alphatrade.core.opinion import Target
from alphatrade.core.order import Order
from alphatrade.execution import Costs, Immediate, Simulator
from alphatrade.execution.simulator import Message
from alphatrade.strategies.view import View

LONG = Case(7, 8, 3000, True, Costs.us_equity(), Immediate())


def cut(slices: Slices, i: int, j: int) -> Slices:
    return Slices(slices.symbols, slices.time[i:j], slices.row[i:j], slices.bars[i:j])


def new(case: Case) -> Simulator:
    return Simulator(case.slices.symbols, case.costs, CASH, schedule=case.schedule)


def chunked(
    case: Case, slices: Slices, size: int, want: np.ndarray | None, messages: list[Message]
) -> tuple[Simulator, np.ndarray]:
    sim, equity = new(case), []
    for i in range(0, len(slices), size):
        j = min(i + size, len(slices))
        mine = [(t - i, m) for t, m in messages if i <= t < j]
        equity.append(sim.run(cut(slices, i, j), None if want is None else want[i:j], mine).equity)
    return sim, np.concatenate(equity)


def same_bits(a: Simulator, b: Simulator) -> None:
    one, two = a.save(), b.save()
    assert one.keys() == two.keys()
    for name in one:
        assert one[name].tobytes() == two[name].tobytes(), name


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_chunks_of_targets_give_the_same_bits(size: int) -> None:
    slices, want = LONG.slices, LONG.targets
    whole, equity = chunked(LONG, slices, len(slices), want, [])
    parts, again = chunked(LONG, slices, size, want, [])
    same_bits(whole, parts)
    assert equity.tobytes() == again.tobytes()
    assert len(whole.events()) > 10_000


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_chunks_of_orders_of_all_kinds_give_the_same_bits(size: int) -> None:
    slices, messages = LONG.slices, LONG.orders
    whole, equity = chunked(LONG, slices, len(slices), None, messages)
    parts, again = chunked(LONG, slices, size, None, messages)
    same_bits(whole, parts)
    assert equity.tobytes() == again.tobytes()
    assert set(whole.events()["kind"].unique()) == {
        "submitted",
        "filled",
        "cancelled",
        "expired",
        "rejected",
        "triggered",
    }


def stepped_orders(case: Case) -> Simulator:
    slices, sim, at = case.slices, new(case), 0
    messages = case.orders
    for t in range(len(slices)):
        sim.step(int(slices.time[t]), slices.bars[t])
        while at < len(messages) and messages[at][0] == t:
            message = messages[at][1]
            sim.submit(message) if isinstance(message, Order) else sim.cancel(message)
            at += 1
    return sim


def see(view: View, sim: Simulator) -> View:
    view.equity, view.qty, view.pending = sim.equity, sim.qty, sim.pending
    view.close, view.next_order = sim.last_close, sim.next_order
    return view


def stepped_targets(case: Case, through_orders: bool) -> Simulator:
    slices, want, sim, view = case.slices, case.targets, new(case), View(case.slices.symbols)
    for t in range(len(slices)):
        sim.step(int(slices.time[t]), slices.bars[t])
        if through_orders:
            for order in case.schedule.slice(Target(want[t]), see(view, sim)):
                sim.submit(order)
        else:
            sim.set_targets(want[t])
    return sim


def flush(sim: Simulator, case: Case) -> Simulator:
    """One empty slice more, so that what was decided last has arrived."""
    sim.step(int(case.slices.time[-1]) + 1, np.full((case.symbols, 5), np.nan))
    return sim


@settings(max_examples=EXAMPLES // 4, deadline=None, derandomize=True)
@given(cases())
@pytest.mark.prove
def test_single_steps_of_orders_equal_one_chunk(case: Case) -> None:
    whole, _ = chunked(case, case.slices, case.bars, None, case.orders)
    same_bits(stepped_orders(case), whole)


@settings(max_examples=EXAMPLES // 4, deadline=None, derandomize=True)
@given(cases())
@pytest.mark.prove
def test_single_steps_through_the_schedule_equal_one_chunk_of_targets(case: Case) -> None:
    whole, _ = chunked(case, case.slices, case.bars, case.targets, [])
    flush(whole, case)
    same_bits(flush(stepped_targets(case, through_orders=False), case), whole)
    same_bits(flush(stepped_targets(case, through_orders=True), case), whole)


def test_real_bars_step_by_step_equal_one_chunk(shared_data: Callable[[str], Path]) -> None:
    bars = load_bars(shared_data("us_equity_15min_2020_2022.parquet"))
    slices = cut(bars.slices, 0, 6000)
    close = slices.bars[:, :, 3]
    want = np.where(close > np.roll(close, 40, axis=0), 1.0, -0.5) / close.shape[1]
    whole, step = (Simulator(slices.symbols, Costs.us_equity(), CASH) for _ in range(2))
    whole.run(slices, want)
    for t in range(len(slices)):
        step.step(int(slices.time[t]), slices.bars[t])
        step.set_targets(want[t])
    same_bits(step, whole)
    trades = whole.events().filter(pl.col("kind") == "filled")
    assert len(trades) > 5000


def test_restored_simulator_goes_on_with_the_same_bits() -> None:
    slices, messages = LONG.slices, LONG.orders
    whole, _ = chunked(LONG, slices, len(slices), None, messages)
    first, again = new(LONG), new(LONG)
    first.run(cut(slices, 0, 1234), messages=[m for m in messages if m[0] < 1234])
    again.restore(first.save())
    again.run(cut(slices, 1234, len(slices)), messages=[(t - 1234, m) for t, m in messages if t >= 1234])
    same_bits(again, whole)


def test_a_symbols_fills_do_not_depend_on_other_symbols_without_targets() -> None:
    case = replace(LONG, bars=500)
    slices, want = case.slices, case.targets
    alone = np.full_like(want, np.nan)
    alone[:, 3] = want[:, 3]
    wide = new(case).run(slices, alone).equity
    narrow = Slices(("D",), slices.time, slices.row[:, 3:4], np.ascontiguousarray(slices.bars[:, 3:4]))
    sim = Simulator(("D",), case.costs, CASH, schedule=case.schedule)
    assert wide.tobytes() == sim.run(narrow, want[:, 3:4]).equity.tobytes()
