"""Every case of the touch rule, long and short."""

from __future__ import annotations

import math

import numpy as np
import pytest

from alphatrade.execution import touch

NAN = math.nan
# o, h, l, stop, limit -> kind, price, for a long position
LONG = {
    "nothing_is_touched": (100, 101, 99.5, 99, 102, 0, NAN),
    "low_reaches_the_stop": (100, 101, 98, 99, 102, -1, 99),
    "low_equal_to_the_stop_counts": (100, 101, 99, 99, 102, -1, 99),
    "high_reaches_the_limit": (100, 103, 99.5, 99, 102, 1, 102),
    "high_equal_to_the_limit_counts": (100, 102, 99.5, 99, 102, 1, 102),
    "both_inside_the_bar_is_the_stop": (100, 103, 98, 99, 102, -1, 99),
    "open_below_the_stop_fills_at_the_open": (97, 98, 96, 99, 102, -1, 97),
    "open_on_the_stop_fills_there": (99, 101, 98, 99, 102, -1, 99),
    "open_below_the_stop_then_the_limit_is_the_stop": (97, 105, 96, 99, 102, -1, 97),
    "open_above_the_limit_fills_at_the_open": (104, 105, 103, 99, 102, 1, 104),
    "open_on_the_limit_fills_there": (102, 105, 101, 99, 102, 1, 102),
    "open_above_the_limit_then_the_stop_is_the_limit": (104, 105, 90, 99, 102, 1, 104),
    "no_stop_only_the_limit": (100, 103, 50, NAN, 102, 1, 102),
    "no_limit_only_the_stop": (100, 1000, 98, 99, NAN, -1, 99),
    "no_levels_no_touch": (100, 1000, 1, NAN, NAN, 0, NAN),
    "a_missing_bar_touches_nothing": (NAN, NAN, NAN, 99, 102, 0, NAN),
    "inverted_levels_trade_at_the_open": (100, 101, 98, 97, 99, 1, 100),
}


def same(found: tuple[int, float], kind: int, price: float) -> bool:
    return found[0] == kind and (found[1] == price or (math.isnan(found[1]) and math.isnan(price)))


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("compiled", [True, False])
def test_long(name: str, compiled: bool) -> None:
    o, h, l, stop, limit, kind, price = map(float, LONG[name])
    rule = touch if compiled else touch.py_func
    assert same(rule(o, h, l, stop, limit, 1), int(kind), price)


@pytest.mark.parametrize("name", LONG)
def test_short_is_the_mirror_image(name: str) -> None:
    o, h, l, stop, limit, kind, price = (200.0 - float(x) for x in LONG[name])
    kind = float(LONG[name][5])
    assert same(touch(o, l, h, stop, limit, -1), int(kind), price)  # high and low change places


def test_a_buy_limit_order_fills_at_the_limit_or_better() -> None:
    assert touch(100.0, 101.0, 98.0, NAN, 99.0, -1) == (1, 99.0)
    assert touch(98.5, 101.0, 98.0, NAN, 99.0, -1) == (1, 98.5)


def test_a_buy_stop_order_fills_at_the_stop_or_worse() -> None:
    assert touch(100.0, 102.0, 99.0, 101.0, NAN, -1) == (-1, 101.0)
    assert touch(101.5, 102.0, 99.0, 101.0, NAN, -1) == (-1, 101.5)


@pytest.mark.parametrize("side", [1, -1])
def test_price_is_always_inside_the_bar(side: int) -> None:
    rng = np.random.default_rng(0)
    for _ in range(2000):
        low, o, high = np.sort(100.0 + rng.normal(size=3))
        stop, limit = 100.0 - side * abs(rng.normal()), 100.0 + side * abs(rng.normal())
        kind, price = touch(o, high, low, stop, limit, side)
        reached = (low <= stop, high >= limit) if side > 0 else (high >= stop, low <= limit)
        assert (kind != 0) == any(reached)
        assert kind == 0 or low <= price <= high
