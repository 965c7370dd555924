"""The contract of a feature, as a function anyone can run on their own.

In: a feature. Out: nothing, or an ``AssertionError`` that names the broken promise, the column and the first
row. Never here: whether a feature is any good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl

from alphatrade.core.bar import INPUTS, PRICES, SCHEMA, TIME, BarInfo, Bars, Status, SymbolBars
from alphatrade.core.kernel.interpreter import interpret
from alphatrade.core.session import SECOND
from alphatrade.features.base import Feature
from alphatrade.features.batch import slice_rows
from alphatrade.features.feature_set import FeatureSet
from alphatrade.features.name import Column, parse

__all__ = ["calm_bars", "check_feature", "rough_bars"]

_STEP = 900 * SECOND
_START = 1_577_923_200 * SECOND
_INFO = BarInfo("15m", "24/7", "synthetic", "raw")
_CHUNKS = (7, 1000)


def calm_bars(rows: int = 1200, symbols: Sequence[str] = ("A", "B", "C"), seed: int = 1) -> Bars:
    """Complete bars of random walks: 15 minutes, every day, no gaps, every price distinct.

    Parameters
    ----------
    rows : int
        Bars a symbol.
    symbols : sequence of str
    seed : int
    """
    rng = np.random.default_rng(seed)
    frames = [_walk(s, rows, rng) for s in sorted(symbols)]
    return Bars(pl.concat(frames), _INFO)


def _walk(symbol: str, rows: int, rng: np.random.Generator) -> pl.DataFrame:
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.004, rows)))
    opened = np.concatenate([[100.0], close[:-1]]) * np.exp(rng.normal(0.0, 0.001, rows))
    reach = np.abs(rng.normal(0.0, 0.002, (2, rows))) + 1e-5
    stamps = _START + _STEP * np.arange(rows)
    columns = {
        "symbol": np.full(rows, symbol, dtype=object), "timestamp": stamps, "available_at": stamps + _STEP,
        "open": opened, "high": np.maximum(opened, close) * (1.0 + reach[0]),
        "low": np.minimum(opened, close) * (1.0 - reach[1]),
        "close": close, "volume": np.floor(rng.lognormal(9.0, 1.0, rows)) + 1.0,
        "status": np.full(rows, int(Status.REAL)), "confidence": np.ones(rows),
    }  # fmt: skip
    frame = pl.DataFrame(columns, schema_overrides={"symbol": pl.String})
    return frame.with_columns(pl.col("timestamp", "available_at").cast(TIME)).cast(SCHEMA)  # type: ignore[arg-type]


def rough_bars(rows: int = 1200, symbols: Sequence[str] = ("A", "B", "C"), seed: int = 2) -> Bars:
    """Bars with what real ones have: MISSING and absent rows, a lost session, no volume, still prices, a jump
    of 50 times.
    """
    rng = np.random.default_rng(seed)
    frame = calm_bars(rows, symbols, seed).frame
    n = frame.height
    values = {p: frame[p].to_numpy().copy() for p in PRICES}
    row = np.arange(n) % rows
    values["volume"][(row % 97 < 5) | (rng.random(n) < 0.02)] = 0.0
    still = (row > rows // 3) & (row < rows // 3 + 40)
    for p in ("open", "high", "low", "close"):
        values[p][still] = 77.7
        values[p][row > rows // 2] *= 50.0
    lost = (rng.random(n) < 0.03) | ((row > 3 * rows // 4) & (row < 3 * rows // 4 + 110))
    for p in PRICES:
        values[p][lost] = np.nan
    status = np.where(lost, int(Status.MISSING), int(Status.REAL)).astype(np.uint8)
    rough = frame.with_columns(pl.Series(p, v) for p, v in values.items()).with_columns(
        pl.Series("status", status)
    )
    return Bars(rough.filter(pl.Series(rng.random(n) >= 0.02)), _INFO)


def _with_hole(bars: Bars, name: str, at: int) -> Bars:
    """Three rows of each symbol whose ``name`` is not known, though the bar is real."""
    row = pl.int_range(pl.len()).over("symbol")
    hole = (row >= at) & (row < at + 3)
    return replace(
        bars,
        frame=bars.frame.with_columns(pl.when(hole).then(float("nan")).otherwise(pl.col(name)).alias(name)),
    )


def _parts(bars: Bars) -> dict[str, SymbolBars]:
    return {s: bars.arrays(s) for s in bars.symbols}


def _cut(part: SymbolBars, lo: int, hi: int) -> SymbolBars:
    i, j = np.searchsorted(part.available_at, [lo, hi])
    inputs = np.ascontiguousarray(part.inputs[:, i:j])
    return SymbolBars(part.symbol, part.timestamp[i:j], part.available_at[i:j], inputs, part.ok[i:j].copy())


def _chunks(parts: dict[str, SymbolBars], size: int) -> Iterator[dict[str, SymbolBars]]:
    """Chunks of ``size`` slices."""
    time = np.unique(np.concatenate([p.available_at for p in parts.values()]))
    edges = [*time[::size], time[-1] + 1]
    for lo, hi in pairwise(edges):
        cut = {s: _cut(p, int(lo), int(hi)) for s, p in parts.items()}
        yield {s: p for s, p in cut.items() if len(p)}


def _live(feature_set: FeatureSet, bars: Bars, size: int) -> dict[str, np.ndarray]:
    """Values of a live run by chunks of ``size`` slices."""
    run = feature_set.start(bars.symbols, bars.info)
    found: dict[str, list[np.ndarray]] = {s: [] for s in bars.symbols}
    for chunk in _chunks(_parts(bars), size):
        for s, block in run.advance_arrays(chunk).items():
            found[s].append(block)
    return {s: np.concatenate(blocks, axis=1) for s, blocks in found.items()}


def _by_slice(feature_set: FeatureSet, bars: Bars) -> dict[str, np.ndarray]:
    """Values of a live run through ``advance_slice``."""
    run, parts = feature_set.start(bars.symbols, bars.info), _parts(bars)
    rows = slice_rows([parts[s].available_at for s in run.symbols])
    outs = {s: np.full((len(feature_set), len(p)), np.nan, np.float32) for s, p in parts.items()}
    inputs, ok = np.full((len(run.symbols), len(INPUTS)), np.nan), np.ones(len(run.symbols), bool)
    for row in rows:
        for k, s in enumerate(run.symbols):
            if row[k] >= 0:
                inputs[k], ok[k] = parts[s].inputs[:, row[k]], parts[s].ok[row[k]]
        values = run.advance_slice(row >= 0, inputs, ok)
        for k, s in enumerate(run.symbols):
            if row[k] >= 0:
                outs[s][:, row[k]] = values[k]
    return outs


def _assert_same(
    names: Sequence[str], what: str, expected: dict[str, np.ndarray], found: dict[str, np.ndarray]
) -> None:
    for symbol, block in expected.items():
        for k, name in enumerate(names):
            a, b = block[k].view(np.uint32), found[symbol][k].view(np.uint32)
            both_nan = np.isnan(block[k]) & np.isnan(found[symbol][k])
            bad = np.flatnonzero((a != b) & ~both_nan)
            if len(bad):
                i = bad[0]
                raise AssertionError(
                    f"{name} of {symbol}: {what} gives other bits in {len(bad)} rows; first in row {i}: "
                    f"{block[k][i]!r} in one chunk, {found[symbol][k][i]!r}"
                )


def _check_chunks(feature_set: FeatureSet, bars: Bars, where: str) -> None:
    """The same bits for any chunking: no row can have used a later one."""
    whole = feature_set.block(bars)
    for size in _CHUNKS:
        _assert_same(
            feature_set.names, f"{where}, chunks of {size} slices", whole, _live(feature_set, bars, size)
        )
    _assert_same(feature_set.names, f"{where}, one slice at a time", whole, _by_slice(feature_set, bars))


def _first_known(values: np.ndarray) -> int:
    known = np.flatnonzero(~np.isnan(values))
    return int(known[0]) if len(known) else len(values)


def _check_lookback(feature: Feature, bars: Bars) -> None:
    """The first value comes in row ``lookback``, of the slowest output."""
    for symbol, block in FeatureSet([feature]).block(bars).items():
        first = [_first_known(row) + 1 for row in block]
        if max(first) != feature.lookback:
            raise AssertionError(
                f"{feature.name} of {symbol}: first known after {dict(zip(feature.columns, first))} bars, "
                f"but lookback says {feature.lookback}"
            )


def _tail_from(bars: Bars, row: int) -> Bars:
    time = np.unique(bars.frame["available_at"].to_physical().to_numpy())
    return bars.known(int(time[row]) - 1, bars.end)


def _check_memory(feature: Feature, bars: Bars) -> None:
    """A run that starts ``memory_bars`` bars earlier equals one that has seen everything."""
    if feature.memory == "anchored":
        return
    start, skip = 37, feature.memory_bars - 1
    cold, warm = FeatureSet([feature]).block(bars), FeatureSet([feature]).block(_tail_from(bars, start))
    for symbol, block in cold.items():
        for k, name in enumerate(feature.columns):
            a, b = block[k][start + skip :].astype(np.float64), warm[symbol][k][skip:].astype(np.float64)
            scale = np.nanmax(np.abs(block[k].astype(np.float64)), initial=0.0)
            bad = np.flatnonzero(~np.isclose(b, a, rtol=2e-6, atol=1e-7 * scale, equal_nan=True))
            if len(bad):
                raise AssertionError(
                    f"{name} of {symbol}: memory is {feature.memory}, {feature.memory_bars} bars, but a run "
                    f"that begins that much earlier differs by row {bad[0]}: {b[bad[0]]!r}, not {a[bad[0]]!r}"
                )


def _check_hole(feature: Feature, bars: Bars, name: str, at: int) -> None:
    """A value that is not known leaves, after ``memory_bars`` at the latest."""
    feature_set = FeatureSet([feature])
    holed = _with_hole(bars, name, at)
    _check_chunks(feature_set, holed, f"{name} not known in rows {at} to {at + 2}")
    clean, found = feature_set.block(bars), feature_set.block(holed)
    after = at + 3 + feature.memory_bars
    for symbol, block in clean.items():
        for k, column in enumerate(feature.columns):
            stuck = np.flatnonzero(np.isnan(found[symbol][k][after:]) & ~np.isnan(block[k][after:]))
            if len(stuck):
                raise AssertionError(
                    f"{column} of {symbol}: a {name} not known in rows {at} to {at + 2} still makes row "
                    f"{after + stuck[0]} NaN; a recurrence must leave its state alone on a NaN"
                )


def _check_declaration(feature: Feature) -> None:
    cls = type(feature)
    if not (cls.__doc__ or "").strip() or (cls.__doc__ or "").startswith(cls.__name__ + "("):
        raise AssertionError(f"{cls.__name__} has no docstring: it is the definition")
    if not feature.family:
        raise AssertionError(f"{cls.__name__} names no family")
    if [c.feature for c in parse(feature.name)] != [feature] * len(feature.outputs):
        raise AssertionError(f"the name {feature.name!r} does not read back as {feature!r}")


def _check_twin(feature_set: FeatureSet, bars: Bars) -> None:
    """The compiled program agrees with the plain interpreter of the same graph."""
    whole, program = feature_set.block(bars), feature_set.program
    parts = [bars.arrays(s) for s in sorted(bars.symbols)]
    rows = slice_rows([p.available_at for p in parts])
    plain = interpret(program.graph, program.outputs, [p.inputs for p in parts], [p.ok for p in parts], rows)
    for part, columns in zip(parts, plain):
        for k, name in enumerate(feature_set.names):
            a, b = (
                whole[part.symbol][k].astype(np.float64),
                np.where(np.isfinite(columns[k]), columns[k], np.nan),
            )
            scale = np.nanmax(np.abs(b), initial=0.0)
            bad = np.flatnonzero(~np.isclose(a, b, rtol=1e-6, atol=1e-9 * scale, equal_nan=True))
            if len(bad):
                i = bad[0]
                raise AssertionError(
                    f"{name} of {part.symbol}: row {i} is {a[i]!r} compiled and {b[i]!r} interpreted"
                )


def _reads(feature_set: FeatureSet) -> list[str]:
    """Prices the set's graph reads, through lifts too."""
    graphs = [feature_set.program.graph, *feature_set.program.graph.lifts.values()]
    return [p for p in PRICES if any(n.call is None and n.field == (p,) for g in graphs for n in g.nodes)]


