"""Fixed-order arithmetic against plain twins."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from alphatrade.models.kernel import blank, expected, linear_scores, probabilities


def test_linear_scores_are_summed_in_the_order_of_the_features() -> None:
    rng = np.random.default_rng(0)
    z, weight, bias = rng.standard_normal((20, 9)), rng.standard_normal((9, 3)), rng.standard_normal(3)
    for i, row in enumerate(linear_scores(z, weight, bias)):
        for c in range(3):
            total = float(bias[c])
            for f in range(9):
                total += float(weight[f, c]) * float(z[i, f])
            assert row[c] == total


def test_probabilities_equal_the_formula() -> None:
    rng = np.random.default_rng(1)
    scores = 3 * rng.standard_normal((50, 4))
    anchor, base = np.log(rng.dirichlet(np.ones(4), 2))
    found = probabilities(scores, anchor, base, 0.3)
    wanted = softmax(base + 0.3 * (log_softmax(scores, axis=1) - anchor), axis=1)
    np.testing.assert_allclose(found, wanted, rtol=1e-13)


def test_slope_zero_answers_the_base_rates() -> None:
    base = np.array([0.638, 0.033, 0.329])
    scores = np.random.default_rng(2).standard_normal((5, 3))
    np.testing.assert_allclose(
        probabilities(scores, np.log([0.5, 0.2, 0.3]), np.log(base), 0.0), [base] * 5, rtol=1e-14
    )


def test_scores_far_apart_do_not_overflow() -> None:
    found = probabilities(np.array([[1e4, -1e4]]), np.log([0.5, 0.5]), np.log([0.5, 0.5]), 1.0)
    np.testing.assert_array_equal(found, [[1.0, 0.0]])


def test_class_that_the_scorer_never_saw_keeps_its_base_odds() -> None:
    scores = np.array([[0.7, 99.0, -0.2]])
    base = np.array([0.5, 0.1, 0.4])
    with np.errstate(divide="ignore"):
        found = probabilities(scores, np.log([0.6, 0.0, 0.4]), np.log(base), 1.0)[0]
    others = base[[0, 2]] * softmax(scores[0, [0, 2]]) / [0.6, 0.4]
    np.testing.assert_allclose(
        found, np.array([others[0], 0.1, others[1]]) / (0.1 + others.sum()), rtol=1e-13
    )


def test_expected_is_the_weighted_sum_and_nan_stays() -> None:
    p = np.array([[0.5, 0.25, 0.25], [np.nan, np.nan, np.nan]])
    found = expected(p, np.array([-0.01, 0.0, 0.02]))
    assert found[0] == pytest.approx(0.0, abs=1e-18)
    assert np.isnan(found[1])


def test_blank_rows_have_no_known_feature() -> None:
    x = np.array([[np.nan, np.nan], [np.nan, 0.0], [1.0, np.nan]], np.float32)
    assert blank(x).tolist() == [True, False, False]
