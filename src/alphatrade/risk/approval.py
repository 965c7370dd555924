"""The two answers to an order: approved, or denied with a reason.

In: an order that ``risk`` has looked at. Out: an immutable verdict. Never here: the rules (``risk.limit``).
A broker accepts an ``ApprovedOrder`` only, and only this room holds the token that makes one.
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass, replace
from typing import ClassVar

from alphatrade.core.order import Order

__all__ = ["ApprovedOrder", "Denied", "approve"]

_TOKEN = object()


@dataclass(frozen=True, slots=True)
class ApprovedOrder:
    """An order within every limit; ``wanted`` is the quantity asked for, of which ``order`` may be a part.

    Examples
    --------
    >>> ApprovedOrder(Order(1, 0, 10.0), 10.0, object())
    Traceback (most recent call last):
    ...
    TypeError: only alphatrade.risk approves orders: ask Limits.approve(order, view)
    """

    approved: ClassVar[bool] = True
    order: Order
    wanted: float
    token: InitVar[object]

    def __post_init__(self, token: object) -> None:
        if token is not _TOKEN:
            raise TypeError("only alphatrade.risk approves orders: ask Limits.approve(order, view)")


@dataclass(frozen=True, slots=True)
class Denied:
    """An order that may not be sent, and why: an event in the journal, not an exception."""

    approved: ClassVar[bool] = False
    order: Order
    reason: str


def approve(order: Order, qty: float | None = None) -> ApprovedOrder:
    """Stamp ``order``, cut to ``qty`` when given; called by ``risk.limit`` alone."""
    if qty is None or qty == order.qty:
        return ApprovedOrder(order, order.qty, _TOKEN)
    if not 0.0 < qty / order.qty <= 1.0:
        raise ValueError(f"order {order.id}: limits may only shrink {order.qty}, found {qty}")
    return ApprovedOrder(replace(order, qty=qty), order.qty, _TOKEN)
