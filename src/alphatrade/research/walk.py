"""The walk: features, labels, dataset, folds, forecasts, and the engine over what was never trained on.

In: bars and a ``Recipe``. Out: ``WalkForwardResult`` with out-of-sample and in-sample results apart. Never
here: judging them (``evaluate``), files (``run``).

1. ``_prepare``: features by their kernels, labels, the joined dataset, the shut hold-out.
2. ``_fit_all``: each fold's model, fitted on purged past rows, or its checkpoint.
3. ``_stitch``: one forecast a bar, from the newest model whose training ended before it.
4. ``trade``: the engine on those forecasts (out of sample), and on each model's own training window (in
   sample).
5. ``open_holdout``: the final model on the hold-out; called only by ``evaluate``, after the development gates
   passed.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl

from alphatrade.core.bar import TIME, Bars, Status
from alphatrade.core.component import config_of
from alphatrade.core.errors import ModelError
from alphatrade.core.opinion import Forecast
from alphatrade.core.progress import Progress, Stages
from alphatrade.core.trials import TrialLedger
from alphatrade.dataset import Dataset, Fold, HoldOut, Sample
from alphatrade.engine import BacktestResult, backtest
from alphatrade.execution import Immediate
from alphatrade.models import FittedModel, load_model
from alphatrade.research.recipe import Recipe

__all__ = [
    "FoldResult",
    "Prepared",
    "WalkForwardResult",
    "fit_or_load",
    "forecast_columns",
    "open_holdout",
    "predict_window",
    "trade",
    "walk",
]

Window = tuple[int, int]
# Bars before a window that the engine sees without forecasts, so that trailing volatility is known when
# trading starts.
WARMUP_SLICES = 250


@dataclass(frozen=True, eq=False)
class Prepared:
    """What every fold shares; ``x`` (rows, F) and ``known`` are in the row order of ``bars.frame``."""

    bars: Bars
    x: np.ndarray
    known: np.ndarray
    labels: pl.DataFrame
    data: Dataset
    dev: Dataset
    holdout: HoldOut | None

    @property
    def available_at(self) -> np.ndarray:
        result: np.ndarray = self.bars.frame["available_at"].to_physical().to_numpy()
        return result


@dataclass(frozen=True, eq=False)
class FoldResult:
    """One fold: its model, its scored test rows, the window it traded, its result on its training window."""

    fold: Fold
    fitted: FittedModel
    test_forecast: Forecast
    window: Window
    in_sample: BacktestResult


@dataclass(frozen=True, eq=False)
class WalkForwardResult:
    """Out of sample by construction: every traded forecast came from a model that ended before it."""

    recipe: Recipe
    prepared: Prepared
    folds: list[FoldResult]
    forecasts: pl.DataFrame
    oos: BacktestResult
    window: Window
    stages: Stages = field(repr=False)

    @property
    def bars(self) -> Bars:
        return self.prepared.bars


def walk(
    bars: Bars, recipe: Recipe, *, progress: Progress | None = None, checkpoints: Path | None = None
) -> WalkForwardResult:
    """Walk forward through the development part of ``bars``; see the module for the steps."""
    stages = Stages(progress)
    prepared = _prepare(bars, recipe, stages)
    folds = list(prepared.dev.split(recipe.splitter))
    fitted = _fit_all(folds, recipe, stages, checkpoints)
    with stages.stage("forecasts"):
        forecasts = _stitch(prepared, folds, fitted)
    window = (folds[0].test_start, folds[-1].test_end)
    with stages.stage("backtest, out of sample"):
        oos = trade(prepared, recipe, forecasts, window)
    results = []
    with stages.stage("backtest, in sample", len(folds)):
        for fold, model in zip(folds, fitted, strict=True):
            results.append(_fold_result(fold, model, prepared, recipe))
            stages.step()
    return WalkForwardResult(recipe, prepared, results, forecasts, oos, window, stages)


def _prepare(bars: Bars, recipe: Recipe, stages: Stages) -> Prepared:
    with stages.stage("features"):
        recipe.features.compile(
            lambda name, done, total: stages.progress.update("compiling kernels", done, total)
        )
        table = recipe.features.batch(bars)
    with stages.stage("labels"):
        labels = recipe.labeler.label(bars)
    with stages.stage("dataset"):
        data = Dataset.join(table, labels)
        dev, holdout = data.hold_out(recipe.hold_out) if recipe.hold_out > 0.0 else (data, None)
        x = table.select(recipe.features.names).to_numpy()
        known = (bars.frame["status"] != Status.MISSING).to_numpy() & np.isfinite(x).any(axis=1)
    return Prepared(bars, x, known, labels, data, dev, holdout)


def _fit_all(
    folds: Sequence[Fold], recipe: Recipe, stages: Stages, checkpoints: Path | None
) -> list[FittedModel]:
    def fit(fold: Fold) -> FittedModel:
        folder = None if checkpoints is None else checkpoints / f"fold_{fold.number:02d}"
        model = fit_or_load(recipe, fold.train, folder)
        stages.step()
        return model

    with stages.stage("training", len(folds)), ThreadPoolExecutor(recipe.threads) as pool:
        fitted = list(pool.map(fit, folds))
    known = {f.classes for f in fitted}
    if len(known) > 1:
        raise ModelError(
            f"folds know different label classes, {sorted(known)}: one is missing from a training window. "
            "Lengthen split.train or split.min_train"
        )
    return fitted


def fit_or_load(recipe: Recipe, train: Sample, folder: Path | None) -> FittedModel:
    """Fit, or take the checkpoint of the same recipe on the same rows, whose files are checked by hash."""
    if folder is not None and (folder / "hashes.json").exists():
        saved = load_model(folder)
        if saved.card.data_hash == train.hash and saved.card.recipe == config_of(recipe.model):
            return saved
    fitted = recipe.model.fit(train)
    if folder is not None:
        fitted.save(folder)
    return fitted


def forecast_columns(forecast: Forecast) -> dict[str, np.ndarray]:
    """``p_<class>`` and ``expected_return``, as the engine and the tables name them."""
    columns = {f"p_{c}": forecast.probability[:, k] for k, c in enumerate(forecast.classes)}
    return {**columns, "expected_return": forecast.expected_return}


def predict_window(prepared: Prepared, fitted: FittedModel, window: Window, fold: int = -1) -> pl.DataFrame:
    """A model's forecasts for every known bar decided in ``[start, end)``.

    Columns: symbol, t0, fold, known_until, forecast columns.
    """
    at = prepared.available_at
    rows = np.flatnonzero((at >= window[0]) & (at < window[1]) & prepared.known)
    answer = fitted.predict(prepared.x[rows])
    table = prepared.bars.frame.select("symbol", t0=pl.col("available_at"))[rows]
    return table.with_columns(
        pl.lit(fold, pl.Int32).alias("fold"),
        pl.lit(fitted.known_until, pl.Int64).alias("known_until"),
        *[pl.Series(name, values) for name, values in forecast_columns(answer).items()],
    )


def _stitch(prepared: Prepared, folds: Sequence[Fold], fitted: Sequence[FittedModel]) -> pl.DataFrame:
    """Where test windows overlap, the newest model's forecast stands."""
    parts = [
        predict_window(prepared, model, (fold.test_start, fold.test_end), fold.number)
        for fold, model in zip(folds, fitted, strict=True)
    ]
    newest = pl.concat(parts).unique(["symbol", "t0"], keep="last", maintain_order=True)
    return newest.sort("t0", "symbol")