def check_feature(feature: Feature | str, bars: Bars | None = None) -> None:
    """Check what every feature promises; raise ``AssertionError`` at the first promise it breaks.

    Parameters
    ----------
    feature : Feature or str
        A feature, or the name of a column such as ``"rsi_14@1h"``.
    bars : Bars, optional
        More bars to run the chunks on; built-in ones, calm and rough, are always used.

    Notes
    -----
    (1) Its name reads back and its class says what it is. (2) Chunks of one slice, 7, 1,000 and all have the
    same bits, live and in batch, on bars with MISSING and absent rows, a lost session, no volume, still
    prices, a jump of 50 times, and with each input in turn not known. So no row used a later one. (3) The
    compiled program agrees with a plain interpreter. (4) The first value comes after ``lookback`` bars. (5) A
    warm start of ``memory_bars`` bars equals a cold one: to float32 for windows, to 2e-6 for decaying ones.
    (6) NaN leaves again.
    """
    columns = (
        parse(feature)
        if isinstance(feature, str)
        else [Column(feature, k) for k in range(len(feature.outputs))]
    )
    feature_set, subject = FeatureSet(columns), columns[0].feature
    _check_declaration(subject)
    need = max(1200, int(1.2 * subject.memory_bars) + 200)
    if columns[0].timeframe is not None:
        need = max(1200, 5 * subject.lookback)
    rough, calm = rough_bars(max(need, 1200)), calm_bars(need)
    for each, where in ((rough, "rough bars"), *([(bars, "your bars")] if bars is not None else [])):
        _check_chunks(feature_set, each, where)
    _check_twin(feature_set, rough_bars(500))
    if columns[0].timeframe is None and not feature_set.program.lifts:
        checks: list[Callable[[Feature, Bars], None]] = [_check_lookback, _check_memory]
        for check in checks:
            check(subject, calm)
        for name in _reads(feature_set):
            _check_hole(subject, calm, name, subject.lookback + 10)
    else:
        for name in _reads(feature_set):
            _check_chunks(feature_set, _with_hole(calm, name, 300), f"{name} not known in rows 300 to 302")
