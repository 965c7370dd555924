"""From a walk to a verdict: measures, gates, and only then the hold-out.

In: a ``WalkForwardResult`` and the trial ledger. Out: ``Evaluation``: the figures of ``metrics.json``, the
tables, the verdict. Never here: training, trading, files.

1. The out-of-sample outcome is written to the ledger before it is judged; its count deflates the p-value.
2. The development gates are judged.
3. Only when all pass, the final model is fitted on the whole development part and the hold-out opened, which
   is written too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from alphatrade.core.trials import Trial, TrialLedger
from alphatrade.metrics import performance
from alphatrade.research import figures
from alphatrade.research.baseline import returns_of
from alphatrade.research.gate import GateResult, judge
from alphatrade.research.measure import (
    Held,
    Outcome,
    holdout_measures,
    measures,
    outcome,
    scored,
    shut_holdout,
)
from alphatrade.research.regime import regime_figures
from alphatrade.research.tables import equity_table, forecast_table, importance_table
from alphatrade.research.walk import WalkForwardResult, fit_or_load, open_holdout

__all__ = ["Evaluation", "evaluate"]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Everything a report needs, and the trials and openings it counts, for whoever reproduces it."""

    metrics: dict[str, Any]
    tables: dict[str, pl.DataFrame]
    gates: list[GateResult]
    deployable: bool
    trials: list[Trial]
    ledger_head: str


def evaluate(result: WalkForwardResult, ledger: TrialLedger, *, checkpoint: Path | None = None) -> Evaluation:
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
        others = {t.config_hash for t in ledger.trials(trial.data_hash, "opening")} - {trial.config_hash}
        if not others:
            with result.stages.stage("hold-out"):
                held = _holdout(result, ledger, checkpoint, rng)
        shown = holdout_measures(held) if held is not None else shut_holdout(len(others))
        gates += judge(shown, result.recipe.gates, "holdout")
    deployable = held is not None and all(g.passed and not g.loosened for g in gates)
    with result.stages.stage("figures"):
        metrics = _metrics(result, found, held, gates, deployable, ledger)
    tables = {
        "equity": equity_table(found, result),
        "trades": result.oos.trades,
        "forecasts": forecast_table(result),
        "importance": importance_table(result),
    }
    known = trials + ledger.trials(trial.data_hash, "opening")
    return Evaluation(metrics, tables, gates, deployable, known, metrics["trials"]["head"])


def _trial(result: WalkForwardResult) -> Trial:
    returns = returns_of(result.oos, result.recipe.cash)
    deviation = float(returns.std(ddof=1))
    sharpe = float(returns.mean() / deviation) if deviation > 0.0 else 0.0
    return Trial(result.recipe.hash, result.bars.rows_hash, "trial", sharpe, len(returns))


def _holdout(
    result: WalkForwardResult,
    ledger: TrialLedger,
    checkpoint: Path | None,
    rng: np.random.Generator,
) -> Held:
    """Fit the final model on the whole development part and look, once."""
    rows = result.prepared.dev.final_fit()
    fitted = fit_or_load(result.recipe, rows, checkpoint)
    traded, sample, forecast = open_holdout(result, fitted, ledger)
    per_year = result.bars.info.periods_per_year
    base = np.array(fitted.card.base_rates)
    returns = returns_of(traded, result.recipe.cash)
    shown = performance(returns, per_year, exposure=traded.exposure, turnover=traded.turnover)
    return Held(traded, returns, shown, scored([(forecast, sample, base)], rng, [rows]))


def _sentence(gates: list[GateResult], deployable: bool, opened: bool) -> str:
    """The verdict in words a person can act on."""
    failed = [g for g in gates if not g.passed]
    loosened = [g.label for g in gates if g.loosened]
    if loosened and not failed:
        return f"It passes only because the study loosened {len(loosened)} gates: {', '.join(loosened)}."
    if not failed and not opened:
        return "The development gates passed, but there is no hold-out to confirm it: set hold_out above 0."
    if deployable:
        return f"All {len(gates)} gates passed, the hold-out's too."
    where = (
        "on the hold-out"
        if any(g.stage == "holdout" for g in gates)
        else "on the development part, so the hold-out stays shut"
    )
    first = "; ".join(_in_words(g) for g in failed[:3])
    more = f"; and {len(failed) - 3} more" if len(failed) > 3 else ""
    return f"{len(failed)} of {len(gates)} gates failed {where}: {first}{more}."


def _in_words(gate: GateResult) -> str:
    """A failed gate: what it is, what was found, what it needs."""
    label = gate.label[0].lower() + gate.label[1:]
    if gate.value is None:
        return f"{label}: {gate.why}"
    found = f"{gate.value:.3g}"
    if gate.use == "lower" and gate.interval is not None:
        found += f" with a lower bound of {gate.interval[0]:.3g}"
    return f"{label} is {found}, needs {gate.op} {gate.threshold:g}"


def _metrics(
    result: WalkForwardResult,
    o: Outcome,
    held: Held | None,
    gates: list[GateResult],
    deployable: bool,
    ledger: TrialLedger,
) -> dict[str, Any]:
    rng = np.random.default_rng([result.recipe.seed, 2])
    data_hash = result.bars.rows_hash
    top = result.folds[0].fitted.classes[-1]
    return {
        "in_sample": False,
        "verdict": {
            "deployable": deployable,
            "sentence": _sentence(gates, deployable, held is not None),
            "gates": [g.to_dict() for g in gates],
            "holdout_opened": held is not None,
        },
        "data": figures.data_figures(result.bars),
        "rows": figures.row_figures(result),
        "labels": figures.label_figures(result),
        "trials": {
            "count": len(o.trials),
            "openings": len(ledger.trials(data_hash, "opening")),
            "head": ledger.head(),
        },
        "performance": figures.performance_figures(result, o, held, rng),
        "scores": {
            "oos": figures.score_figures(o.scored),
            "holdout": figures.score_figures(held.scored) if held is not None else None,
            "folds": figures.fold_figures(result, o, rng),
        },
        "calibration": figures.calibration_figures(o.scored, top),
        "costs": figures.cost_figures(result, o.per_year),
        "regimes": regime_figures(result, o, rng),
        "monthly": figures.monthly_figures(o),
    }
