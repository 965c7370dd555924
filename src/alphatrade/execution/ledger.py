"""The ledger: a journal of fills folded into events, round trips and positions.

In: the journal's arrays, or fills. Out: tables. Never here: matching, costs, the state of an account
(``book``).

A *round trip* is a position's life from flat to flat: adding to it and trimming it change its average
prices, and a fill that crosses zero ends one and begins the next. The P&L of all round trips, and of the
ones still open at the last close, adds up to the change of equity.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from alphatrade.core.bar import TIME
from alphatrade.core.kernel.compile import routine
from alphatrade.core.order import Fill
from alphatrade.execution.book import after_fill
from alphatrade.execution.order_book import EVENTS, FILL

__all__ = ["TRADE_SCHEMA", "EventLog", "event_table", "round_trips", "trade_table"]

TRADE_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "symbol": pl.String,
    "entry_time": TIME,
    "exit_time": TIME,
    "side": pl.Int8,
    "qty": pl.Float64,
    "entry_price": pl.Float64,
    "exit_price": pl.Float64,
    "pnl": pl.Float64,
    "ret": pl.Float64,
    "bars": pl.Int64,
    "cost": pl.Float64,
}
# A round trip being folded (S, 8): shares held, shares and notional entered and exited, commission, all
# costs, side.
HELD, IN_QTY, IN_VALUE, OUT_QTY, OUT_VALUE, COMMISSION, COST, SIDE = range(8)


class EventLog:
    """The journal of a session: a buffer that compiled code fills, and what was emptied from it before.

    ``whole`` (cap, 5) int64 time, slice, kind, order, symbol; ``real`` (cap, 5) float64 shares, price,
    commission, spread and slippage.
    """

    def __init__(self, capacity: int) -> None:
        self._past: list[tuple[np.ndarray, np.ndarray]] = []
        self.buffer = (np.empty((capacity, 5), np.int64), np.empty((capacity, 5)))

    def empty(self, n: int) -> None:
        """Put the first ``n`` events of the buffer away, so that it can be written from its start again."""
        whole, real = self.buffer
        self._past.append((whole[:n].copy(), real[:n].copy()))

    def grow(self) -> None:
        """Twice the room, once the buffer is empty."""
        whole, real = self.buffer
        self.buffer = (np.empty((2 * len(whole), 5), np.int64), np.empty((2 * len(real), 5)))

    def all(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """All events so far, of which the first ``n`` of the buffer are the newest."""
        parts = [*self._past, (self.buffer[0][:n], self.buffer[1][:n])]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def replace(self, whole: np.ndarray, real: np.ndarray) -> None:
        """Begin again with these events put away."""
        self._past = [(whole.copy(), real.copy())]


def _names(symbols: Sequence[str], index: np.ndarray) -> pl.Series:
    """Names of symbols by index; null for -1."""
    table = pl.Series("symbol", [*symbols, None], pl.String)
    return table.gather(np.where(index < 0, len(symbols), index).astype(np.uint32))


def event_table(symbols: Sequence[str], whole: np.ndarray, real: np.ndarray) -> pl.DataFrame:
    """The journal as a table.

    Columns: ``time``, ``slice``, ``kind``, ``order_id``, ``symbol``, ``qty`` (signed shares), ``price``,
    ``commission``, ``spread_cost``, ``slippage_cost`` (money). ``price`` is what a fill paid, costs but
    commission included; of a submitted order the last close known at its decision; of a triggered stop the
    reference price; else NaN. Submissions and cancellations bear the time of the slice at which they were
    decided, the others that of the slice in which they happened.
    """
    return pl.DataFrame(
        {
            "time": pl.Series(whole[:, 0]).cast(TIME),
            "slice": whole[:, 1],
            "kind": pl.Series(EVENTS, dtype=pl.Enum(EVENTS)).gather(whole[:, 2].astype(np.uint32)),
            "order_id": whole[:, 3],
            "symbol": _names(symbols, whole[:, 4]),
            "qty": real[:, 0],
            "price": real[:, 1],
            "commission": real[:, 2],
            "spread_cost": real[:, 3],
            "slippage_cost": real[:, 4],
        }
    )


@routine
def _emit(
    state: np.ndarray,
    begun: np.ndarray,
    s: int,
    time: int,
    at: int,
    whole: np.ndarray,
    real: np.ndarray,
    n: int,
) -> None:
    """Write the round trip of symbol ``s`` to row ``n``."""
    entered, spent = state[s, IN_QTY], state[s, IN_VALUE]
    pnl = state[s, SIDE] * (state[s, OUT_VALUE] - spent) - state[s, COMMISSION]
    whole[n, 0], whole[n, 1], whole[n, 2] = s, begun[s, 0], time
    whole[n, 3], whole[n, 4] = int(state[s, SIDE]), at - begun[s, 1]
    real[n, 0], real[n, 1], real[n, 2] = entered, spent / entered, state[s, OUT_VALUE] / state[s, OUT_QTY]
    real[n, 3], real[n, 4], real[n, 5] = pnl, pnl / spent, state[s, COST]


@routine
def _close_part(
    state: np.ndarray, s: int, qty: float, price: float, share: float, fee: float, cost: float
) -> None:
    state[s, OUT_QTY] += qty
    state[s, OUT_VALUE] += qty * price
    state[s, COMMISSION] += fee * share
    state[s, COST] += cost * share


@routine
def _open_part(
    state: np.ndarray,
    begun: np.ndarray,
    s: int,
    qty: float,
    price: float,
    share: float,
    fee: float,
    cost: float,
) -> None:
    if qty > 0.0:
        state[s, IN_QTY] += qty
        state[s, IN_VALUE] += qty * price
        state[s, COMMISSION] += fee * share
        state[s, COST] += cost * share


@routine
def _fold(
    times: np.ndarray,
    slices: np.ndarray,
    symbols: np.ndarray,
    fills: np.ndarray,
    close: np.ndarray,
    now: int,
    at: int,
    whole: np.ndarray,
    real: np.ndarray,
) -> tuple[int, int]:
    """Fold fills (n, 4: shares, price, commission, all costs) into rows: closed trips, then open ones."""
    state = np.zeros((len(close), 8))
    begun = np.zeros((len(close), 2), np.int64)
    n = 0
    for k in range(len(fills)):
        s, qty, price, fee, cost = symbols[k], fills[k, 0], fills[k, 1], fills[k, 2], fills[k, 3]
        held = state[s, HELD]
        total = after_fill(held, qty)
        closed = min(abs(held), abs(qty)) if held * qty < 0.0 else 0.0
        opened = abs(qty) - closed if total != 0.0 else 0.0
        share = 1.0 if opened == 0.0 else closed / abs(qty)
        if closed > 0.0:
            _close_part(state, s, closed, price, share, fee, cost)
        if closed > 0.0 and total * held <= 0.0:
            _emit(state, begun, s, times[k], slices[k], whole, real, n)
            n += 1
            state[s] = 0.0
        if opened > 0.0 and state[s, IN_QTY] == 0.0:
            begun[s, 0], begun[s, 1] = times[k], slices[k]
            state[s, SIDE] = 1.0 if qty > 0.0 else -1.0
        _open_part(state, begun, s, opened, price, 1.0 - share, fee, cost)
        state[s, HELD] = total
    done = n
    for s in range(len(close)):
        if state[s, HELD] != 0.0:
            _close_part(state, s, abs(state[s, HELD]), close[s], 0.0, 0.0, 0.0)
            _emit(state, begun, s, now, at, whole, real, n)
            n += 1
    return done, n


def trade_table(
    symbols: Sequence[str], whole: np.ndarray, real: np.ndarray, close: np.ndarray, now: int, at: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``round_trips`` of a journal; ``now`` and ``at`` are the time and number of the last slice."""
    mine = whole[:, 2] == FILL
    w, r = whole[mine], real[mine]
    fills = np.column_stack([r[:, 0], r[:, 1], r[:, 2], r[:, 2] + r[:, 3] + r[:, 4]])
    return _trades(symbols, w[:, 0].copy(), w[:, 1].copy(), w[:, 4].copy(), fills, close, now, at)


