"""From a walk to a verdict: measures, gates, and only then the hold-out.

In: a ``WalkForwardResult`` and the trial ledger. Out: ``Evaluation``: the figures of ``metrics.json``, the tables, the verdict. Never
here: training, trading, files.

1. The out-of-sample outcome is written to the ledger before it is judged; its count deflates the p-value.
2. The development gates are judged.
3. Only when all pass, the final model is fitted on the whole development part and the hold-out opened, which is written too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from alphatrade.core.trials import Trial, TrialLedger
from alphatrade.engine import BacktestResult
from alphatrade.metrics import performance
from alphatrade.research.figures import (
    calibration_figures,
    cost_figures,
    data_figures,
    fold_figures,
    label_figures,
    monthly_figures,
    performance_figures,
    regime_figures,
    score_figures,
)
from alphatrade.research.gate import GateResult, judge
from alphatrade.research.measure import Outcome, holdout_measures, measures, outcome
from alphatrade.research.tables import equity_table, forecast_table, importance_table
from alphatrade.research.walk_forward import WalkForwardResult, fit_or_load, open_holdout

__all__ = ["Evaluation", "evaluate"]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Everything a report needs, and the trials that deflated it."""

    metrics: dict[str, Any]
    tables: dict[str, pl.DataFrame]
    gates: list[GateResult]
    deployable: bool
    trials: list[Trial]
    ledger_head: str


def evaluate(
    result: WalkForwardResult, ledger: TrialLedger, *, checkpoint: Path | None = None
) -> Evaluation:
    """Judge a walk. Writes one trial, and one opening if the development gates pass."""
    with result.stages.stage("statistics"):
        trial = _trial(result)
        ledger.record(trial)
        trials = ledger.trials(trial.data_hash)
        rng = np.random.default_rng([result.recipe.seed, 1])
        found = outcome(result, trials, rng)
        gates = judge(measures(found), result.recipe.gates, "development")
    held = None
    if all(g.passed for g in gates) and result.prepared.holdout is not None:
        with result.stages.stage("hold-out"):
            held = _holdout(result, ledger, trial, checkpoint, rng)
        gates += judge(holdout_measures(held), result.recipe.gates, "holdout")
    deployable = held is not None and all(g.passed for g in gates)
    with result.stages.stage("figures"):
        metrics = _metrics(result, found, held, gates, deployable, ledger, trial)
    tables = {
        "equity": equity_table(found),
        "trades": result.oos.trades,
        "forecasts": forecast_table(result),
        "importance": importance_table(result),
    }
    return Evaluation(metrics, tables, gates, deployable, trials, metrics["trials"]["head"])


def _trial(result: WalkForwardResult) -> Trial:
    returns = result.oos.returns
    deviation = float(returns.std(ddof=1))
    sharpe = float(returns.mean() / deviation) if deviation > 0.0 else 0.0
    return Trial(result.recipe.hash, result.bars.hash, "trial", sharpe, len(returns))
