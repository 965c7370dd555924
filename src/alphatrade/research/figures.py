"""The figures of ``metrics.json``.

In: a walk, its outcome, its judged gates. Out: plain dictionaries, one function a section. Never here:
thresholds, HTML.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from alphatrade.core.bar import Bars, Status
from alphatrade.core.clock import iso
from alphatrade.labels import label_report
from alphatrade.metrics import (
    annual_return_interval,
    monthly_returns,
    performance,
    sharpe,
    sharpe_interval,
)
from alphatrade.research.measure import Held, Outcome, Scored, scored
from alphatrade.research.walk import FoldResult, WalkForwardResult

__all__ = [
    "calibration_figures",
    "cost_figures",
    "data_figures",
    "fold_figures",
    "label_figures",
    "monthly_figures",
    "performance_figures",
    "row_figures",
    "score_figures",
]


def data_figures(bars: Bars) -> dict[str, Any]:
    """What the bars are, and what is wrong with them."""
    status = bars.frame["status"]
    reasons: Counter[str] = Counter()
    if bars.quarantine.height:
        reasons.update(bars.quarantine["rule"].to_list())
    return {
        "symbols": list(bars.symbols),
        "frequency": bars.info.frequency,
        "calendar": bars.info.calendar,
        "feed": bars.info.feed,
        "adjustment": bars.info.adjustment,
        "start": iso(bars.start),
        "end": iso(bars.end),
        "rows": len(bars),
        "missing": int((status == Status.MISSING).sum()),
        "quarantined": dict(reasons),
        "warnings": list(bars.info.warnings),
        "hash": bars.hash,
    }


def label_figures(result: WalkForwardResult) -> dict[str, Any]:
    """Base rates and blind expectancy of the development part only."""
    end = result.prepared.dev.end
    labels = result.prepared.labels.filter(pl.col("t1").to_physical() <= end)
    return label_report(labels).as_dict() | {"name": type(result.recipe.labeler).kind}  # type: ignore[attr-defined]


def performance_of(
    returns: np.ndarray, per_year: float, rng: np.random.Generator | None, **columns: np.ndarray
) -> dict[str, Any]:
    """Performance as plain values, with intervals where ``rng`` is given."""
    values: dict[str, Any] = asdict(performance(returns, per_year, **columns))
    values["sharpe_interval"] = values["annual_return_interval"] = None
    if rng is not None:
        values["sharpe_interval"] = list(sharpe_interval(returns, per_year, rng))
        values["annual_return_interval"] = list(annual_return_interval(returns, per_year, rng))
    return values


def performance_figures(
    result: WalkForwardResult, o: Outcome, held: Held | None, rng: np.random.Generator
) -> dict[str, Any]:
    """Out of sample, in sample, buy and hold, blind exposure, hold-out."""
    oos = performance_of(
        o.returns, o.per_year, rng, exposure=result.oos.exposure, turnover=result.oos.turnover
    )
    oos["sharpe_interval"] = list(o.sharpe_interval)
    holdout = None
    if held is not None:
        r = held.result
        holdout = performance_of(held.returns, o.per_year, rng, exposure=r.exposure, turnover=r.turnover)
    return {
        "periods_per_year": o.per_year,
        "oos": {**oos, "trades": asdict(o.trades)},
        "is": _in_sample(o),
        "hold": performance_of(o.hold, o.per_year, rng),
        "blind": performance_of(o.blind, o.per_year, rng),
        "holdout": holdout,
    }


def _mean(values: list[float]) -> float:
    """Mean of those that are known; NaN where none is: a model that never trades has no Sharpe ratio."""
    known = [v for v in values if np.isfinite(v)]
    return float(np.mean(known)) if known else float("nan")


def _in_sample(o: Outcome) -> dict[str, Any]:
    """Mean over folds: training windows overlap, so their returns do not make one track record."""
    each = [performance(r, o.per_year) for r in o.in_sample]
    names = ("annual_return", "annual_volatility", "sharpe", "sortino", "max_drawdown")
    means = {name: _mean([getattr(p, name) for p in each]) for name in names}
    return means | {"folds": len(each), "sharpe_interval": None, "annual_return_interval": None}


def score_figures(s: Scored) -> dict[str, Any]:
    """Scores as plain values; ``base_rate`` stands beside every accuracy."""
    values = asdict(s.scores)
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()} | {
        "rows": s.rows,
        "effective_rows": s.effective_rows,
    }


def fold_figures(result: WalkForwardResult, o: Outcome, rng: np.random.Generator) -> list[dict[str, Any]]:
    """One row a fold: its windows, scores, and Sharpe ratios in and out of sample."""
    return [_fold(i, f, o, rng) for i, f in enumerate(result.folds)]


def _fold(i: int, f: FoldResult, o: Outcome, rng: np.random.Generator) -> dict[str, Any]:
    base = np.array(f.fitted.card.base_rates)
    s = scored([(f.test_forecast, f.fold.test, base)], rng).scores
    inside = (o.time >= f.window[0]) & (o.time < f.window[1])
    return {
        "fold": f.fold.number,
        "train_start": iso(int(f.fold.train.t0[0])),
        "train_end": iso(f.fold.known_until),
        "test_start": iso(f.window[0]),
        "test_end": iso(f.window[1]),
        "train_rows": len(f.fold.train),
        "test_rows": len(f.fold.test),
        **{
            name: getattr(s, name)
            for name in (
                "accuracy", "base_rate", "balanced_accuracy", "mcc", "auc",
                "log_loss", "log_loss_base", "skill",
            )
        },
        "sharpe_is": o.in_sample_sharpes[i],
        "sharpe_oos": sharpe(o.returns[inside], o.per_year),
    }  # fmt: skip


def calibration_figures(s: Scored, top: int) -> dict[str, Any]:
    """Reliability of the probability of the highest class."""
    return {**asdict(s.calibration), "class": top}


def cost_figures(result: WalkForwardResult, per_year: float) -> dict[str, Any]:
    """What trading cost out of sample, in money and per amount traded."""
    oos = result.oos
    traded = float(oos.turnover @ np.concatenate([[result.recipe.cash], oos.equity[:-1]]))
    return {
        **oos.costs,
        "total_share_of_cash": oos.costs["total"] / result.recipe.cash,
        "turnover_per_year": float(oos.turnover.mean() * per_year),
        "cost_bps_of_turnover": 1e4 * oos.costs["total"] / traded if traded > 0.0 else None,
        "cash": result.recipe.cash,
        "denied": oos.denied,
        "halt": None if oos.halt is None else str(oos.halt),
        "assumptions": oos.assumptions,
    }


def monthly_figures(o: Outcome) -> list[dict[str, Any]]:
    """Returns by calendar month."""
    table = monthly_returns(o.time, np.cumprod(1.0 + o.returns), start=1.0)
    return table.to_dicts()


def row_figures(result: WalkForwardResult) -> list[dict[str, Any]]:
    """Where every row went, up to the training rows of the last fold; the sum is exact."""
    return result.folds[-1].fold.rows.listed("training rows used (last fold)")
