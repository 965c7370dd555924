"""Information coefficients: slice by slice as scipy has them, NaN where nothing is ranked."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from alphatrade.metrics import information_coefficients, ranking_scores


def test_every_slice_agrees_with_scipy_ties_included() -> None:
    rng = np.random.default_rng(0)
    f = rng.integers(0, 6, (30, 12)).astype(float)
    o = rng.normal(size=(30, 12)).round(1)
    order = rng.permutation(360)
    c = information_coefficients(f.ravel()[order], o.ravel()[order], np.repeat(np.arange(30), 12)[order])
    assert (c.count == 12).all()
    np.testing.assert_allclose(c.ic, [pearsonr(a, b)[0] for a, b in zip(f, o)], atol=1e-12)
    np.testing.assert_allclose(c.rank_ic, [spearmanr(a, b)[0] for a, b in zip(f, o)], atol=1e-12)


def test_rows_without_opinion_are_left_out_and_small_or_constant_slices_have_none() -> None:
    f = np.array([1, 2, 3, np.nan, 1, 1, 1, 1, 1, 2])
    o = np.array([1, 2, 3, 9, 1, 2, 3, 4, np.nan, np.nan])
    c = information_coefficients(f, o, [0, 0, 0, 0, 1, 1, 1, 1, 2, 2], fewest=3)
    assert c.count.tolist() == [3, 4, 0]
    assert c.rank_ic[0] == pytest.approx(1.0)
    assert np.isnan(c.ic[1:]).all()
    assert np.isnan(c.rank_ic[1:]).all()


def test_no_skill_has_an_interval_around_zero_and_skill_has_not() -> None:
    rng = np.random.default_rng(1)
    when = np.repeat(np.arange(400), 15)
    x = rng.normal(size=6_000)
    none = ranking_scores(x, rng.normal(size=6_000), when, rng)
    assert none.rank_ic_interval.lo < 0 < none.rank_ic_interval.hi
    some = ranking_scores(x, 0.2 * x + rng.normal(size=6_000), when, rng)
    assert some.ic_interval.lo > 0.1
    assert some.icir == pytest.approx(some.ic / 0.26, rel=0.2)
    assert (some.slices, some.rows) == (400, 6_000)


def test_nothing_to_rank_is_nan() -> None:
    r = ranking_scores([1.0, 2.0], [1.0, 2.0], [0, 1], np.random.default_rng(0))
    assert (r.slices, r.rows) == (0, 0)
    assert math.isnan(r.ic)
    assert math.isnan(r.rank_ic_interval.lo)
    empty = ranking_scores([], [], np.array([], dtype=int), np.random.default_rng(0))
    assert empty.slices == 0


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match="without infinite values"):
        information_coefficients([math.inf], [1.0], [0])
    with pytest.raises(ValueError, match="same length, found 2 and 1"):
        information_coefficients([1.0, 2.0], [1.0], [0, 0])
    with pytest.raises(ValueError, match="slice: expected 1 integers"):
        information_coefficients([1.0], [1.0], [0.5])
    with pytest.raises(ValueError, match="fewest: expected at least 2"):
        information_coefficients([1.0], [1.0], [0], fewest=1)
