"""Where the engine's features and forecasts come from.

In: tables computed before (batch), or running features and models (live). Out: the columns of one slice.
Never here: computing either (``features``, ``models``). Batch and live serve the same bits: a test says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl

from alphatrade.core.bar import INPUTS, PRICES
from alphatrade.core.clock import iso
from alphatrade.core.errors import CausalityError
from alphatrade.core.kernel.compile import njit
from alphatrade.core.opinion import Forecast
from alphatrade.engine.port import Slice
from alphatrade.strategies.base import column
from alphatrade.strategies.view import View, no_forecast

if TYPE_CHECKING:
    from alphatrade.features import LiveFeatures

__all__ = [
    "BatchFeatures",
    "BatchForecasts",
    "FeatureStream",
    "LiveModel",
    "NoFeatures",
    "NoModel",
    "check_known_until",
]


class NoFeatures:
    """Serves no features."""

    names: tuple[str, ...] = ()

    def __init__(self, n: int) -> None:
        self._empty = np.empty((n, 0), np.float32)

    def advance(self, slice: Slice) -> np.ndarray:
        return self._empty


class NoModel:
    """Serves no forecasts."""

    classes: tuple[int, ...] = ()

    def __init__(self, n: int) -> None:
        self._blank = no_forecast(n)

    def advance(self, view: View) -> Forecast:
        return self._blank


@njit
def _gather(flat: np.ndarray, offset: np.ndarray, row: np.ndarray, out: np.ndarray) -> None:
    for s in range(len(row)):
        if row[s] < 0:
            out[s] = np.nan
        else:
            out[s] = flat[offset[s] + row[s]]


class BatchFeatures:
    """Features read from a table with one row for each bar row.

    Parameters
    ----------
    table : polars.DataFrame
        ``symbol, timestamp, available_at`` and features, sorted by symbol and time: what
        ``FeatureSet.batch`` answers.
    reads : sequence of str
        The features to serve, in this order.
    symbols : tuple of str
        The engine's order.
    """

    def __init__(self, table: pl.DataFrame, reads: Sequence[str], symbols: tuple[str, ...]) -> None:
        self.names = tuple(reads)
        for name in self.names:
            column(name, tuple(table.columns), "the strategy")
        counts = dict(table.group_by("symbol", maintain_order=True).len().iter_rows())
        starts = dict(zip(counts, np.cumsum([0, *counts.values()])[:-1]))
        absent = [s for s in symbols if s not in starts]
        if absent:
            raise ValueError(
                f"the feature table has no rows of {', '.join(absent)}: compute it on the same bars"
            )
        self._offset = np.array([starts[s] for s in symbols], np.int64)
        self._length = np.array([counts[s] for s in symbols], np.int64)
        columns = [table[name].cast(pl.Float32).to_numpy() for name in self.names]
        self._flat = np.stack(columns, axis=1) if columns else np.empty((len(table), 0), np.float32)
        self._out = np.empty((len(symbols), len(self.names)), np.float32)

    def advance(self, slice: Slice) -> np.ndarray:
        _gather(self._flat, self._offset, slice.row, self._out)
        return self._out

    def check_rows(self, row: np.ndarray) -> None:
        """``ValueError`` unless the table has a row for every bar row of the feed: ``row`` (T, S)."""
        bars = row.max(axis=0) + 1
        if (bars != self._length).any():
            raise ValueError(
                f"the feature table has {self._length.tolist()} rows a symbol, "
                f"the bars have {bars.tolist()}: compute the features on the same bars"
            )


class FeatureStream:
    """Features computed as each slice comes.

    Parameters
    ----------
    live : features.LiveFeatures
        Started for the engine's symbols, and warmed up if the session shall not begin blind.
    reads : sequence of str
        The features to serve, in this order.
    symbols : tuple of str
        The engine's order, which must be that of ``live``.
    """

    def __init__(self, live: LiveFeatures, reads: Sequence[str], symbols: tuple[str, ...]) -> None:
        if live.symbols != symbols:
            raise ValueError(
                f"live features of {live.symbols}, but the engine trades {symbols}: start both with the same"
            )
        self.names = tuple(reads)
        served = tuple(live.feature_set.names)
        self._pick = np.array(
            [column(name, served, "the strategy or model") for name in self.names], np.int64
        )
        self._live = live
        self._inputs = np.empty((len(symbols), len(INPUTS)))

    def advance(self, slice: Slice) -> np.ndarray:
        if slice.clock is None:
            raise ValueError("live features read the times of bars: make the feed with clock=True")
        self._inputs[:, : len(PRICES)] = slice.bars
        self._inputs[:, len(PRICES) :] = slice.clock
        ok = ~np.isnan(slice.bars[:, 3])
        served = self._live.advance_slice(slice.row >= 0, self._inputs, ok)
        found: np.ndarray = served[:, self._pick]
        return found


class BatchForecasts:
    """Forecasts read from a table.

    Parameters
    ----------
    table : polars.DataFrame
        ``symbol``, ``t0`` (the moment of the decision: ``available_at`` of its bar), ``expected_return``,
        and ``p_<class>`` for each class. At most one row a symbol and moment; a slice without a row has no
        forecast (NaN).
    time : (T,) int64
        The slice clock, ns.
    symbols : tuple of str
        The engine's order; rows of other symbols are an error.
    """

    def __init__(self, table: pl.DataFrame, time: np.ndarray, symbols: tuple[str, ...]) -> None:
        self.classes = forecast_classes(table)
        t, s = _places(table, time, symbols)
        self._expected = np.full((len(time), len(symbols)), np.nan)
        self._expected[t, s] = table["expected_return"].to_numpy()
        self._probability = np.full((len(time), len(symbols), len(self.classes)), np.nan)
        for k, c in enumerate(self.classes):
            self._probability[t, s, k] = table[f"p_{c}"].to_numpy()
        self._time = time.tolist()
        self._at = 0

    def advance(self, view: View) -> Forecast:
        at = self._at
        if at >= len(self._time) or self._time[at] != view.time:
            at = self._time.index(view.time)
        self._at = at + 1
        return Forecast(self.classes, self._probability[at], self._expected[at])


def forecast_classes(table: pl.DataFrame) -> tuple[int, ...]:
    """The classes of a forecast table, from its ``p_<class>`` columns, ascending."""
    for name in ("symbol", "t0", "expected_return"):
        if name not in table.columns:
            raise ValueError(f"a forecast table needs symbol, t0 and expected_return; found {table.columns}")
    return tuple(
        sorted(int(c[2:]) for c in table.columns if c.startswith("p_") and c[2:].lstrip("-").isdigit())
    )


def _places(table: pl.DataFrame, time: np.ndarray, symbols: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Slice and column of each row."""
    codes = range(len(symbols))
    s = table["symbol"].replace_strict(list(symbols), list(codes), default=None, return_dtype=pl.Int64)
    if s.null_count():
        extra = sorted(set(table["symbol"].unique()) - set(symbols))
        raise ValueError(
            f"forecasts of {', '.join(extra)} but no bars of them: give both for the same symbols"
        )
    t0 = moments(table)
    t = np.minimum(np.searchsorted(time, t0), len(time) - 1)
    astray = time[t] != t0
    if astray.any():
        first = iso(int(t0[astray][0]))
        raise ValueError(
            f"{astray.sum()} forecasts are of moments without a bar, the first {first}: same bars?"
        )
    place = t * len(symbols) + s.to_numpy()
    taken = np.zeros(len(time) * len(symbols), bool)
    taken[place] = True
    if np.count_nonzero(taken) != len(place):
        raise ValueError("the forecast table has two rows of one symbol and moment: keep one")
    return t, s.to_numpy()


