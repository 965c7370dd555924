"""What a notebook calls: the same few lines as the command line, with the ledger wired in.

In: components and bars. Out: results. Never here: computing them (``research`` does).
"""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from alphatrade.adapters.journal import SqlJournal
from alphatrade.app.wiring import ledger, load_study_bars, runs_folder
from alphatrade.core.bar import BarInfo, Bars
from alphatrade.core.clock import parse_time
from alphatrade.core.component import config_of
from alphatrade.core.opinion import Forecast
from alphatrade.core.progress import Progress
from alphatrade.core.provenance import hash_config
from alphatrade.core.trials import Trial
from alphatrade.dataset import Sample, Splitter
from alphatrade.engine import BacktestResult
from alphatrade.engine import backtest as _backtest
from alphatrade.execution import Costs, Immediate
from alphatrade.features import FeatureSet
from alphatrade.labels import Labeler
from alphatrade.metrics import Scores, sharpe
from alphatrade.models import FittedModel, Model
from alphatrade.portfolio import Allocator, VolatilityTarget
from alphatrade.research import PaperResult, Recipe, Run, Study, WalkForward, find_run, load_study
from alphatrade.research import paper as _paper
from alphatrade.research import reproduce as _reproduce
from alphatrade.research import run_study as _run_study
from alphatrade.research import score as _score
from alphatrade.research.baseline import returns_of

# The package has a module of this name too, which would be found instead once it is imported.
from alphatrade.research.judge import walk_forward as _walk_forward
from alphatrade.research.walk import forecast_columns
from alphatrade.risk import Limits
from alphatrade.strategies import ForecastStrategy, Strategy

__all__ = [
    "backtest",
    "demo_study",
    "paper",
    "quick_study",
    "reproduce",
    "run",
    "run_study",
    "score",
    "walk_forward",
]

QUICK_FEATURES = ["ret_1", "roc_10", "rsi_14", "zscore_20", "natr_14", "macd_12_26_9"]


def demo_study(market: str = "sample", seed: int = 0) -> Study:
    """The study behind ``alphatrade demo``."""
    if market not in ("sample", "planted", "random"):
        raise ValueError(f"market was {market!r}: expected 'sample', 'planted' or 'random'")
    name = "demo" if market == "sample" else f"demo-{market}-{seed}"
    data: dict[str, Any] = {"source": "sample"}
    short = False
    if market != "sample":
        # Synthetic markets go nowhere on average, so half of what there is to earn is on the short side.
        data, short = {"source": "synthetic", "market": market, "seed": seed}, True
    return Study.model_validate(
        {
            "name": name,
            "data": data,
            "labels": {"kind": "triple_barrier", "profit": 2.0, "stop": 1.0, "horizon": 20},
            "split": {"kind": "walk_forward", "train": "all", "test": "1q", "min_train": "4y"},
            "strategy": {"kind": "forecast", "short": short},
            "allocator": {"kind": "volatility_target", "max_position": 0.25},
            "costs": {"preset": "us_equity"},
        }
    )


def quick_study(study: Study) -> Study:
    """A smaller study of the same kind: few features, a linear model.

    It is another configuration, and so another trial.
    """
    return study.model_copy(
        update={
            "name": f"{study.name}-quick",
            "features": study.features.model_copy(update={"names": QUICK_FEATURES, "exclude": []}),
            "model": {"kind": "logistic"},
        }
    )


def run_study(
    study: Study, *, runs: Path | None = None, progress: Progress | None = None, fresh: bool = False
) -> Run:
    """Load a study's bars, run it, record it."""
    # A wrong component or gate is told before minutes of reading and training.
    Recipe.from_study(study, BarInfo(study.data.frequency or "1d", study.data.calendar))
    bars = load_study_bars(study.data, progress)
    return _run_study(study, bars, ledger(), runs=runs or runs_folder(), progress=progress, fresh=fresh)


def run(study: str | Path | Study, *, runs: str | None = None, fresh: bool = False) -> Run:
    """Run a study file: everything from bars to verdict, recorded and reproducible."""
    loaded = study if isinstance(study, Study) else load_study(Path(study))
    return run_study(loaded, runs=runs_folder(runs), fresh=fresh)


