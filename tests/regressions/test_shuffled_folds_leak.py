"""Random K-fold on overlapping labels: neighbours of every test row are trained on.

No splitter here can choose rows at all; folds cut at random are refused by ``check_fold``.
"""

from __future__ import annotations

import numpy as np
import pytest

from alphatrade.dataset import Dataset, Fold, PurgedKFold, Sample
from alphatrade.dataset.account import RowAccount
from alphatrade.testing.splitter import check_fold, span_sample


def test_shuffled_folds_are_refused_and_ours_are_not() -> None:
    sample = span_sample()
    rows = np.random.default_rng(0).permutation(len(sample))
    test, train = np.sort(rows[:200]), np.sort(rows[200:])
    window = (int(sample.t0[test].min()), int(sample.t0[test].max()) + 1)
    shuffled = Fold(
        0,
        Sample(sample.columns, train),
        Sample(sample.columns, test),
        (window,),
        RowAccount(len(sample), {"test": 200}, len(train)),
    )
    times = np.unique(sample.t0)
    with pytest.raises(AssertionError, match="training spans meet the test"):
        check_fold(shuffled, times)
    for fold in Dataset.of(sample).split(PurgedKFold(5, embargo=0)):
        check_fold(fold, times)
