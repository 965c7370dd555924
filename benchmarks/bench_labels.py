"""Labels: the triple barrier beside a plain loop of the same work, and the data set that follows.

The plain loop knows a long position's two levels and answers with -1, 0 or 1 only; ours adds sides, gap
prices, returns, ties, moments of touch and unknown rows, through the simulator's touch rule.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numba import njit as plain_njit

from alphatrade.core.bar import SCHEMA, BarInfo, Bars
from alphatrade.dataset import Dataset, PurgedKFold, WalkForward
from alphatrade.labels.atr import wilder_atr
from alphatrade.labels.barrier import TripleBarrier
from alphatrade.labels.base import Outcomes, Prices
from benchmarks.harness import BARS, Row, measure, show

PROFIT, STOP, HORIZON = 2.0, 1.0, 20


def walk(seed: int = 0, n: int = BARS) -> Prices:
    """A random walk of 15-minute bars."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.002, n)))
    open_ = np.concatenate([[100.0], close[:-1]]) * np.exp(rng.normal(0.0, 0.0004, n))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0.0, 0.001, n)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0.0, 0.001, n)))
    return Prices(open_, high, low, close, 900_000_000_000 * np.arange(1, n + 1, dtype=np.int64))


@plain_njit
def plain(h, l, c, atr, label):  # type: ignore[no-untyped-def]
    """The textbook loop."""
    n = len(c)
    for i in range(n):
        stop, limit = c[i] - STOP * atr[i], c[i] + PROFIT * atr[i]
        label[i] = 0
        for j in range(i + 1, min(i + HORIZON, n - 1) + 1):
            if l[j] <= stop:
                label[i] = -1
                break
            if h[j] >= limit:
                label[i] = 1
                break


def rows() -> list[Row]:
    p = walk()
    atr = wilder_atr(p.high, p.low, p.close, 14)
    label = np.zeros(BARS, np.int8)
    loop = measure(lambda: plain(p.high, p.low, p.close, atr, label), 15)
    found = [Row("plain numba loop, ready ATR, no prices", loop, BARS / loop / 1e6, "M labels/s")]
    for entry in ("close", "next_open"):
        labeler, out = TripleBarrier(PROFIT, STOP, HORIZON, entry=entry), Outcomes.empty(BARS)  # type: ignore[arg-type]
        ours = measure(lambda labeler=labeler, out=out: labeler._fill(p, out), 15)
        what = f"triple barrier, entry {entry}, ATR included, one core"
        found.append(Row(what, ours, BARS / ours / 1e6, "M labels/s", "plain loop", loop / ours, "> 30"))
    return found


def panel(symbols: int = 37, n: int = 12_870) -> Bars:
    """As many 15-minute bars as 37 stocks have in two years of regular sessions."""
    frames = []
    for s in range(symbols):
        p = walk(s, n)
        columns = {"open": p.open, "high": p.high, "low": p.low, "close": p.close}
        stamps = {"timestamp": p.at - p.at[0], "available_at": p.at}
        rest = {"volume": np.ones(n), "status": np.full(n, 2), "confidence": np.ones(n)}
        frames.append(pl.DataFrame({"symbol": [f"S{s:02d}"] * n, **stamps, **columns, **rest}).cast(SCHEMA))  # type: ignore[arg-type]
    return Bars(pl.concat(frames), BarInfo("15m", calendar="24/7"))


def dataset_rows(features: int = 70) -> list[Row]:
    bars = panel()
    rng = np.random.default_rng(0)
    columns = {f"f{k}": rng.standard_normal(len(bars)).astype(np.float32) for k in range(features)}
    table = bars.frame.select("symbol", "timestamp", "available_at").with_columns(
        pl.Series(name, values) for name, values in columns.items()
    )
    labeler = TripleBarrier(PROFIT, STOP, HORIZON)
    labels = labeler.label(bars)
    label = measure(lambda: labeler.label(bars))
    join = measure(lambda: Dataset.join(table, labels), 3)
    dev, _ = Dataset.join(table, labels).hold_out(0.2)
    walk_forward = WalkForward(test="20d", min_train="60d", embargo="1d")
    fold = measure(lambda: list(dev.split(PurgedKFold(10, embargo="1d"))))
    walks = measure(lambda: list(dev.split(walk_forward)))
    first = next(iter(dev.split(PurgedKFold(5))))
    gather = measure(lambda: first.train.columns.x[first.train.rows])
    size = f"{len(bars):,} rows"
    return [
        Row(f"labels table, {size}, two threads", label, len(bars) / label / 1e6, "M labels/s"),
        Row(f"join {size} x {features} features, uniqueness", join, join * 1e3, "ms", mark="< 2,000"),
        Row("10 purged folds, embargo", fold, fold * 1e3, "ms", mark="< 200"),
        Row("walk-forward folds of 20 days, embargo", walks, walks * 1e3, "ms", mark="< 200"),
        Row(f"gather x of one fold, {len(first.train):,} rows", gather, gather * 1e3, "ms"),
    ]


def main() -> None:
    show(rows() + dataset_rows())


if __name__ == "__main__":
    main()
