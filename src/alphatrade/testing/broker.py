"""The contract of brokers.

In: a way to make a broker. Out: nothing, or an ``AssertionError`` that names the broken clause. Never here:
what trading costs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from alphatrade.core.order import Fill, Order, OrderKind
from alphatrade.engine.port import Broker, Slice
from alphatrade.risk import ApprovedOrder, Limits
from alphatrade.strategies import View

__all__ = ["check_broker"]

SYMBOLS = ("A", "B")
MakeBroker = Callable[[tuple[str, ...], float], Broker]


def check_broker(make: MakeBroker) -> None:
    """Check that the broker ``make(symbols, cash)`` keeps the promises of the port.

    1. It accepts approved orders only.
    2. An order fills on a slice later than the one it was sent at, and fills say when, what and at which
    cost. 3. An order id it has seen is ignored: sending twice trades once. 4. A cancelled order does not
    fill; cancelling one that is not working is no error. 5. ``working`` lists what is left of unfinished
    orders, and nothing else. 6. A symbol without a bar does not trade; its order waits. 7. A limit order
    never fills at a worse price than its limit.
    """
    for clause in (_approved_only, _later_slice, _idempotent, _cancel, _absent_waits, _limit_holds):
        clause(make)


def _slice(n: int, price: float = 100.0, absent: tuple[int, ...] = ()) -> Slice:
    bars = np.repeat([[price, price * 1.01, price * 0.99, price, 1_000_000.0]], len(SYMBOLS), axis=0)
    bars[list(absent)] = np.nan
    row = np.full(len(SYMBOLS), n, np.int32)
    row[list(absent)] = -1
    return Slice((n + 1) * 10**9, bars, row, 0)


def _approved(number: int, symbol: int, qty: float, **how: Any) -> ApprovedOrder:
    view = View(SYMBOLS)
    view.close[:], view.equity, view.cash = 100.0, 1e6, 1e6
    verdict = Limits().approve(Order(number, symbol, qty, **how), view)
    assert isinstance(verdict, ApprovedOrder)
    return verdict


def _fills(broker: Broker, slices: range, **how: Any) -> list[Fill]:
    return [fill for n in slices for fill in broker.poll(_slice(n, **how))]


def _approved_only(make: MakeBroker) -> None:
    broker = make(SYMBOLS, 1e6)
    broker.poll(_slice(0))
    try:
        broker.submit(Order(1, 0, 10.0))  # type: ignore[arg-type]
    except TypeError:
        return
    raise AssertionError("the broker took an order that risk has not approved: expected a TypeError")


def _later_slice(make: MakeBroker) -> None:
    broker = make(SYMBOLS, 1e6)
    assert broker.poll(_slice(0)) == [], "the broker reported fills before any order"
    broker.submit(_approved(1, 0, 10.0))
    left = [(o.id, o.symbol, o.qty) for o in broker.working()]
    assert left == [(1, 0, 10.0)], f"expected one working order of 10, found {left}"
    fills = broker.poll(_slice(1))
    assert [(f.order_id, f.symbol, f.qty, f.time) for f in fills] == [(1, 0, 10.0, _slice(1).time)], (
        f"found {fills}"
    )
    assert min(fills[0].commission, fills[0].spread_cost, fills[0].slippage_cost) >= 0.0, (
        "costs are positive amounts"
    )
    assert fills[0].price >= 100.0, f"a purchase at an open of 100 was filled at {fills[0].price}"
    assert broker.working() == [], "a filled order is still listed as working"


def _idempotent(make: MakeBroker) -> None:
    broker = make(SYMBOLS, 1e6)
    broker.poll(_slice(0))
    for _ in range(2):
        broker.submit(_approved(1, 0, 10.0))
    assert sum(f.qty for f in _fills(broker, range(1, 3))) == 10.0, "an order sent twice must trade once"
    broker.submit(_approved(1, 0, 10.0))
    assert _fills(broker, range(3, 5)) == [], "an order id that was filled before must be ignored"


def _cancel(make: MakeBroker) -> None:
    broker = make(SYMBOLS, 1e6)
    broker.poll(_slice(0))
    broker.submit(_approved(1, 0, 10.0))
    broker.submit(_approved(2, 1, 5.0))
    broker.cancel(1)
    broker.cancel(99)
    assert [o.id for o in broker.working()] == [2], "a cancelled order must not be listed as working"
    assert [f.order_id for f in _fills(broker, range(1, 3))] == [2], "a cancelled order must not fill"
    broker.cancel(2)


def _absent_waits(make: MakeBroker) -> None:
    broker = make(SYMBOLS, 1e6)
    broker.poll(_slice(0))
    broker.submit(_approved(1, 0, 10.0))
    assert broker.poll(_slice(1, absent=(0,))) == [], "a symbol without a bar must not trade"
    assert [o.qty for o in broker.working()] == [10.0], "an order waits for its symbol's next bar"
    assert [f.qty for f in broker.poll(_slice(2))] == [10.0], "an order must fill at its symbol's next bar"


def _limit_holds(make: MakeBroker) -> None:
    broker = make(SYMBOLS, 1e6)
    broker.poll(_slice(0))
    broker.submit(_approved(1, 0, 10.0, kind=OrderKind.LIMIT, limit=95.0))
    assert _fills(broker, range(1, 3)) == [], "a purchase limited to 95 must not fill while the low is 99"
    fills = broker.poll(_slice(3, price=94.0))
    assert [f.qty for f in fills] == [10.0], "a limit order must fill at an open beyond its limit"
    assert fills[0].price <= 95.0, f"a purchase limited to 95 was filled at {fills[0].price}"
