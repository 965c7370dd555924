"""The backtest: the engine on stored bars.

In: bars, a plan, forecasts or features computed before. Out: equity, trades, costs. Never here: another way
to trade than ``Engine.step``; metrics of the result (``metrics``); choosing what to test (``research``).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from alphatrade.core.bar import Bars
from alphatrade.core.clock import parse_time
from alphatrade.core.errors import CausalityError
from alphatrade.core.progress import Progress
from alphatrade.engine.account import COST, EQUITY, GROSS, NET, TOTALS, TRADED
from alphatrade.engine.broker import SimulatedBroker
from alphatrade.engine.feed import StoredFeed
from alphatrade.engine.source import BatchFeatures, BatchForecasts, check_known_until
from alphatrade.engine.step import Engine, Plan
from alphatrade.execution.cost import Costs
from alphatrade.execution.schedule import Immediate
from alphatrade.execution.simulator import Simulator
from alphatrade.portfolio.base import Allocator
from alphatrade.risk.approval import Denied
from alphatrade.risk.kill import Halt
from alphatrade.risk.limit import Limits
from alphatrade.strategies.base import Strategy

__all__ = ["BacktestResult", "backtest"]

_REPORT_EVERY = 2_000


@dataclass(frozen=True, eq=False)
class BacktestResult:
    """What a plan did with an account.

    Attributes
    ----------
    time : (T,) int64
        Slices from ``trade_from`` on, ns.
    equity : (T,) float64
        Account currency at each slice's closes.
    exposure, net : (T,) float64
        Gross and net notional over equity.
    turnover : (T,) float64
        Notional traded in each slice over the equity before it.
    cost : (T,) float64
        Commission, spread and slippage so far, account currency.
    symbols : tuple of str
    trades, open_trades, events : polars.DataFrame
        Round trips, positions still open, and the simulator's journal: see ``execution.ledger``.
    costs : dict
        ``commission``, ``spread``, ``slippage`` and ``total``, account currency.
    denied : dict
        How many orders were denied, by reason.
    halt : Halt or None
        When and why the kill switch tripped.
    in_sample : bool
        True: some forecasts are of bars the model was trained on, and the result proves nothing.
    assumptions : list of str
        What a reader must know of the simulation.
    """

    time: np.ndarray
    equity: np.ndarray
    exposure: np.ndarray
    net: np.ndarray
    turnover: np.ndarray
    cost: np.ndarray
    symbols: tuple[str, ...]
    trades: pl.DataFrame
    open_trades: pl.DataFrame
    events: pl.DataFrame
    costs: dict[str, float]
    denied: dict[str, int]
    halt: Halt | None
    in_sample: bool
    assumptions: list[str]

    @property
    def ret(self) -> np.ndarray:
        """(T - 1,) simple returns of equity from slice to slice."""
        ret: np.ndarray = np.diff(self.equity) / self.equity[:-1]
        return ret


def backtest(
    bars: Bars,
    strategy: Strategy,
    allocator: Allocator,
    limits: Limits,
    schedule: Immediate,
    costs: Costs,
    *,
    forecasts: pl.DataFrame | None = None,
    features: pl.DataFrame | None = None,
    known_until: int | None = None,
    in_sample: bool = False,
    cash: float = 1_000_000.0,
    trade_from: str | datetime | int | None = None,
    span: int = 100,
    warm_up: int = 20,
    progress: Progress | None = None,
) -> BacktestResult:
    """Run a plan over stored bars, slice by slice.

    Parameters
    ----------
    bars : Bars
    strategy, allocator, limits, schedule, costs
        What decides, how much, may it, how it trades, and what that costs.
    forecasts : polars.DataFrame, optional
        ``symbol, t0, p_<class>..., expected_return``, as a fitted model answered; see
        ``engine.source.BatchForecasts``.
    features : polars.DataFrame, optional
        As ``FeatureSet.batch`` answers, on the same bars; needed when the strategy reads features.
    known_until : int, optional
        Last moment the labels of the model behind ``forecasts`` used, ns. Needed with forecasts, unless
        they have a column of that name.
    in_sample : bool
        Run forecasts of the model's own training bars too, and say so in the result.
    cash : float
        Account currency.
    trade_from : time, optional
        Before it bars are only watched (for trailing volatility); the result begins there.
    span, warm_up : int
        Of ``engine.trailing_volatility``, bars.
    progress : Progress, optional

    Raises
    ------
    CausalityError
        A forecast is of a moment at or before ``known_until``; both times are named.
    """
    feed = StoredFeed(bars)
    plan = Plan(strategy, allocator, limits, schedule, span=span, warm_up=warm_up)
    seen = _looks_back(forecasts, known_until, in_sample)
    broker = SimulatedBroker(feed.symbols, costs, cash, schedule)
    engine = Engine(
        feed.symbols,
        plan,
        broker,
        cash,
        features=_features(features, strategy, feed),
        models=None if forecasts is None else BatchForecasts(forecasts, feed.time, feed.symbols),
    )
    start = 0 if trade_from is None else int(np.searchsorted(feed.time, parse_time(trade_from)))
    if start >= len(feed):
        raise ValueError(
            f"trade_from {trade_from} lies after the last bar: choose an earlier time or later bars"
        )
    history, denied = _drive(engine, feed, start, progress)
    return _result(feed.time[start:], history, start, cash, engine, broker.simulator, denied, seen)


def _looks_back(forecasts: pl.DataFrame | None, known_until: int | None, in_sample: bool) -> bool:
    """Whether forecasts of training bars are in use; refuses them unless ``in_sample``."""
    if forecasts is None:
        return False
    try:
        check_known_until(forecasts, known_until)
    except CausalityError:
        if not in_sample:
            raise
        return True
    return False


def _features(table: pl.DataFrame | None, strategy: Strategy, feed: StoredFeed) -> BatchFeatures | None:
    if not strategy.reads:
        return None
    if table is None:
        raise ValueError(
            f"the strategy reads {', '.join(strategy.reads)}: pass features=FeatureSet(...).batch(bars)"
        )
    source = BatchFeatures(table, strategy.reads, feed.symbols)
    source.check_rows(feed.row)
    return source


def _drive(
    engine: Engine, feed: StoredFeed, start: int, progress: Progress | None
) -> tuple[np.ndarray, Counter[str]]:
    """Step through the feed; the account's totals at each slice, and denials by reason."""
    history = np.empty((len(feed), len(TOTALS)))
    denied: Counter[str] = Counter()
    total = engine.account.total
    for t, slice in enumerate(feed):
        if t < start:
            engine.observe(slice)
        else:
            engine.step(slice)
            for verdict in engine.verdicts:
                if isinstance(verdict, Denied):
                    denied[verdict.reason] += 1
        history[t] = total
        if progress is not None and t % _REPORT_EVERY == 0:
            progress.update("backtest", t, len(feed))
    return history, denied


def _result(
    time: np.ndarray,
    history: np.ndarray,
    start: int,
    cash: float,
    engine: Engine,
    simulator: Simulator,
    denied: Counter[str],
    in_sample: bool,
) -> BacktestResult:
    equity = history[:, EQUITY]
    before = np.concatenate([[cash], equity[:-1]])
    turnover = np.diff(history[:, TRADED], prepend=0.0) / before
    trades, open_trades = simulator.trades()
    parts = {
        "commission": simulator.commission,
        "spread": simulator.spread_cost,
        "slippage": simulator.slippage_cost,
    }
    return BacktestResult(
        time=time,
        equity=equity[start:].copy(),
        exposure=history[start:, GROSS].copy(),
        net=history[start:, NET].copy(),
        turnover=turnover[start:],
        cost=history[start:, COST].copy(),
        symbols=engine.symbols,
        trades=trades,
        open_trades=open_trades,
        events=simulator.events(),
        costs={**parts, "total": sum(parts.values())},
        denied=dict(denied),
        halt=engine.kill.halt,
        in_sample=in_sample,
        assumptions=simulator.assumptions(),
    )