def round_trips(
    symbols: Sequence[str], fills: Sequence[Fill], clock: np.ndarray, close: np.ndarray
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Fold fills into round trips.

    Parameters
    ----------
    symbols : sequence of str
        Names, in the order that ``Fill.symbol`` counts.
    fills : sequence of Fill
        In order of time, from a flat account.
    clock : (T,) int64
        Times of all slices; ``bars`` counts along it.
    close : (S,) float64
        Last closes, at which positions still open are valued.

    Returns
    -------
    (polars.DataFrame, polars.DataFrame)
        Closed round trips in order of their exit, and open ones (``exit_time`` null, ``exit_price`` with
        what is left at its last close). ``qty`` is all shares entered, ``pnl`` money after all costs,
        ``ret`` is ``pnl`` over the notional entered, ``bars`` slices from first to last fill, ``cost``
        commission, spread and slippage, the last two of which the prices contain.
    """
    times = np.array([f.time for f in fills], np.int64)
    index = np.array([f.symbol for f in fills], np.int64)
    rows = [(f.qty, f.price, f.commission, f.commission + f.spread_cost + f.slippage_cost) for f in fills]
    slices = np.searchsorted(clock, times).astype(np.int64)
    numbers = np.array(rows, np.float64).reshape(-1, 4)
    return _trades(symbols, times, slices, index, numbers, close, int(clock[-1]), len(clock) - 1)


def _trades(
    symbols: Sequence[str],
    times: np.ndarray,
    slices: np.ndarray,
    index: np.ndarray,
    fills: np.ndarray,
    close: np.ndarray,
    now: int,
    at: int,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = len(fills) + len(symbols)
    whole, real = np.empty((rows, 5), np.int64), np.empty((rows, 6))
    close = np.ascontiguousarray(close, np.float64)
    done, n = _fold(times, slices, index, np.ascontiguousarray(fills), close, now, at, whole, real)
    table = pl.DataFrame(
        {
            "symbol": _names(symbols, whole[:n, 0]),
            "entry_time": whole[:n, 1],
            "exit_time": whole[:n, 2],
            "side": whole[:n, 3],
            "qty": real[:n, 0],
            "entry_price": real[:n, 1],
            "exit_price": real[:n, 2],
            "pnl": real[:n, 3],
            "ret": real[:n, 4],
            "bars": whole[:n, 4],
            "cost": real[:n, 5],
        }
    ).cast(TRADE_SCHEMA)  # type: ignore[arg-type]
    still = table[done:].with_columns(pl.lit(None, TIME).alias("exit_time"))
    return table[:done], still
