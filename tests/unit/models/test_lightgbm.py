"""LightGBM: same bits, honest stopping, base rates where there is nothing to learn."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from alphatrade.dataset import Sample
from alphatrade.models import LightGBM
from alphatrade.models.calibration import log_loss
from alphatrade.testing import model_sample

QUICK: dict[str, Any] = {"num_threads": 1, "min_child_samples": 20, "rounds": 80, "patience": 10}


def _noise(sample: Sample, seed: int) -> Sample:
    y = np.random.default_rng(seed).permutation(sample.y)
    return Sample(dataclasses.replace(sample.columns, y=y), sample.rows)


def test_any_number_of_threads_gives_the_same_bits() -> None:
    sample = model_sample(slices=3000)
    one, two = (LightGBM(**{**QUICK, "num_threads": n}).fit(sample) for n in (1, 2))
    np.testing.assert_array_equal(one.predict(sample).probability, two.predict(sample).probability)
    assert one.card.validation == two.card.validation


@pytest.mark.skipif(sys.platform != "linux", reason="asks GNU's OpenMP what it was told")
def test_threads_sleep_while_they_wait_and_the_environment_stays_as_it_was() -> None:
    code = """
import os
from alphatrade.models.lightgbm import _library
_library()
print(os.environ.get('OMP_WAIT_POLICY'))
"""
    own = {k: v for k, v in os.environ.items() if k != "OMP_WAIT_POLICY"} | {"OMP_DISPLAY_ENV": "true"}
    done = subprocess.run([sys.executable, "-c", code], env=own, capture_output=True, text=True, check=True)
    assert "OMP_WAIT_POLICY = 'PASSIVE'" in done.stderr
    assert done.stdout.strip() == "None"


def test_another_seed_gives_another_model() -> None:
    sample = model_sample()
    one, two = (LightGBM(**QUICK, seed=s).fit(sample).predict(sample).probability for s in (1, 2))
    assert not np.array_equal(one, two, equal_nan=True)


def test_raw_probabilities_are_those_of_lightgbm() -> None:
    sample = model_sample()
    fitted = LightGBM(**QUICK, calibrate=False).fit(sample)
    found = fitted.predict(sample).probability
    known = np.isfinite(found[:, 0])
    np.testing.assert_allclose(found[known], fitted.booster.predict(sample.x)[known], rtol=1e-12)


def test_refit_uses_the_rounds_that_validation_chose() -> None:
    sample = model_sample()
    fitted = LightGBM(**QUICK).fit(sample)
    best = fitted.card.validation["best_iteration"]
    assert best is not None
    assert fitted.booster.num_trees() == 3 * best
    assert 1 <= best <= 80


def test_kept_model_never_saw_the_tail() -> None:
    """Other labels in the last part change what is measured, but not the trees that were fitted before it."""
    sample = model_sample()
    at = round(0.9 * len(sample))
    y = np.concatenate([sample.y[:at], sample.y[at:][::-1]])
    other = Sample(dataclasses.replace(sample.columns, y=y), sample.rows)
    recipe = LightGBM(**QUICK, refit=False)
    one, two = recipe.fit(sample), recipe.fit(other)
    # The tail decides how many trees are kept, so only those that both keep are compared.
    shared = min(m.booster.num_trees() for m in (one, two)) // 3
    assert shared > 0
    texts = [m.booster.model_to_string(num_iteration=shared) for m in (one, two)]
    assert texts[0] == texts[1]
    assert one.known_until == two.known_until == sample.t1.max()


def test_every_training_row_speaks_for_the_slope() -> None:
    sample = model_sample()
    card = LightGBM(**QUICK).fit(sample).card
    assert card.validation["out_of_fold_rows"] == len(sample)
    assert card.validation["blocks"] == 20


def test_skill_on_new_rows_beats_the_base_rates() -> None:
    train, test = model_sample(0), model_sample(1)
    fitted = LightGBM(**QUICK).fit(train)
    answer = fitted.predict(test)
    known = np.isfinite(answer.expected_return)
    index = np.searchsorted(fitted.classes, test.y)[known]
    base = np.tile(fitted.train_base_rates, (len(index), 1))
    assert log_loss(answer.probability[known], index) < log_loss(base, index) - 0.03


def test_without_signal_new_rows_lose_nothing_against_the_base_rates() -> None:
    losses = []
    for seed in range(6):
        fitted = LightGBM(**QUICK).fit(_noise(model_sample(), seed))
        test = _noise(model_sample(1), seed + 100)
        answer = fitted.predict(test).probability
        known = np.isfinite(answer[:, 0])
        index = np.searchsorted(fitted.classes, test.y)[known]
        base = np.tile(fitted.train_base_rates, (len(index), 1))
        losses.append(log_loss(answer[known], index) - log_loss(base, index))
    assert np.mean(losses) < 0.002


def test_constant_features_answer_the_base_rates() -> None:
    sample = model_sample()
    flat = Sample(dataclasses.replace(sample.columns, x=np.ones_like(sample.x)), sample.rows)
    fitted = LightGBM(**QUICK).fit(flat)
    np.testing.assert_allclose(
        fitted.predict(flat).probability, [fitted.train_base_rates] * len(flat), rtol=1e-6
    )
    assert fitted.importance().sum() == 0.0


def test_least_leaf_grows_with_the_sample() -> None:
    recipe = LightGBM(min_child_samples=200, min_child_fraction=0.002)
    assert recipe.parameters(3, 10_000)["min_child_samples"] == 200
    assert recipe.parameters(3, 1_000_000)["min_child_samples"] == 2_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"rounds": 0},
        {"num_leaves": 1},
        {"learning_rate": 0.0},
        {"validation": 0.0},
        {"min_child_fraction": 0.5},
        {"lambda_l2": -1.0},
    ],
)
def test_senseless_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LightGBM(**wrong)  # type: ignore[arg-type]
