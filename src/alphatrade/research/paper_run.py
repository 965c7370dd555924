"""A recorded run on paper: its newest model, live, over the last window it was tested on.

In: a run folder, its bars, a journal. Out: a session that goes bar by bar through the live features and the
model, and whether it decided what the backtest decided. Never here: the hold-out, which a paper session would
open; another engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from alphatrade.core.bar import Bars
from alphatrade.core.clock import parse_time
from alphatrade.core.errors import DataError
from alphatrade.core.progress import Progress
from alphatrade.engine import (
    Engine,
    FeatureStream,
    Journal,
    LiveModel,
    PaperSession,
    Plan,
    SimulatedBroker,
    StoredFeed,
    backtest,
)
from alphatrade.execution import Immediate
from alphatrade.features import FeatureSet
from alphatrade.models import FittedModel, load_model, model_hash
from alphatrade.research.folder import RunFolder
from alphatrade.research.recipe import Recipe
from alphatrade.research.study import Study
from alphatrade.research.walk import WARMUP_SLICES

__all__ = ["PaperResult", "paper"]

SECOND = 1_000_000_000  # recorded windows are written to the second, rounded down


@dataclass(frozen=True)
class PaperResult:
    """What the session did.

    ``differences`` counts fills that the backtest of the same window does not have, or has alone.
    """

    slices: int
    fills: int
    denied: int
    equity: float
    cash: float
    start: str
    end: str
    differences: int
    first_difference: str | None


@dataclass(frozen=True, eq=False)
class _Setting:
    """What the session and its backtest share."""

    recipe: Recipe
    model: FittedModel
    folder: Path
    watched: Bars
    traded: Bars
    history: Bars


def paper(run: RunFolder, bars: Bars, journal: Journal, *, progress: Progress | None = None) -> PaperResult:
    """Trade the last test window of ``run`` bar by bar; a journal that has a part of it is replayed first."""
    s = _setting(run, bars)
    names = s.model.features
    symbols = s.traded.symbols
    live = FeatureSet(names).start(symbols, bars.info, warmup=s.history if len(s.history) else None)
    engine = Engine(
        symbols,
        Plan(s.recipe.strategy, s.recipe.allocator, s.recipe.limits, Immediate()),
        SimulatedBroker(symbols, s.recipe.costs, s.recipe.cash),
        s.recipe.cash,
        features=FeatureStream(live, names, symbols),
        models=LiveModel(s.model, names, len(symbols)),
    )
    for slice in StoredFeed(s.watched, clock=True) if len(s.watched) else ():
        engine.observe(slice)
    feed = StoredFeed(s.traded, clock=True)
    session = PaperSession(engine, feed, journal, identity={"model": model_hash(s.folder)})
    slices = session.run(_Counted(progress, len(feed)) if progress is not None else None)
    records = list(journal.records())
    fills = [tuple(f) for r in records for f in r.fills]
    difference = _differences(fills, _backtest_fills(run, s))
    return PaperResult(
        slices=slices,
        fills=len(fills),
        denied=sum(order[-1] is not None for r in records for order in r.orders),
        equity=records[-1].equity,
        cash=s.recipe.cash,
        start=str(s.traded.frame["timestamp"].min()),
        end=str(s.traded.frame["available_at"].max()),
        differences=len(difference),
        first_difference=difference[0] if difference else None,
    )


class _Counted:
    """Tells how many slices there are, which a feed in general does not know."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total = progress, total

    def update(self, stage: str, done: int, total: int) -> None:
        self._progress.update(stage, done, self._total)


def _setting(run: RunFolder, bars: Bars) -> _Setting:
    manifest = run.manifest
    if bars.hash != manifest["data_hash"]:
        raise DataError(
            f"the data changed since the run: expected hash {manifest['data_hash']}, found {bars.hash}"
        )
    recipe = Recipe.from_study(Study.model_validate(manifest["study"]), bars.info)
    # The very last window may be the few bars that the hold-out left of a quarter.
    last = max(run.metrics["scores"]["folds"][-2:], key=lambda fold: fold["test_rows"])
    folder = run.path / "models" / f"fold_{last['fold']:02d}"
    start, end = parse_time(last["test_start"]), parse_time(last["test_end"]) + SECOND
    time = bars.slices.time
    first = int(np.searchsorted(time, start))
    warm = int(time[max(first - WARMUP_SLICES, 0)]) - 1
    return _Setting(
        recipe,
        load_model(folder),
        folder,
        watched=bars.known(warm, start - 1),
        traded=bars.known(start - 1, end - 1),
        history=bars.known(-(2**62), warm),
    )


def _backtest_fills(run: RunFolder, s: _Setting) -> list[tuple[Any, ...]]:
    """The fills of the same window from the run's recorded forecasts."""
    start = int(s.traded.frame["available_at"].to_physical().min())  # type: ignore[arg-type]
    end = s.traded.end
    recorded = run.table("forecasts").filter(pl.col("t0").to_physical().is_between(start, end))
    forecasts = recorded.select("symbol", "t0", pl.col("^p_.*$"), "expected_return", "known_until")
    whole = Bars(pl.concat([s.watched.frame, s.traded.frame]).sort("symbol", "timestamp"), s.traded.info)
    result = backtest(
        whole,
        s.recipe.strategy,
        s.recipe.allocator,
        s.recipe.limits,
        Immediate(),
        s.recipe.costs,
        forecasts=forecasts,
        cash=s.recipe.cash,
        trade_from=start,
    )
    fills = result.events.filter(pl.col("kind") == "filled")
    code = {symbol: i for i, symbol in enumerate(result.symbols)}
    return [
        (row["order_id"], code[row["symbol"]], row["time"], row["qty"], row["price"])
        for row in fills.with_columns(pl.col("time").to_physical()).to_dicts()
    ]


def _differences(session: list[tuple[Any, ...]], batch: list[tuple[Any, ...]]) -> list[str]:
    """Fills of one that the other does not have, bit for bit."""
    ours = [f[:5] for f in session]
    return [f"paper filled {f}" for f in ours if f not in set(batch)] + [
        f"the backtest filled {f}" for f in batch if f not in set(ours)
    ]
