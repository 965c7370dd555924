"""The simulator's kernel: slices in, fills and equity out, the same for one slice and for a million.

In: bars, targets, messages, and the arrays of state. Out: those arrays, changed in place, the journal, and
a row of totals a slice. Never here: Python objects, tables, what an account wants.

One slice, in this order:

1. ``_messages`` and ``_targets``: orders decided up to the last slice arrive. Their sizes use the equity
   and closes of that slice, so nothing of the new bars is known to them.
2. ``_match``: each working order meets its symbol's new bar, in order of arrival.
3. ``book.mark``: positions are valued at the new closes.

What is decided at a slice is row t of ``want``, or a message for t + 1; it acts on the next slice. A run of
one chunk and a run of single slices are therefore the same computations in the same order.
"""

from __future__ import annotations

import numpy as np

from alphatrade.core.kernel.compile import routine
from alphatrade.core.kernel.inline import borrow, inlined
from alphatrade.execution.book import (
    CLOSE,
    EQUITY,
    GROSS,
    NET,
    QTY,
    TRADED,
    TRADED_AT,
    TURNOVER,
    WEIGHT,
    WORKING,
    after_fill,
    book,
    mark,
)
from alphatrade.execution.cost import PARTICIPATION, charge, commission
from alphatrade.execution.order_book import (
    ACCRUED,
    ACTION,
    AT,
    EVENTS_PER_ORDER,
    EXPIRED,
    FILL,
    FILLED,
    ID,
    KIND,
    LEFT,
    LIFE,
    LIMIT,
    LIMIT_ORDER,
    MARKET,
    NEXT,
    ORDERS,
    READ,
    SLICES,
    STOP,
    STOP_ORDER,
    SUBMIT,
    SYMBOL,
    TIME,
    TRIGGERED,
    WRITTEN,
    Journal,
    accept,
    sweep,
    withdraw,
    write,
)
from alphatrade.execution.schedule import WHOLE, size
from alphatrade.execution.touch import touch

__all__ = ["rows"]

OPEN, HIGH, LOW, LAST, VOLUME = range(5)


@inlined
def _room(
    orders: np.ndarray, count: np.ndarray, journal: Journal, messages: np.ndarray, symbols: int
) -> bool:
    """Whether everything that can happen in the next slice has room in the orders and in the journal."""
    due = count[READ]
    while due < messages.shape[0] and messages[due, AT] <= count[SLICES]:
        due += 1
    need = count[ORDERS] + symbols + due - count[READ]
    free = journal[0].shape[0] - count[WRITTEN]
    return bool(need <= orders.shape[0] and EVENTS_PER_ORDER * need <= free)


@routine
def _messages(
    position: np.ndarray, orders: np.ndarray, count: np.ndarray, journal: Journal, messages: np.ndarray
) -> None:
    """Orders and cancellations sent since the last slice arrive."""
    k = count[READ]
    while k < messages.shape[0] and messages[k, AT] <= count[SLICES]:
        number = int(messages[k, 2])
        if messages[k, ACTION] == SUBMIT:
            s, kind, qty = int(messages[k, 3]), messages[k, 4], messages[k, 5]
            limit, stop, life = messages[k, 6], messages[k, 7], messages[k, 8]
            accept(orders, count, journal, number, s, kind, qty, limit, stop, life, position[s, CLOSE])
        else:
            withdraw(orders, count, journal, number)
        k += 1
    if k > count[READ]:
        sweep(orders, count, position)
    count[READ] = k


@inlined
def _target(
    position: np.ndarray, orders: np.ndarray, count: np.ndarray, journal: Journal, s: int, qty: float
) -> None:
    accept(orders, count, journal, count[NEXT], s, MARKET, qty, np.nan, np.nan, 0.0, position[s, CLOSE])


@inlined
def _size(
    account: np.ndarray, position: np.ndarray, schedule: np.ndarray, want: np.ndarray, row: int, s: int
) -> float:
    """Shares to order of one symbol: what row ``row`` of ``want`` says, or at -1 the carried weights."""
    weight = want[row, s] if row >= 0 else position[s, WEIGHT]
    planned = position[s, QTY] + position[s, WORKING]
    return size(schedule, weight, account[EQUITY], position[s, CLOSE], planned)


