"""The public names of ``import alphatrade as at`` and where each lives.

In: a name. Out: the object, its room imported on first use. Never here: objects.
"""

from __future__ import annotations

import importlib
from typing import Any

from alphatrade.core.component import did_you_mean

__all__ = ["PUBLIC", "resolve"]

PUBLIC: dict[str, str] = {
    "Bars": "alphatrade.core.bar",
    "BarInfo": "alphatrade.core.bar",
    "load_bars": "alphatrade.adapters",
    "sample_bars": "alphatrade.adapters",
    "synthetic_bars": "alphatrade.data",
    "Feature": "alphatrade.features",
    "FeatureSet": "alphatrade.features",
    "TripleBarrier": "alphatrade.labels",
    "FixedHorizon": "alphatrade.labels",
    "label_report": "alphatrade.labels",
    "Dataset": "alphatrade.dataset",
    "PurgedKFold": "alphatrade.dataset",
    "WalkForward": "alphatrade.dataset",
    "LightGBM": "alphatrade.models",
    "Logistic": "alphatrade.models",
    "load_model": "alphatrade.models",
    "Costs": "alphatrade.execution",
    "Limits": "alphatrade.risk",
    "VolatilityTarget": "alphatrade.portfolio",
    "EqualWeight": "alphatrade.portfolio",
    "ForecastStrategy": "alphatrade.strategies",
    "performance": "alphatrade.metrics",
    "score": "alphatrade.app.facade",
    "walk_forward": "alphatrade.app.facade",
    "backtest": "alphatrade.app.facade",
    "run": "alphatrade.app.facade",
    "reproduce": "alphatrade.app.facade",
    "paper": "alphatrade.app.facade",
    "ledger": "alphatrade.app.wiring",
    "AlphaTradeError": "alphatrade.core.errors",
    "CausalityError": "alphatrade.core.errors",
    "ConfigError": "alphatrade.core.errors",
    "DataError": "alphatrade.core.errors",
}


def resolve(name: str) -> Any:
    """The object behind a public name, or ``AttributeError`` with the nearest name."""
    if name not in PUBLIC:
        raise AttributeError(f"alphatrade has no {name!r}{did_you_mean(name, list(PUBLIC))}")
    return getattr(importlib.import_module(PUBLIC[name]), name)
