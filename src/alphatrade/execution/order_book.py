"""Working orders and their journal, as arrays.

In: messages (submit, cancel) and targets. Out: rows of ``orders`` and of the journal. Never here: prices,
fills.

Orders lie in order of arrival. One that is finished has nothing left and is dropped when its slice has been
matched.
"""

from __future__ import annotations

import numpy as np

from alphatrade.core.kernel.compile import routine
from alphatrade.core.kernel.inline import inlined
from alphatrade.execution.book import WORKING

__all__ = ["EVENTS", "Journal"]

# orders (cap, 9): number, symbol, kind (core.order.OrderKind), signed shares left, limit and stop prices
# (NaN: none), bars it may still work (0: until cancelled), shares filled, variable commission so far.
ID, SYMBOL, KIND, LEFT, LIMIT, STOP, LIFE, FILLED, ACCRUED = range(9)
# Kinds are floats: an integer constant passed to a compiled function would compile it anew for each value.
MARKET, LIMIT_ORDER, STOP_ORDER = 0.0, 1.0, 2.0
# messages (m, 9): slice at which it arrives, what to do, number, symbol, kind, signed shares, limit, stop,
# bars.
(AT, ACTION) = range(2)
SUBMIT, CANCEL = 0, 1
# count (8,): slices seen, time of the last one, orders working, events in the journal, number of the next
# order, messages read.
SLICES, TIME, ORDERS, WRITTEN, NEXT, READ = range(6)
# Kinds of event.
EVENTS = ("submitted", "filled", "cancelled", "expired", "rejected", "triggered")
SUBMITTED, FILL, CANCELLED, EXPIRED, REJECTED, TRIGGERED = 0.0, 1.0, 2.0, 3.0, 4.0, 5.0
# Most events that one order can cause in one slice.
EVENTS_PER_ORDER = 8
# The journal: whole numbers (cap, 5) time, slice, kind, order, symbol; and (cap, 5) shares, price,
# commission, spread and slippage.
Journal = tuple[np.ndarray, np.ndarray]


@inlined
def write(
    journal: Journal,
    count: np.ndarray,
    time: int,
    at: int,
    kind: float,
    order: int,
    s: int,
    qty: float,
    price: float,
    commission: float,
    spread: float,
    slippage: float,
) -> None:
    """Add one event."""
    whole, real = journal
    n = count[WRITTEN]
    whole[n, 0], whole[n, 1], whole[n, 2], whole[n, 3], whole[n, 4] = time, at, int(kind), order, s
    real[n, 0], real[n, 1], real[n, 2], real[n, 3], real[n, 4] = qty, price, commission, spread, slippage
    count[WRITTEN] = n + 1


@inlined
def note(
    journal: Journal, count: np.ndarray, kind: float, order: int, s: int, qty: float, price: float
) -> None:
    """Add an event of the moment between two slices: it bears the time of the last one."""
    write(journal, count, count[TIME], count[SLICES] - 1, kind, order, s, qty, price, 0.0, 0.0, 0.0)


@routine
def _meet(orders: np.ndarray, count: np.ndarray, journal: Journal, order: int, s: int, qty: float) -> float:
    """Cancel a new market order against opposite ones of the same symbol; shares left of the new one."""
    for i in range(count[ORDERS]):
        left = orders[i, LEFT]
        if orders[i, SYMBOL] == s and orders[i, KIND] == MARKET and left * qty < 0.0:
            both = min(abs(left), abs(qty))
            met = both if qty > 0.0 else -both
            note(journal, count, CANCELLED, order, s, met, np.nan)
            note(journal, count, CANCELLED, int(orders[i, ID]), s, -met, np.nan)
            orders[i, LEFT] = left + met
            qty -= met
            if qty == 0.0:
                break
    return qty


@inlined
def accept(
    orders: np.ndarray,
    count: np.ndarray,
    journal: Journal,
    order: int,
    s: int,
    kind: float,
    qty: float,
    limit: float,
    stop: float,
    life: float,
    close: float,
) -> None:
    """Let an order in; ``close`` is the last close of its symbol, which its event records."""
    for i in range(count[ORDERS]):
        if orders[i, ID] == order:
            note(journal, count, REJECTED, order, s, qty, close)
            return
    note(journal, count, SUBMITTED, order, s, qty, close)
    count[NEXT] = max(count[NEXT], order + 1)
    if kind == MARKET:
        qty = _meet(orders, count, journal, order, s, qty)
        if qty == 0.0:
            return
    n = count[ORDERS]
    orders[n, ID], orders[n, SYMBOL], orders[n, KIND], orders[n, LEFT] = order, s, kind, qty
    orders[n, LIMIT], orders[n, STOP], orders[n, LIFE] = limit, stop, life
    orders[n, FILLED] = orders[n, ACCRUED] = 0.0
    count[ORDERS] = n + 1


@routine
def withdraw(orders: np.ndarray, count: np.ndarray, journal: Journal, order: int) -> None:
    """Cancel what is left of an order; the request for one that is not working is rejected."""
    kind, s, left = REJECTED, -1, 0.0
    for i in range(count[ORDERS]):
        if orders[i, ID] == order and orders[i, LEFT] != 0.0:
            kind, s, left = CANCELLED, int(orders[i, SYMBOL]), orders[i, LEFT]
            orders[i, LEFT] = 0.0
            break
    note(journal, count, kind, order, s, left, np.nan)


@inlined
def sweep(orders: np.ndarray, count: np.ndarray, position: np.ndarray) -> None:
    """Drop finished orders, and add up what market orders still have to trade."""
    kept = 0
    for s in range(position.shape[0]):
        position[s, WORKING] = 0.0
    for i in range(count[ORDERS]):
        if orders[i, LEFT] == 0.0:
            continue
        if kept != i:
            for column in range(orders.shape[1]):
                orders[kept, column] = orders[i, column]
        if orders[kept, KIND] == MARKET:
            position[int(orders[kept, SYMBOL]), WORKING] += orders[kept, LEFT]
        kept += 1
    count[ORDERS] = kept
