"""Tables by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from alphatrade.core.bar import TIME

FEATURES = {"symbol": pl.String, "timestamp": TIME, "available_at": TIME}
LABELS = {"symbol": pl.String, "t0": TIME, "t1": TIME, "label": pl.Int8, "ret": pl.Float64}


@pytest.fixture
def tables() -> Callable[..., tuple[pl.DataFrame, pl.DataFrame]]:
    """Features ``a`` (10 * row) and ``b``, and labels ending two bars later; ``n`` bars a symbol."""

    def make(n: int = 6, symbols: str = "X", **columns: list[Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
        t = np.tile(np.arange(1, n + 1), len(symbols)) * 10
        names = np.repeat(list(symbols), n)
        a = 10.0 * np.arange(len(t))
        features = pl.DataFrame(
            {"symbol": names, "timestamp": t - 10, "available_at": t, "a": a, "b": columns.get("b", a)},
            schema_overrides={**FEATURES, "a": pl.Float32, "b": pl.Float32},
        )
        label = columns.get("label", [1 if k % 2 else -1 for k in range(len(t))])
        unknown = [v is None for v in label]
        labels = pl.DataFrame(
            {
                "symbol": names,
                "t0": t,
                "t1": [None if u else int(v) + 20 for u, v in zip(unknown, t)],
                "label": label,
                "ret": [None if u else 0.01 * k for k, u in enumerate(unknown)],
            },
            schema=LABELS,
        )
        return features, labels

    return make
