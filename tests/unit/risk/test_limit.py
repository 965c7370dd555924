"""Limits only shrink; approvals come from risk alone."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphatrade.core.opinion import Target
from alphatrade.core.order import Order
from alphatrade.risk import ApprovedOrder, Denied, Limits
from alphatrade.risk.approval import approve
from alphatrade.strategies import View

NAN = math.nan


def view(qty=(0.0, 0.0), close=(100.0, 50.0), equity=100_000.0, pending=(0.0, 0.0)):
    made = View(("A", "B"))
    made.qty[:], made.close[:], made.pending[:], made.equity = qty, close, pending, equity
    made.weight = made.qty * made.close / equity
    made.planned_gross = float(np.nansum(np.abs(made.qty + made.pending) * made.close))
    return made


def ask(limits, qty, at=None, symbol=0):
    return limits.approve(Order(7, symbol, qty), at or view())


def test_an_order_within_limits_is_approved_whole():
    verdict = ask(Limits(), 100.0)
    assert isinstance(verdict, ApprovedOrder)
    assert (verdict.order.qty, verdict.wanted) == (100.0, 100.0)


def test_an_order_is_cut_to_the_room_that_is_left():
    verdict = ask(Limits(max_position=0.08), 100.0)
    assert isinstance(verdict, ApprovedOrder)
    assert (verdict.order.qty, verdict.wanted) == (80.0, 100.0)


def test_an_order_of_which_less_than_half_fits_is_denied_with_the_limit_that_binds():
    verdict = ask(Limits(max_position=0.04), 100.0)
    assert isinstance(verdict, Denied)
    assert "limits.max_position 0.04" in verdict.reason
    verdict = ask(Limits(max_gross=0.5), 100.0, view(qty=(0.0, 950.0)))
    assert isinstance(verdict, Denied)
    assert "limits.max_gross 0.5" in verdict.reason


def test_what_is_on_order_counts_as_held():
    assert isinstance(ask(Limits(max_position=0.1), 100.0, view(pending=(80.0, 0.0))), Denied)


def test_an_order_that_only_reduces_is_always_approved():
    at = view(qty=(5_000.0, 0.0))
    at.halted = True
    assert ask(Limits(max_order_usd=1.0), -5_000.0, at).approved
    assert ask(Limits(), -1_000.0, at).approved


def test_a_reversal_while_halted_is_cut_to_the_closing():
    at = view(qty=(100.0, 0.0))
    at.halted = True
    assert ask(Limits(), -500.0, at).order.qty == -100.0


def test_nothing_grows_while_halted_after_the_sessions_loss_or_without_a_price():
    at = view()
    at.halted = True
    assert ask(Limits(), 1.0, at).reason == "trading is halted"
    at = view()
    at.day_loss = 0.1
    assert "limits.daily_loss 0.1" in ask(Limits(), 1.0, at).reason
    assert ask(Limits(), 1.0, view(close=(NAN, 50.0))).reason == "no price is known"


def test_a_large_order_is_cut_to_max_order_usd():
    assert ask(Limits(max_order_usd=2_500.0), 100.0).order.qty == 25.0


def test_whole_shares_stay_whole_when_cut():
    assert ask(Limits(max_position=0.0755), 100.0).order.qty == 75.0


def test_apply_closes_everything_while_halted_or_after_the_sessions_loss():
    target = Target(np.array([0.5, NAN]))
    at = view(qty=(0.0, 100.0))
    at.halted = True
    np.testing.assert_array_equal(Limits().apply(target, at).weight, [0, 0])
    at.halted, at.day_loss = False, 0.2
    np.testing.assert_array_equal(Limits(daily_loss=0.2).apply(target, at).weight, [0, 0])
    np.testing.assert_array_equal(Limits(daily_loss=1.0).apply(target, at).weight, [0.5, NAN])


def test_breach_names_the_limit():
    at = view()
    assert Limits().breach(at) is None
    at.drawdown = 0.3
    assert "limits.max_drawdown 0.3" in Limits().breach(at)
    assert Limits(max_drawdown=1.0).breach(at) is None
    at.equity = 0.0
    assert "nothing is left" in Limits(max_drawdown=1.0).breach(at)


def test_only_risk_makes_an_approved_order():
    order = Order(1, 0, 10.0)
    approved = approve(order)
    with pytest.raises(TypeError, match="only alphatrade"):
        ApprovedOrder(order, 10.0, object())
    with pytest.raises((TypeError, ValueError)):
        dataclasses.replace(approved, order=Order(2, 0, 1e9))
    with pytest.raises(ValueError, match="only shrink"):
        approve(order, 11.0)


@pytest.mark.parametrize("name", ["max_position", "max_gross", "max_order_usd", "max_drawdown", "daily_loss"])
def test_a_limit_must_be_above_zero(name):
    with pytest.raises(ValueError, match=f"limits.{name}"):
        Limits(**{name: 0.0})


weight = st.one_of(st.just(NAN), st.floats(-3, 3))


@given(
    want=st.lists(weight, min_size=2, max_size=2),
    held=st.lists(st.floats(-2, 2), min_size=2, max_size=2),
    position=st.floats(0.01, 2),
    gross=st.floats(0.01, 3),
)
def test_apply_never_enlarges_or_flips_a_weight(want, held, position, gross):
    at = view()
    at.weight = np.array(held)
    limits = Limits(max_position=position, max_gross=gross)
    before, after = np.array(want), limits.apply(Target(np.array(want)), at).weight
    np.testing.assert_array_equal(np.isnan(before), np.isnan(after))
    asked = ~np.isnan(before)
    assert (np.abs(after[asked]) <= np.abs(before[asked])).all()
    assert (after[asked] * before[asked] >= 0).all()
    assert (
        np.abs(after[asked]).sum() <= max(gross - np.abs(at.weight[~asked]).sum(), 0.0) * (1 + 1e-9) + 1e-12
    )


@given(
    qty=st.floats(-3_000, 3_000).filter(lambda q: abs(q) > 1e-6),
    held=st.floats(-2_000, 2_000),
    other=st.floats(-2_000, 2_000),
    pending=st.floats(-500, 500),
    halted=st.booleans(),
    position=st.floats(0.05, 2),
    gross=st.floats(0.05, 3),
)
def test_approve_never_enlarges_or_flips_an_order_and_keeps_the_limits(
    qty, held, other, pending, halted, position, gross
):
    at = view(qty=(held, other), pending=(pending, 0.0))
    at.halted = halted
    limits = Limits(max_position=position, max_gross=gross)
    verdict = limits.approve(Order(1, 0, qty), at)
    if isinstance(verdict, Denied):
        return
    sent, planned = verdict.order.qty, held + pending
    assert 0.0 < sent / qty <= 1.0
    after = abs(planned + sent)
    if after > abs(planned) * (1 + 1e-9):
        assert not halted
        assert after * 100.0 <= position * at.equity * (1 + 1e-6)
        assert (after - abs(planned)) * 100.0 + at.planned_gross <= gross * at.equity * (1 + 1e-6)
