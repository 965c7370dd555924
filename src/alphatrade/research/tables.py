"""The tables of a run folder.

In: a walk and its outcome. Out: polars tables: equity, forecasts, importance. Never here: figures of
``metrics.json``.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from alphatrade.metrics import drawdown
from alphatrade.models import importance_over_folds
from alphatrade.research.measure import Outcome
from alphatrade.research.walk import WalkForwardResult, window_times

__all__ = ["equity_table", "forecast_table", "importance_table"]


def equity_table(outcome: Outcome, result: WalkForwardResult) -> pl.DataFrame:
    """Wealth of the strategy, of buying and holding, and of the same exposure held blindly, each from 1.0.

    With exposure and drawdown (positive fraction) of the strategy.
    """
    wealth = {
        name: np.cumprod(1.0 + returns)
        for name, returns in (("equity", outcome.returns), ("hold", outcome.hold), ("blind", outcome.blind))
    }
    return pl.DataFrame(
        {
            "time": window_times(outcome.time),
            **wealth,
            "exposure": result.oos.exposure,
            "drawdown": drawdown(np.concatenate([[1.0], wealth["equity"]]))[1:],
        }
    )


def forecast_table(result: WalkForwardResult) -> pl.DataFrame:
    """Every out-of-sample forecast, with the outcome where it became known inside the development part."""
    outcomes = result.prepared.labels.select("symbol", "t0", "t1", "label", "ret").filter(
        pl.col("t1").to_physical() < _sealed_from(result)
    )
    return result.forecasts.join(outcomes, on=["symbol", "t0"], how="left", maintain_order="left")


def _sealed_from(result: WalkForwardResult) -> int:
    """Outcomes from here on belong to the hold-out and are not shown."""
    holdout = result.prepared.holdout
    return holdout.start if holdout is not None else np.iinfo(np.int64).max


def importance_table(result: WalkForwardResult) -> pl.DataFrame:
    """``feature, mean, low, high`` of the share of importance over folds."""
    return importance_over_folds([f.fitted for f in result.folds])
