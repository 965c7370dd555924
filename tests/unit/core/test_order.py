"""Orders: what cannot be one is refused when it is made."""

from __future__ import annotations

import dataclasses
import math

import pytest

from alphatrade.core.order import Fill, Order, OrderKind


def test_a_market_order_needs_no_price() -> None:
    order = Order(1, 0, -10.0)
    assert order.kind is OrderKind.MARKET
    assert math.isnan(order.limit)
    assert math.isnan(order.stop)
    assert order.bars == 0


@pytest.mark.parametrize("qty", [0.0, math.nan, math.inf, -math.inf])
def test_a_quantity_is_finite_and_not_zero(qty: float) -> None:
    with pytest.raises(ValueError, match="order 7: expected a finite quantity other than 0"):
        Order(7, 0, qty)


@pytest.mark.parametrize("price", [math.nan, 0.0, -1.0])
def test_a_limit_order_needs_a_limit_and_a_stop_order_a_stop(price: float) -> None:
    with pytest.raises(ValueError, match="order 7: a limit order needs a limit price above 0"):
        Order(7, 0, 1.0, OrderKind.LIMIT, limit=price)
    with pytest.raises(ValueError, match="order 7: a stop order needs a stop price above 0"):
        Order(7, 0, 1.0, OrderKind.STOP, stop=price)
    assert Order(7, 0, 1.0, OrderKind.LIMIT, limit=5.0).limit == 5.0
    assert Order(7, 0, 1.0, OrderKind.STOP, stop=5.0).stop == 5.0


def test_messages_do_not_change() -> None:
    order, fill = Order(1, 0, 1.0), Fill(1, 0, 5, 1.0, 10.0, 0.1, 0.2, 0.3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        order.qty = 2.0  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        fill.price = 2.0  # type: ignore[misc]


def test_kinds_are_the_numbers_that_compiled_code_reads() -> None:
    assert [int(k) for k in OrderKind] == [0, 1, 2]
