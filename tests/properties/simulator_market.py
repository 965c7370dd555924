"""Random bars, costs and orders for the simulator's properties."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from alphatrade.core.bar import Slices
from alphatrade.core.order import Order, OrderKind
from alphatrade.execution import Costs, Immediate
from alphatrade.execution.simulator import Message

EXAMPLES = 2000 if os.environ.get("ALPHATRADE_PROVE") else 200
CASH = 1_000_000.0


def market(rng: np.random.Generator, n: int, symbols: int, thin: bool = False) -> Slices:
    """Bars with gaps between and inside, absences, and bars without volume."""
    close = 50.0 * np.exp(np.cumsum(rng.normal(0.0, 0.02, (n, symbols)), axis=0))
    bars = np.empty((n, symbols, 5))
    bars[:, :, 3] = close
    bars[:, :, 0] = np.vstack([close[:1], close[:-1]]) * np.exp(rng.normal(0.0, 0.01, (n, symbols)))
    spread = np.abs(rng.normal(0.0, 0.01, (2, n, symbols)))
    bars[:, :, 1] = np.maximum(bars[:, :, 0], close) * (1.0 + spread[0])
    bars[:, :, 2] = np.minimum(bars[:, :, 0], close) * (1.0 - spread[1])
    bars[:, :, 4] = np.floor(rng.lognormal(7.0 if thin else 12.0, 1.0, (n, symbols)))
    bars[rng.random((n, symbols)) < 0.1, 4] = 0.0
    bars[rng.random((n, symbols)) < 0.05, 4] = np.nan
    bars[rng.random((n, symbols)) < 0.15] = np.nan
    time = 900_000_000_000 * np.arange(1, n + 1, dtype=np.int64)
    row = np.tile(np.arange(n, dtype=np.int32)[:, None], (1, symbols))
    return Slices(tuple("ABCDEFGH"[:symbols]), time, row, bars)


def orders(rng: np.random.Generator, slices: Slices, per_slice: float) -> list[Message]:
    """Orders of every kind around the last close, and cancellations, some of them of orders long gone."""
    n, symbols = slices.bars.shape[:2]
    last = np.full(symbols, 50.0)
    found: list[Message] = []
    for t in range(n):
        last = np.where(np.isnan(slices.bars[t, :, 3]), last, slices.bars[t, :, 3])
        for _ in range(rng.poisson(per_slice)):
            number = 1 + sum(isinstance(m, Order) for _, m in found)
            if number > 1 and rng.random() < 0.15:
                found.append((t, int(rng.integers(1, number))))
                continue
            s, kind = int(rng.integers(symbols)), OrderKind(int(rng.integers(3)))
            level = float(last[s] * np.exp(rng.normal(0.0, 0.02)))
            qty = float(np.round(rng.normal(0.0, 2000.0), int(rng.integers(0, 3)))) or 1.0
            limit = level if kind is OrderKind.LIMIT else float("nan")
            stop = level if kind is OrderKind.STOP else float("nan")
            found.append((t, Order(number, s, qty, kind, limit, stop, int(rng.integers(0, 5)))))
    return found


def targets(rng: np.random.Generator, slices: Slices) -> np.ndarray:
    """Weights that are kept for a while, move a little, jump, flip, or say nothing."""
    want = np.cumsum(rng.normal(0.0, 0.02, slices.bars.shape[:2]), axis=0)
    jump = rng.random(want.shape)
    want[jump < 0.1] = 0.0
    want[jump > 0.9] *= -1.0
    want[(jump > 0.1) & (jump < 0.3)] = np.nan
    return want


@dataclass(frozen=True)
class Case:
    """A market, an account and what is done in it."""

    seed: int
    symbols: int
    bars: int
    thin: bool
    costs: Costs
    schedule: Immediate

    @property
    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    @property
    def slices(self) -> Slices:
        return market(self.rng, self.bars, self.symbols, self.thin)

    @property
    def orders(self) -> list[Message]:
        return orders(np.random.default_rng(self.seed + 1), self.slices, 1.5)

    @property
    def targets(self) -> np.ndarray:
        return targets(np.random.default_rng(self.seed + 2), self.slices)


def costs() -> st.SearchStrategy[Costs]:
    some = st.sampled_from
    return st.builds(
        Costs,
        commission_bps=some([0.0, 1.0, 10.0]),
        commission_per_share=some([0.0, 0.005]),
        commission_min=some([0.0, 1.0, 20.0]),
        spread_bps=some([0.0, 6.0, 100.0]),
        slippage_bps=some([0.0, 1.0]),
        slippage_coefficient=some([0.0, 0.01, 0.5]),
        participation=some([0.01, 0.1, 1.0]),
    )


def cases(symbols: int = 4, bars: int = 40) -> st.SearchStrategy[Case]:
    schedules = st.builds(
        Immediate,
        band=st.sampled_from([0.0, 0.05, 0.3]),
        min_notional=st.sampled_from([0.0, 1.0, 5000.0]),
        whole_shares=st.booleans(),
    )
    return st.builds(
        Case,
        seed=st.integers(0, 2**32 - 1),
        symbols=st.integers(1, symbols),
        bars=st.integers(2, bars),
        thin=st.booleans(),
        costs=costs(),
        schedule=schedules,
    )
