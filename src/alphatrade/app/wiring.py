"""The one place where ports meet the adapters behind them.

In: settings and environment variables. Out: bars, the trial ledger, folders. Never here: computing results.

``ALPHATRADE_HOME`` (default ``~/.alphatrade``) holds what must outlive a project: the trial ledger.
``ALPHATRADE_LEDGER`` is a database URL that replaces the file there.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from pathlib import Path

from alphatrade.adapters.ledger import SqlTrials
from alphatrade.core.bar import Bars
from alphatrade.core.errors import ConfigError
from alphatrade.core.progress import Progress
from alphatrade.research.study import DataSection

__all__ = ["home", "ledger", "load_study_bars", "runs_folder"]


def home() -> Path:
    """Folder of what outlives a project."""
    return Path(os.environ.get("ALPHATRADE_HOME", str(Path.home() / ".alphatrade"))).expanduser()


def runs_folder(folder: str | None = None) -> Path:
    """Folder of runs: the argument, ``ALPHATRADE_RUNS``, or ``runs`` in the current folder."""
    return Path(folder or os.environ.get("ALPHATRADE_RUNS", "runs"))


@cache
def _ledger(url: str) -> SqlTrials:
    return SqlTrials(url)


def ledger() -> SqlTrials:
    """The trial ledger of this user."""
    return _ledger(os.environ.get("ALPHATRADE_LEDGER", f"sqlite:///{home() / 'trials.sqlite'}"))


def load_study_bars(data: DataSection, progress: Progress | None = None) -> Bars:
    """The bars a study names."""
    if data.session == "all" and data.bars_per_year is None and data.calendar not in ("24/7", "24/5"):
        raise ConfigError(
            f"data.session is 'all', but calendar {data.calendar!r} knows regular sessions only: "
            "set data.bars_per_year, by which returns and volatility are annualised"
        )
    bars = _bars(data, progress)
    bars = replace(bars, info=replace(bars.info, bars_per_year=data.bars_per_year))
    if data.symbols is not None and data.source != "file":
        bars = bars.only(data.symbols)
    if data.start is not None or data.end is not None:
        bars = bars.between(data.start or "1900-01-01", data.end or "2200-01-01")
    if not len(bars):
        raise ConfigError(
            f"data: no bars left between {data.start} and {data.end}: change data.start or data.end"
        )
    return bars


def _bars(data: DataSection, progress: Progress | None) -> Bars:
    if data.source == "sample":
        from alphatrade.adapters import sample_bars

        return sample_bars()
    if data.source == "synthetic":
        from alphatrade.data import synthetic_bars

        if data.market is None:
            raise ConfigError(
                "data.market is missing: name 'random' or 'planted' for data.source = 'synthetic'"
            )
        return synthetic_bars(data.market, seed=data.seed)
    if data.path is None:
        raise ConfigError("data.path is missing: name a CSV or Parquet file, or set data.source = 'sample'")
    from alphatrade.adapters import load_bars

    return load_bars(
        data.path,
        calendar=data.calendar,
        timezone=data.timezone,
        frequency=data.frequency,
        stamp=data.stamp or "open",
        session=data.session,
        feed=data.feed,
        adjustment=data.adjustment,
        symbols=data.symbols,
        progress=progress,
    )
