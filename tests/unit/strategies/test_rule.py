"""Rules on named features."""

from __future__ import annotations

import math

import numpy as np
import pytest

from alphatrade.strategies import BlindLong, RsiReversion, SmaCross, View

NAN = math.nan


def sides(recipe, rows, present=True):
    """Sides of one symbol over rows of its features."""
    running = recipe.start(("A",), tuple(recipe.reads))
    view = View(("A",), len(recipe.reads))
    view.present[0] = present
    found = []
    for row in rows:
        view.feature = np.array([row], np.float32)
        found.append(float(running.decide(view).side[0]))
    return found


def test_sma_cross_is_long_while_fast_is_above_slow():
    np.testing.assert_array_equal(sides(SmaCross(), [(2, 1), (1, 1), (1, 2)]), [1, 0, 0])
    np.testing.assert_array_equal(sides(SmaCross(short=True), [(2, 1), (1, 2)]), [1, -1])


def test_sma_cross_has_no_opinion_without_its_features_or_a_bar():
    np.testing.assert_array_equal(sides(SmaCross(), [(NAN, 1), (1, NAN)]), [NAN, NAN])
    np.testing.assert_array_equal(sides(SmaCross(), [(2, 1)], present=False), [NAN])


def test_rsi_reversion_buys_below_low_and_keeps_until_middle():
    path = [(40,), (29,), (35,), (NAN,), (49,), (50,), (40,)]
    np.testing.assert_array_equal(sides(RsiReversion(), path), [0, 1, 1, NAN, 1, 0, 0])


def test_rsi_reversion_can_be_short_and_flip_in_one_slice():
    np.testing.assert_array_equal(
        sides(RsiReversion(short=True), [(71,), (60,), (29,), (75,)]), [-1, -1, 1, -1]
    )


def test_rsi_levels_must_be_in_order():
    with pytest.raises(ValueError, match="low < middle < high"):
        RsiReversion(low=50.0, middle=40.0)


def test_a_feature_that_is_not_served_is_refused_with_the_nearest_name():
    with pytest.raises(ValueError, match="did you mean 'sma_20'"):
        SmaCross(fast="sma_21", slow="sma_50").start(("A",), ("sma_20", "sma_50"))


def test_blind_long_is_long_wherever_there_is_a_bar():
    view = View(("A", "B"))
    view.present[0] = True
    np.testing.assert_array_equal(BlindLong().start(("A", "B")).decide(view).side, [1, NAN])
