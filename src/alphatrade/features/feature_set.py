"""The feature set: many features as one program, in batch and live.

In: names of features, bars. Out: a table, or a block a symbol, with one float32 column a feature. Never here:
what a feature computes, labels, anything fitted.

``batch`` in steps: (1) ``Program`` plans the graph, (2) ``compile`` compiles what the cache lacks, (3)
``Batch`` runs every stage over each symbol on two threads, with panels between the stages, (4) the table is
laid over the blocks.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from alphatrade.core.bar import TIME, BarInfo, Bars
from alphatrade.core.component import did_you_mean
from alphatrade.core.errors import ConfigError
from alphatrade.core.kernel import Graph
from alphatrade.core.kernel.build import Progress, compile_kernels
from alphatrade.core.kernel.compile import kernel_stamp
from alphatrade.core.kernel.program import Program
from alphatrade.core.provenance import hash_config
from alphatrade.core.session import duration, sessions
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.batch import run_batch
from alphatrade.features.live import LiveFeatures
from alphatrade.features.name import Column, check_timeframe, columns_of, parse

__all__ = ["FeatureSet"]

_IDENTITY = ("symbol", "timestamp", "available_at")


def _columns(items: Sequence[str | Feature | Column]) -> tuple[Column, ...]:
    found: list[Column] = []
    for item in items:
        if isinstance(item, str):
            found += parse(item)
        elif isinstance(item, Column):
            found.append(item)
        else:
            found += columns_of(item)
    names = [c.name for c in found]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ConfigError(f"features named twice: {', '.join(twice)}: name each once")
    if not found:
        raise ConfigError("expected at least one feature, found none; FeatureSet.catalogue() has all")
    return tuple(found)


@dataclass(frozen=True, init=False, eq=False)
class FeatureSet:
    """Columns of features, computed together.

    Parameters
    ----------
    items : sequence of str or Feature
        Names such as ``"rsi_14"``, ``"macd_12_26_9"`` (all its columns), ``"zscore_20@1h"``, or feature
        objects.

    Examples
    --------
    >>> FeatureSet(["sma_20", "rsi_14@1h"]).names
    ('sma_20', 'rsi_14@1h')
    """

    columns: tuple[Column, ...] = field(default=())

    def __init__(self, items: Sequence[str | Feature | Column]) -> None:
        object.__setattr__(self, "columns", _columns(items))

    @classmethod
    def catalogue(cls, timeframes: Sequence[str] = ()) -> FeatureSet:
        """Every registered feature with its usual parameters.

        Parameters
        ----------
        timeframes : sequence of str
            Longer timeframes, such as ``("1h",)``, at which the features meant for it are added once more.
        """
        kinds = [features.get(kind) for kind in features]
        found = [c for kind in kinds for variant in kind.variants for c in columns_of(kind(*variant))]
        for timeframe in map(check_timeframe, timeframes):
            lifted = [kind(*kind.variants[0]) for kind in kinds if kind.lifts]
            found += [c for feature in lifted for c in columns_of(feature, timeframe)]
        return cls(found)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FeatureSet) and self.names == other.names

    def __hash__(self) -> int:
        return hash(self.names)

    def __repr__(self) -> str:
        return (
            f"FeatureSet({len(self)} columns: {', '.join(self.names[:6])}{', ...' if len(self) > 6 else ''})"
        )

    def select(self, names: Sequence[str]) -> FeatureSet:
        """The named columns of this set."""
        mine = {c.name: c for c in self.columns}
        for name in names:
            if name not in mine:
                raise ConfigError(f"unknown column {name!r}{did_you_mean(name, list(mine))}")
        return FeatureSet([mine[n] for n in names])

    @cached_property
    def program(self) -> Program:
        """The planned graph of all columns."""
        graph = Graph()
        nodes = []
        for column in self.columns:
            # A lifted feature keeps its own gap inside; its held value belongs to the bars.
            nodes.append(column.node(Inputs(graph, column.feature.max_gap)))
        return Program(graph, nodes)

    @cached_property
    def hash(self) -> str:
        """Digest of the columns, of the graph and of the sources of its kernels."""
        files = sorted({k.function.__code__.co_filename for k in self.program.kernels})
        stamps = [kernel_stamp(f) for f in files if os.path.exists(f)]
        return hash_config([self.names, self.program.hash, sorted(stamps)])

    @property
    def lookback_bars(self) -> int:
        """Bars of its own timeframe until the slowest feature forgets its start (decaying ones to 1e-9)."""
        return max(c.feature.memory_bars for c in self.columns)

    def warmup_bars(self, info: BarInfo) -> int:
        """Bars of these bars' frequency until the slowest feature forgets its start, longer timeframes
        included.
        """
        self.check(info)
        market = sessions(info.calendar)
        session = int(np.median(market.close - market.open))
        needed = []
        for c in self.columns:
            higher = duration(c.timeframe or info.frequency)
            # The first higher bar may be cut: one more.
            ratio = -(-min(higher, session) // duration(info.frequency))
            needed.append(
                c.feature.memory_bars if c.timeframe is None else (c.feature.memory_bars + 1) * ratio
            )
        return max(needed)

    def check(self, info: BarInfo) -> None:
        """Raise ``ConfigError`` where a column's timeframe is not longer than that of the bars."""
        for c in self.columns:
            for timeframe in c.timeframes:
                if duration(timeframe) <= duration(info.frequency):
                    raise ConfigError(
                        f"{c.name} needs bars shorter than {timeframe}, found {info.frequency}: leave it out"
                    )

    def compile(self, progress: Progress | None = None, processes: int = 2) -> int:
        """Compile what is not in the cache yet.

        ``progress(name, done, total)`` is told. Returns how many it was.
        """
        return compile_kernels(self.program.kernels, progress, processes)

    def block(self, bars: Bars, threads: int = 2) -> dict[str, np.ndarray]:
        """Values by symbol: ``(features, rows)`` float32, NaN where a value is not known."""
        self.check(bars.info)
        self.compile()
        return run_batch(self.program, bars, threads)

    def batch(self, bars: Bars, threads: int = 2) -> pl.DataFrame:
        """Table ``symbol, timestamp, available_at, <columns float32>``, a row for each row of the bars."""
        return self.table(bars, self.block(bars, threads))

    def table(self, bars: Bars, blocks: dict[str, np.ndarray]) -> pl.DataFrame:
        """Lay a table over blocks, in the order of the bars' rows."""
        frames = [pl.DataFrame({n: blocks[s][k] for k, n in enumerate(self.names)}) for s in bars.symbols]
        if not frames:
            return pl.DataFrame(
                schema={
                    "symbol": pl.String,
                    "timestamp": TIME,
                    "available_at": TIME,
                    **dict.fromkeys(self.names, pl.Float32),
                }
            )
        values = pl.concat(frames, rechunk=False)
        return bars.frame.select(_IDENTITY).hstack(values.get_columns())

    def start(
        self, symbols: Sequence[str] | None = None, info: BarInfo | None = None, warmup: Bars | None = None
    ) -> LiveFeatures:
        """Begin a live run; symbols and meaning come from ``warmup`` where it is given."""
        if warmup is not None:
            symbols, info = symbols or warmup.symbols, info or warmup.info
        if symbols is None or info is None:
            raise ValueError("expected symbols and info, or warmup bars that say both")
        self.check(info)
        self.compile()
        live = LiveFeatures(self, symbols, info)
        if warmup is not None and len(warmup) > 0:
            live.advance(warmup)
        return live
