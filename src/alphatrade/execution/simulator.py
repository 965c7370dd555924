"""The simulator: one account against stored or arriving bars.

In: bars of a slice or of many, orders and targets. Out: fills, state, equity, the journal, round trips.
Never here: matching itself (``execution.kernel``), what to hold, whether an order may go out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from alphatrade.core.bar import Slices
from alphatrade.core.order import Fill, Order, OrderKind
from alphatrade.execution import book, order_book
from alphatrade.execution.cost import Costs
from alphatrade.execution.kernel import rows
from alphatrade.execution.ledger import EventLog, event_table, trade_table
from alphatrade.execution.result import SimResult
from alphatrade.execution.schedule import Immediate

__all__ = ["Message", "Simulator"]

# (t, order) submits an order decided at slice t of a chunk; (t, number) cancels one.
Message = tuple[int, Order | int]
_NO_MESSAGES = np.empty((0, 9))
_LARGEST_ID = 2**53


class Simulator:
    """An account that trades simulated bars.

    Parameters
    ----------
    symbols : tuple of str
        Fixed order of all columns.
    costs : Costs
    cash : float
        What the account begins with, account currency.
    schedule : Immediate, optional
        How compiled targets become orders; ``Immediate()`` when None.

    Notes
    -----
    - An order decided at slice t acts from slice t + 1 on; it never trades in a bar known when it was
      decided.
    - A market order trades at the open of its symbol's next bar. A limit or stop order trades by the rule
      of ``execution.touch``: at the open when the bar opens beyond it, else at its level when the bar's
      range reaches it. A stop that was touched is a market order from then on.
    - All orders of a symbol together trade at most ``costs.participation`` of a bar's volume, in order of
      arrival; the rest goes on at the next bar. A bar without volume does not trade. Where a symbol has no
      bar, its orders wait and its last close stands.
    - ``Order.bars`` counts the symbol's own bars, with volume or without.
    - A market order first cancels against opposite market orders of its symbol that are still working, as
      exchanges prevent trades with oneself.
    - Cash may become negative (a loan without interest), and short positions cost no borrow fee: what an
      account may hold is for ``risk`` to say.
    - ``step``, ``run`` over a chunk and ``run`` over all slices are the same kernel: any division into
      chunks gives the same bits.

    Examples
    --------
    >>> sim = Simulator(("A",), Costs.free(), cash=1000.0)
    >>> sim.step(1, np.array([[10.0, 10.0, 10.0, 10.0, 1e6]]))
    []
    >>> sim.submit(Order(1, 0, 50.0))
    >>> [fill.price for fill in sim.step(2, np.array([[11.0, 12.0, 11.0, 12.0, 1e6]]))]
    [11.0]
    >>> sim.cash, sim.equity
    (450.0, 1050.0)
    """

    def __init__(
        self,
        symbols: tuple[str, ...],
        costs: Costs,
        cash: float = 1_000_000.0,
        *,
        schedule: Immediate | None = None,
    ) -> None:
        if not symbols:
            raise ValueError("a simulator needs at least one symbol, found none")
        if not (math.isfinite(cash) and cash > 0.0):
            raise ValueError(f"cash must be above 0, found {cash}")
        self.symbols, self.costs = tuple(symbols), costs
        self.schedule = Immediate() if schedule is None else schedule
        self._costs, self._schedule = costs.row(), self.schedule.row()
        n = len(symbols)
        self._account, self._position = book.blank_account(cash), book.blank_position(n)
        self._orders = np.zeros((2 * n + 64, 9))
        self._count = np.zeros(8, np.int64)
        self._count[order_book.NEXT] = 1
        self._log = EventLog(2 * order_book.EVENTS_PER_ORDER * len(self._orders))
        self._inbox: list[tuple[float, ...]] = []
        self._no_want = np.empty((0, n))
        self._out, self._time = np.empty((4, 1)), np.empty(1, np.int64)

    # State, as numbers and copies of columns.

    @property
    def cash(self) -> float:
        return float(self._account[book.CASH])

    @property
    def equity(self) -> float:
        """Cash and positions at their last closes."""
        return float(self._account[book.EQUITY])

    @property
    def commission(self) -> float:
        """Commission paid so far."""
        return float(self._account[book.COMMISSION])

    @property
    def spread_cost(self) -> float:
        """Spread paid so far; fill prices contain it."""
        return float(self._account[book.SPREAD])

    @property
    def slippage_cost(self) -> float:
        """Slippage paid so far; fill prices contain it."""
        return float(self._account[book.SLIPPAGE])

    @property
    def turnover(self) -> float:
        """Notional traded so far, account currency."""
        return float(self._account[book.TURNOVER])

    @property
    def qty(self) -> np.ndarray:
        """(S,) signed shares held."""
        return self._position[:, book.QTY].copy()

    @property
    def avg_price(self) -> np.ndarray:
        """(S,) average price of what is held, spread and slippage included; NaN when flat."""
        return self._position[:, book.AVERAGE].copy()

    @property
    def last_close(self) -> np.ndarray:
        """(S,) last closes, NaN before the first."""
        return self._position[:, book.CLOSE].copy()

    @property
    def realised(self) -> np.ndarray:
        """(S,) P&L of what was sold against its average price, before commission."""
        return self._position[:, book.REALISED].copy()

    @property
    def pending(self) -> np.ndarray:
        """(S,) signed shares that market orders have still to trade."""
        out = np.zeros(len(self.symbols))
        for order in self.working():
            if order.kind is OrderKind.MARKET:
                out[order.symbol] += order.qty
        return out

    @property
    def next_order(self) -> int:
        """A number no order has had."""
        waiting = (int(m[2]) + 1 for m in self._inbox if m[1] == order_book.SUBMIT)
        return max(int(self._count[order_book.NEXT]), *waiting, 1)

    @property
    def slices(self) -> int:
        """Slices seen so far."""
        return int(self._count[order_book.SLICES])

    def working(self) -> list[Order]:
        """Orders not finished, ``qty`` and ``bars`` being what is left of each."""
        found: dict[int, Order] = {}
        for row in self._orders[: self._count[order_book.ORDERS]].tolist():
            number, s, kind, left, limit, stop, life, *_ = row
            found[int(number)] = Order(
                int(number), int(s), left, OrderKind(int(kind)), limit, stop, int(life)
            )
        for _, action, number, s, kind, qty, limit, stop, life in self._inbox:
            if action == order_book.CANCEL:
                found.pop(int(number), None)
            else:
                found[int(number)] = Order(
                    int(number), int(s), qty, OrderKind(int(kind)), limit, stop, int(life)
                )
        return list(found.values())

    # Decisions: they act from the next slice on.

    def submit(self, order: Order) -> None:
        """Send an order. Its number must not be that of another one still working."""
        self._decided()
        if self._knows(order.id):
            raise ValueError(f"order {order.id} is working already: number the next one {self.next_order}")
        self._inbox.append(self._submission(order, self.slices))

    def cancel(self, order_id: int) -> None:
        """Withdraw what is left of an order; for one that is not working, an event says so."""
        self._decided()
        self._inbox.append(_cancellation(order_id, self.slices))

    def set_targets(self, weight: np.ndarray) -> None:
        """Hold these fractions of equity, signed (S,); NaN leaves a position. The compiled schedule."""
        self._decided()
        weight = np.asarray(weight, np.float64)
        if weight.shape != (len(self.symbols),):
            raise ValueError(
                f"expected a weight for each of {len(self.symbols)} symbols, found {weight.shape}"
            )
        if np.isinf(weight).any():
            raise ValueError("expected finite weights (NaN leaves a position), found an infinite one")
        self._position[:, book.WEIGHT] = weight

    def _knows(self, number: int) -> bool:
        waiting = any(m[1] == order_book.SUBMIT and m[2] == number for m in self._inbox)
        return waiting or number in self._orders[: self._count[order_book.ORDERS], order_book.ID]

    def _decided(self) -> None:
        if self.slices == 0:
            raise ValueError("nothing can be decided before the first slice: call step first")

    def _submission(self, order: Order, at: int) -> tuple[float, ...]:
        if not 0 <= order.symbol < len(self.symbols):
            raise ValueError(f"order {order.id}: symbol {order.symbol} is not one of {len(self.symbols)}")
        if not 0 <= order.id < _LARGEST_ID:
            raise ValueError(f"order {order.id}: expected a number from 0 to 2**53")
        kind = float(order.kind)
        return (
            at,
            order_book.SUBMIT,
            order.id,
            order.symbol,
            kind,
            order.qty,
            order.limit,
            order.stop,
            order.bars,
        )

    # Time.

    def step(self, time: int, bars: np.ndarray) -> list[Fill]:
        """Advance by one slice of ``bars`` (S, 5), NaN where a symbol is absent; the fills in it."""
        shaped = np.ascontiguousarray(bars, np.float64).reshape(1, len(self.symbols), 5)
        self._time[0] = time
        self._check_clock(self._time)
        known = self._count[order_book.WRITTEN]
        emptied = self._advance(shaped, self._time, self._no_want, self._out)
        return self._fills(0 if emptied else int(known))

    def run(
        self, slices: Slices, want: np.ndarray | None = None, messages: Sequence[Message] = ()
    ) -> SimResult:
        """Advance by a chunk of slices with what is decided in it known before.

        Parameters
        ----------
        slices : Slices
            The same symbols in the same order.
        want : (T, S) float64, optional
            Row t is decided at slice t and acts on the next; NaN leaves a position. The last row acts on
            the next chunk.
        messages : sequence of (int, Order or int)
            ``(t, order)`` submits and ``(t, number)`` cancels an order at slice t of the chunk, t
            ascending. Not together with ``want``, whose orders are numbered as they come.
        """
        if slices.symbols != self.symbols:
            raise ValueError(f"slices are of {slices.symbols}, the simulator of {self.symbols}")
        if want is not None and len(messages):
            raise ValueError("expected want or messages, found both: use step to mix targets and orders")
        if len(slices) == 0:
            raise ValueError("expected at least one slice, found none")
        self._check_clock(slices.time)
        before = self.equity
        self._inbox += self._tape(messages, len(slices))
        out = np.empty((4, len(slices)))
        bars = np.require(slices.bars, np.float64, ["C", "W"])
        self._advance(
            bars, np.require(slices.time, np.int64, ["C", "W"]), self._wanted(want, len(slices)), out
        )
        return self._result(slices.time, out, before)

    def _wanted(self, want: np.ndarray | None, n: int) -> np.ndarray:
        if want is None:
            return self._no_want
        want = np.require(want, np.float64, ["C", "W"])
        if want.shape != (n, len(self.symbols)):
            raise ValueError(f"want: expected shape {(n, len(self.symbols))}, found {want.shape}")
        if np.isinf(want).any():
            raise ValueError("want: expected finite weights (NaN leaves a position), found infinite ones")
        return want

    def _tape(self, messages: Sequence[Message], n: int) -> list[tuple[float, ...]]:
        base, last, tape = self.slices, 0, []
        for t, what in messages:
            if not last <= t < n:
                raise ValueError(f"messages: expected slices from {last} to {n - 1} in order, found {t}")
            last, at = t, base + t + 1
            tape.append(self._submission(what, at) if isinstance(what, Order) else _cancellation(what, at))
        return tape

    def _check_clock(self, time: np.ndarray) -> None:
        first = int(self._count[order_book.TIME]) if self.slices else int(time[0]) - 1
        if time[0] <= first or (len(time) > 1 and not (time[1:] > time[:-1]).all()):
            raise ValueError(
                f"slices must come in order of time, found {time[0]} after {first}, or disorder within"
            )

    def _advance(self, bars: np.ndarray, time: np.ndarray, want: np.ndarray, out: np.ndarray) -> bool:
        """Run the kernel to the end, giving it room where it stops; whether that emptied the journal."""
        messages = np.array(self._inbox, np.float64) if self._inbox else _NO_MESSAGES
        self._count[order_book.READ] = 0
        t, emptied = 0, False
        while t < len(time):
            reached = self._rows(bars, time, want, messages, out, t)
            if reached < len(time):
                self._make_room(stuck=reached == t and int(self._count[order_book.WRITTEN]) == 0)
                emptied = True
            t = reached
        self._inbox = self._inbox[int(self._count[order_book.READ]) :]
        return emptied

    def _rows(
        self,
        bars: np.ndarray,
        time: np.ndarray,
        want: np.ndarray,
        messages: np.ndarray,
        out: np.ndarray,
        t: int,
    ) -> int:
        state = (self._account, self._position, self._orders, self._count)
        config = (self._costs, self._schedule)
        return int(rows(*state, *config, self._log.buffer, bars, time, want, messages, out, t))

    def _make_room(self, stuck: bool) -> None:
        written = int(self._count[order_book.WRITTEN])
        self._log.empty(written)
        self._count[order_book.WRITTEN] = 0
        if stuck:
            self._orders = np.concatenate([self._orders, np.zeros_like(self._orders)])
        if stuck or written:
            self._log.grow()

    def _fills(self, start: int) -> list[Fill]:
        end = int(self._count[order_book.WRITTEN])
        if start == end:
            return []
        whole, real = self._log.buffer
        found = []
        for (time, _, kind, number, s), numbers in zip(whole[start:end].tolist(), real[start:end].tolist()):
            if kind == order_book.FILL:
                found.append(Fill(number, s, time, *numbers))
        return found

    # Results.

    def _result(self, time: np.ndarray, out: np.ndarray, before: float) -> SimResult:
        journal = self._log.all(int(self._count[order_book.WRITTEN]))
        return SimResult(time, out, before, self.symbols, journal, self.last_close, self.slices)

    def events(self) -> pl.DataFrame:
        """The journal so far, see ``execution.ledger.event_table``."""
        return event_table(self.symbols, *self._log.all(int(self._count[order_book.WRITTEN])))

    def trades(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Round trips so far, closed and open, see ``execution.ledger.round_trips``."""
        journal = self._log.all(int(self._count[order_book.WRITTEN]))
        now = int(self._count[order_book.TIME])
        return trade_table(self.symbols, *journal, self.last_close, now, self.slices - 1)

    def assumptions(self) -> list[str]:
        """What a reader must know of the simulation, a sentence each."""
        return [
            "An order acts from the bar after the one it was decided on; a bar that reaches both a stop and "
            "a limit counts as the stop; a gap through a level fills at the open.",
            "A bar without volume does not trade; a symbol without a bar keeps its last close.",
            *self.schedule.assumptions(),
            *self.costs.assumptions(),
        ]

    def save(self) -> dict[str, np.ndarray]:
        """Everything the next slice depends on, and the journal, as arrays."""
        count = self._count.copy()
        whole, real = self._log.all(int(count[order_book.WRITTEN]))
        count[[order_book.WRITTEN, order_book.READ]] = 0
        return {
            "account": self._account.copy(),
            "position": self._position.copy(),
            "orders": self._orders[: count[order_book.ORDERS]].copy(),
            "count": count,
            "inbox": np.array(self._inbox, np.float64).reshape(-1, 9),
            "whole": whole,
            "real": real,
            "config": np.concatenate([self._costs, self._schedule]),
        }

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go on from ``save`` of a simulator of the same symbols, costs and schedule."""
        if not np.array_equal(state["config"], np.concatenate([self._costs, self._schedule])):
            raise ValueError(
                "the saved simulator had other costs or another schedule: build this one with those"
            )
        if state["position"].shape != self._position.shape:
            raise ValueError(
                f"expected {len(self.symbols)} symbols, found {len(state['position'])} saved ones"
            )
        self._account, self._position = state["account"].copy(), state["position"].copy()
        self._count = state["count"].copy()
        n = len(state["orders"])
        while len(self._orders) < n:
            self._orders = np.concatenate([self._orders, np.zeros_like(self._orders)])
        self._orders[:n] = state["orders"]
        self._inbox = [tuple(row) for row in state["inbox"].tolist()]
        self._log.replace(state["whole"], state["real"])


def _cancellation(number: int, at: int) -> tuple[float, ...]:
    return (at, order_book.CANCEL, number, -1.0, -1.0, 0.0, math.nan, math.nan, 0.0)
