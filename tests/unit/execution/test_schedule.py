"""From weights to orders."""

from __future__ import annotations

import math

import numpy as np
import pytest

from alphatrade.core.opinion import Target
from alphatrade.execution import Immediate
from alphatrade.strategies.view import View

NAN = math.nan


def view(close: list[float], qty: list[float] | None = None, pending: list[float] | None = None) -> View:
    found = View(tuple("ABCDEF"[: len(close)]))
    found.equity, found.close, found.next_order = 10_000.0, np.array(close), 7
    found.qty = np.array(qty or [0.0] * len(close))
    found.pending = np.array(pending or [0.0] * len(close))
    return found


def sizes(weight: list[float], seen: View, schedule: Immediate | None = None) -> list[tuple[int, float]]:
    return [(o.symbol, o.qty) for o in (schedule or Immediate()).slice(Target(np.array(weight)), seen)]


def test_a_weight_becomes_shares_at_the_last_close() -> None:
    assert sizes([0.5, -0.25], view([10.0, 50.0])) == [(0, 500.0), (1, -50.0)]


def test_orders_are_numbered_from_the_views_next() -> None:
    assert [o.id for o in Immediate().slice(Target(np.array([0.5, 0.5])), view([1.0, 1.0]))] == [7, 8]


def test_nan_leaves_a_position_as_it_is() -> None:
    assert sizes([NAN], view([10.0], [100.0])) == []


def test_a_symbol_without_a_price_gets_no_order() -> None:
    assert sizes([1.0], view([NAN])) == []


def test_what_is_on_order_counts_as_held() -> None:
    assert sizes([0.5], view([10.0], [200.0], [300.0])) == []
    assert sizes([0.0], view([10.0], [0.0], [500.0])) == [(0, -500.0)]


def test_orders_that_reduce_come_first() -> None:
    assert sizes([0.5, 0.1, 0.0], view([10.0] * 3, [0.0, 500.0, 200.0])) == [
        (1, -400.0),
        (2, -200.0),
        (0, 500.0),
    ]


def test_differences_inside_the_band_are_left() -> None:
    schedule = Immediate(band=0.1)
    assert sizes([0.5], view([10.0], [451.0]), schedule) == []
    assert sizes([0.5], view([10.0], [449.0]), schedule) == [(0, 51.0)]
    assert sizes([0.5], view([10.0], [550.0]), schedule) == []
    assert sizes([0.5], view([10.0], [560.0]), schedule) == [(0, -60.0)]


def test_closing_and_turning_lie_outside_the_band() -> None:
    schedule = Immediate(band=0.9)
    assert sizes([0.0], view([10.0], [1.0]), schedule) == [(0, -1.0)]
    assert sizes([-0.01], view([10.0], [10.0]), schedule) == [(0, -20.0)]


def test_differences_of_little_money_are_left_but_a_position_is_closed() -> None:
    schedule = Immediate(band=0.0, min_notional=100.0)
    assert sizes([0.009], view([10.0]), schedule) == []
    assert sizes([0.011], view([10.0]), schedule) == [(0, 11.0)]
    assert sizes([0.0], view([10.0], [2.0]), schedule) == [(0, -2.0)]


def test_rounding_is_not_closed() -> None:
    assert sizes([0.0], view([10.0], [1e-10])) == []


def test_whole_shares_round_toward_zero() -> None:
    schedule = Immediate(whole_shares=True)
    assert sizes([0.5, -0.5], view([30.0, 30.0]), schedule) == [(0, 166.0), (1, -166.0)]
    assert sizes([0.0001], view([30.0]), Immediate(min_notional=0.0, whole_shares=True)) == []


def test_an_account_without_equity_is_closed() -> None:
    seen = view([10.0, 10.0], [100.0, 0.0])
    seen.equity = -5.0
    assert sizes([0.5, 0.5], seen) == [(0, -100.0)]


@pytest.mark.parametrize(
    ("weight", "said"), [([0.5], "each of 2 symbols"), ([0.5, math.inf], "infinite one")]
)
def test_impossible_targets_are_refused(weight: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sizes(weight, view([1.0, 1.0]))


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"band": 1.0}, "band"), ({"band": NAN}, "band"), ({"min_notional": -1.0}, "min_notional")],
)
def test_impossible_settings_are_refused(settings: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Immediate(**settings)  # type: ignore[arg-type]
