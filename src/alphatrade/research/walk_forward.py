"""The walk: features, labels, dataset, folds, forecasts, and the engine over what was never trained on.

In: bars and a ``Recipe``. Out: ``WalkForwardResult`` with out-of-sample and in-sample results apart. Never here: judging
them (``evaluate``), files (``run``).

1. ``_prepare``: features by their kernels, labels, the joined dataset, the shut hold-out.
2. ``_walk``: for each fold, fit on purged past rows (or take the checkpoint), forecast every bar of the test window.
3. ``_trade``: the engine on stitched forecasts (OOS), and each fold's model on its own training window (IS).
4. ``open_holdout``: the final model, fitted on the whole development part, on the hold-out; called only by ``evaluate``,
   after the development gates passed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from alphatrade.core.bar import Bars, Status
from alphatrade.core.errors import ModelError
from alphatrade.core.opinion import Forecast
from alphatrade.core.progress import Progress, Stages
from alphatrade.dataset import Dataset, Fold, HoldOut, Sample
from alphatrade.engine import BacktestResult, backtest
from alphatrade.models import FittedModel, load_model
from alphatrade.research.recipe import Recipe

__all__ = ["FoldResult", "Prepared", "WalkForwardResult", "walk"]


@dataclass(frozen=True, eq=False)
class Prepared:
    """What every fold shares: the feature matrix in the bars' row order, labels, and the two parts of the dataset."""

    bars: Bars
    x: np.ndarray
    available_at: np.ndarray
    known: np.ndarray
    labels: pl.DataFrame
    dev: Dataset
    holdout: HoldOut | None


@dataclass(frozen=True, eq=False)
class FoldResult:
    """One fold: its model, its scored test rows, and the window its model was trained on and traded on."""

    number: int
    fitted: FittedModel
    train: Sample
    test: Sample
    test_forecast: Forecast
    window: tuple[int, int]
    in_sample: BacktestResult


@dataclass(frozen=True, eq=False)
class WalkForwardResult:
    """Out of sample by construction: every traded forecast came from a model that ended before it."""

    recipe: Recipe
    prepared: Prepared
    folds: list[FoldResult]
    forecast: Forecast
    oos: BacktestResult
    window: tuple[int, int]
    stages: Stages = field(repr=False)

    @property
    def bars(self) -> Bars:
        return self.prepared.bars


def walk(
    bars: Bars,
    recipe: Recipe,
    *,
    progress: Progress | None = None,
    checkpoints: Path | None = None,
) -> WalkForwardResult:
    """Walk forward through the development part of ``bars``; see the module for the steps."""
    stages = Stages(progress)
    prepared = _prepare(bars, recipe, stages)
    folds = list(prepared.dev.split(recipe.splitter))
    if not folds:
        raise ValueError("the splitter made no fold: shorten split.train or split.test, or bring more bars")
    fitted = _fit_all(folds, recipe, stages, checkpoints)
    forecast = _stitch(prepared, folds, fitted)
    window = (_window(folds[0])[0], _window(folds[-1])[1])
    with stages.stage("backtest, out of sample"):
        oos = _trade(prepared, recipe, forecast, window)
    results = []
    with stages.stage("backtest, in sample", len(folds)):
        for i, fold in enumerate(folds):
            results.append(_fold_result(i, fold, fitted[i], prepared, recipe))
            stages.step()
    return WalkForwardResult(recipe, prepared, results, forecast, oos, window, stages)


def _prepare(bars: Bars, recipe: Recipe, stages: Stages) -> Prepared:
    with stages.stage("features", len(bars.symbols)):
        table = recipe.features.batch(bars, progress=lambda done, total: stages.step())
    with stages.stage("labels"):
        labels = recipe.labeler.label(bars)
    with stages.stage("dataset"):
        data = Dataset.join(table, labels)
        dev, holdout = data.hold_out(recipe.hold_out) if recipe.hold_out > 0.0 else (data, None)
        x = table.select(recipe.features.names).to_numpy()
        at = bars.frame["available_at"].to_physical().to_numpy()
        known = (bars.frame["status"] != Status.MISSING).to_numpy() & np.isfinite(x).any(axis=1)
    return Prepared(bars, x, at, known, labels, dev, holdout)


def _window(fold: Fold) -> tuple[int, int]:
    """Half-open interval of decision times in which a fold's model trades."""
    return fold.test_start, fold.test_end


