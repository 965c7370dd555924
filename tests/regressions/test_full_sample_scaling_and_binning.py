"""Trap: scalers and bin edges estimated on all rows, so that training knows the range of the test.

Whatever stands behind the training rows, however wild, must not change a bit of the fitted model.
"""

from __future__ import annotations

import numpy as np
import pytest

from alphatrade.dataset import Columns, Sample
from alphatrade.models import LightGBM, Logistic, Model
from alphatrade.testing import model_sample


@pytest.mark.parametrize("recipe", [Logistic(), LightGBM(rounds=20, num_threads=1, min_child_samples=20)])
def test_rows_behind_the_training_rows_change_nothing(recipe: Model) -> None:
    sample = model_sample(slices=800)
    n = 2_000
    answers = []
    for factor in (1.0, 1e6):
        x = np.array(sample.x)
        x[n:] *= factor
        c = sample.columns
        columns = Columns(x, c.y, c.ret, c.weight, c.t0, c.t1, c.symbol, c.symbols, c.features)
        answers.append(recipe.fit(Sample(columns, slice(0, n))))
    assert answers[0].parts() == answers[1].parts()