@inlined
def _first(
    account: np.ndarray, position: np.ndarray, schedule: np.ndarray, want: np.ndarray, row: int
) -> int:
    """First symbol whose weight decided at the last slice asks for an order; S when none does."""
    s = 0
    while s < position.shape[0] and _size(account, position, schedule, want, row, s) == 0.0:
        s += 1
    return s


@inlined
def _targets(
    account: np.ndarray,
    position: np.ndarray,
    orders: np.ndarray,
    count: np.ndarray,
    schedule: np.ndarray,
    journal: Journal,
    want: np.ndarray,
    row: int,
    first: int,
) -> None:
    """Weights decided at the last slice become orders, from symbol ``first`` on: those that reduce first."""
    start, end = position.shape[0], 0
    for s in range(first, position.shape[0]):
        qty = _size(account, position, schedule, want, row, s)
        if qty * (position[s, QTY] + position[s, WORKING]) < 0.0:
            _target(position, orders, count, journal, s, qty)
        elif qty != 0.0:
            start, end = min(start, s), s + 1
    for s in range(start, end):
        qty = _size(account, position, schedule, want, row, s)
        if qty != 0.0 and qty * (position[s, QTY] + position[s, WORKING]) >= 0.0:
            _target(position, orders, count, journal, s, qty)


@inlined
def _trigger(
    orders: np.ndarray, i: int, side: int, bars: np.ndarray, t: int, s: int
) -> tuple[bool, float, float]:
    """Whether order ``i`` may trade in this bar, at which reference price, and the worst price it allows."""
    o = bars[t, s, OPEN]
    kind = orders[i, KIND]
    if kind == MARKET:
        return True, o, np.nan
    limit = orders[i, LIMIT] if kind == LIMIT_ORDER else np.nan
    stop = orders[i, STOP] if kind == STOP_ORDER else np.nan
    hit, price = touch(o, bars[t, s, HIGH], bars[t, s, LOW], stop, limit, -side)
    return hit != 0, price, limit


@inlined
def _allowed(position: np.ndarray, s: int, slice_: int, qty: float, cap: float, whole: float) -> float:
    """Shares, unsigned, that may still trade of this bar; the position's row knows what was traded of it."""
    if position[s, TRADED_AT] != slice_:
        position[s, TRADED_AT] = slice_
        position[s, TRADED] = 0.0
    room = cap - position[s, TRADED]
    if whole != 0.0:
        room = np.floor(room)
    allowed: float = max(min(qty, room), 0.0)
    return allowed


@inlined
def _fill(
    account: np.ndarray,
    position: np.ndarray,
    orders: np.ndarray,
    count: np.ndarray,
    costs: np.ndarray,
    journal: Journal,
    time: int,
    i: int,
    qty: float,
    base: float,
    limit: float,
    volume: float,
) -> None:
    """Trade ``qty`` unsigned shares of order ``i``: price, costs, book and journal."""
    side = 1.0 if orders[i, LEFT] > 0.0 else -1.0
    s = int(orders[i, SYMBOL])
    price, spread, slippage = charge(costs, side, base, qty, volume, limit)
    due, accrued = commission(costs, qty, qty * price, orders[i, FILLED], orders[i, ACCRUED])
    orders[i, FILLED] += qty
    orders[i, ACCRUED] = accrued
    orders[i, LEFT] = after_fill(orders[i, LEFT], -side * qty)
    position[s, TRADED] += qty
    book(account, position, s, side * qty, price, due, spread, slippage)
    number = int(orders[i, ID])
    write(journal, count, time, count[SLICES], FILL, number, s, side * qty, price, due, spread, slippage)


