"""What every fitted classifier shares: checked columns, calibrated probabilities, expected returns, saving.

In: raw scores of a learner. Out: ``Forecast``. Never here: a learner.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from alphatrade.core.errors import ModelError
from alphatrade.core.opinion import Forecast
from alphatrade.dataset import Dataset, PurgedKFold
from alphatrade.models import artifact
from alphatrade.models.base import Model, require_features
from alphatrade.models.calibration import Calibration, Shrinkage, log_loss
from alphatrade.models.card import Card, class_rates
from alphatrade.models.kernel import blank, expected

if TYPE_CHECKING:
    from alphatrade.dataset import Sample

__all__ = ["FittedClassifier", "Scorer", "about", "cross_calibrate", "training_classes", "uncalibrated"]

Scorer = Callable[[np.ndarray], np.ndarray]  # x (n, F) to raw scores (n, k)
CALIBRATION_FOLDS = 4


@dataclass(frozen=True, eq=False)
class FittedClassifier(ABC):
    """A fitted model whose learner gives one raw score (log-odds up to a constant) a row and class.

    Notes
    -----
    ``expected_return`` of a row is ``sum_c p_c * class_returns_c``: the mean return each outcome had in
    training, weighted by how likely the model takes it to be. It is a simple return over the label's
    horizon before costs, in the direction of the label.

    A row of which no feature is known gets no answer: NaN probabilities and expected return. Any other
    row gets one; how a single unknown feature is treated is the learner's matter.
    """

    recipe: Model
    card: Card
    calibration: Calibration

    @abstractmethod
    def scores(self, x: np.ndarray) -> np.ndarray:
        """(n, k) raw scores of ``x`` (n, F) float32 in C order, n at least 1, row by row."""

    @abstractmethod
    def importance(self) -> np.ndarray:
        """(F,) how much each feature matters, at least 0, in the learner's own unit."""

    @abstractmethod
    def parts(self) -> dict[str, bytes]:
        """The learned numbers as native files, by file name."""

    @property
    def features(self) -> tuple[str, ...]:
        return self.card.features

    @property
    def classes(self) -> tuple[int, ...]:
        return self.card.classes

    @property
    def known_until(self) -> int:
        return self.card.known_until

    @property
    def class_returns(self) -> tuple[float, ...]:
        return self.card.class_returns

    @property
    def train_base_rates(self) -> tuple[float, ...]:
        return self.card.base_rates

    def predict(self, x: np.ndarray | Sample) -> Forecast:
        """Answer for each row.

        Parameters
        ----------
        x : (n, F) float32 or Sample
            Rows with the columns ``features``, NaN where not known. A Sample's names are compared with
            those of the training, an array's number of columns.

        Raises
        ------
        ModelError
            The columns are not those of the training.
        """
        rows = self._rows(x)
        if not len(rows):
            return Forecast(self.classes, np.empty((0, len(self.classes))), np.empty(0))
        probability = self.calibration.apply(self.scores(rows))
        probability[blank(rows)] = np.nan
        return Forecast(self.classes, probability, expected(probability, np.array(self.class_returns)))

    def start(self, warmup: np.ndarray | None = None) -> np.ndarray:
        """Start state: empty, since every row is answered by itself."""
        return np.empty(0)

    def advance(self, state: np.ndarray, x: np.ndarray) -> Forecast:
        """Answer for the next rows."""
        return self.predict(x)

    def save(self, folder: Path) -> Path:
        """Write card, parts and hashes into ``folder``; ``load_model`` reads them back."""
        return artifact.save_model(self, folder)

    def _rows(self, x: np.ndarray | Sample) -> np.ndarray:
        if not isinstance(x, np.ndarray):
            require_features(self.features, x.features)
            x = x.x
        if x.ndim != 2 or x.shape[1] != len(self.features):
            raise ModelError(
                f"expected rows of {len(self.features)} features, found an array of shape {x.shape}: "
                "give the columns of .features, in that order"
            )
        return np.ascontiguousarray(x, dtype=np.float32)