def trade(
    prepared: Prepared,
    recipe: Recipe,
    forecasts: pl.DataFrame,
    window: Window,
    *,
    in_sample: bool = False,
) -> BacktestResult:
    """The engine over a window of the stored bars; it starts flat at the window's first slice."""
    time = prepared.bars.slices.time
    first = int(np.searchsorted(time, window[0]))
    begin = int(time[max(first - WARMUP_SLICES, 0)]) - 1
    return backtest(
        prepared.bars.known(begin, window[1] - 1),
        recipe.strategy,
        recipe.allocator,
        # A fold halted in sample would only make its twin look worse than the model is.
        replace(recipe.limits, max_drawdown=1.0, daily_loss=1.0) if in_sample else recipe.limits,
        Immediate(),
        recipe.costs,
        cash=recipe.cash,
        forecasts=forecasts,
        in_sample=in_sample,
        trade_from=window[0],
    )


def _fold_result(fold: Fold, fitted: FittedModel, prepared: Prepared, recipe: Recipe) -> FoldResult:
    own = (int(fold.train.t0[0]), int(fold.train.t0[-1]) + 1)
    forecasts = predict_window(prepared, fitted, own)
    result = trade(prepared, recipe, forecasts, own, in_sample=True)
    window = (fold.test_start, fold.test_end)
    return FoldResult(fold, fitted, fitted.predict(fold.test), window, result)


def open_holdout(
    result: WalkForwardResult, fitted: FittedModel, ledger: TrialLedger
) -> tuple[BacktestResult, Sample, Forecast]:
    """Trade and score the final model on the hold-out.

    The opening is in the ledger before a row leaves it.
    """
    prepared = result.prepared
    if prepared.holdout is None:
        raise ValueError("this result has no hold-out: set hold_out above 0")
    sample = prepared.holdout.open(ledger, result.recipe.hash, result.bars.rows_hash)
    window = (int(sample.t0[0]), int(prepared.available_at.max()) + 1)
    forecasts = predict_window(prepared, fitted, window)
    traded = trade(prepared, result.recipe, forecasts, window)
    return traded, sample, fitted.predict(sample)


def window_times(times: np.ndarray) -> pl.Series:
    """Nanoseconds as a column of moments."""
    return pl.Series("time", times).cast(TIME)
