"""Performance by regime.

In: a walk and its outcome. Out: one row a regime: how much of the time, and how the strategy did in it. Never
here: making regimes (``models`` fits them on the bars before the first test window, and filters them from
there).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from alphatrade.metrics import performance, sharpe_interval
from alphatrade.models import VolatilityTrend, regimes
from alphatrade.research.measure import Outcome
from alphatrade.research.walk import WalkForwardResult

__all__ = ["regime_figures"]

# Fewer bars than this say nothing about a regime.
MIN_BARS = 30


def regime_figures(result: WalkForwardResult, o: Outcome, rng: np.random.Generator) -> list[dict[str, Any]]:
    """The regime known at a bar's decision against the return of the next bar, which that decision earned."""
    fitted = VolatilityTrend().fit(result.bars.before(result.window[0]))
    table = regimes(result.bars.known(-(2**62), result.window[1] - 1), fitted)
    at = dict(zip(table["time"].to_physical().to_list(), table["regime"].to_list(), strict=True))
    known = np.array([at.get(t) or "unknown" for t in o.time.tolist()])
    before, earned = known[:-1], o.returns[1:]
    exposure = result.oos.exposure[:-1]
    return [
        _row(name, earned[before == name], exposure[before == name], len(earned), o.per_year, rng)
        for name in sorted(set(before.tolist()))
    ]


def _row(
    name: str,
    returns: np.ndarray,
    exposure: np.ndarray,
    whole: int,
    per_year: float,
    rng: np.random.Generator,
) -> dict[str, Any]:
    row: dict[str, Any] = {"regime": name, "share": len(returns) / whole, "bars": len(returns)}
    if len(returns) < MIN_BARS:
        return row | {"sharpe": None, "sharpe_interval": None, "annual_return": None, "max_drawdown": None}
    p = performance(returns, per_year, exposure=exposure)
    return row | {
        "sharpe": p.sharpe,
        "sharpe_interval": list(sharpe_interval(returns, per_year, rng)),
        "annual_return": p.annual_return,
        "max_drawdown": p.max_drawdown,
    }
