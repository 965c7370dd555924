"""Public contract checks: what every component promises, as functions anyone can run on their own.

In: a component. Out: nothing, or an ``AssertionError`` that names the broken promise.
Never here: how good a component is; anything the package itself runs on.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alphatrade.testing.broker import check_broker
    from alphatrade.testing.feature import calm_bars, check_feature, rough_bars
    from alphatrade.testing.labeler import check_labeler, label_bars
    from alphatrade.testing.model import check_model, model_sample
    from alphatrade.testing.splitter import check_splitter, span_sample
    from alphatrade.testing.strategy import check_strategy

__all__ = [
    "calm_bars",
    "check_broker",
    "check_feature",
    "check_labeler",
    "check_model",
    "check_splitter",
    "check_strategy",
    "label_bars",
    "model_sample",
    "rough_bars",
    "span_sample",
]

_HOME = {
    "calm_bars": "feature",
    "check_broker": "broker",
    "check_feature": "feature",
    "check_labeler": "labeler",
    "check_model": "model",
    "check_splitter": "splitter",
    "check_strategy": "strategy",
    "label_bars": "labeler",
    "model_sample": "model",
    "rough_bars": "feature",
    "span_sample": "splitter",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"alphatrade.testing has no {name!r}")
    return getattr(importlib.import_module(f"alphatrade.testing.{_HOME[name]}"), name)
