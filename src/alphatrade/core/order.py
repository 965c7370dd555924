"""Orders and what becomes of them.

In: numbers. Out: immutable messages between risk, execution and the engine. Never here: who may approve an
order (``risk``), how it fills (``execution``), where events are kept (``engine``).
A symbol is its index in the engine's fixed order of symbols; quantities are signed shares.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum

__all__ = ["Fill", "Order", "OrderKind"]


class OrderKind(IntEnum):
    MARKET = 0
    LIMIT = 1
    STOP = 2


@dataclass(frozen=True, slots=True)
class Order:
    """An instruction: buy (``qty > 0``) or sell (``qty < 0``) ``symbol``.

    ``id`` is unique within a session and idempotent at the broker; ``limit`` and ``stop`` are prices, NaN
    where the kind has none; ``bars`` is how many bars it may work (0: until cancelled).
    """

    id: int
    symbol: int
    qty: float
    kind: OrderKind = OrderKind.MARKET
    limit: float = math.nan
    stop: float = math.nan
    bars: int = 0

    def __post_init__(self) -> None:
        if not math.isfinite(self.qty) or self.qty == 0.0:
            raise ValueError(f"order {self.id}: expected a finite quantity other than 0, found {self.qty}")
        if self.kind is OrderKind.LIMIT and not self.limit > 0.0:
            raise ValueError(
                f"order {self.id}: a limit order needs a limit price above 0, found {self.limit}"
            )
        if self.kind is OrderKind.STOP and not self.stop > 0.0:
            raise ValueError(f"order {self.id}: a stop order needs a stop price above 0, found {self.stop}")


@dataclass(frozen=True, slots=True)
class Fill:
    """A trade that happened: signed ``qty`` at ``price`` (spread and slippage included), and what it cost.

    ``commission``, ``spread_cost`` and ``slippage_cost`` are positive amounts of money; the last two are
    already in ``price``.
    """

    order_id: int
    symbol: int
    time: int
    qty: float
    price: float
    commission: float
    spread_cost: float
    slippage_cost: float
