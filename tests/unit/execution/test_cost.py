"""What trading costs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from alphatrade.core.order import Order, OrderKind
from alphatrade.execution import Costs, Simulator


def traded(costs: Costs, *orders: Order, volume: float = 1e6) -> Simulator:
    """Orders filled at an open of 100, until they are done."""
    sim = Simulator(("A",), costs, 1e9)
    sim.step(1, np.array([[100.0, 100.0, 100.0, 100.0, volume]]))
    for order in orders:
        sim.submit(order)
    for t in range(2, 12):
        sim.step(t, np.array([[100.0, 101.0, 99.0, 100.0, volume]]))
    return sim


def prices(sim: Simulator) -> list[float]:
    events = sim.events()
    return events.filter(events["kind"] == "filled")["price"].to_list()


def test_free_costs_nothing() -> None:
    sim = traded(Costs.free(), Order(1, 0, 500.0), Order(2, 0, -200.0))
    assert (sim.commission, sim.spread_cost, sim.slippage_cost) == (0.0, 0.0, 0.0)
    assert sim.equity == 1e9


def test_a_fill_pays_half_the_spread() -> None:
    buy = traded(replace(Costs.free(), spread_bps=10.0), Order(1, 0, 100.0))
    sell = traded(replace(Costs.free(), spread_bps=10.0), Order(1, 0, -100.0))
    assert prices(buy) == [pytest.approx(100.05)]
    assert prices(sell) == [pytest.approx(99.95)]
    assert buy.spread_cost == pytest.approx(5.0)
    assert sell.spread_cost == pytest.approx(5.0)


def test_slippage_grows_with_the_share_of_the_bars_volume() -> None:
    costs = replace(Costs.free(), slippage_coefficient=0.02)
    small, large = (traded(costs, Order(1, 0, qty)) for qty in (1e4, 1e5))
    assert prices(small) == [pytest.approx(100.0 * (1.0 + 0.02 * 0.01))]
    assert prices(large) == [pytest.approx(100.0 * (1.0 + 0.02 * 0.1))]
    assert large.slippage_cost == pytest.approx(100.0 * small.slippage_cost)


def test_fixed_slippage_is_basis_points_of_the_price() -> None:
    sim = traded(replace(Costs.free(), slippage_bps=2.0), Order(1, 0, -100.0))
    assert prices(sim) == [pytest.approx(99.98)]


def test_commission_is_rate_and_shares() -> None:
    costs = replace(Costs.free(), commission_bps=5.0, commission_per_share=0.01)
    assert traded(costs, Order(1, 0, 100.0)).commission == pytest.approx(10_000.0 * 5e-4 + 1.0)


def test_smallest_commission_counts_once_an_order() -> None:
    costs = replace(Costs.free(), commission_bps=1.0, commission_min=7.0, participation=0.1)
    in_parts = traded(costs, Order(1, 0, 300.0), volume=1000.0)  # three fills of 100 shares, 1 dollar each
    assert len(prices(in_parts)) == 3
    assert in_parts.commission == pytest.approx(7.0)
    beyond = traded(costs, Order(1, 0, 900.0), volume=1000.0)  # nine fills, 9 dollars
    assert beyond.commission == pytest.approx(9.0)
    assert traded(costs, Order(1, 0, 1.0), Order(2, 0, 1.0)).commission == pytest.approx(14.0)


def test_a_limit_order_filled_at_its_limit_pays_commission_only() -> None:
    costs = replace(Costs.us_equity(), commission_min=0.0)
    sim = traded(costs, Order(1, 0, 100.0, OrderKind.LIMIT, limit=99.5))
    assert prices(sim) == [99.5]
    assert (sim.spread_cost, sim.slippage_cost) == (0.0, 0.0)
    assert sim.commission == pytest.approx(0.995)


def test_a_marketable_limit_order_pays_up_to_its_limit() -> None:
    costs = replace(Costs.free(), spread_bps=100.0, slippage_bps=20.0)  # 0.7 % a side
    sim = traded(costs, Order(1, 0, 100.0, OrderKind.LIMIT, limit=100.6))
    assert prices(sim) == [100.6]
    assert sim.spread_cost == pytest.approx(50.0)  # the spread first, slippage as far as the limit goes
    assert sim.slippage_cost == pytest.approx(10.0)


def test_us_equity_costs_five_basis_points_a_side() -> None:
    sim = traded(replace(Costs.us_equity(), slippage_coefficient=0.0), Order(1, 0, 1000.0))
    paid = sim.commission + sim.spread_cost + sim.slippage_cost
    assert paid == pytest.approx(1000.0 * 100.0 * 5e-4, rel=1e-3)
    assert pytest.approx(Costs.us_equity().round_trip()) == 2.0 * 5e-4


def test_every_number_is_in_the_assumptions() -> None:
    text = " ".join(
        replace(Costs.us_equity(), commission_per_share=0.0035, commission_min=1.25).assumptions()
    )
    for number in ("1 bp of the traded value", "0.0035 a share", "1.25 an order", "6 bp", "10%"):
        assert number in text


def test_no_field_has_a_silent_default() -> None:
    with pytest.raises(TypeError, match="missing"):
        Costs(spread_bps=1.0)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("commission_bps", -1.0, "commission_bps"),
        ("spread_bps", math.nan, "spread_bps"),
        ("slippage_bps", math.inf, "slippage_bps"),
        ("participation", 0.0, "participation"),
        ("participation", 1.5, "participation"),
        ("slippage_coefficient", 10.0, "lower costs.slippage_coefficient"),
    ],
)
def test_impossible_costs_are_refused(field: str, value: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(Costs.us_equity(), **{field: value})
