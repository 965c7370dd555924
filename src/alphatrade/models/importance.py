"""Feature importance of fitted models, as shares.

In: fitted models. Out: tables. Never here: importance measured on test rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from alphatrade.models.base import FittedModel, require_features

__all__ = ["importance", "importance_over_folds"]


def importance(model: FittedModel) -> pl.DataFrame:
    """Columns ``feature`` and ``importance``, largest first: shares that sum to 1, or all 0 for a model
    that uses nothing.

    Gain of splits for trees, absolute coefficients on standardised features for linear models. Either
    describes the model, not the market: correlated features split their share between them at random.
    """
    return pl.DataFrame({"feature": list(model.features), "importance": _shares(model)}).sort(
        "importance", "feature", descending=[True, False]
    )


def importance_over_folds(models: Sequence[FittedModel]) -> pl.DataFrame:
    """Columns ``feature``, ``mean``, ``low``, ``high`` of the shares over models with the same features,
    largest mean first.
    """
    if not len(models):
        raise ValueError("expected at least one fitted model, found none")
    for model in models[1:]:
        require_features(models[0].features, model.features)
    shares = np.stack([_shares(m) for m in models])
    columns = {"mean": shares.mean(axis=0), "low": shares.min(axis=0), "high": shares.max(axis=0)}
    return pl.DataFrame({"feature": list(models[0].features), **columns}).sort(
        "mean", "feature", descending=[True, False]
    )


def _shares(model: FittedModel) -> np.ndarray:
    raw = model.importance()
    total = float(raw.sum())
    return raw / total if total > 0.0 else np.zeros(len(raw))
