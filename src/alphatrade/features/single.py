"""One feature over plain columns of numbers.

In: a feature and columns. Out: its values in float64. Never here: bars, symbols, time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from alphatrade.core.bar import INPUTS, PRICES
from alphatrade.core.kernel.graph import Graph
from alphatrade.core.kernel.lane import BATCH_TILE, Lanes
from alphatrade.core.kernel.program import Program
from alphatrade.features.base import Feature, Inputs

__all__ = ["compute"]

_DAY = 86_400.0


def _rows(given: Mapping[str, Sequence[float]], wanted: set[str]) -> np.ndarray:
    unknown = sorted(set(given) - set(PRICES))
    if unknown:
        raise ValueError(f"expected columns among {PRICES}, found {unknown}")
    lost = sorted((wanted & set(PRICES)) - set(given))
    if lost:
        raise ValueError(f"the feature reads {lost}: pass these columns too")
    lengths = {len(column) for column in given.values()}
    if len(lengths) != 1:
        raise ValueError(f"expected columns of one length, found {sorted(lengths)}")
    n = lengths.pop()
    rows = np.full((len(INPUTS), n), np.nan)
    for name, column in given.items():
        rows[INPUTS.index(name)] = np.asarray(column, np.float64)
    start = np.arange(n) * _DAY
    rows[len(PRICES) :] = start, start + _DAY, start, start + _DAY
    return rows


def compute(feature: Feature, given: Mapping[str, Sequence[float]]) -> np.ndarray:
    """Values of a feature, ``(n,)`` or ``(outputs, n)``."""
    graph = Graph()
    program = Program(graph, feature.nodes(Inputs(graph, feature.max_gap)), wide=True)
    if program.panels or program.lifts:
        raise ValueError(
            f"{feature.name} needs times and symbols: use FeatureSet([{feature.name!r}]).batch(bars)"
        )
    rows = _rows(given, {node.field[0] for node in graph.nodes if node.call is None})
    extra = np.full((program.n_extra, rows.shape[1]), np.nan)
    Lanes(program, BATCH_TILE).run(0, rows, np.ones(rows.shape[1], bool), extra, np.empty((0, 0), np.float32))
    values = extra[: len(feature.outputs)]
    return values[0] if len(feature.outputs) == 1 else values
