"""AlphaTrade: from raw market bars to a running trading strategy, without fooling yourself.

>>> import alphatrade as at
>>> bars = at.sample_bars()
>>> bars.symbols
('AAPL', 'GOOG', 'IBM', 'MSFT')

A lazy facade over ``alphatrade.app``: names load their room on first use. No room imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from alphatrade.adapters import load_bars as load_bars
    from alphatrade.adapters import sample_bars as sample_bars
    from alphatrade.app.facade import backtest as backtest
    from alphatrade.app.facade import paper as paper
    from alphatrade.app.facade import reproduce as reproduce
    from alphatrade.app.facade import run as run
    from alphatrade.app.facade import score as score
    from alphatrade.app.facade import walk_forward as walk_forward
    from alphatrade.app.wiring import ledger as ledger
    from alphatrade.core.bar import BarInfo as BarInfo
    from alphatrade.core.bar import Bars as Bars
    from alphatrade.core.errors import AlphaTradeError as AlphaTradeError
    from alphatrade.core.errors import CausalityError as CausalityError
    from alphatrade.core.errors import ConfigError as ConfigError
    from alphatrade.core.errors import DataError as DataError
    from alphatrade.data import synthetic_bars as synthetic_bars
    from alphatrade.dataset import Dataset as Dataset
    from alphatrade.dataset import PurgedKFold as PurgedKFold
    from alphatrade.dataset import WalkForward as WalkForward
    from alphatrade.execution import Costs as Costs
    from alphatrade.features import Feature as Feature
    from alphatrade.features import FeatureSet as FeatureSet
    from alphatrade.labels import FixedHorizon as FixedHorizon
    from alphatrade.labels import TripleBarrier as TripleBarrier
    from alphatrade.labels import label_report as label_report
    from alphatrade.metrics import performance as performance
    from alphatrade.models import LightGBM as LightGBM
    from alphatrade.models import Logistic as Logistic
    from alphatrade.models import load_model as load_model
    from alphatrade.portfolio import EqualWeight as EqualWeight
    from alphatrade.portfolio import VolatilityTarget as VolatilityTarget
    from alphatrade.risk import Limits as Limits
    from alphatrade.strategies import ForecastStrategy as ForecastStrategy


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    from alphatrade.app import names

    return names.resolve(name)


def __dir__() -> list[str]:
    from alphatrade.app import names

    return sorted(names.PUBLIC)
