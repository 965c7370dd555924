"""Limits: what may be held and what may be ordered.

In: a target or an order, and the view. Out: a target no larger, or a verdict. Never here: memory (peaks and
the session's low are in the view), the switch itself (``risk.kill``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from alphatrade.core.opinion import Target
from alphatrade.core.order import Order
from alphatrade.portfolio.cap import cap
from alphatrade.risk.approval import ApprovedOrder, Denied, approve
from alphatrade.strategies.view import View

__all__ = ["Limits"]

# Sizes are computed from the same prices and equity as the check; only rounding separates the two.
_ROUNDING = 1.0 + 1e-9
# An order that adds is denied rather than cut below this part of itself: crumbs cost their minimum
# commission.
_LEAST_PART = 0.5


@dataclass(frozen=True)
class Limits:
    """Hard limits of an account.

    Parameters
    ----------
    max_position : float
        Largest absolute weight of one symbol, fraction of equity.
    max_gross : float
        Largest sum of absolute weights; 1 means no borrowing.
    max_order_usd : float
        Largest notional of one order that opens or adds; the rest may follow at the next slice.
    max_drawdown : float
        Fall of equity from its peak, a fraction, that trips the kill switch. 1 never does, short of ruin.
    daily_loss : float
        Fall of equity below the session's opening value, a fraction, after which everything is closed until
        the next session.

    Notes
    -----
    ``apply`` and ``approve`` can only make smaller: no weight changes sign or grows, no order is enlarged.
    An order that only reduces a position is always approved, whole. One that adds is cut to the room that
    is left, counting what is already on order, and denied when less than half of it fits. Whole shares stay
    whole.

    Examples
    --------
    >>> view = View(("A", "B"))
    >>> Limits(max_position=0.2).apply(Target(np.array([0.5, -0.1])), view).weight
    array([ 0.2, -0.1])
    """

    max_position: float = 1.0
    max_gross: float = 1.0
    max_order_usd: float = math.inf
    max_drawdown: float = 0.30
    daily_loss: float = 0.10

    def __post_init__(self) -> None:
        for name in ("max_position", "max_gross", "max_order_usd", "max_drawdown", "daily_loss"):
            value = getattr(self, name)
            if not value > 0.0:
                raise ValueError(f"limits.{name} must be above 0, found {value}")
        for name in ("max_drawdown", "daily_loss"):
            if getattr(self, name) > 1.0:
                raise ValueError(
                    f"limits.{name} is a fraction of equity, at most 1, found {getattr(self, name)}"
                )

    def breach(self, view: View) -> str | None:
        """Why the kill switch must trip now, or None."""
        if not view.equity > 0.0:
            return f"equity is {view.equity:.2f}: nothing is left to trade with"
        if view.drawdown >= self.max_drawdown < 1.0:
            return f"drawdown {view.drawdown:.4f} reached limits.max_drawdown {self.max_drawdown}"
        return None

    def closed(self, view: View) -> bool:
        """True while nothing may grow: halted, or the session's loss was reached."""
        return view.halted or view.day_loss >= self.daily_loss < 1.0

    def apply(self, target: Target, view: View) -> Target:
        """Cut a target to the limits; all 0 while trading is closed."""
        if self.closed(view):
            return Target(np.zeros(len(target.weight)))
        return Target(cap(target.weight, view.weight, self.max_position, self.max_gross))

    def approve(self, order: Order, view: View) -> ApprovedOrder | Denied:
        """Approve ``order``, or as much of it as fits on top of what is held and on order; or deny it."""
        planned = float(view.qty[order.symbol] + view.pending[order.symbol])
        if _reduces(planned, order.qty):
            return approve(order)
        price = float(view.close[order.symbol])
        room, why = self._room(view, price, abs(planned))
        qty = _fit(planned, order.qty, room)
        if order.qty == math.trunc(order.qty):
            qty = float(math.trunc(qty))
        if not _reduces(planned, qty) and abs(qty) < _LEAST_PART * abs(order.qty):
            return Denied(order, why)
        if abs(qty) * price > self.max_order_usd:
            qty = math.copysign(self.max_order_usd / price, qty)
        return approve(order, qty)

    def _room(self, view: View, price: float, planned: float) -> tuple[float, str]:
        """Shares of a symbol that may be held and on order together, and what binds."""
        if view.halted:
            return 0.0, "trading is halted"
        if self.closed(view):
            return 0.0, f"the session's loss reached limits.daily_loss {self.daily_loss}"
        if not price > 0.0:
            return 0.0, "no price is known"
        alone = self.max_position * view.equity / price
        together = (self.max_gross * view.equity - view.planned_gross) / price + planned
        if alone <= together:
            return alone, f"no room under limits.max_position {self.max_position}"
        return max(together, 0.0), f"no room under limits.max_gross {self.max_gross}"


def _reduces(planned: float, qty: float) -> bool:
    """True when an order brings a position nearer to 0 and not beyond it."""
    after = planned + qty
    return qty != 0.0 and abs(after) <= abs(planned) and after * planned >= 0.0


def _fit(planned: float, qty: float, room: float) -> float:
    """As much of ``qty`` as leaves at most ``room`` shares; never the other direction."""
    after = planned + qty
    if abs(after) <= room * _ROUNDING:
        return qty
    fitting = math.copysign(room, after) - planned
    return fitting if fitting * qty > 0.0 else 0.0