def _fit_all(
    folds: list[Fold], recipe: Recipe, stages: Stages, checkpoints: Path | None
) -> list[FittedModel]:
    fitted = []
    with stages.stage("training", len(folds)):
        for i, fold in enumerate(folds):
            folder = None if checkpoints is None else checkpoints / f"fold_{i:02d}"
            fitted.append(fit_or_load(recipe, fold.train, folder))
            stages.step()
    return fitted


def fit_or_load(recipe: Recipe, train: Sample, folder: Path | None) -> FittedModel:
    """Fit, or take a checkpoint of the same recipe on the same rows; a damaged checkpoint is fitted anew."""
    if folder is not None and (folder / "hashes.json").exists():
        saved = load_model(folder)
        if saved.data_hash == train.hash:
            return saved
    fitted = recipe.model.fit(train)
    if folder is not None:
        fitted.save(folder)
    return fitted


def _empty(n: int, classes: tuple[int, ...]) -> Forecast:
    return Forecast(classes, np.full((n, len(classes)), np.nan), np.full(n, np.nan))


def _fill(into: Forecast, rows: np.ndarray, fitted: FittedModel, x: np.ndarray) -> None:
    if fitted.classes != into.classes:
        raise ModelError(
            f"a fold's model knows the classes {fitted.classes}, another {into.classes}: "
            "a label class is missing from a training window; lengthen split.train"
        )
    answer = fitted.predict(x[rows])
    into.probability[rows] = answer.probability
    into.expected_return[rows] = answer.expected_return


def predict_window(prepared: Prepared, fitted: FittedModel, window: tuple[int, int]) -> Forecast:
    """A model's forecasts for every known bar decided in ``[start, end)``, NaN elsewhere."""
    forecast = _empty(len(prepared.available_at), fitted.classes)
    at = prepared.available_at
    rows = np.flatnonzero((at >= window[0]) & (at < window[1]) & prepared.known)
    _fill(forecast, rows, fitted, prepared.x)
    return forecast


def _stitch(prepared: Prepared, folds: list[Fold], fitted: list[FittedModel]) -> Forecast:
    """Per bar the newest model whose training ended before it: later folds overwrite."""
    forecast = _empty(len(prepared.available_at), fitted[0].classes)
    at = prepared.available_at
    for fold, model in zip(folds, fitted, strict=True):
        start, end = _window(fold)
        _fill(forecast, np.flatnonzero((at >= start) & (at < end) & prepared.known), model, prepared.x)
    return forecast


def _trade(
    prepared: Prepared,
    recipe: Recipe,
    forecast: Forecast,
    window: tuple[int, int],
    *,
    known_until: int | None = None,
    in_sample: bool = False,
) -> BacktestResult:
    return backtest(
        prepared.bars,
        recipe.strategy,
        allocator=recipe.allocator,
        limits=recipe.limits,
        costs=recipe.costs,
        cash=recipe.cash,
        forecast=forecast,
        window=window,
        known_until=known_until,
        in_sample=in_sample,
    )


def _fold_result(
    i: int, fold: Fold, fitted: FittedModel, prepared: Prepared, recipe: Recipe
) -> FoldResult:
    train = (int(fold.train.t0.min()), int(fold.train.t0.max()) + 1)
    own = predict_window(prepared, fitted, train)
    in_sample = _trade(prepared, recipe, own, train, known_until=fitted.known_until, in_sample=True)
    return FoldResult(
        i, fitted, fold.train, fold.test, fitted.predict(fold.test.x), _window(fold), in_sample
    )


def open_holdout(
    result: WalkForwardResult, fitted: FittedModel, record: Callable[[BacktestResult], None]
) -> tuple[BacktestResult, Sample, Forecast]:
    """Trade and score the final model on the hold-out; ``record`` writes the opening to the ledger before anything is shown."""
    prepared = result.prepared
    if prepared.holdout is None:
        raise ValueError("this result has no hold-out: walk with hold_out above 0")
    sample = prepared.holdout.open()
    window = (int(sample.t0.min()), int(prepared.available_at.max()) + 1)
    forecast = predict_window(prepared, fitted, window)
    traded = _trade(prepared, result.recipe, forecast, window, known_until=fitted.known_until)
    record(traded)
    return traded, sample, fitted.predict(sample.x)
