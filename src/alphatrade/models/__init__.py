"""Learn: everything that is estimated on a training fold and then frozen or filtered.

In: a ``Sample`` of training rows (features, labels with their spans, weights), or bars for regimes. Out:
a FittedModel, the only thing that can predict; it answers with a Forecast and knows the last moment its
labels used. Never here: choosing rows (``dataset``), looking past t (``labels``), judging results
(``metrics``, ``research``).
"""

from __future__ import annotations

from alphatrade.models.artifact import load_model, load_regimes, model_hash
from alphatrade.models.base import FittedModel, Model, models, register
from alphatrade.models.calibration import Calibration, Shrinkage
from alphatrade.models.card import Card
from alphatrade.models.classifier import FittedClassifier
from alphatrade.models.importance import importance, importance_over_folds
from alphatrade.models.lightgbm import FittedLightGBM, LightGBM
from alphatrade.models.logistic import FittedLogistic, Logistic
from alphatrade.models.regime import FittedRegimes, VolatilityTrend, regime_models, regimes
from alphatrade.models.transform import Standardiser

__all__ = [
    "Calibration",
    "Card",
    "FittedClassifier",
    "FittedLightGBM",
    "FittedLogistic",
    "FittedModel",
    "FittedRegimes",
    "LightGBM",
    "Logistic",
    "Model",
    "Shrinkage",
    "Standardiser",
    "VolatilityTrend",
    "importance",
    "importance_over_folds",
    "load_model",
    "load_regimes",
    "model_hash",
    "models",
    "regime_models",
    "regimes",
    "register",
]