def training_classes(sample: Sample, what: str) -> np.ndarray:
    """The label values of a training sample, ascending, once it was found fit to train on."""
    classes = np.unique(sample.y)
    if len(classes) < 2:
        raise ModelError(
            f"{what}: expected at least 2 classes in {len(sample.y)} rows, found {classes.tolist()}: "
            "lengthen the training window or change the labels"
        )
    for name in ("ret", "weight"):
        wrong = int((~np.isfinite(getattr(sample, name))).sum())
        if wrong:
            raise ModelError(
                f"{what}: expected a finite {name} in every training row, found {wrong} that are not"
            )
    if not (sample.weight >= 0.0).all() or not sample.weight.sum() > 0.0:
        raise ModelError(
            f"{what}: expected weights of at least 0, not all 0, found a least of {sample.weight.min()}"
        )
    return classes


def _rates(sample: Sample, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Plain and weighted class rates."""
    index = np.searchsorted(classes, sample.y)
    return class_rates(index, len(classes)), class_rates(index, len(classes), sample.weight)


def uncalibrated(sample: Sample, classes: np.ndarray) -> Calibration:
    """The calibration that leaves raw probabilities as they are."""
    _, weighted = _rates(sample, classes)
    rates = tuple(map(float, weighted))
    return Calibration(rates, rates, 1.0)


def cross_calibrate(
    sample: Sample, classes: np.ndarray, fit: Callable[[Sample], Scorer]
) -> tuple[Calibration, dict[str, float | int | None]]:
    """Shrinkage toward the base rates of ``sample``, chosen on out-of-fold scores of all its rows.

    ``fit`` trains a scorer on other rows. The sample's time is cut into blocks; each is scored by a model
    fitted on the rest, purged by label spans, so that every training row speaks for or against the model, not
    a short tail alone. Scores are taken about the rates of the rows their scorer was fitted on.
    """
    base, anchor = _rates(sample, classes)
    splitter = PurgedKFold(CALIBRATION_FOLDS, embargo=0, min_train_rows=2)
    folds = list(Dataset.of(sample).split(splitter))
    scores = np.concatenate([_about(fit(f.train)(f.test.x), f.train, classes, anchor) for f in folds])
    t0, t1, y = (np.concatenate([getattr(f.test, name) for f in folds]) for name in ("t0", "t1", "y"))
    index = np.searchsorted(classes, y)
    calibration = Shrinkage().fit(scores, index, t0, t1, base, anchor)
    return calibration, _card_figures(calibration, scores, index)


def _about(scores: np.ndarray, fitted_on: Sample, classes: np.ndarray, anchor: np.ndarray) -> np.ndarray:
    """Scores as they would be had their scorer been fitted to the rates ``anchor``."""
    _, own = _rates(fitted_on, classes)
    top = scores.max(axis=1, keepdims=True)
    log_p = scores - top - np.log(np.exp(scores - top).sum(axis=1, keepdims=True))
    seen = own > 0.0
    deviation = np.zeros_like(scores)
    deviation[:, seen] = log_p[:, seen] - np.log(own[seen])
    moved: np.ndarray = np.log(anchor) + deviation
    return moved


def about(calibration: Calibration, sample: Sample, classes: np.ndarray) -> Calibration:
    """``calibration`` for a scorer fitted on ``sample``."""
    return calibration.moved(*_rates(sample, classes))


def _card_figures(
    calibration: Calibration, scores: np.ndarray, index: np.ndarray
) -> dict[str, float | int | None]:
    """What the card says of out-of-fold rows.

    Log losses, in nats, of calibrated and raw probabilities and of base rates. The slope was chosen on these
    rows, so the calibrated loss flatters by about one parameter's worth.
    """
    raw = Calibration(calibration.anchor, calibration.anchor, 1.0)
    base = np.tile(calibration.base, (len(index), 1))
    return {
        "out_of_fold_rows": len(index),
        "out_of_fold_log_loss": _finite(log_loss(calibration.apply(scores), index)),
        "out_of_fold_log_loss_raw": _finite(log_loss(raw.apply(scores), index)),
        "out_of_fold_log_loss_base": _finite(log_loss(base, index)),
        "slope": calibration.slope,
        "slope_estimate": calibration.estimate,
        "slope_error": calibration.error,
        "blocks": calibration.blocks,
    }


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
