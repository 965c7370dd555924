"""What the result is held against: buying and holding, and the same exposure held blindly.

In: bars of the traded window and the strategy's own average weights. Out: return series on the same clock.
Never here: forecasts.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from alphatrade.core.bar import Bars, Slices
from alphatrade.engine import BacktestResult
from alphatrade.execution import Costs, Simulator

__all__ = ["blind_returns", "close_returns", "hold_returns", "mean_weights", "returns_of", "window_slices"]


def window_slices(bars: Bars, window: tuple[int, int]) -> Slices:
    """The slices decided in ``[start, end)``."""
    s = bars.slices
    i, j = np.searchsorted(s.time, window)
    return Slices(s.symbols, s.time[i:j], s.row[i:j], s.bars[i:j])


def close_returns(slices: Slices) -> np.ndarray:
    """(T, S) simple returns of closes; 0 where a symbol has no bar: the next bar carries the whole move."""
    close = slices.bars[:, :, 3]
    out = np.zeros_like(close)
    for s in range(close.shape[1]):
        seen = np.flatnonzero(np.isfinite(close[:, s]))
        out[seen[1:], s] = np.diff(close[seen, s]) / close[seen[:-1], s]
    return out


def returns_of(result: BacktestResult, cash: float) -> np.ndarray:
    """(T,) simple returns of equity, the first one since ``cash``."""
    before = np.concatenate([[cash], result.equity[:-1]])
    returns: np.ndarray = result.equity / before - 1.0
    return returns


def mean_weights(result: BacktestResult, slices: Slices) -> np.ndarray:
    """(S,) mean over time of each symbol's weight in equity, from the fills and the last known closes."""
    fills = result.events.filter(pl.col("kind") == "filled")
    at = np.searchsorted(slices.time, fills["time"].to_physical().to_numpy())
    code = {symbol: s for s, symbol in enumerate(slices.symbols)}
    held = np.zeros((len(slices), len(slices.symbols)))
    np.add.at(held, (at, np.array([code[s] for s in fills["symbol"]], np.int64)), fills["qty"].to_numpy())
    close = pl.DataFrame(slices.bars[:, :, 3]).fill_nan(None).select(pl.all().forward_fill()).fill_null(0.0)
    weights: np.ndarray = (held.cumsum(axis=0) * close.to_numpy() / result.equity[:, None]).mean(axis=0)
    return weights


def blind_returns(slices: Slices, mean_weight: np.ndarray) -> np.ndarray:
    """(T,) returns of holding each symbol at the strategy's own average weight all the time, without costs.

    The weights are known only afterwards and cost nothing to keep, so this baseline is better than anyone
    could have done without an opinion: what the strategy earns above it is timing.
    """
    result: np.ndarray = close_returns(slices) @ mean_weight
    return result


def hold_returns(slices: Slices, costs: Costs, cash: float) -> np.ndarray:
    """(T,) returns of buying equal amounts of every symbol at the start and holding, entry costs included."""
    want = np.full((len(slices), len(slices.symbols)), np.nan)
    present = np.isfinite(slices.bars[:, :, 3])
    for s in range(len(slices.symbols)):
        first = np.flatnonzero(present[:, s])
        if len(first):
            want[first[0], s] = 1.0 / len(slices.symbols)
    result = Simulator(slices.symbols, costs, cash).run(slices, want)
    equity = np.concatenate([[cash], result.equity])
    returns: np.ndarray = np.diff(equity) / equity[:-1]
    return returns
