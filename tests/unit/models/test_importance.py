"""Shares of importance."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from alphatrade.core.errors import ModelError
from alphatrade.dataset import Sample
from alphatrade.models import LightGBM, Logistic, Model, importance, importance_over_folds
from alphatrade.testing import model_sample

RECIPES = [Logistic(), LightGBM(rounds=30, num_threads=1)]


@pytest.mark.parametrize("recipe", RECIPES)
def test_shares_sum_to_one_and_find_the_features_that_matter(recipe: Model) -> None:
    table = importance(recipe.fit(model_sample()))
    assert table["importance"].sum() == pytest.approx(1.0)
    assert set(table["feature"][:2]) == {"f0", "f1"}
    assert table["importance"][:2].sum() > 0.6


def test_coefficients_count_after_scaling() -> None:
    sample = model_sample()
    scaled = Sample(dataclasses.replace(sample.columns, x=sample.x * np.float32(1000)), sample.rows)
    one, two = (Logistic(calibrate=False).fit(s).importance() for s in (sample, scaled))
    np.testing.assert_allclose(one, two, rtol=1e-3)


def test_folds_are_summed_up() -> None:
    fitted = [Logistic(calibrate=False).fit(model_sample(seed)) for seed in range(3)]
    table = importance_over_folds(fitted)
    assert table.columns == ["feature", "mean", "low", "high"]
    assert table["mean"].sum() == pytest.approx(1.0)
    assert ((table["low"] <= table["mean"]) & (table["mean"] <= table["high"])).all()


def test_folds_must_share_their_features() -> None:
    sample = model_sample()
    other = Sample(dataclasses.replace(sample.columns, features=tuple("uvwxyz")), sample.rows)
    with pytest.raises(ModelError, match="not in training"):
        importance_over_folds([Logistic(calibrate=False).fit(s) for s in (sample, other)])


def test_no_models_have_no_importance() -> None:
    with pytest.raises(ValueError, match="at least one fitted model"):
        importance_over_folds([])


def test_model_that_uses_nothing_has_shares_of_zero() -> None:
    sample = model_sample()
    flat = Sample(dataclasses.replace(sample.columns, x=np.ones_like(sample.x)), sample.rows)
    assert importance(LightGBM(rounds=3, num_threads=1).fit(flat))["importance"].to_list() == [0.0] * 6
