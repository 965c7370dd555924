"""Trap: uniqueness weights favour labels that end early, so a weighted model forecasts other class shares
than occur.

Stops are hit sooner than time runs out: rows of the class 0 have long spans and little weight. The
forecast of a model trained with those weights must still average to the shares of the rows.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from alphatrade.dataset import Sample
from alphatrade.models import LightGBM, Logistic, Model
from alphatrade.testing import model_sample


@pytest.mark.parametrize("recipe", [Logistic(), LightGBM(rounds=40, num_threads=1, min_child_samples=20)])
def test_forecasts_average_to_the_shares_of_the_rows(recipe: Model) -> None:
    sample = model_sample()
    weight = np.where(sample.y == 0, 0.1, 1.0)
    weighted = Sample(dataclasses.replace(sample.columns, weight=weight), sample.rows)
    rates = np.array([(sample.y == c).mean() for c in (-1, 0, 1)])
    answer = recipe.fit(weighted).predict(sample).probability
    np.testing.assert_allclose(np.nanmean(answer, axis=0), rates, atol=0.02)
    raw = dataclasses.replace(recipe, calibrate=False).fit(weighted).predict(sample).probability
    assert np.nanmean(raw, axis=0)[1] < rates[1] / 2
