"""The loop: one step for backtest, paper and live.

In: slices, a broker, sources of features and forecasts, a strategy. Out: orders, a journal, results.
Never here: rules that decide (rooms below), vendors and databases (``adapters``), labels.
"""

from alphatrade.engine.account import Account, trailing_volatility
from alphatrade.engine.backtest import BacktestResult, backtest
from alphatrade.engine.broker import SimulatedBroker
from alphatrade.engine.feed import StoredFeed
from alphatrade.engine.journal import Journal, MemoryJournal, Record, first_difference
from alphatrade.engine.paper import PaperSession
from alphatrade.engine.port import Broker, DurableBroker, FeatureSource, Feed, ModelSource, Schedule, Slice
from alphatrade.engine.source import BatchFeatures, BatchForecasts, FeatureStream, LiveModel
from alphatrade.engine.step import Engine, Plan

__all__ = [
    "Account",
    "BacktestResult",
    "BatchFeatures",
    "BatchForecasts",
    "Broker",
    "DurableBroker",
    "Engine",
    "FeatureSource",
    "FeatureStream",
    "Feed",
    "Journal",
    "LiveModel",
    "MemoryJournal",
    "ModelSource",
    "PaperSession",
    "Plan",
    "Record",
    "Schedule",
    "SimulatedBroker",
    "Slice",
    "StoredFeed",
    "backtest",
    "first_difference",
    "trailing_volatility",
]
