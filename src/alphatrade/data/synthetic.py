"""Seeded markets that never were, whose truth is known.

In: a seed and a few parameters. Out: ``Bars`` of a random walk, of regimes, with jumps, with gaps. Never
here: the market with a planted signal (``data.planted``), and a claim that real markets are like these.

Every market is built from one-bar log returns, correlated over symbols, with volatility that clusters. High
and low of a bar are the extremes of a Brownian bridge between its open and close, so a bar's shape tells
nothing about the next bar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from alphatrade.core.bar import PRICES, SCHEMA, TIME, BarInfo, Bars, Status
from alphatrade.core.clock import parse_time
from alphatrade.core.errors import ConfigError
from alphatrade.core.session import periods_per_year
from alphatrade.data.gap import mark_missing
from alphatrade.data.grid import Grid

__all__ = [
    "Frame",
    "Paths",
    "build_bars",
    "draw_ar1",
    "draw_log_volume",
    "draw_paths",
    "frame_of",
    "gaps",
    "jumps",
    "random_walk",
    "regimes",
]

_OVERNIGHT_SHARE = 0.2
_WARNING = "The market is synthetic: no price in it was ever paid."


@dataclass(frozen=True, eq=False)
class Frame:
    """Where a market lives: its symbols, its bars' starts and ends (T,), and which of them open a session."""

    symbols: tuple[str, ...]
    info: BarInfo
    start: np.ndarray
    end: np.ndarray
    opens: np.ndarray
    bars_per_year: float


@dataclass(eq=False)
class Paths:
    """What a market does, each (T, S): standard normal ``noise``, ``deviation`` of one bar's return."""

    noise: np.ndarray
    deviation: np.ndarray


def frame_of(
    symbols: int | Sequence[str], bars: int, frequency: str, calendar: str, start: str, kind: str
) -> Frame:
    """Lay out ``bars`` bars of a calendar from ``start`` on."""
    names = tuple(f"SYN{k + 1:02d}" for k in range(symbols)) if isinstance(symbols, int) else tuple(symbols)
    if bars < 2 or not names or len(set(names)) != len(names):
        raise ValueError(f"expected 2 bars or more of distinct symbols, found {bars} bars of {names}")
    grid = Grid(calendar, frequency)
    first = int(np.searchsorted(grid.market.open, parse_time(start)))
    last = int(np.searchsorted(np.cumsum(grid.counts[first:]), bars)) + first
    if last >= len(grid.market.open):
        raise ConfigError(
            f"calendar {calendar!r} has no {bars} bars of {frequency} from {start} on: start earlier"
        )
    starts, ends = grid.expected(int(grid.market.open[first]), int(grid.market.close[last]) - 1)
    starts, ends = starts[:bars], ends[:bars]
    info = BarInfo(frequency, calendar, feed=f"synthetic {kind}", adjustment="raw", warnings=(_WARNING,))
    return Frame(
        names, info, starts, ends, np.isin(starts, grid.market.open), periods_per_year(calendar, frequency)
    )


def draw_ar1(rng: np.random.Generator, shape: tuple[int, int], half_life: float) -> np.ndarray:
    """Stationary first-order process of unit variance, (T, S), along the first axis."""
    phi = 0.5 ** (1.0 / half_life)
    shock = rng.standard_normal(shape)
    shock[1:] *= np.sqrt(1.0 - phi * phi)
    for t in range(1, shape[0]):
        shock[t] += phi * shock[t - 1]
    return shock


def draw_paths(
    rng: np.random.Generator, where: Frame, volatility: float, correlation: float, clustering: float
) -> Paths:
    """Draw correlated noise and clustering volatility.

    ``volatility`` is annual; ``correlation`` the pairwise one of returns, in [0, 1); ``clustering`` the
    standard deviation of log volatility, which has a half-life of 20 bars and is half common to all symbols.
    """
    if not (volatility > 0 and 0 <= correlation < 1 and clustering >= 0):
        raise ValueError(
            "expected volatility > 0, correlation in [0, 1) and clustering >= 0, "
            f"found {volatility}, {correlation}, {clustering}"
        )
    shape = (len(where.start), len(where.symbols))
    common = rng.standard_normal((shape[0], 1))
    noise = np.sqrt(correlation) * common + np.sqrt(1.0 - correlation) * rng.standard_normal(shape)
    level = np.sqrt(0.5) * (draw_ar1(rng, (shape[0], 1), 20.0) + draw_ar1(rng, shape, 20.0))
    # exp(c x - c^2) has mean square 1 for a standard normal x, so the annual volatility is as asked.
    deviation = volatility / np.sqrt(where.bars_per_year) * np.exp(clustering * level - clustering**2)
    return Paths(noise, deviation)


