"""A label, and the trade a simulator makes from it, agree.

A market order at the next open with a limit and a stop at the label's barriers, without costs. Only a bar
that reaches both barriers after its open is ambiguous: there the simulator fills two separate orders, and
the label says so (``tie``).
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import polars as pl
import pytest

from alphatrade.core.bar import Bars
from alphatrade.core.order import Order, OrderKind
from alphatrade.execution import Costs, Simulator
from alphatrade.labels import TripleBarrier, wilder_atr
from alphatrade.testing.labeler import label_bars

MARKET, LIMIT, STOP = 1, 2, 3


def exits(
    prices: np.ndarray, i: int, limit: float, stop: float, b: TripleBarrier
) -> list[tuple[int, int, float]]:
    """(order, bars after the decision, price) of the fills that close a position opened after row ``i``."""
    simulator = Simulator(("X",), Costs.free())
    simulator.step(i, prices[i : i + 1])
    simulator.submit(Order(MARKET, 0, b.side * 1.0))
    simulator.submit(Order(LIMIT, 0, -b.side * 1.0, OrderKind.LIMIT, limit=limit, bars=b.horizon))
    simulator.submit(Order(STOP, 0, -b.side * 1.0, OrderKind.STOP, stop=stop, bars=b.horizon))
    for j in range(i + 1, min(i + b.horizon, len(prices) - 1) + 1):
        found = [
            (f.order_id, j - i, f.price) for f in simulator.step(j, prices[j : j + 1]) if f.order_id != MARKET
        ]
        if found:
            return found
    return []


def agree(row: dict[str, Any], found: list[tuple[int, int, float]], open_: float) -> bool:
    """Of two orders filled in one bar, the one that traded at its open came first."""
    if row["label"] == 0:
        return found == []
    if len(found) == 2:
        found = [fill for fill in found if fill[2] == open_]
    return found == [(LIMIT if row["label"] == 1 else STOP, row["bars"], row["touch_price"])]


@pytest.mark.parametrize("side", [1, -1])
def test_labels_and_trades_agree_but_for_ambiguous_bars(side: Literal[1, -1]) -> None:
    b, ambiguous, checked = TripleBarrier(1.5, 1.0, 6, "next_open", side), 0, 0
    for seed in range(4):
        bars: Bars = label_bars(seed, rows=160).only(["AAA"])
        arrays = bars.arrays("AAA")
        prices = np.ascontiguousarray(arrays.inputs[:5, arrays.ok].T)
        atr = wilder_atr(*(np.ascontiguousarray(prices[:, k]) for k in (1, 2, 3)), b.atr_window)
        labels = b.label(bars).filter(pl.Series(arrays.ok))
        for i, row in enumerate(labels.iter_rows(named=True)):
            if row["label"] is None:
                continue
            limit = row["entry_price"] + side * b.profit * atr[i]
            stop = row["entry_price"] - side * b.stop * atr[i]
            found = exits(prices, i, limit, stop, b)
            checked += 1
            if row["tie"]:
                ambiguous += 1
                assert {order for order, _, _ in found} == {LIMIT, STOP}
            else:
                assert agree(row, found, prices[i + row["bars"], 0]), (seed, i, row, found)
    assert checked > 400
    assert 0 < ambiguous < 0.1 * checked
