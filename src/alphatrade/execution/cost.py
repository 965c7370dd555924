"""What trading costs: commission, spread, slippage, and how much of a bar one may be.

In: the numbers of a study. Out: ``Costs``, its sentences for the report, and the compiled ``charge`` and
``commission``. Never here: which orders fill (``execution.kernel``), accounts (``execution.book``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from alphatrade.core.kernel.inline import inlined

__all__ = ["BPS", "Costs", "charge", "commission"]

BPS = 1e-4
# Places in the row of numbers that compiled code reads.
RATE, PER_SHARE, LEAST, HALF, FIXED, COEFFICIENT, PARTICIPATION = range(7)


@dataclass(frozen=True, kw_only=True)
class Costs:
    """A model of trading costs. Every field is written out: none has a silent default.

    Parameters
    ----------
    commission_bps : float
        Of the traded notional, basis points.
    commission_per_share : float
        Account currency a share.
    commission_min : float
        Least commission of an order that traded at all, account currency; the fills of a partially filled
        order count together.
    spread_bps : float
        Full quoted spread, basis points of the price; a fill pays half.
    slippage_bps : float
        Fixed slippage of a fill, basis points of the price.
    slippage_coefficient : float
        Volume-based slippage: a fill of ``q`` shares in a bar of volume ``V`` moves its price by the
        fraction ``slippage_coefficient * q / V``.
    participation : float
        Largest share of a bar's volume all orders of a symbol may fill together, in (0, 1]; the rest of an
        order goes on at the next bar.

    Notes
    -----
    With side ``s`` (+1 buy), reference price ``p`` (the open, or the level of a stop) and ``q`` shares,

    .. math:: price = p (1 + s (spread/2 + fixed + coefficient \\cdot q / V))

    which is the linear temporary impact of Almgren and Chriss [1]_ with the bar's volume as the rate of
    trading. A coefficient of 0.01 costs 1 bp at 1 % of the volume and 10 bp at 10 %; the estimates of [2]_
    for US stocks (``0.142 * daily deviation * participation ** 0.6``) give 2 bp and 7 bp at a deviation of
    2 % a day. A limit order pays the same, but never more than brings its price to its limit; filled at its
    limit it pays commission only.

    References
    ----------
    .. [1] Almgren, R. and Chriss, N. (2001). Optimal execution of portfolio transactions. *Journal of Risk*
           3.
    .. [2] Almgren, R., Thum, C., Hauptmann, E. and Li, H. (2005). Direct estimation of equity market
           impact. *Risk* 18.

    Examples
    --------
    >>> Costs.us_equity().spread_bps
    6.0
    """

    commission_bps: float
    commission_per_share: float
    commission_min: float
    spread_bps: float
    slippage_bps: float
    slippage_coefficient: float
    participation: float

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value >= 0.0):
                raise ValueError(f"costs.{field.name}: expected a finite number of at least 0, found {value}")
        if not 0.0 < self.participation <= 1.0:
            raise ValueError(
                f"costs.participation is a share of a bar's volume in (0, 1], found {self.participation}"
            )
        if self.worst() >= 1.0:
            raise ValueError(
                f"spread and slippage reach {self.worst():.0%} of the price, so a sale could pay nothing: "
                "lower costs.slippage_coefficient, costs.spread_bps or costs.slippage_bps"
            )

    @classmethod
    def us_equity(cls) -> Costs:
        """A small order in large US stocks: 5 bp a side (10 bp round trip) before volume-based slippage.

        Commission 1 bp and at least 1 dollar an order, a spread of 6 bp, 1 bp of slippage and 1 bp more for
        each per cent of the bar's volume, at most a tenth of which is traded. Commission is stated in bps,
        since a price per share means nothing on prices adjusted for splits.
        """
        return cls(
            commission_bps=1.0,
            commission_per_share=0.0,
            commission_min=1.0,
            spread_bps=6.0,
            slippage_bps=1.0,
            slippage_coefficient=0.01,
            participation=0.1,
        )

    @classmethod
    def free(cls) -> Costs:
        """Nothing costs anything, and an order may be a whole bar's volume."""
        return cls(
            commission_bps=0.0,
            commission_per_share=0.0,
            commission_min=0.0,
            spread_bps=0.0,
            slippage_bps=0.0,
            slippage_coefficient=0.0,
            participation=1.0,
        )

    def worst(self) -> float:
        """Largest concession of a fill, fraction of the price."""
        fixed = (self.spread_bps / 2.0 + self.slippage_bps) * BPS
        return fixed + self.slippage_coefficient * self.participation

    def round_trip(self) -> float:
        """Cost of buying and selling once, fraction of the value; impact, fees a share, minima come on top.

        >>> round(Costs.us_equity().round_trip() / BPS, 9)
        10.0
        """
        return 2.0 * (self.commission_bps + self.spread_bps / 2.0 + self.slippage_bps) * BPS

    def row(self) -> np.ndarray:
        """(7,) float64, fractions instead of basis points, as compiled code reads it."""
        row = np.empty(7)
        row[RATE] = self.commission_bps * BPS
        row[PER_SHARE] = self.commission_per_share
        row[LEAST] = self.commission_min
        row[HALF] = self.spread_bps / 2.0 * BPS
        row[FIXED] = self.slippage_bps * BPS
        row[COEFFICIENT] = self.slippage_coefficient
        row[PARTICIPATION] = self.participation
        return row

    def assumptions(self) -> list[str]:
        """What a reader must know of the costs, a sentence each."""
        return [
            f"Commission is {self.commission_bps:g} bp of the traded value plus "
            f"{self.commission_per_share:g} a share, at least {self.commission_min:g} an order.",
            f"The quoted spread is {self.spread_bps:g} bp; every fill that takes liquidity pays half of it.",
            f"Slippage is {self.slippage_bps:g} bp plus {self.slippage_coefficient * 100:g} bp for each "
            "per cent of the bar's volume that the fill is (linear impact).",
            f"All orders of a symbol together trade at most {self.participation:.0%} of a bar's volume; "
            "the rest goes on at the next bar.",
            "A limit order never fills worse than its limit; filled at its limit it pays commission only, "
            "and a bar that touches the limit fills it.",
            "Cash earns no interest, and short positions pay no borrow fee.",
        ]


@inlined
def charge(
    row: np.ndarray, side: float, base: float, qty: float, volume: float, limit: float
) -> tuple[float, float, float]:
    """Price of a fill and what it concedes: ``(price, spread_cost, slippage_cost)``.

    ``side`` +1 buy, -1 sell; ``base`` reference price; ``qty`` unsigned shares; ``volume`` of the bar;
    ``limit`` the worst price allowed, NaN for none. Costs are money.
    """
    half = row[HALF]
    slip = row[FIXED] + row[COEFFICIENT] * qty / volume
    price = base * (1.0 + side * (half + slip))
    if side * (price - limit) > 0.0:
        price = limit
    concession = side * (price - base) * qty
    spread = min(base * half * qty, concession)
    return price, spread, concession - spread


@inlined
def commission(
    row: np.ndarray, qty: float, notional: float, filled: float, accrued: float
) -> tuple[float, float]:
    """Commission due for a fill, and the order's variable commission so far: ``(due, accrued)``.

    ``qty`` and ``notional`` are of this fill, unsigned; ``filled`` shares and ``accrued`` money of the same
    order's earlier fills.
    """
    total = accrued + notional * row[RATE] + qty * row[PER_SHARE]
    paid = max(accrued, row[LEAST]) if filled > 0.0 else 0.0
    return max(total, row[LEAST]) - paid, total
