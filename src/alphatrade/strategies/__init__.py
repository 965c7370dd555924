"""Opinions: which symbols to hold, on which side, and how sure we are.

In: a view of the present and the past. Out: signals, one a symbol.
Never here: how much (``portfolio``), may we (``risk``), fitting (``models``), prices to come.
"""

from alphatrade.strategies.base import STRATEGIES, Running, Strategy, blank_signals, register
from alphatrade.strategies.forecast import ForecastStrategy
from alphatrade.strategies.rule import BlindLong, RsiReversion, SmaCross
from alphatrade.strategies.view import View

__all__ = [
    "STRATEGIES",
    "BlindLong",
    "ForecastStrategy",
    "RsiReversion",
    "Running",
    "SmaCross",
    "Strategy",
    "View",
    "blank_signals",
    "register",
]
