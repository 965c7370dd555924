"""Schedules: from what to hold to the orders that get there.

In: a target and what the account holds. Out: orders. Never here: what to hold (``portfolio``), whether an
order may go out (``risk``), fills (``execution.kernel``).

``size`` is the one sizing rule: ``Immediate`` calls it for a slice, the simulator's kernel for precomputed
targets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from alphatrade.core.kernel.compile import routine
from alphatrade.core.kernel.inline import inlined
from alphatrade.core.opinion import Target
from alphatrade.core.order import Order, OrderKind
from alphatrade.execution.book import DUST

__all__ = ["Holdings", "Immediate", "size"]

# Places in the row of numbers that compiled code reads.
BAND, LEAST_NOTIONAL, WHOLE = range(3)


class Holdings(Protocol):
    """What a schedule reads of a view. Columns over the symbols, in account currency and signed shares.

    ``pending`` are shares on order that will trade by themselves (market orders), ``close`` last closes
    known (NaN: none), ``next_order`` the number of the next order.
    """

    equity: float
    qty: np.ndarray
    pending: np.ndarray
    close: np.ndarray
    next_order: int


@inlined
def size(row: np.ndarray, weight: float, equity: float, close: float, planned: float) -> float:
    """Shares to order, signed, so that a holding comes to ``weight`` of ``equity``; 0 to leave it.

    ``planned`` are the shares held and on order; a NaN weight or close orders nothing. Targets of an account
    without equity count as 0: it can only be closed.
    """
    if not (weight == weight and close > 0.0):
        return 0.0
    value = weight * equity if equity > 0.0 else 0.0
    have = planned * close
    if value == 0.0:
        return -planned if abs(have) > DUST * equity else 0.0
    gap = abs(value - have)
    if gap <= row[BAND] * max(abs(value), abs(have)) or gap < row[LEAST_NOTIONAL]:
        return 0.0
    want = value / close
    if row[WHOLE] != 0.0:
        want = np.trunc(want)
    return want - planned


@routine
def _sizes(
    row: np.ndarray,
    weight: np.ndarray,
    equity: float,
    close: np.ndarray,
    qty: np.ndarray,
    pending: np.ndarray,
    out: np.ndarray,
) -> int:
    """Fill ``out`` (S,) with shares to order; how many are not 0."""
    n = 0
    for s in range(len(weight)):
        out[s] = size(row, weight[s], equity, close[s], qty[s] + pending[s])
        n += out[s] != 0.0
    return n


@dataclass(frozen=True)
class Immediate:
    """Market orders for the whole difference at once; they fill from the next bar's open on.

    Parameters
    ----------
    band : float
        No-trade band: a difference of at most this fraction of the larger of the position wanted and the
        position planned is left alone, so that drift and rounding do not trade. Opening and closing always
        lie outside it. Carver [1]_ calls it position inertia and uses 0.1.
    min_notional : float
        Differences worth less than this, account currency, are left alone; closing a position is not.
    whole_shares : bool
        Round positions toward zero to whole shares.

    Notes
    -----
    Shares wanted are ``weight * equity / close``, both as known at the decision, so the weight reached
    differs from the one wanted by the move to the fill and its costs. What is still on order counts as
    held. A NaN weight leaves a position, and its orders, as they are. Orders that reduce a position come
    before those that add to one.

    References
    ----------
    .. [1] Carver, R. (2015). *Systematic Trading*. Harriman House.

    Examples
    --------
    >>> from alphatrade.strategies.view import View
    >>> view = View(("A", "B"))
    >>> view.equity, view.close = 1000.0, np.array([10.0, 20.0])
    >>> [(o.symbol, o.qty) for o in Immediate().slice(Target(np.array([0.5, np.nan])), view)]
    [(0, 50.0)]
    """

    band: float = 0.05
    min_notional: float = 1.0
    whole_shares: bool = False

    def __post_init__(self) -> None:
        if not 0.0 <= self.band < 1.0:
            raise ValueError(f"schedule.band is a fraction of a position in [0, 1), found {self.band}")
        if not (math.isfinite(self.min_notional) and self.min_notional >= 0.0):
            raise ValueError(f"schedule.min_notional is an amount of money, found {self.min_notional}")

    def row(self) -> np.ndarray:
        """(3,) float64, as compiled code reads it."""
        return np.array([self.band, self.min_notional, float(self.whole_shares)])

    def slice(self, target: Target, view: Holdings) -> list[Order]:
        """The orders of one slice, numbered from ``view.next_order``."""
        weight = np.ascontiguousarray(target.weight, np.float64)
        if weight.shape != view.qty.shape:
            raise ValueError(
                f"target: expected a weight for each of {len(view.qty)} symbols, found {weight.shape}"
            )
        if np.isinf(weight).any():
            raise ValueError("target: expected finite weights (NaN leaves a position), found an infinite one")
        qty = np.empty(len(weight))
        if _sizes(self.row(), weight, float(view.equity), view.close, view.qty, view.pending, qty) == 0:
            return []
        adds = qty * (view.qty + view.pending) >= 0.0
        at = [s for s in np.argsort(adds, kind="stable").tolist() if qty[s] != 0.0]
        return [Order(view.next_order + k, s, float(qty[s]), OrderKind.MARKET) for k, s in enumerate(at)]

    def assumptions(self) -> list[str]:
        """What a reader must know of the schedule, a sentence each."""
        shares = "whole shares" if self.whole_shares else "fractions of shares"
        return [
            f"Targets become market orders for the whole difference, in {shares}, sized at the close of the "
            "deciding bar and filled from the open of the symbol's next bar on.",
            f"Differences of at most {self.band:.1%} of a position, or worth less than "
            f"{self.min_notional:g}, are not traded.",
        ]
