"""LightGBM: gradient-boosted trees with early stopping on a purged tail of the training rows.

In: a training sample. Out: a ``FittedLightGBM``. Never here: bin edges from rows outside the sample.
"""

from __future__ import annotations

import importlib
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from alphatrade.core.errors import ModelError
from alphatrade.models.artifact import dump, parse
from alphatrade.models.base import register
from alphatrade.models.calibration import Calibration
from alphatrade.models.card import Card, make_card
from alphatrade.models.classifier import (
    FittedClassifier,
    Scorer,
    about,
    cross_calibrate,
    training_classes,
    uncalibrated,
)

if TYPE_CHECKING:
    from alphatrade.dataset import Sample

__all__ = ["FittedLightGBM", "LightGBM"]

# Below this many rows a second thread costs more than it brings; the bits are the same.
_ONE_THREAD_ROWS = 256


@register("lightgbm")
@dataclass(frozen=True)
class LightGBM:
    """Gradient-boosted trees (multiclass, or binary for two classes), with defaults for noisy,
    overlapping labels.

    Parameters
    ----------
    rounds : int
        Most boosting rounds.
    patience : int
        Rounds without a better validation log loss before boosting stops.
    validation : float
        Share of the training time held back at its end to stop boosting, purged of overlapping labels.
    refit : bool
        Afterwards fit the same number of rounds on all training rows; otherwise keep the model that never
        saw the tail.
    calibrate : bool
        Shrink probabilities toward the base rates; see ``Shrinkage``.
    learning_rate, num_leaves, max_bin, feature_fraction, bagging_fraction, lambda_l2
        As in LightGBM; features are drawn a tree, rows a round.
    min_child_samples, min_child_fraction
        Least rows of a leaf: the larger of the number and of that share of the rows. Rows of many symbols
        at one moment are nearly one observation, so a count alone would be too small for large samples.
    seed : int
        Seed of every draw.
    num_threads : int
        Threads; any number gives the same bits.

    Notes
    -----
    Unknown features go to the side of a split that fits training best (LightGBM's own rule); trees see
    float32 values. Bin edges come from the training rows of the fold, taken once. Rows count by
    ``sample.weight``.
    """

    kind: ClassVar[str] = "lightgbm"

    rounds: int = 500
    patience: int = 30
    validation: float = 0.2
    refit: bool = True
    calibrate: bool = True
    learning_rate: float = 0.1
    num_leaves: int = 6
    min_child_samples: int = 400
    min_child_fraction: float = 0.002
    max_bin: int = 63
    feature_fraction: float = 0.5
    bagging_fraction: float = 0.5
    lambda_l2: float = 10.0
    seed: int = 1
    num_threads: int = 1

    def __post_init__(self) -> None:
        for name in ("rounds", "patience", "min_child_samples", "num_threads"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: expected at least 1, found {getattr(self, name)}")
        for name in ("num_leaves", "max_bin"):
            if getattr(self, name) < 2:
                raise ValueError(f"{name}: expected at least 2, found {getattr(self, name)}")
        for name in ("learning_rate", "feature_fraction", "bagging_fraction"):
            if not 0.0 < getattr(self, name) <= 1.0:
                raise ValueError(
                    f"{name}: expected a number above 0 and at most 1, found {getattr(self, name)}"
                )
        if not 0.0 < self.validation < 1.0:
            raise ValueError(f"validation: expected a share between 0 and 1, found {self.validation}")
        if not (0.0 <= self.min_child_fraction < 0.5 and self.lambda_l2 >= 0.0):
            raise ValueError(
                "expected min_child_fraction from 0 to below 0.5 and lambda_l2 of at least 0, "
                f"found {self.min_child_fraction} and {self.lambda_l2}"
            )

    def fit(self, sample: Sample) -> FittedLightGBM:
        """Fit with early stopping on the tail, set the shrinkage, refit on every row of ``sample``."""
        classes = training_classes(sample, "lightgbm")
        fit, stop = sample.tail(self.validation)
        training_classes(fit, "lightgbm, with the validation tail held back")
        trainer = _Trainer(self, sample, classes)
        booster, measured = trainer.stopped(fit, stop)
        rounds = int(measured["best_iteration"] or 0)
        fitted_on = sample if self.refit else fit
        calibration = uncalibrated(fitted_on, classes)
        if self.calibrate:
            chosen, figures = cross_calibrate(sample, classes, lambda rows: trainer.scorer(rows, rounds))
            calibration = about(chosen, fitted_on, classes)
            measured |= figures
        if self.refit:
            booster = trainer.plain(rounds)
        return FittedLightGBM(self, make_card(self, sample, classes, measured), calibration, booster)

    def parameters(self, classes: int, rows: int) -> dict[str, Any]:
        """LightGBM's own parameters for a fit."""
        objective = (
            {"objective": "multiclass", "num_class": classes} if classes > 2 else {"objective": "binary"}
        )
        return objective | {
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_child_samples": max(self.min_child_samples, math.ceil(self.min_child_fraction * rows)),
            "max_bin": self.max_bin,
            "feature_fraction": self.feature_fraction,
            "bagging_fraction": self.bagging_fraction,
            "bagging_freq": 1,
            "lambda_l2": self.lambda_l2,
            "seed": self.seed,
            "num_threads": self.num_threads,
            "deterministic": True,
            # One thread sums a whole column, so the number of threads cannot change a histogram.
            "force_col_wise": True,
            "feature_pre_filter": False,
            "metric": "None",
            "verbosity": -1,
        }

    def restore(self, card: Card, parts: Mapping[str, bytes]) -> FittedLightGBM:
        """The fitted model of a saved one."""
        lgb = _library()
        try:
            calibration = Calibration.from_plain(parse(parts["calibration.json"], "calibration.json"))
            booster = lgb.Booster(model_str=parts["model.txt"].decode())
        except (KeyError, TypeError, lgb.basic.LightGBMError) as e:
            raise ModelError(f"lightgbm: {e!r}: the artifact is damaged; retrain or roll back") from e
        return FittedLightGBM(self, card, calibration, booster)


@cache
def _library() -> Any:
    """LightGBM, loaded so that its threads sleep while they wait for each other.

    They would spin, and beside any other busy process two spinning threads take 20 to 40 times as long.
    OpenMP reads the setting once, when it is loaded; it is taken back for the sake of child processes. A
    user's own stands.
    """
    if "OMP_WAIT_POLICY" in os.environ:
        return importlib.import_module("lightgbm")
    os.environ["OMP_WAIT_POLICY"] = "passive"
    try:
        return importlib.import_module("lightgbm")
    finally:
        del os.environ["OMP_WAIT_POLICY"]


class _Trainer:
    """Boosting runs that share the bin edges of one training sample."""

    def __init__(self, recipe: LightGBM, sample: Sample, classes: np.ndarray) -> None:
        self.recipe = recipe
        self.classes = classes
        self.rows = len(sample.y)
        self.full = self._dataset(sample, None)

    def _dataset(self, sample: Sample, reference: Any) -> Any:
        index = np.searchsorted(self.classes, sample.y)
        parameters = self.recipe.parameters(len(self.classes), len(sample.y))
        return _library().Dataset(
            sample.x, index, weight=sample.weight, reference=reference, params=parameters
        )

    def stopped(self, fit: Sample, stop: Sample) -> tuple[Any, dict[str, float | int | None]]:
        """Boost on ``fit`` until the log loss of ``stop`` no longer falls."""
        lgb = _library()
        training = self._dataset(fit, self.full)
        watched = self._dataset(stop, training)
        booster = lgb.train(
            self.recipe.parameters(len(self.classes), len(fit.y)),
            training,
            self.recipe.rounds,
            valid_sets=[watched],
            feval=self._loss_of(stop),
            callbacks=[lgb.early_stopping(self.recipe.patience, verbose=False)],
        )
        loss = booster.best_score["valid_0"]["log_loss"]
        measured: dict[str, float | int | None] = {
            "best_iteration": int(booster.best_iteration),
            "stopping_rows": len(stop.y),
            "stopping_log_loss": float(loss),
        }
        return _settled(booster, booster.best_iteration), measured

    def _loss_of(self, stop: Sample) -> Any:
        """Weighted log loss of the watched rows; LightGBM's own sums depend on the number of threads."""
        index = np.searchsorted(self.classes, stop.y)[:, None]
        share = stop.weight / stop.weight.sum()

        def loss(predicted: np.ndarray, _: Any) -> tuple[str, float, bool]:
            p = np.stack([1.0 - predicted, predicted], axis=1) if predicted.ndim == 1 else predicted
            own = np.take_along_axis(p, index, axis=1)[:, 0]
            return "log_loss", float(-(share * np.log(np.maximum(own, 1e-15))).sum()), False

        return loss

    def scorer(self, rows: Sample, rounds: int) -> Scorer:
        """Boost ``rounds`` rounds on ``rows``; raw scores of any others."""
        parameters = self.recipe.parameters(len(self.classes), len(rows.y))
        booster = _library().train(parameters, self._dataset(rows, self.full), rounds)
        return lambda x: _scores(booster, np.ascontiguousarray(x), self.recipe.num_threads)

    def plain(self, rounds: int) -> Any:
        """Boost ``rounds`` rounds on the whole sample."""
        booster = _library().train(self.recipe.parameters(len(self.classes), self.rows), self.full, rounds)
        return _settled(booster, rounds)


def _settled(booster: Any, rounds: int) -> Any:
    """The booster as it reads back from its own text: what is saved is what predicts."""
    return _library().Booster(model_str=booster.model_to_string(num_iteration=rounds))


def _scores(booster: Any, x: np.ndarray, threads: int) -> np.ndarray:
    raw = booster.predict(x, raw_score=True, num_threads=threads if len(x) > _ONE_THREAD_ROWS else 1)
    if raw.ndim == 1:
        return np.stack([np.zeros(len(raw)), raw], axis=1)
    scores: np.ndarray = raw
    return scores


@dataclass(frozen=True, eq=False)
class FittedLightGBM(FittedClassifier):
    """A fitted booster."""

    recipe: LightGBM
    booster: Any = field(repr=False)

    def scores(self, x: np.ndarray) -> np.ndarray:
        return _scores(self.booster, x, self.recipe.num_threads)

    def importance(self) -> np.ndarray:
        """(F,) total gain of the splits on each feature; all 0 when no tree split."""
        gain: np.ndarray = self.booster.feature_importance(importance_type="gain")
        return gain

    def parts(self) -> dict[str, bytes]:
        text: str = self.booster.model_to_string()
        return {"model.txt": text.encode(), "calibration.json": dump(self.calibration.plain())}
