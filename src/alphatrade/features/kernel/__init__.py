"""Kernels that features are made of, and functions that combine them.

In: nodes of a graph. Out: nodes. Never here: a feature, and anything that knows a column's name.
"""

from alphatrade.features.kernel.column import (
    absolute,
    clip,
    day_of,
    delta,
    floor,
    fraction,
    lagged,
    log,
    maximum,
    minimum,
    modulo,
    negative_part,
    positive_part,
    power,
    sign,
    square_root,
    true_range,
)
from alphatrade.features.kernel.cross import cross_mean, cross_rank, cross_zscore
from alphatrade.features.kernel.moment import comoments, moments, shape, trend
from alphatrade.features.kernel.recursive import ema, ema_bars, wilder, wilder_bars
from alphatrade.features.kernel.window import (
    bars_since_max,
    bars_since_min,
    window_max,
    window_mean,
    window_min,
    window_sum,
)

__all__ = [
    "absolute",
    "bars_since_max",
    "bars_since_min",
    "clip",
    "comoments",
    "cross_mean",
    "cross_rank",
    "cross_zscore",
    "day_of",
    "delta",
    "ema",
    "ema_bars",
    "floor",
    "fraction",
    "lagged",
    "log",
    "maximum",
    "minimum",
    "modulo",
    "moments",
    "negative_part",
    "positive_part",
    "power",
    "shape",
    "sign",
    "square_root",
    "trend",
    "true_range",
    "wilder",
    "wilder_bars",
    "window_max",
    "window_mean",
    "window_min",
    "window_sum",
]
