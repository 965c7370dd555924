"""Sizing: weights from opinions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from alphatrade.core.opinion import Signals
from alphatrade.portfolio import ALLOCATORS, ConfidenceWeight, EqualWeight, VolatilityTarget, cap
from alphatrade.strategies import View

NAN = math.nan


def signals(side, confidence=None, volatility=None):
    side = np.array(side, float)
    ones = np.ones(len(side))
    return Signals(
        side,
        ones if confidence is None else np.array(confidence, float),
        np.full(len(side), NAN),
        0.01 * ones if volatility is None else np.array(volatility, float),
        1,
        "test",
    )


def view(n, weight=None):
    made = View(tuple("ABCDEFGH"[:n]))
    if weight is not None:
        made.weight[:] = weight
    return made


def weights(allocator, said, held=None):
    return allocator.allocate(said, view(len(said.side), held)).weight


def test_equal_weight_shares_gross_among_the_sides():
    found = weights(EqualWeight(max_position=1.0), signals([1, -1, 0, 1]))
    np.testing.assert_allclose(found, [1 / 3, -1 / 3, 0, 1 / 3])


def test_equal_weight_leaves_symbols_without_opinion_and_their_share():
    found = weights(EqualWeight(max_position=1.0), signals([1, NAN]), held=[0.0, 0.5])
    np.testing.assert_allclose(found, [0.5, NAN])


def test_equal_weight_by_confidence_keeps_the_rest_in_cash():
    found = weights(EqualWeight(max_position=1.0, by_confidence=True), signals([1, 1, 0], [0.5, 1.0, NAN]))
    np.testing.assert_allclose(found, [0.25, 0.5, 0])


def test_confidence_weight_runs_from_the_smallest_to_the_largest_position():
    found = weights(ConfidenceWeight(), signals([1, -1, 1, 0], [0.0, 1.0, 0.5, NAN]))
    np.testing.assert_allclose(found, [0.01, -0.10, 0.055, 0])


def test_volatility_target_of_one_symbol_is_goal_over_volatility():
    allocator = VolatilityTarget(252.0, max_position=2.0, max_gross=2.0)
    found = weights(allocator, signals([1], volatility=[0.01]))
    np.testing.assert_allclose(found, [0.12 / math.sqrt(252) / 0.01])


@pytest.mark.parametrize("correlation", [0.0, 0.3, 1.0])
def test_volatility_target_reaches_its_goal_when_the_assumed_correlation_is_true(correlation):
    said = signals([1, 1, -1, 1], volatility=[0.01, 0.02, 0.03, 0.005])
    allocator = VolatilityTarget(252.0, max_position=9.0, max_gross=9.0, correlation=correlation)
    found = weights(allocator, said)
    covariance = np.full((4, 4), correlation)
    np.fill_diagonal(covariance, 1.0)
    covariance *= np.outer(said.volatility, said.volatility)
    assert math.sqrt(found @ covariance @ found * 252.0) == pytest.approx(0.12)


def test_volatility_target_gives_nothing_to_symbols_whose_volatility_is_not_known():
    found = weights(VolatilityTarget(252.0), signals([1, 1, 1], volatility=[NAN, 0.0, 0.01]))
    np.testing.assert_array_equal(found[:2], [0, 0])
    assert found[2] > 0


def test_volatility_target_scales_with_confidence_and_respects_caps():
    allocator = VolatilityTarget(252.0, max_position=0.10, max_gross=1.0)
    found = weights(allocator, signals([1, 1], [1.0, 0.1], [0.001, 0.01]))
    assert found[0] == 0.10
    assert found[1] == pytest.approx(0.1 * 0.12 / math.sqrt(252) / math.sqrt(0.5 * 2 + 0.5 * 4) / 0.01)


def test_volatility_target_needs_periods_per_year():
    with pytest.raises(TypeError, match="periods_per_year"):
        VolatilityTarget()
    with pytest.raises(ValueError, match="periods_per_year"):
        VolatilityTarget(0.0)


def test_every_registered_allocator_is_blind_to_the_order_of_symbols():
    rng = np.random.default_rng(0)
    side = np.array([1, -1, 0, NAN, 1, 1, -1, NAN])
    said = [side, rng.random(8), rng.uniform(0.005, 0.03, 8)]
    held = np.array([0, 0, 0, 0.02, 0, 0, 0, -0.01])
    order = rng.permutation(8)
    for name in ALLOCATORS:
        kind = ALLOCATORS.get(name)
        allocator = kind(252.0) if name == "volatility_target" else kind()
        straight = weights(allocator, signals(*said), held)
        shuffled = weights(allocator, signals(*(c[order] for c in said)), held[order])
        np.testing.assert_allclose(shuffled, straight[order], rtol=1e-12, err_msg=name)
        np.testing.assert_array_equal(np.isnan(straight), np.isnan(side), err_msg=name)
        assert (np.nan_to_num(straight * side) >= 0).all(), name


def test_cap_counts_what_is_left_as_it_is_first():
    np.testing.assert_allclose(cap(np.array([0.5, NAN]), np.array([0.0, 0.9]), 1.0, 1.0), [0.1, NAN])
    np.testing.assert_allclose(cap(np.array([0.5, NAN]), np.array([0.0, 1.2]), 1.0, 1.0), [0.0, NAN])


@pytest.mark.parametrize("kind", [EqualWeight, ConfidenceWeight])
def test_caps_must_make_sense(kind):
    with pytest.raises(ValueError, match="max_position"):
        kind(max_position=0.5, max_gross=0.4)
