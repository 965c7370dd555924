"""Features: what the past says of a market, never fitted.

In: bars. Out: ``FeatureSet`` (batch and live from one program), the ``features`` registry, the families.
Never here: labels, anything estimated on a training fold, anything that looks ahead.
"""

# Importing a family registers it.
from alphatrade.features import (
    calendar,
    channel,
    cross_section,
    mean_reversion,
    microstructure,
    momentum,
    oscillator,
    range_volatility,
    regime,
    statistical,
    trend,
    volatility,
    volume,
)
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.describe import describe
from alphatrade.features.feature_set import FeatureSet
from alphatrade.features.live import LiveFeatures
from alphatrade.features.name import Column, parse

__all__ = [
    "Column",
    "Feature",
    "FeatureSet",
    "Inputs",
    "LiveFeatures",
    "calendar",
    "channel",
    "cross_section",
    "describe",
    "features",
    "mean_reversion",
    "microstructure",
    "momentum",
    "oscillator",
    "parse",
    "range_volatility",
    "regime",
    "statistical",
    "trend",
    "volatility",
    "volume",
]
