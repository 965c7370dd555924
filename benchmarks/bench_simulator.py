"""The simulator on precomputed targets, beside a plain loop of the same strategy.

SMA(10) above SMA(50) holds everything, otherwise nothing; fills at the next open; commission 5 bp, slippage
2 bp; the equity of every bar is kept. The plain loop knows these rules only: no order, no volume, no
journal, no other cost. It computes its averages as it goes; the simulator is given their answers.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numba import njit as plain_njit

from alphatrade.core.bar import Slices
from alphatrade.execution import Costs, Simulator
from benchmarks.harness import BARS, SYMBOLS, Row, measure, show

FAST, SLOW, FEE, SLIP, CASH = 10, 50, 5e-4, 2e-4, 1_000_000.0
COSTS = replace(Costs.free(), commission_bps=5.0, slippage_bps=2.0)


def market(symbols: int, n: int = BARS) -> Slices:
    """Random walks of 15-minute bars, (T, S, 5)."""
    rng = np.random.default_rng(0)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.002, (n, symbols)), axis=0))
    bars = np.empty((n, symbols, 5))
    bars[:, :, 3] = close
    bars[:, :, 0] = np.vstack([np.full((1, symbols), 100.0), close[:-1]])
    bars[:, :, 1] = np.maximum(bars[:, :, 0], close) * 1.001
    bars[:, :, 2] = np.minimum(bars[:, :, 0], close) * 0.999
    bars[:, :, 4] = rng.lognormal(13.0, 1.0, (n, symbols))
    time = 900_000_000_000 * np.arange(1, n + 1, dtype=np.int64)
    row = np.tile(np.arange(n, dtype=np.int32)[:, None], (1, symbols))
    return Slices(tuple(f"S{s:02d}" for s in range(symbols)), time, row, bars)


def column(slices: Slices, s: int) -> Slices:
    """One symbol alone."""
    return Slices(
        slices.symbols[s : s + 1], slices.time, slices.row[:, s : s + 1], slices.bars[:, s : s + 1].copy()
    )


def crosses(slices: Slices) -> np.ndarray:
    """(T, S) 1 where the fast average lies above the slow one, 0 elsewhere."""
    total = np.vstack([np.zeros((1, len(slices.symbols))), np.cumsum(slices.bars[:, :, 3], axis=0)])
    want = np.zeros(slices.bars.shape[:2])
    slow = (total[SLOW:] - total[:-SLOW]) / SLOW
    fast = ((total[FAST:] - total[:-FAST]) / FAST)[SLOW - FAST :]
    want[SLOW - 1 :] = fast > slow
    return want


@plain_njit(nogil=True)
def plain(o, c, equity):  # type: ignore[no-untyped-def]
    """The whole strategy in one loop."""
    fast = slow = qty = 0.0
    cash, want = CASH, False
    for i in range(len(c)):
        if want and qty == 0.0:
            qty = cash / (o[i] * (1.0 + SLIP) * (1.0 + FEE))
            cash = 0.0
        elif not want and qty > 0.0:
            cash = qty * o[i] * (1.0 - SLIP) * (1.0 - FEE)
            qty = 0.0
        equity[i] = cash + qty * c[i]
        fast += c[i]
        slow += c[i]
        if i >= FAST:
            fast -= c[i - FAST]
        if i >= SLOW:
            slow -= c[i - SLOW]
        want = i >= SLOW - 1 and fast / FAST > slow / SLOW


def one_symbol() -> list[Row]:
    slices = market(1)
    want = crosses(slices)
    o, c, equity = slices.bars[:, 0, 0].copy(), slices.bars[:, 0, 3].copy(), np.empty(BARS)
    loop = measure(lambda: plain(o, c, equity), 25)
    ours = measure(lambda: Simulator(slices.symbols, COSTS, CASH).run(slices, want), 25)
    trades = measure(lambda: Simulator(slices.symbols, COSTS, CASH).run(slices, want).trades, 9)
    found = Simulator(slices.symbols, COSTS, CASH).run(slices, want)
    gap = abs(found.equity[-1] / equity[-1] - 1.0)
    print(f"  {len(found.trades)} round trips; the plain loop, which sizes at the fill, ends {gap:.2%} apart")
    return [
        Row("plain numba loop, 1 symbol", loop, BARS / loop / 1e6, "M bars/s"),
        Row("simulator, 1 symbol", ours, BARS / ours / 1e6, "M bars/s", "plain loop", loop / ours, "> 30"),
        Row(
            "  and its table of round trips",
            trades,
            BARS / trades / 1e6,
            "M bars/s",
            "plain loop",
            loop / trades,
        ),
    ]


def separate_accounts(slices: Slices, want: np.ndarray) -> list[Row]:
    n = len(slices.symbols)
    parts = [(column(slices, s), np.ascontiguousarray(want[:, s : s + 1])) for s in range(n)]
    opens = [p.bars[:, 0, 0].copy() for p, _ in parts]
    closes = [p.bars[:, 0, 3].copy() for p, _ in parts]
    equity = np.empty((n, len(slices)))

    def loop(s: int) -> None:
        plain(opens[s], closes[s], equity[s])

    def ours(s: int) -> None:
        equity[s] = Simulator(parts[s][0].symbols, COSTS, CASH).run(*parts[s]).equity

    total = n * len(slices) / 1e6
    with ThreadPoolExecutor(2) as pool:
        a = measure(lambda: list(pool.map(loop, range(n))))
        b = measure(lambda: list(pool.map(ours, range(n))))
    return [
        Row(f"plain numba loop, {n} symbols, 2 threads", a, total / a, "M bars/s"),
        Row(f"simulator, {n} accounts, 2 threads", b, total / b, "M bars/s", "plain loop", a / b, "> 30"),
    ]


def one_account(slices: Slices, want: np.ndarray) -> list[Row]:
    n = len(slices.symbols)
    share, total = want / n, n * len(slices) / 1e6
    rows = []
    for what, costs in (("two costs", COSTS), ("every cost", Costs.us_equity())):
        seconds = measure(lambda costs=costs: Simulator(slices.symbols, costs, CASH).run(slices, share))
        rows.append(
            Row(
                f"simulator, one account of {n} symbols, {what}",
                seconds,
                total / seconds,
                "M bars/s",
                mark="> 30",
            )
        )
    return rows


def steps(slices: Slices, want: np.ndarray, n: int = 20_000) -> Row:
    """Slice by slice from Python, a target at each."""
    share, time = want / len(slices.symbols), slices.time[:n].tolist()

    def loop() -> None:
        sim = Simulator(slices.symbols, COSTS, CASH)
        for t in range(n):
            sim.step(time[t], slices.bars[t])
            sim.set_targets(share[t])

    seconds = measure(loop, 3)
    return Row(
        f"simulator step by step, {len(slices.symbols)} symbols", seconds, n / seconds / 1e3, "k slices/s"
    )


def rows() -> list[Row]:
    found = one_symbol()
    slices = market(SYMBOLS)
    want = crosses(slices)
    return [
        *found,
        *separate_accounts(slices, want),
        *one_account(slices, want),
        steps(market(1, 20_000), crosses(market(1, 20_000))),
        steps(slices, want),
    ]


def main() -> None:
    show(rows())


if __name__ == "__main__":
    main()
