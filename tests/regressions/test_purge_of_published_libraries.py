"""Published implementations of purged K-fold start a test at the first test label's *end*.

They drop a training label when it starts or ends inside ``[t1 of the first test row, t1 of the last]``.
Labels that end between the first test row's decision and its outcome stay: with a horizon of h bars, h - 1
training labels before every test but the first overlap it.
"""

from __future__ import annotations

import numpy as np
import pytest

from alphatrade.dataset import Dataset, PurgedKFold, Sample
from alphatrade.testing.splitter import check_fold

N, FOLDS = 600, 5


def spans(horizon: int) -> Sample:
    t0 = np.arange(N) * 10
    return Sample.of(
        np.arange(N, dtype=np.float32)[:, None], np.resize([-1, 1], N), t0=t0, t1=t0 + 10 * horizon
    )


def published_rule(t0: np.ndarray, t1: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Their training rows."""
    start, end = t1[test[0]], t1[test[-1]]
    starts_inside = (start <= t0) & (t0 <= end)
    ends_inside = (start <= t1) & (t1 <= end)
    around = (t0 <= start) & (end <= t1)
    keep = ~(starts_inside | ends_inside | around)
    keep[test] = False
    return np.flatnonzero(keep)


def overlaps(t0: np.ndarray, t1: np.ndarray, train: np.ndarray, test: np.ndarray) -> int:
    """Training labels that share more than a moment with some test label, counted pair by pair."""
    starts, ends = np.maximum(t0[train][:, None], t0[test]), np.minimum(t1[train][:, None], t1[test])
    return int((starts < ends).any(axis=1).sum())


@pytest.mark.parametrize("horizon", [1, 2, 5, 20])
def test_their_rule_leaks_horizon_less_one_labels_in_every_fold_but_the_first(horizon: int) -> None:
    s = spans(horizon)
    found = [
        overlaps(s.t0, s.t1, published_rule(s.t0, s.t1, test), test)
        for test in np.array_split(np.arange(N), FOLDS)
    ]
    assert found == [0] + [horizon - 1] * (FOLDS - 1)


@pytest.mark.parametrize("horizon", [1, 2, 5, 20])
def test_ours_leaks_none(horizon: int) -> None:
    s = spans(horizon)
    for fold in Dataset.of(s).split(PurgedKFold(FOLDS, embargo=0)):
        train, test = (part.x[:, 0].astype(int) for part in (fold.train, fold.test))
        assert overlaps(s.t0, s.t1, train, test) == 0
        check_fold(fold, np.unique(s.t0))
        # Not at the price of rows: only labels that reach the test, or start before it is over, go.
        assert fold.rows.removed["purged"] == horizon * ((fold.number > 0) + (fold.number < FOLDS - 1))