def _bridge_extremes(
    rng: np.random.Generator, body: np.ndarray, deviation: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Highest and lowest log price over a bar that moves by ``body``: exact for each, drawn independently."""
    u, v = rng.random(body.shape), rng.random(body.shape)
    spread = 2.0 * deviation**2
    up = 0.5 * (body + np.sqrt(body**2 - spread * np.log1p(-u)))
    down = 0.5 * (body - np.sqrt(body**2 - spread * np.log1p(-v)))
    return up, down


def build_bars(
    rng: np.random.Generator,
    where: Frame,
    ret: np.ndarray,
    deviation: np.ndarray,
    wicks: tuple[np.ndarray, np.ndarray] | None = None,
    log_volume: np.ndarray | None = None,
) -> Bars:
    """Bars from one-bar log returns (T, S), close to close.

    A fifth of the variance of a bar that opens a session happens before its open. ``wicks`` (upper, lower:
    log distance beyond the body, positive) and ``log_volume`` are drawn where left out.
    """
    shape = ret.shape
    jump = np.where(where.opens[:, None], np.sqrt(_OVERNIGHT_SHARE) * deviation, 0.0)
    share = np.where(where.opens[:, None], _OVERNIGHT_SHARE, 0.0)
    # Given the whole return, its overnight part is normal around its share of it.
    overnight = share * ret + jump * np.sqrt(1.0 - share) * rng.standard_normal(shape)
    body = ret - overnight
    first = np.log(rng.uniform(20.0, 200.0, shape[1]))
    close = first + np.cumsum(ret, axis=0)
    open_ = close - body
    if wicks is None:
        up, down = _bridge_extremes(rng, body, deviation * np.sqrt(1.0 - share))
        high, low = open_ + up, open_ + down
    else:
        high, low = np.maximum(open_, close) + wicks[0], np.minimum(open_, close) - wicks[1]
    if log_volume is None:
        log_volume = draw_log_volume(rng, ret, deviation)
    level = rng.uniform(13.0, 15.5, shape[1]) - np.log(where.bars_per_year / 252.0)
    volume = np.maximum(np.round(np.exp(level + log_volume)), 100.0)
    prices = (np.exp(open_), np.exp(high), np.exp(low), np.exp(close), volume)
    return _bars(where, dict(zip(PRICES, prices, strict=True)))


def draw_log_volume(rng: np.random.Generator, ret: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Log volume (T, S) around 0: persistent, and higher on large moves."""
    slow = draw_ar1(rng, (ret.shape[0], ret.shape[1]), 10.0)
    large = np.abs(ret) / deviation - 0.8
    result: np.ndarray = 0.3 * slow + 0.2 * large + 0.2 * rng.standard_normal(ret.shape)
    return result


def _bars(where: Frame, values: dict[str, np.ndarray]) -> Bars:
    n, k = len(where.start), len(where.symbols)
    # Rounding of exp could leave a high one bit below the open it equals.
    values["high"] = np.maximum(values["high"], np.maximum(values["open"], values["close"]))
    values["low"] = np.minimum(values["low"], np.minimum(values["open"], values["close"]))
    order = np.argsort(np.array(where.symbols))
    names = [where.symbols[i] for i in order]
    frame = pl.DataFrame(
        {
            "symbol": pl.Series(names, dtype=pl.String).gather(np.repeat(np.arange(k), n)),
            "timestamp": pl.Series(np.tile(where.start, k)).cast(TIME),
            "available_at": pl.Series(np.tile(where.end, k)).cast(TIME),
            **{p: values[p].T[order].ravel() for p in PRICES},
            "status": pl.repeat(int(Status.REAL), n * k, dtype=pl.UInt8, eager=True),
            "confidence": pl.repeat(1.0, n * k, dtype=pl.Float32, eager=True),
        },
        schema=SCHEMA,
    )
    return Bars(frame, where.info)


def random_walk(
    seed: int,
    *,
    symbols: int | Sequence[str] = 8,
    bars: int = 2500,
    frequency: str = "1d",
    calendar: str = "24/5",
    start: str = "2012-01-02",
    volatility: float = 0.25,
    correlation: float = 0.3,
    clustering: float = 0.3,
) -> Bars:
    """A market nobody can predict: the expected simple return of every next bar is zero.

    Parameters
    ----------
    seed : int
    symbols : int or sequence of str
        How many, or their names.
    bars : int
        Bars a symbol.
    frequency, calendar, start : str
        ``calendar="XNYS"`` has half days, holidays and overnight gaps.
    volatility : float
        Annual standard deviation of log returns, a fraction.
    correlation : float
        Pairwise correlation of returns, in [0, 1).
    clustering : float
        Standard deviation of log volatility.

    Examples
    --------
    >>> random_walk(seed=1, symbols=2, bars=100)
    Bars(2 symbols, 200 rows, 1d, 2012-01-02T00:00:00Z to 2012-05-19T00:00:00Z)
    """
    where = frame_of(symbols, bars, frequency, calendar, start, "random walk")
    rng = np.random.default_rng(seed)
    paths = draw_paths(rng, where, volatility, correlation, clustering)
    ret = paths.noise * paths.deviation - 0.5 * paths.deviation**2
    return build_bars(rng, where, ret, paths.deviation)


def regimes(
    seed: int,
    *,
    symbols: int | Sequence[str] = 8,
    bars: int = 2500,
    frequency: str = "1d",
    calendar: str = "24/5",
    start: str = "2012-01-02",
    drift: tuple[float, ...] = (0.15, -0.30),
    volatility: tuple[float, ...] = (0.15, 0.40),
    mean_bars: float = 120.0,
    correlation: float = 0.5,
) -> tuple[Bars, np.ndarray]:
    """A market that switches between regimes, the same one for all symbols.

    Parameters
    ----------
    drift, volatility : tuple of float
        Annual, one for each regime.
    mean_bars : float
        Mean length of a stay; each next regime is drawn evenly from the others.

    Returns
    -------
    bars : Bars
    regime : numpy.ndarray
        (T,) int, the regime in force during each bar.
    """
    if len(drift) != len(volatility) or len(drift) < 2 or mean_bars <= 1:
        raise ValueError(
            f"expected a drift and volatility for 2 regimes or more, found {drift}, {volatility}"
        )
    where = frame_of(symbols, bars, frequency, calendar, start, "regimes")
    rng = np.random.default_rng(seed)
    switch = rng.random(bars) < 1.0 / mean_bars
    step = np.where(switch, rng.integers(1, len(drift), bars), 0)
    regime = np.cumsum(step) % len(drift)
    paths = draw_paths(rng, where, 1.0, correlation, 0.0)
    deviation = paths.deviation * np.array(volatility)[regime][:, None]
    mean = np.array(drift)[regime][:, None] / where.bars_per_year
    ret = paths.noise * deviation + mean - 0.5 * deviation**2
    return build_bars(rng, where, ret, deviation), regime


def jumps(
    seed: int,
    *,
    symbols: int | Sequence[str] = 8,
    bars: int = 2500,
    frequency: str = "1d",
    calendar: str = "24/5",
    start: str = "2012-01-02",
    volatility: float = 0.25,
    correlation: float = 0.3,
    clustering: float = 0.3,
    per_year: float = 4.0,
    size: float = 0.08,
) -> Bars:
    """A random walk with jumps at the open: ``per_year`` a symbol, log size normal with deviation ``size``.

    The expected simple return of every next bar is still zero.
    """
    where = frame_of(symbols, bars, frequency, calendar, start, "jumps")
    rng = np.random.default_rng(seed)
    paths = draw_paths(rng, where, volatility, correlation, clustering)
    rate = per_year / where.bars_per_year
    hit = rng.random(paths.noise.shape) < rate
    jump = np.where(hit, size * rng.standard_normal(hit.shape), 0.0)
    balance = np.log1p(rate * np.expm1(0.5 * size**2))
    ret = paths.noise * paths.deviation - 0.5 * paths.deviation**2
    return _with_opening_jump(build_bars(rng, where, ret, paths.deviation), where, jump - balance)


def _with_opening_jump(bars: Bars, where: Frame, jump: np.ndarray) -> Bars:
    """Shift each bar, and all after it, by its jump: the whole of it lies between two bars."""
    order = np.argsort(np.array(where.symbols))
    factor = np.exp(np.cumsum(jump, axis=0)).T[order].ravel()
    prices = [(pl.col(p) * pl.Series(factor)).alias(p) for p in ("open", "high", "low", "close")]
    return replace(bars, frame=bars.frame.with_columns(prices))


def gaps(
    seed: int,
    *,
    symbols: int | Sequence[str] = 8,
    bars: int = 2500,
    frequency: str = "1d",
    calendar: str = "24/5",
    start: str = "2012-01-02",
    lost: float = 0.01,
    outages: int = 2,
    outage_bars: int = 20,
) -> Bars:
    """A random walk with bars missing: a share ``lost`` at random, and ``outages`` runs a symbol.

    First and last bar of each symbol are there. The rest is marked MISSING.
    """
    whole = random_walk(seed, symbols=symbols, bars=bars, frequency=frequency, calendar=calendar, start=start)
    if not (0 <= lost < 1 and 0 <= outages * outage_bars < bars):
        raise ValueError(f"expected a share lost in [0, 1) and outages shorter than the {bars} bars")
    rng = np.random.default_rng([seed, 1])
    gone = rng.random((len(whole.symbols), bars)) < lost
    for row in gone:
        for at in rng.integers(0, max(bars - outage_bars, 1), outages):
            row[at : at + outage_bars] = True
        row[[0, -1]] = False
    kept = whole.frame.filter(pl.Series(~gone.ravel()))
    info = replace(whole.info, feed="synthetic gaps")
    return Bars(mark_missing(kept, Grid(calendar, frequency)), info)
