"""Logistic regression against scikit-learn, and where it must differ."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from alphatrade.core.errors import ModelError
from alphatrade.dataset import Sample
from alphatrade.models import Logistic
from alphatrade.models.calibration import log_loss
from alphatrade.testing import model_sample


def _clean(sample: Sample) -> Sample:
    return Sample(dataclasses.replace(sample.columns, x=np.nan_to_num(sample.x)), sample.rows)


@pytest.mark.parametrize("two", [False, True])
def test_equals_scikit_learn_on_clean_rows(two: bool) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    sample = _clean(model_sample())
    if two:
        sample = Sample(
            dataclasses.replace(sample.columns, y=np.sign(sample.y - 0.5).astype(np.int8)), sample.rows
        )
    z = StandardScaler().fit_transform(sample.x.astype(np.float64))
    theirs = LogisticRegression(C=0.5, max_iter=500).fit(z, sample.y, sample_weight=sample.weight)
    found = Logistic(c=0.5, tail=0.0, calibrate=False).fit(sample).predict(sample).probability
    known = ~np.isnan(found[:, 0])
    np.testing.assert_allclose(found[known], theirs.predict_proba(z)[known], rtol=1e-6)


def test_skill_on_new_rows_beats_the_base_rates_and_probabilities_add_up() -> None:
    train, test = model_sample(0), model_sample(1)
    fitted = Logistic().fit(train)
    answer = fitted.predict(test)
    known = np.isfinite(answer.expected_return)
    index = np.searchsorted(fitted.classes, test.y)[known]
    base = np.tile(fitted.train_base_rates, (len(index), 1))
    assert log_loss(answer.probability[known], index) < log_loss(base, index) - 0.03
    np.testing.assert_allclose(answer.probability[known].mean(axis=0), fitted.train_base_rates, atol=0.03)


def test_without_signal_it_answers_base_rates_and_blind_expectancy() -> None:
    sample = model_sample()
    rng = np.random.default_rng(4)
    noise = rng.standard_normal(sample.x.shape).astype(np.float32)
    answered = 0
    for seed in range(5):
        shuffled = np.random.default_rng(seed).permutation(sample.y)
        blind = Sample(dataclasses.replace(sample.columns, x=noise, y=shuffled), sample.rows)
        fitted = Logistic().fit(blind)
        answer = fitted.predict(blind)
        if fitted.calibration.slope == 0.0:
            answered += 1
            np.testing.assert_allclose(answer.probability, [fitted.train_base_rates] * len(blind), rtol=1e-12)
            np.testing.assert_allclose(answer.expected_return, blind.ret.mean(), rtol=1e-9)
    assert answered >= 3


def test_card_tells_what_the_out_of_fold_rows_said() -> None:
    found = Logistic().fit(model_sample()).card.validation
    loss, base = found["out_of_fold_log_loss"], found["out_of_fold_log_loss_base"]
    assert loss is not None
    assert base is not None
    assert loss < base
    assert found["out_of_fold_rows"] == len(model_sample())


def test_class_missing_before_the_tail_is_not_an_error() -> None:
    sample = model_sample()
    late = np.arange(len(sample)) >= 0.9 * len(sample)
    y = np.where((sample.y == 0) & ~late, 1, sample.y).astype(np.int8)
    fitted = Logistic().fit(Sample(dataclasses.replace(sample.columns, y=y), sample.rows))
    assert fitted.classes == (-1, 0, 1)
    known = ~np.isnan(sample.x).all(axis=1)
    assert np.isfinite(fitted.predict(sample).probability[known]).all()


def test_no_convergence_is_an_error_that_names_the_setting() -> None:
    with pytest.raises(ModelError, match="raise max_iter"):
        Logistic(c=1e6, max_iter=1).fit(model_sample())


def test_weights_count() -> None:
    sample = model_sample()
    half = np.where(np.arange(len(sample)) < len(sample) // 2, 1.0, 1e-9)
    first = Sample(sample.columns, slice(0, len(sample) // 2)).reweighted(np.ones(len(sample) // 2))
    weighted = Logistic(calibrate=False, tail=0.0).fit(sample.reweighted(half))
    alone = Logistic(calibrate=False, tail=0.0).fit(first)
    a, b = weighted.weight * weighted.scaler.scale[:, None], alone.weight * alone.scaler.scale[:, None]
    np.testing.assert_allclose(a, b, atol=0.02)


@pytest.mark.parametrize("wrong", [{"c": 0.0}, {"max_iter": 0}, {"tail": 0.5}])
def test_senseless_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Logistic(**wrong)  # type: ignore[arg-type]
