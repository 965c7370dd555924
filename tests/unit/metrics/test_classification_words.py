"""Scores in words: accuracy never stands alone."""

from __future__ import annotations

import numpy as np

from alphatrade.metrics import classification_scores


def test_printed_scores_put_accuracy_beside_its_base_rate() -> None:
    rng = np.random.default_rng(0)
    p = rng.random(200)
    y = (rng.random(200) < p).astype(int)
    both = np.stack([1.0 - p, p], axis=1)
    scores = classification_scores(both, y, (0, 1), [0.5, 0.5], cluster=np.arange(200) // 5, rng=rng)
    first = str(scores).splitlines()[0]
    assert f"{scores.accuracy:.4f}" in first
    assert f"base rate of {scores.base_rate:.4f}" in first
    assert "[" in first
    bare = classification_scores(both, y, (0, 1), [0.5, 0.5])
    assert "base rate" in str(bare)
