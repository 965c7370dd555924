"""The simulator once more, slow and obvious: plain Python, one object an order, dictionaries and lists."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from alphatrade.core.order import Order, OrderKind
from alphatrade.execution import Costs, Immediate


@dataclass
class Working:
    order: Order
    kind: OrderKind
    left: float
    life: int
    filled: float = 0.0
    fees: float = 0.0  # commission before the minimum


@dataclass
class Twin:
    symbols: int
    costs: Costs
    cash: float
    schedule: Immediate = field(default_factory=Immediate)

    def __post_init__(self) -> None:
        self.qty = [0.0] * self.symbols
        self.close = [math.nan] * self.symbols
        self.working: list[Working] = []
        self.equity = self.cash
        self.fills: list[tuple[int, int, int, float, float, float]] = []
        self.time = -1
        self.next = 1

    def step(self, bars: np.ndarray, messages: list[Order | int], weight: list[float] | None) -> None:
        """One slice; ``messages`` and ``weight`` were decided at the one before."""
        self.time += 1
        for message in messages:
            if isinstance(message, Order):
                self.accept(message)
            else:
                self.working = [w for w in self.working if w.order.id != message]
        if weight is not None:
            self.aim(weight)
        used = [0.0] * self.symbols
        for w in self.working:
            self.match(w, bars[w.order.symbol], used)
        self.working = [w for w in self.working if w.left != 0.0]
        for s in range(self.symbols):
            if not math.isnan(bars[s, 3]):
                self.close[s] = bars[s, 3]
        self.equity = self.cash + sum(q * c for q, c in zip(self.qty, self.close) if q != 0.0)

    def accept(self, order: Order) -> None:
        self.next = max(self.next, order.id + 1)
        new = Working(order, order.kind, order.qty, order.bars)
        for old in self.working:
            opposite = old.left * new.left < 0.0 and old.order.symbol == order.symbol
            if opposite and old.kind == new.kind == OrderKind.MARKET:
                met = min(abs(old.left), abs(new.left))
                old.left -= math.copysign(met, old.left)
                new.left -= math.copysign(met, new.left)
        self.working = [w for w in [*self.working, new] if w.left != 0.0]

    def aim(self, weight: list[float]) -> None:
        adding = []
        for s, w in enumerate(weight):
            planned = self.qty[s] + sum(
                o.left for o in self.working if o.order.symbol == s and o.kind == OrderKind.MARKET
            )
            qty = self.size(w, self.close[s], planned)
            if qty * planned < 0.0:
                self.accept(Order(self.next, s, qty))
            elif qty != 0.0:
                adding.append((s, qty))
        for s, qty in adding:
            self.accept(Order(self.next, s, qty))

    def size(self, weight: float, close: float, planned: float) -> float:
        if math.isnan(weight) or math.isnan(close):
            return 0.0
        want = weight * max(self.equity, 0.0)
        have = planned * close
        if want == 0.0:
            return -planned if abs(have) > 1e-9 * self.equity else 0.0
        if abs(want - have) <= self.schedule.band * max(abs(want), abs(have)):
            return 0.0
        if abs(want - have) < self.schedule.min_notional:
            return 0.0
        shares = want / close
        return (math.trunc(shares) if self.schedule.whole_shares else shares) - planned

    def match(self, w: Working, bar: np.ndarray, used: list[float]) -> None:
        o, h, l, _, volume = bar
        if w.left == 0.0 or math.isnan(o):
            return
        base = self.reference(w, o, h, l) if volume > 0.0 else None
        if base is not None:
            self.trade(w, base, volume, used)
        w.life -= 1
        if w.life == 0:
            w.left = 0.0

    def reference(self, w: Working, o: float, h: float, l: float) -> float | None:
        """The price at which the bar lets the order trade, before costs."""
        buy = w.left > 0.0
        if w.kind == OrderKind.MARKET:
            return o
        if w.kind == OrderKind.LIMIT:
            level = w.order.limit
            if (o <= level) if buy else (o >= level):
                return o
            return level if ((l <= level) if buy else (h >= level)) else None
        level = w.order.stop
        if not ((h >= level) if buy else (l <= level)):
            return None
        w.kind = OrderKind.MARKET
        return max(o, level) if buy else min(o, level)

    def trade(self, w: Working, base: float, volume: float, used: list[float]) -> None:
        s, side = w.order.symbol, math.copysign(1.0, w.left)
        room = self.costs.participation * volume - used[s]
        qty = min(abs(w.left), math.floor(room) if self.schedule.whole_shares else room)
        if qty <= 0.0:
            return
        c = self.costs
        move = (c.spread_bps / 2 + c.slippage_bps) / 1e4 + c.slippage_coefficient * qty / volume
        price = base * (1.0 + side * move)
        if w.kind == OrderKind.LIMIT:
            price = min(price, w.order.limit) if side > 0 else max(price, w.order.limit)
        paid = max(w.fees, c.commission_min) if w.filled > 0.0 else 0.0
        w.fees += qty * price * c.commission_bps / 1e4 + qty * c.commission_per_share
        due = max(w.fees, c.commission_min) - paid
        w.filled += qty
        w.left = 0.0 if qty > abs(w.left) - 1e-9 * qty else w.left - side * qty
        used[s] += qty
        self.qty[s] += side * qty
        if abs(self.qty[s]) < 1e-9 * qty:
            self.qty[s] = 0.0
        self.cash -= side * qty * price + due
        self.fills.append((self.time, s, w.order.id, side * qty, price, due))
