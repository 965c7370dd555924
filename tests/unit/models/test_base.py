"""Names of features, and what the registry of models knows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from alphatrade.core.errors import ConfigError, ModelError
from alphatrade.dataset import Sample
from alphatrade.models import FittedModel, LightGBM, Logistic, Model, models
from alphatrade.models.base import require_features
from alphatrade.testing import model_sample


def test_same_features_pass() -> None:
    require_features(("a", "b"), ["a", "b"])


def test_other_features_are_named() -> None:
    with pytest.raises(ModelError, match=r"missing b; not in training: c"):
        require_features(("a", "b"), ("a", "c"))


def test_many_other_features_are_counted() -> None:
    with pytest.raises(ModelError, match="and 3 more"):
        require_features(tuple(f"f{k}" for k in range(8)), ())


def test_another_order_is_told_apart_from_other_names() -> None:
    with pytest.raises(
        ModelError, match="same names in another order, first at column 1: expected b, found c"
    ):
        require_features(("a", "b", "c"), ("a", "c", "b"))


def test_registry_builds_models_from_configuration() -> None:
    assert models.build("lightgbm") == LightGBM()
    assert models.build({"kind": "logistic", "c": 0.5}) == Logistic(c=0.5)


def test_unknown_model_gets_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match="did you mean 'lightgbm'"):
        models.build("lightgmb")


def test_recipes_and_fitted_models_follow_the_protocols() -> None:
    assert isinstance(Logistic(), Model)
    assert isinstance(LightGBM(), Model)
    assert isinstance(Logistic(calibrate=False).fit(model_sample()), FittedModel)


def test_a_recipe_cannot_predict() -> None:
    assert not hasattr(Logistic(), "predict")


def test_fitted_model_says_what_it_was_trained_on() -> None:
    sample = model_sample()
    fitted = Logistic().fit(sample)
    assert fitted.features == sample.features
    assert fitted.classes == (-1, 0, 1)
    assert fitted.known_until == sample.t1.max()
    assert fitted.card.known_from == sample.t0.min()
    assert fitted.card.data_hash == sample.hash
    assert fitted.card.rows == len(sample)
    for c, mean, rate in zip(fitted.classes, fitted.class_returns, fitted.train_base_rates):
        assert mean == pytest.approx(sample.ret[sample.y == c].mean(), rel=1e-12)
        assert rate == pytest.approx((sample.y == c).mean(), rel=1e-12)


def test_base_rates_times_class_returns_is_the_blind_expectancy() -> None:
    sample = model_sample()
    fitted = Logistic(calibrate=False).fit(sample)
    blind = np.dot(fitted.train_base_rates, fitted.class_returns)
    assert blind == pytest.approx(sample.ret.mean(), rel=1e-9)


def test_no_rows_give_no_answers() -> None:
    fitted = Logistic(calibrate=False).fit(model_sample())
    answer = fitted.predict(np.empty((0, len(fitted.features)), np.float32))
    assert len(answer) == 0
    assert answer.probability.shape == (0, 3)


def test_wrong_shape_says_how_many_columns_there_should_be() -> None:
    fitted = Logistic(calibrate=False).fit(model_sample())
    with pytest.raises(ModelError, match="expected rows of 6 features, found an array of shape"):
        fitted.predict(np.zeros(6, np.float32))


def _with(sample: Sample, **columns: np.ndarray) -> Sample:
    return Sample(dataclasses.replace(sample.columns, **columns), sample.rows)


@pytest.mark.parametrize("recipe", [Logistic(), LightGBM()])
def test_training_rows_must_be_fit_to_train_on(recipe: Model) -> None:
    sample = model_sample()
    n = len(sample)
    with pytest.raises(ModelError, match="at least 2 classes"):
        recipe.fit(_with(sample, y=np.ones(n, np.int8)))
    with pytest.raises(ModelError, match="a finite ret in every training row, found 1"):
        recipe.fit(_with(sample, ret=np.where(np.arange(n) == 3, np.nan, 0.0)))
    with pytest.raises(ModelError, match="weights of at least 0"):
        recipe.fit(_with(sample, weight=np.zeros(n)))
    with pytest.raises(ModelError, match="weights of at least 0"):
        recipe.fit(_with(sample, weight=-np.ones(n)))