def moments(table: pl.DataFrame) -> np.ndarray:
    """``t0`` in ns, int64."""
    t0: np.ndarray = table["t0"].to_physical().to_numpy()
    return t0


def check_known_until(table: pl.DataFrame, known_until: int | None) -> None:
    """Refuse forecasts of moments that the model's training labels have seen.

    ``known_until`` is the last such moment (ns). A column ``known_until`` in the table, one value a row, is
    for forecasts of several models, such as the folds of a walk-forward; both are checked where both are
    given.
    """
    if known_until is None and "known_until" not in table.columns:
        raise ValueError("pass known_until (model.known_until), or a column of that name in the forecasts")
    t0 = moments(table)
    limits = [np.full(len(t0), known_until)] if known_until is not None else []
    if "known_until" in table.columns:
        if table["known_until"].null_count():
            raise ValueError("known_until is null in some forecasts: say when each model's labels were known")
        limits.append(table["known_until"].to_physical().to_numpy())
    for limit in limits:
        seen = np.flatnonzero(t0 <= limit)
        if len(seen):
            i = seen[np.argmin(t0[seen])]
            raise CausalityError(
                f"the bar of {iso(int(t0[i]))} lies within the training labels of the model behind its "
                f"forecast, known until {iso(int(limit[i]))}: backtest later bars, or pass in_sample=True "
                "and have the result marked IN SAMPLE"
            )


class Predictor(Protocol):
    """What the engine asks of a fitted model."""

    @property
    def features(self) -> tuple[str, ...]: ...

    @property
    def classes(self) -> tuple[int, ...]: ...

    def predict(self, x: np.ndarray) -> Forecast: ...


class LiveModel:
    """Forecasts computed as each slice comes, for the symbols that have a bar in it.

    Parameters
    ----------
    model : fitted model
    names : tuple of str
        The features served in the view; the model's own are picked by name.
    """

    def __init__(self, model: Predictor, names: tuple[str, ...], n: int) -> None:
        self.classes = tuple(model.classes)
        self._model = model
        self._pick = np.array([column(f, names, "the model") for f in model.features], np.int64)
        self._expected = np.empty(n)
        self._probability = np.empty((n, len(self.classes)))

    def advance(self, view: View) -> Forecast:
        self._expected.fill(np.nan)
        self._probability.fill(np.nan)
        here = np.flatnonzero(view.present)
        if len(here):
            answer = self._model.predict(np.ascontiguousarray(view.feature[np.ix_(here, self._pick)]))
            self._expected[here] = answer.expected_return
            self._probability[here] = answer.probability
        return Forecast(self.classes, self._probability, self._expected)