def reproduce(name: str, *, runs: Path | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """Run a recorded run again and compare it bit for bit; ``equal`` and one entry a part."""
    recorded = find_run(runs or runs_folder(), name)
    study = Study.model_validate(recorded.manifest["study"])
    bars = load_study_bars(study.data, progress)
    with tempfile.TemporaryDirectory() as scratch:
        return _reproduce(recorded, bars, Path(scratch), progress)


def paper(name: str, *, runs: Path | None = None, progress: Progress | None = None) -> PaperResult:
    """Trade a recorded run's last test window bar by bar; the journal is ``paper.sqlite`` in its folder."""
    run = find_run(runs or runs_folder(), name)
    bars = load_study_bars(Study.model_validate(run.manifest["study"]).data, progress)
    return _paper(run, bars, SqlJournal(f"sqlite:///{run.path / 'paper.sqlite'}"), progress=progress)


def walk_forward(
    bars: Bars,
    features: FeatureSet,
    labeler: Labeler,
    model: Model,
    splitter: Splitter,
    *,
    costs: Costs,
    progress: Progress | None = None,
    **recipe: Any,
) -> WalkForward:
    """Walk forward and judge: out of sample by construction, one trial in the ledger.

    ``recipe`` takes ``strategy``, ``allocator``, ``limits``, ``hold_out``, ``cash``, ``seed`` and ``gates``.
    """
    whole = Recipe.make(bars.info, features, labeler, model, splitter, costs, **recipe)
    return _walk_forward(bars, whole, ledger(), progress=progress)


def score(forecast: Forecast, test: Sample) -> Scores:
    """Honest scores of a forecast on held-out rows: accuracy beside its base rate. Looking is a trial."""
    return _score(forecast, test, ledger())


def backtest(
    bars: Bars,
    strategy: Strategy | None = None,
    *,
    costs: Costs,
    model: FittedModel | None = None,
    allocator: Allocator | None = None,
    limits: Limits | None = None,
    in_sample: bool = False,
    cash: float = 1_000_000.0,
    trade_from: str | datetime | int | None = None,
) -> BacktestResult:
    """Run a rule, or the forecasts of a fitted model, over stored bars.

    Parameters
    ----------
    bars : Bars
        Features are computed on all of them; trading begins at ``trade_from`` where it is given.
    strategy : Strategy, optional
        By default, with a ``model``, one that trades its forecasts when they pay for the costs.
    model : FittedModel, optional
        Asked for a forecast at every bar from ``trade_from`` on.
    allocator : Allocator, optional
        By default 12 % volatility a year.
    in_sample : bool
        Run the model's own training bars too; the result says so and proves nothing.

    Raises
    ------
    CausalityError
        A bar to be traded lies within the training labels of ``model``; both times are named.

    Notes
    -----
    A result out of sample was looked at, so it counts as a trial on these bars.
    """
    if strategy is None and model is None:
        raise ValueError("expected a strategy, a model, or both, found neither: pass strategy= or model=")
    plan = (
        strategy or ForecastStrategy(round_trip_cost=costs.round_trip()),
        allocator or VolatilityTarget(bars.info.periods_per_year),
        limits or Limits(),
        Immediate(),
        costs,
    )
    result = _backtest(
        bars,
        *plan,
        forecasts=None if model is None else _forecasts(bars, model, trade_from),
        features=FeatureSet(plan[0].reads).batch(bars) if plan[0].reads else None,
        known_until=None if model is None else model.known_until,
        in_sample=in_sample,
        cash=cash,
        trade_from=trade_from,
    )
    if not result.in_sample:
        made = [config_of(part) for part in plan] + [None if model is None else model.card.plain()]
        identity = hash_config([made, cash, trade_from])[:32]
        ledger().record(_trial(identity, bars, returns_of(result, cash)))
    return result


def _trial(identity: str, bars: Bars, returns: np.ndarray) -> Trial:
    a_period = sharpe(returns, 1.0) if returns.std() > 0.0 else 0.0
    return Trial(identity, bars.rows_hash, "trial", a_period, len(returns))


def _forecasts(bars: Bars, model: FittedModel, trade_from: str | datetime | int | None) -> pl.DataFrame:
    table = FeatureSet(model.features).batch(bars)
    if trade_from is not None:
        table = table.filter(pl.col("available_at").to_physical() >= parse_time(trade_from))
    answer = model.predict(table.select(model.features).to_numpy())
    columns = [pl.Series(name, values) for name, values in forecast_columns(answer).items()]
    return table.select("symbol", t0="available_at").with_columns(columns)
