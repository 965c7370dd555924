"""Multinomial logistic regression, scaled and imputed inside the fold.

In: a training sample. Out: a ``FittedLogistic``. Never here: predictions through BLAS.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from alphatrade.core.errors import ModelError
from alphatrade.models.artifact import dump, parse
from alphatrade.models.base import register
from alphatrade.models.calibration import Calibration
from alphatrade.models.card import Card, make_card
from alphatrade.models.classifier import (
    FittedClassifier,
    Scorer,
    cross_calibrate,
    training_classes,
    uncalibrated,
)
from alphatrade.models.kernel import linear_scores
from alphatrade.models.transform import FittedStandardiser, Standardiser

if TYPE_CHECKING:
    from alphatrade.dataset import Sample

__all__ = ["FittedLogistic", "Logistic"]


@register("logistic")
@dataclass(frozen=True)
class Logistic:
    """Multinomial logistic regression with an L2 penalty.

    Parameters
    ----------
    c : float
        Inverse of the penalty: the smaller, the nearer the coefficients stay to 0. The penalty is ``|w|^2
        / (2 c)`` beside the log loss summed over weighted rows (scikit-learn's ``C``), so ``c`` is the
        prior variance of a coefficient on standardised features.
    tail : float
        Share clipped at each end of every feature, at training quantiles.
    calibrate : bool
        Shrink probabilities toward the base rates by what a held-back tail says; see ``Shrinkage``.
    max_iter : int
        L-BFGS steps before the fit is given up.

    Notes
    -----
    Unknown features become the training median; features are winsorised and standardised by training
    rows; the intercepts are not penalised. Rows count by ``sample.weight``. A score is a dot product
    summed in the order of the features.

    Examples
    --------
    >>> from alphatrade.dataset import Sample
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal((1000, 2))
    >>> y = np.where(x[:, 0] + rng.standard_normal(1000) > 0, 1, -1)
    >>> fitted = Logistic().fit(Sample.of(x, y))
    >>> answer = fitted.predict(np.array([[1.0, 0.0], [np.nan, 0.0]], np.float32))
    >>> answer.classes, answer.probability.round(1).tolist()
    ((-1, 1), [[0.2, 0.8], [0.5, 0.5]])
    """

    kind: ClassVar[str] = "logistic"

    c: float = 0.01
    tail: float = 0.01
    calibrate: bool = True
    max_iter: int = 500

    def __post_init__(self) -> None:
        if not self.c > 0.0:
            raise ValueError(f"c: expected a positive number, found {self.c}")
        if self.max_iter < 1:
            raise ValueError(f"max_iter: expected at least 1, found {self.max_iter}")
        Standardiser(self.tail)

    def fit(self, sample: Sample) -> FittedLogistic:
        """Fit on every row of ``sample``, after choosing the shrinkage out of fold."""
        classes = training_classes(sample, "logistic")
        calibration = uncalibrated(sample, classes)
        measured: dict[str, float | int | None] = {}
        if self.calibrate:
            calibration, measured = cross_calibrate(sample, classes, lambda rows: self._scorer(rows, classes))
        line = self._line(sample, classes)
        return FittedLogistic(self, make_card(self, sample, classes, measured), calibration, *line)

    def _scorer(self, rows: Sample, classes: np.ndarray) -> Scorer:
        scaler, weight, bias = self._line(rows, classes)
        return lambda x: linear_scores(scaler(x), weight, bias)

    def _line(self, sample: Sample, classes: np.ndarray) -> tuple[FittedStandardiser, np.ndarray, np.ndarray]:
        """Scaler, weights (F, k) and intercepts (k,); 0 for a class the rows do not have."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression
        from threadpoolctl import threadpool_limits

        scaler = Standardiser(self.tail).fit(sample.x)
        learner = LogisticRegression(C=self.c, solver="lbfgs", max_iter=self.max_iter)
        # One thread: the sums inside BLAS would otherwise depend on how many cores the machine has.
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("error", ConvergenceWarning)
            try:
                learner.fit(scaler(sample.x), sample.y, sample_weight=sample.weight)
            except ConvergenceWarning as e:
                raise ModelError(
                    f"logistic: no convergence in {self.max_iter} steps: raise max_iter or lower c"
                ) from e
        coef, intercept = learner.coef_, learner.intercept_
        if len(learner.classes_) == 2:
            coef, intercept = np.vstack([np.zeros_like(coef), coef]), np.append(0.0, intercept)
        weight, bias = np.zeros((sample.x.shape[1], len(classes))), np.zeros(len(classes))
        at = np.searchsorted(classes, learner.classes_)
        weight[:, at], bias[at] = coef.T, intercept
        return scaler, weight, bias

    def restore(self, card: Card, parts: Mapping[str, bytes]) -> FittedLogistic:
        """The fitted model of a saved one."""
        try:
            plain = parse(parts["arrays.json"], "arrays.json")
            scaler = FittedStandardiser(**{k: np.array(v) for k, v in plain["scaler"].items()})
            calibration = Calibration.from_plain(plain["calibration"])
            weight, bias = np.array(plain["weight"]), np.array(plain["bias"])
        except (KeyError, TypeError, AttributeError) as e:
            raise ModelError(
                f"logistic: arrays.json lacks {e}: the artifact is damaged; retrain or roll back"
            ) from e
        return FittedLogistic(self, card, calibration, scaler, weight, bias)


@dataclass(frozen=True, eq=False)
class FittedLogistic(FittedClassifier):
    """A fitted logistic regression: ``weight`` (F, k) on standardised features, ``bias`` (k,)."""

    scaler: FittedStandardiser
    weight: np.ndarray
    bias: np.ndarray

    def scores(self, x: np.ndarray) -> np.ndarray:
        out: np.ndarray = linear_scores(self.scaler(x), self.weight, self.bias)
        return out

    def importance(self) -> np.ndarray:
        """(F,) mean distance of a feature's coefficients from their mean over classes.

        Adding the same number to all classes changes no probability, so the mean is taken out first.
        """
        centred = self.weight - self.weight.mean(axis=1, keepdims=True)
        result: np.ndarray = np.abs(centred).mean(axis=1)
        return result

    def parts(self) -> dict[str, bytes]:
        arrays = {
            "scaler": self.scaler.plain(),
            "calibration": self.calibration.plain(),
            "weight": self.weight.tolist(),
            "bias": self.bias.tolist(),
        }
        return {"arrays.json": dump(arrays)}
