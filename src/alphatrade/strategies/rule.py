"""Rules of thumb, on named features: baselines that any model has to beat.

In: features in the view. Out: signals. Never here: fitted numbers, sizing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from alphatrade.core.kernel.compile import njit
from alphatrade.core.opinion import Signals
from alphatrade.strategies.base import Running, blank_signals, column, register
from alphatrade.strategies.view import View

__all__ = ["BlindLong", "RsiReversion", "SmaCross"]


@njit
def _cross(
    feature: np.ndarray, fast: int, slow: int, present: np.ndarray, below: float, side: np.ndarray
) -> None:
    for s in range(len(side)):
        a, b = feature[s, fast], feature[s, slow]
        side[s] = math.nan
        if present[s] and a == a and b == b:
            side[s] = 1.0 if a > b else below


@register("sma_cross")
@dataclass(frozen=True)
class SmaCross:
    """Long while a fast average is above a slow one, else flat or short.

    Parameters
    ----------
    fast, slow : str
        Names of two features in the same unit, such as ``sma_10`` and ``sma_50``.
    short : bool
        Be short, instead of flat, while fast is not above slow.

    Notes
    -----
    No opinion (NaN: a position is left as it is) while a feature or the bar is missing. No memory.
    """

    fast: str = "sma_10"
    slow: str = "sma_50"
    short: bool = False

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.fast, self.slow)

    def start(self, symbols: tuple[str, ...], features: tuple[str, ...] = ()) -> Running:
        fast, slow = (column(name, features, "sma_cross") for name in self.reads)
        blank = blank_signals(len(symbols), horizon_bars=1, source="sma_cross")
        side, unknown, sure = blank.side, blank.expected_return, np.ones(len(symbols))
        below = -1.0 if self.short else 0.0

        def decide(view: View) -> Signals:
            _cross(view.feature, fast, slow, view.present, below, side)
            return Signals(side, sure, unknown, view.volatility, 1, "sma_cross")

        return Running(decide)


@njit
def _revert(
    feature: np.ndarray,
    rsi: int,
    present: np.ndarray,
    levels: np.ndarray,
    short: bool,
    held: np.ndarray,
    side: np.ndarray,
) -> None:
    low, middle, high = levels[0], levels[1], levels[2]
    for s in range(len(side)):
        x = feature[s, rsi]
        side[s] = math.nan
        if not present[s] or x != x:
            continue
        if (held[s] > 0.0 and x >= middle) or (held[s] < 0.0 and x <= middle):
            held[s] = 0.0
        if held[s] == 0.0 and x < low:
            held[s] = 1.0
        elif held[s] == 0.0 and short and x > high:
            held[s] = -1.0
        side[s] = held[s]


@register("rsi_reversion")
@dataclass(frozen=True)
class RsiReversion:
    """Buy weakness, sell its recovery.

    Parameters
    ----------
    rsi : str
        Name of the RSI feature, 0 to 100.
    low, middle, high : float
        Long below ``low`` until ``middle`` is reached; with ``short``, short above ``high`` until
        ``middle`` is reached.
    short : bool

    Notes
    -----
    No opinion (NaN: a position is left as it is) while the feature or the bar is missing. Memory: the side
    of each symbol.
    """

    rsi: str = "rsi_14"
    low: float = 30.0
    middle: float = 50.0
    high: float = 70.0
    short: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.middle < self.high:
            raise ValueError(f"expected low < middle < high, found {self.low}, {self.middle}, {self.high}")

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.rsi,)

    def start(self, symbols: tuple[str, ...], features: tuple[str, ...] = ()) -> Running:
        rsi = column(self.rsi, features, "rsi_reversion")
        held = np.zeros(len(symbols))
        blank = blank_signals(len(symbols), horizon_bars=1, source="rsi_reversion")
        side, unknown, sure = blank.side, blank.expected_return, np.ones(len(symbols))
        levels = np.array([self.low, self.middle, self.high])

        def decide(view: View) -> Signals:
            _revert(view.feature, rsi, view.present, levels, self.short, held, side)
            return Signals(side, sure, unknown, view.volatility, 1, "rsi_reversion")

        return Running(decide, held=held)


@register("blind_long")
@dataclass(frozen=True)
class BlindLong:
    """Long in everything that has a bar, always: the baseline that needs no skill."""

    @property
    def reads(self) -> tuple[str, ...]:
        return ()

    def start(self, symbols: tuple[str, ...], features: tuple[str, ...] = ()) -> Running:
        n = len(symbols)
        unknown, sure = np.full(n, np.nan), np.ones(n)

        def decide(view: View) -> Signals:
            side = np.where(view.present, 1.0, np.nan)
            return Signals(side, sure, unknown, view.volatility, 1, "blind_long")

        return Running(decide)