@inlined
def _work(
    account: np.ndarray,
    position: np.ndarray,
    orders: np.ndarray,
    count: np.ndarray,
    costs: np.ndarray,
    schedule: np.ndarray,
    journal: Journal,
    bars: np.ndarray,
    time: int,
    t: int,
    i: int,
) -> None:
    """Order ``i`` meets its symbol's bar, which exists."""
    s = int(orders[i, SYMBOL])
    volume = bars[t, s, VOLUME]
    left = orders[i, LEFT]
    if volume > 0.0:
        hit, base, limit = _trigger(orders, i, 1 if left > 0.0 else -1, bars, t, s)
        if hit:
            if orders[i, KIND] == STOP_ORDER:
                orders[i, KIND] = MARKET
                number = int(orders[i, ID])
                write(journal, count, time, count[SLICES], TRIGGERED, number, s, left, base, 0.0, 0.0, 0.0)
            cap = costs[PARTICIPATION] * volume
            qty = _allowed(position, s, count[SLICES], abs(left), cap, schedule[WHOLE])
            if qty > 0.0:
                _fill(account, position, orders, count, costs, journal, time, i, qty, base, limit, volume)
    if orders[i, LIFE] > 0.0:
        orders[i, LIFE] -= 1.0
        if orders[i, LIFE] == 0.0 and orders[i, LEFT] != 0.0:
            number = int(orders[i, ID])
            left = orders[i, LEFT]
            write(journal, count, time, count[SLICES], EXPIRED, number, s, left, np.nan, 0.0, 0.0, 0.0)
            orders[i, LEFT] = 0.0


@inlined
def _match(
    account: np.ndarray,
    position: np.ndarray,
    orders: np.ndarray,
    count: np.ndarray,
    costs: np.ndarray,
    schedule: np.ndarray,
    journal: Journal,
    bars: np.ndarray,
    time: int,
    t: int,
) -> None:
    """All working orders meet the bars of slice ``t``; an order whose symbol has no whole bar waits."""
    for i in range(count[ORDERS]):
        s = int(orders[i, SYMBOL])
        whole = bars[t, s, OPEN] + bars[t, s, HIGH] + bars[t, s, LOW] + bars[t, s, LAST]
        if orders[i, LEFT] != 0.0 and whole == whole:
            _work(account, position, orders, count, costs, schedule, journal, bars, time, t, i)
    sweep(orders, count, position)


@routine
def rows(
    account: np.ndarray,
    position: np.ndarray,
    orders: np.ndarray,
    count: np.ndarray,
    costs: np.ndarray,
    schedule: np.ndarray,
    journal: Journal,
    bars: np.ndarray,
    time: np.ndarray,
    want: np.ndarray,
    messages: np.ndarray,
    out: np.ndarray,
    start: int,
) -> int:
    """Simulate slices ``start`` to the end; where it stopped.

    Parameters
    ----------
    account, position, orders, count
        State: see ``execution.book`` and ``execution.order_book``.
    costs, schedule : float64
        ``Costs.row()`` and ``Immediate.row()``.
    journal
        Two arrays of equal length.
    bars : (T, S, 5) float64
        Open to volume, NaN where a symbol is absent.
    time : (T,) int64
    want : (T, S) or (0, S) float64
        Weights decided at each slice, NaN to leave a position; none at all when it has no rows.
    messages : (m, 9) float64
        Orders and cancellations in order of the slice at which they arrive.
    out : (4, T) float64
        Filled with equity, gross and net notional at the slice's closes, and the notional traded in it.

    Returns
    -------
    int
        T, or the first slice not simulated because the orders or the journal might not have had room for
        it: empty the journal or give both more room, and call again from there.
    """
    account, position, orders, count = borrow(account), borrow(position), borrow(orders), borrow(count)
    costs, schedule, journal = borrow(costs), borrow(schedule), (borrow(journal[0]), borrow(journal[1]))
    bars, time, want, messages, out = borrow(bars), borrow(time), borrow(want), borrow(messages), borrow(out)
    n = bars.shape[0]
    some = want.shape[0] > 0
    t = start
    while t < n and _room(orders, count, journal, messages, position.shape[0]):
        if count[READ] < messages.shape[0]:
            _messages(position, orders, count, journal, messages)
        if some or t == start:
            row = t - 1 if t > start else -1
            first = _first(account, position, schedule, want, row)
            if first < position.shape[0]:
                _targets(account, position, orders, count, schedule, journal, want, row, first)
        traded = account[TURNOVER]
        if count[ORDERS] > 0:
            _match(account, position, orders, count, costs, schedule, journal, bars, time[t], t)
        mark(account, position, bars, t)
        out[0, t], out[1, t], out[2, t] = account[EQUITY], account[GROSS], account[NET]
        out[3, t] = account[TURNOVER] - traded
        count[SLICES] += 1
        count[TIME] = time[t]
        t += 1
    if t > start:
        for s in range(position.shape[0]):
            position[s, WEIGHT] = want[t - 1, s] if some else np.nan
    return t
