"""The account: fills folded up, marked at each slice, and shown to decisions as the view.

In: slices and fills. Out: a refilled ``View`` and the row of totals. Never here: matching (``execution``),
decisions.

Everything that lasts from slice to slice is in two arrays, so an account can be saved, compared and
restored.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from alphatrade.core.kernel.compile import njit
from alphatrade.core.order import Fill, Order, OrderKind
from alphatrade.engine.port import Slice
from alphatrade.execution import book
from alphatrade.strategies.view import View

__all__ = ["TOTALS", "Account", "trailing_volatility"]

# Rows of the per-symbol block; quantity and close are copies of the book's.
QTY, PENDING, CLOSE, WEIGHT, VOLATILITY, SQUARES, MASS, SEEN = range(8)
# The row of totals. Money in account currency, ``traded`` and ``cost`` since the session began; gross, net,
# drawdown and day_loss are fractions of equity.
TOTALS = (
    "cash",
    "equity",
    "gross",
    "net",
    "planned",
    "peak",
    "drawdown",
    "day_open",
    "day_loss",
    "session",
    "traded",
    "cost",
)
(CASH, EQUITY, GROSS, NET, PLANNED, PEAK, DRAWDOWN, DAY_OPEN, DAY_LOSS, SESSION, TRADED, COST) = range(12)


@njit
def _returns(bars: np.ndarray, decay: float, warm_up: float, block: np.ndarray, present: np.ndarray) -> None:
    """Last closes, and the exponentially weighted mean square of one-bar returns."""
    for s in range(len(present)):
        close = bars[s, 3]
        present[s] = close == close
        if not present[s]:
            continue
        before = block[CLOSE, s]
        block[CLOSE, s] = close
        if before > 0.0:
            r = close / before - 1.0
            block[SQUARES, s] = decay * block[SQUARES, s] + r * r
            block[MASS, s] = decay * block[MASS, s] + 1.0
            block[SEEN, s] += 1.0
            if block[SEEN, s] >= warm_up:
                block[VOLATILITY, s] = math.sqrt(block[SQUARES, s] / block[MASS, s])


@njit
def _fraction(part: float, whole: float) -> float:
    return part / whole if whole != 0.0 else math.nan


@njit
def _equity(session: float, money: np.ndarray, total: np.ndarray) -> None:
    """Totals after a mark: peak, drawdown, and the loss of the session."""
    if session != total[SESSION]:
        total[SESSION], total[DAY_OPEN], total[DAY_LOSS] = session, total[EQUITY], 0.0
    equity = money[book.EQUITY]
    total[CASH], total[EQUITY] = money[book.CASH], equity
    total[GROSS] = _fraction(money[book.GROSS], equity)
    total[NET] = _fraction(money[book.NET], equity)
    total[PEAK] = max(total[PEAK], equity)
    total[DRAWDOWN] = 1.0 - equity / total[PEAK]
    total[DAY_LOSS] = max(total[DAY_LOSS], 1.0 - _fraction(equity, total[DAY_OPEN]))
    total[TRADED] = money[book.TURNOVER]
    total[COST] = money[book.COMMISSION] + money[book.SPREAD] + money[book.SLIPPAGE]


@njit
def _observe(
    bars: np.ndarray,
    session: float,
    decay: float,
    warm_up: float,
    money: np.ndarray,
    position: np.ndarray,
    block: np.ndarray,
    total: np.ndarray,
    present: np.ndarray,
) -> None:
    _returns(bars, decay, warm_up, block, present)
    book.mark(money, position, bars.reshape(1, bars.shape[0], bars.shape[1]), 0)
    _equity(session, money, total)
    planned = 0.0
    for s in range(len(position)):
        held = position[s, book.QTY]
        value = held * block[CLOSE, s] if held != 0.0 else 0.0
        block[QTY, s] = held
        block[WEIGHT, s] = _fraction(value, total[EQUITY])
        if held + block[PENDING, s] != 0.0:
            planned += abs(held + block[PENDING, s]) * block[CLOSE, s]
    total[PLANNED] = planned


@njit
def _record(
    money: np.ndarray,
    position: np.ndarray,
    s: int,
    qty: float,
    price: float,
    commission: float,
    spread: float,
    slippage: float,
) -> None:
    book.book(money, position, s, qty, price, commission, spread, slippage)


@njit
def _volatility_chunk(
    bars: np.ndarray, decay: float, warm_up: float, block: np.ndarray, out: np.ndarray
) -> None:
    present = np.zeros(bars.shape[1], np.bool_)
    for t in range(len(bars)):
        _returns(bars[t], decay, warm_up, block, present)
        out[t] = block[VOLATILITY]


def _decay(span: int, warm_up: int) -> float:
    if span < 1 or warm_up < 1:
        raise ValueError(f"expected span and warm_up of at least 1 bar, found {span} and {warm_up}")
    return 1.0 - 2.0 / (span + 1.0)


def trailing_volatility(bars: np.ndarray, span: int = 100, warm_up: int = 20) -> np.ndarray:
    """Trailing deviation of one-bar returns, as every view shows it.

    Parameters
    ----------
    bars : (T, S, 5) float64
        Open to volume, NaN where a symbol is absent.
    span : int
        Bars; the weight of a return falls by ``1 - 2 / (span + 1)`` a bar.
    warm_up : int
        Returns seen before the first value.

    Returns
    -------
    (T, S) float64
        ``sqrt(sum(w * r**2) / sum(w))``: about zero, since the mean of a bar's return is lost in its noise.
        A return runs from a symbol's last close to its next, over nights and gaps. NaN until ``warm_up``
        returns; held over missing bars.

    Examples
    --------
    >>> closes = np.array([100.0, 101.0, 99.99])
    >>> bars = np.repeat(closes, 5).reshape(3, 1, 5)
    >>> trailing_volatility(bars, span=10, warm_up=2).round(6).ravel()
    array([ nan,  nan, 0.01])
    """
    block = _blank_block(bars.shape[1])
    out = np.empty(bars.shape[:2])
    _volatility_chunk(bars, _decay(span, warm_up), float(warm_up), block, out)
    return out


def _blank_block(n: int) -> np.ndarray:
    block = np.zeros((8, n))
    block[CLOSE] = block[VOLATILITY] = math.nan
    return block


class Account:
    """Cash and positions of one session.

    Parameters
    ----------
    symbols : tuple of str
    cash : float
        What it begins with, account currency.
    span, warm_up : int
        Of ``trailing_volatility``.

    Attributes
    ----------
    view : View
        Refilled by ``observe``.
    total : (12,) float64
        As ``TOTALS`` names them.
    """

    def __init__(self, symbols: tuple[str, ...], cash: float, *, span: int = 100, warm_up: int = 20) -> None:
        if not (math.isfinite(cash) and cash > 0.0):
            raise ValueError(f"cash must be above 0, found {cash}")
        self._decay, self._warm_up = _decay(span, warm_up), float(warm_up)
        self.money, self.position = book.blank_account(cash), book.blank_position(len(symbols))
        self.block = _blank_block(len(symbols))
        self.total = np.zeros(len(TOTALS))
        self.total[[CASH, EQUITY, PEAK, DAY_OPEN]] = cash
        self.total[SESSION] = math.nan
        self.on_order = False
        self.view = View(symbols)
        view, block = self.view, self.block
        view.qty, view.pending, view.close = block[QTY], block[PENDING], block[CLOSE]
        view.weight, view.volatility = block[WEIGHT], block[VOLATILITY]

    def record(self, fill: Fill) -> None:
        """Fold one fill into cash, quantity and what is still on order."""
        costs = (fill.commission, fill.spread_cost, fill.slippage_cost)
        _record(self.money, self.position, fill.symbol, fill.qty, fill.price, *costs)
        self.block[PENDING, fill.symbol] -= fill.qty

    def observe(self, slice: Slice) -> None:
        """Mark at the closes of ``slice`` and refill the view's account columns."""
        view, session = self.view, float(slice.session)
        arrays = self.money, self.position, self.block, self.total, view.present
        _observe(slice.bars, session, self._decay, self._warm_up, *arrays)
        view.time, view.bar = slice.time, slice.bars
        view.cash, view.equity, view.gross, _, view.planned_gross, _, view.drawdown, _, view.day_loss, *_ = (
            self.total.tolist()
        )

    def commit(self, order: Order) -> None:
        """Count an order that was sent."""
        view, s = self.view, order.symbol
        before = float(view.qty[s] + view.pending[s])
        self.block[PENDING, s] += order.qty
        self.on_order = True
        view.planned_gross += (abs(before + order.qty) - abs(before)) * float(view.close[s])

    def set_pending(self, working: Iterable[Order]) -> None:
        """Replace what is on order by what the broker says is left."""
        self.block[PENDING] = 0.0
        self.on_order = False
        for order in working:
            self.on_order = True
            # A resting stop or limit may never trade: it is no part of what is planned to be held.
            if order.kind is OrderKind.MARKET:
                self.block[PENDING, order.symbol] += order.qty

    def forgive(self) -> None:
        """Measure drawdown from here: a person resumed trading knowing the loss so far."""
        self.total[PEAK] = self.total[EQUITY]
        self.total[DRAWDOWN] = self.view.drawdown = 0.0

    def _arrays(self) -> dict[str, np.ndarray]:
        return {"money": self.money, "position": self.position, "block": self.block, "total": self.total}

    def save(self) -> dict[str, np.ndarray]:
        """A copy of everything that lasts from slice to slice."""
        return {name: array.copy() for name, array in self._arrays().items()}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a saved account of the same symbols."""
        for name, array in self._arrays().items():
            array[...] = state[name]
        self.on_order = bool(self.block[PENDING].any())
