"""Regimes of a market: how volatile it is and which way it goes, known at each moment, never smoothed.

In: bars. Out: a frozen ``FittedRegimes`` whose thresholds come from the bars it was fitted on, and codes
a slice that use that slice and earlier ones only. Never here: labels; states that are revised when later
bars arrive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import polars as pl

from alphatrade.core.bar import TIME, Bars
from alphatrade.core.component import Registry, config_of
from alphatrade.core.errors import ModelError
from alphatrade.core.kernel.compile import njit
from alphatrade.core.session import periods_per_year
from alphatrade.models import artifact

__all__ = ["NAMES", "UNKNOWN", "FittedRegimes", "RegimeModel", "VolatilityTrend", "regime_models", "regimes"]

UNKNOWN = -1
VOLATILITY = ("low", "normal", "high")
TREND = ("down", "up")
NAMES = tuple(f"{v} volatility, {t}" for v in VOLATILITY for t in TREND)
_CLOSE = 3


class RegimeModel(Protocol):
    """A recipe of regimes."""

    kind: ClassVar[str]

    def fit(self, bars: Bars) -> FittedRegimes: ...

    def restore(self, card: Mapping[str, Any]) -> FittedRegimes: ...


regime_models: Registry[RegimeModel] = Registry("regime model", "alphatrade.regimes")


@njit
def _advance(
    last: np.ndarray, ring: np.ndarray, count: np.ndarray, close: np.ndarray, short: int, out: np.ndarray
) -> None:
    """Trailing deviation and sum of the market's log returns.

    ``last`` (S,) last known close of each symbol, ``ring`` (m,) the market's last returns, ``count`` (1,)
    how many were ever pushed, ``close`` (T, S), ``short`` the window of the deviation, ``out`` (T, 2):
    NaN until its window is full, unchanged over slices without a return.
    """
    size = ring.shape[0]
    for t in range(close.shape[0]):
        total, seen = 0.0, 0
        for s in range(close.shape[1]):
            c = close[t, s]
            if c == c and c > 0.0:
                if last[s] == last[s]:
                    total += np.log(c / last[s])
                    seen += 1
                last[s] = c
        if seen > 0:
            ring[count[0] % size] = total / seen
            count[0] += 1
        n = count[0]
        out[t, 0], out[t, 1] = np.nan, np.nan
        if n >= short:
            mean = 0.0
            for j in range(n - short, n):
                mean += ring[j % size]
            mean /= short
            square = 0.0
            for j in range(n - short, n):
                square += (ring[j % size] - mean) ** 2
            out[t, 0] = np.sqrt(square / short)
        if n >= size:
            trend = 0.0
            for j in range(n - size, n):
                trend += ring[j % size]
            out[t, 1] = trend


@dataclass
class RegimeState:
    """What regimes remember: last closes (S,), the ring of market returns and how many were seen."""

    last: np.ndarray
    ring: np.ndarray
    count: np.ndarray


@regime_models.register("volatility_trend")
@dataclass(frozen=True)
class VolatilityTrend:
    """Low, normal or high volatility of the equal-weight market, times its direction.

    Parameters
    ----------
    volatility_sessions : int
        Trailing window of the deviation of market returns, in sessions.
    trend_sessions : int
        Trailing window of the market's log return, in sessions; at least ``volatility_sessions``.
    low, high : float
        Quantiles of training volatility below which it is low and from which it is high.

    Notes
    -----
    The market's return of a slice is the mean log return of the symbols with a bar in it, each since its
    own last bar; overnight returns count as one. Volatility is the population deviation of the last ``n``
    of them, trend the sign of the sum of the last ``m`` (a sum of exactly 0 is down). A session has the
    calendar's usual number of bars. Unknown (-1) until both windows are full. Thresholds are the
    quantiles over the slices of the bars given to ``fit`` and are frozen there.
    """

    kind: ClassVar[str] = "volatility_trend"

    volatility_sessions: int = 20
    trend_sessions: int = 60
    low: float = 1 / 3
    high: float = 2 / 3

    def __post_init__(self) -> None:
        if not 1 <= self.volatility_sessions <= self.trend_sessions:
            raise ValueError(
                "expected 1 <= volatility_sessions <= trend_sessions, "
                f"found {self.volatility_sessions} and {self.trend_sessions}"
            )
        if not 0.0 < self.low < self.high < 1.0:
            raise ValueError(f"expected quantiles 0 < low < high < 1, found {self.low} and {self.high}")

    def fit(self, bars: Bars) -> FittedRegimes:
        """Learn the thresholds from ``bars``: those of the training part only."""
        info = bars.info
        per_session = periods_per_year(info.calendar, info.frequency) / periods_per_year(info.calendar, "1d")
        short, long = (
            max(2, round(n * per_session)) for n in (self.volatility_sessions, self.trend_sessions)
        )
        fitted = FittedRegimes(self, short, long, np.nan, np.nan, bars.end, bars.hash)
        known = fitted.measures(fitted.start(len(bars.symbols)), bars.slices.bars[:, :, _CLOSE])[:, 0]
        known = known[np.isfinite(known)]
        if len(known) < short:
            raise ModelError(
                f"regimes: expected at least {2 * short} slices for a window of {short} bars, "
                f"found {len(bars.slices)}: give more bars or lower volatility_sessions"
            )
        low, high = (float(q) for q in np.quantile(known, [self.low, self.high]))
        return FittedRegimes(self, short, long, low, high, bars.end, bars.hash)

    def restore(self, card: Mapping[str, Any]) -> FittedRegimes:
        """The fitted regimes of saved ones."""
        names = ("short", "long", "low", "high", "known_until", "data_hash")
        return FittedRegimes(self, *(card[name] for name in names))


@dataclass(frozen=True)
class FittedRegimes:
    """Frozen thresholds and windows; a transducer over slices.

    ``short`` and ``long`` are windows in bars, ``low`` and ``high`` deviations of one bar's log return,
    ``known_until`` the last moment of the bars they were fitted on.
    """

    recipe: VolatilityTrend
    short: int
    long: int
    low: float
    high: float
    known_until: int
    data_hash: str

    def start(self, symbols: int, warmup: np.ndarray | None = None) -> RegimeState:
        """State for ``symbols`` symbols, after ``warmup`` (T, S) closes if given."""
        state = RegimeState(np.full(symbols, np.nan), np.zeros(self.long), np.zeros(1, np.int64))
        if warmup is not None:
            self.measures(state, warmup)
        return state

    def measures(self, state: RegimeState, close: np.ndarray) -> np.ndarray:
        """(T, 2) trailing deviation and log return of the market after each slice; updates ``state``."""
        if close.ndim != 2 or close.shape[1] != len(state.last):
            raise ValueError(
                f"expected closes (T, {len(state.last)}), found {close.shape}: start() said how many symbols"
            )
        out = np.empty((len(close), 2))
        _advance(
            state.last, state.ring, state.count, np.ascontiguousarray(close, np.float64), self.short, out
        )
        return out

    def advance(self, state: RegimeState, close: np.ndarray) -> np.ndarray:
        """(T,) int8 codes into ``NAMES`` of the next slices' closes (T, S), -1 where unknown; updates
        ``state``.
        """
        deviation, trend = self.measures(state, close).T
        level = (deviation > self.low).astype(np.int8) + (deviation >= self.high)
        code = level * np.int8(len(TREND)) + (trend > 0.0)
        known = np.isfinite(deviation) & np.isfinite(trend)
        return np.where(known, code, UNKNOWN).astype(np.int8)

    def save(self, folder: Path) -> Path:
        """Write into ``folder``; ``load_regimes`` reads it back."""
        names = ("short", "long", "low", "high", "known_until", "data_hash")
        card = {name: getattr(self, name) for name in names}
        return artifact.write_files(
            folder,
            {artifact.CARD: artifact.dump({"what": "regimes", "recipe": config_of(self.recipe), **card})},
        )


def regimes(bars: Bars, fitted: FittedRegimes) -> pl.DataFrame:
    """Columns ``time``, ``code`` (Int8, -1 unknown) and ``regime`` (null where unknown), one row a slice
    of ``bars``.

    The first slices warm up, so give bars from before the span that matters.
    """
    slices = bars.slices
    code = fitted.advance(fitted.start(len(slices.symbols)), slices.bars[:, :, _CLOSE])
    names = pl.Series([*NAMES, None], dtype=pl.String)  # the last one is the unknown
    return pl.DataFrame(
        {
            "time": pl.Series(slices.time).cast(TIME),
            "code": code,
            "regime": names.gather(np.where(code == UNKNOWN, len(NAMES), code)),
        }
    )
