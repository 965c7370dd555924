"""Scaling by training rows only."""

from __future__ import annotations

import numpy as np
import pytest

from alphatrade.models import Standardiser


def test_equals_scikit_learn_without_clipping() -> None:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    x = rng.standard_normal((500, 4)).astype(np.float32) * [1, 10, 0.1, 1e4]
    x[rng.random(x.shape) < 0.1] = np.nan
    new = rng.standard_normal((50, 4)).astype(np.float32)
    new[3, 2] = np.nan
    x = x.astype(np.float32)
    theirs = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()).fit(x.astype(np.float64))
    fitted = Standardiser(tail=0.0).fit(x)
    inside = np.clip(new, np.nanmin(x, axis=0), np.nanmax(x, axis=0))
    np.testing.assert_allclose(
        fitted(inside), theirs.transform(inside.astype(np.float64)), rtol=1e-6, atol=1e-6
    )


def test_tails_are_clipped_at_training_quantiles() -> None:
    x = np.arange(101, dtype=np.float32)[:, None]
    fitted = Standardiser(tail=0.1).fit(x)
    low, high = fitted(np.array([[10.0], [90.0]], np.float32)).ravel()
    found = fitted(np.array([[-1e30], [1e30], [-np.inf], [np.inf]], np.float32)).ravel()
    np.testing.assert_array_equal(found, [low, high, low, high])


def test_unknown_becomes_the_training_median() -> None:
    fitted = Standardiser().fit(np.array([[1.0], [2.0], [9.0], [np.nan]], np.float32))
    np.testing.assert_array_equal(
        fitted(np.array([[np.nan]], np.float32)), fitted(np.array([[2.0]], np.float32))
    )


@pytest.mark.parametrize("value", [0.0, 7.5, np.nan])
def test_constant_or_unknown_columns_become_zero(value: float) -> None:
    fitted = Standardiser().fit(np.full((10, 1), value, np.float32))
    new = np.array([[np.nan], [1e9], [-3.0], [value]], np.float32)
    np.testing.assert_array_equal(fitted(new), np.zeros((4, 1)))


def test_column_that_moves_in_its_last_bits_only_becomes_zero() -> None:
    x = np.full((100, 1), 1e6, np.float64)
    x[::2] += 1e-6
    assert Standardiser().fit(x).scale[0] == 0.0


def test_infinite_training_values_do_not_spread() -> None:
    x = np.array([[1.0], [2.0], [np.inf], [3.0], [-np.inf]], np.float32)
    assert np.isfinite(Standardiser().fit(x)(x)).all()


@pytest.mark.parametrize("tail", [-0.1, 0.5, float("nan")])
def test_senseless_tails_are_refused(tail: float) -> None:
    with pytest.raises(ValueError, match="tail: expected a share"):
        Standardiser(tail)
