"""Features: 45 classical columns beside TA-Lib, the catalogue live, and the wait for compilation.

Both sides start from arrays in memory and drop a symbol's columns when the next one begins. TA-Lib gives
float64 without a rule for lost bars, ours float32 with one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import talib as t

from alphatrade.core.bar import Bars, SymbolBars
from alphatrade.core.kernel.lane import Lanes, batch_tile
from alphatrade.core.kernel.program import Program
from alphatrade.features import FeatureSet
from benchmarks.harness import BARS, SYMBOLS, Row, bars_46, measure, show

MA = (5, 10, 20, 50, 200)
SHARED = [
    *(f"sma_{n}" for n in MA), *(f"ema_{n}" for n in MA), "rsi_14", "macd_12_26_9", "stoch_14_3_3",
    "willr_14", "cci_20", "dmi_14", "psar_0.02_0.2", "atr_14", "natr_14", "bollinger_band_20_2",
    "keltner_band_20_10_2", "donchian_20", "obv", "mfi_14", "cmf_20", "roc_10", "aroon_25", "trix_15",
    "ultosc_7_14_28", "ppo_12_26_9_line", "wma_20", "kama_10_2_30", "std_20",
]  # fmt: skip
LIVE_BARS = 5_000


def talib_trend(h, l, c):  # type: ignore[no-untyped-def]
    mid, reach, up, down = t.EMA(c, 20), 2.0 * t.ATR(h, l, c, 10), t.MAX(h, 20), t.MIN(l, 20)
    return [
        *(t.SMA(c, n) for n in MA), *(t.EMA(c, n) for n in MA), *t.MACD(c, 12, 26, 9), t.ADX(h, l, c, 14),
        t.PLUS_DI(h, l, c, 14), t.MINUS_DI(h, l, c, 14), t.SAR(h, l, 0.02, 0.2), *t.AROON(h, l, 25),
        t.WMA(c, 20), t.KAMA(c, 10), mid + reach, mid, mid - reach, up, (up + down) / 2.0, down,
        *t.BBANDS(c, 20, 2.0, 2.0, 0),
    ]  # fmt: skip


def talib_rest(h, l, c, v):  # type: ignore[no-untyped-def]
    reach = h - l
    flow = np.where(reach > 0, (2.0 * c - h - l) / np.where(reach > 0, reach, 1.0), 0.0) * v
    return [
        t.RSI(c, 14), *t.STOCH(h, l, c, 14, 3, 0, 3, 0), t.WILLR(h, l, c, 14), t.CCI(h, l, c, 20),
        t.ATR(h, l, c, 14), t.NATR(h, l, c, 14), t.OBV(c, v), t.MFI(h, l, c, v, 14),
        t.SUM(flow, 20) / t.SUM(v, 20), t.ROC(c, 10), t.TRIX(c, 15), t.ULTOSC(h, l, c, 7, 14, 28),
        t.PPO(c, 12, 26, 1), t.STDDEV(c, 20, 1.0),
    ]  # fmt: skip


def side_by_side(works: dict[str, Callable[[], object]], rounds: int = 5) -> dict[str, float]:
    """Median seconds of each, measured in turns: other work on the machine then slows all alike."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds + 1):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            times[name].append(time.perf_counter() - began)
    return {name: float(np.median(t[1:])) for name, t in times.items()}


def by_talib(parts: list[SymbolBars]) -> None:
    for part in parts:
        _, h, l, c, v = part.inputs[:5]
        talib_trend(h, l, c), talib_rest(h, l, c, v)


def by_symbol(program: Program, parts: list[SymbolBars], threads: int) -> None:
    """Each thread writes its symbols' columns into one block, over and over, as TA-Lib's are dropped."""

    def work(mine: list[SymbolBars]) -> None:
        lanes = Lanes(program, batch_tile(program))
        block = np.empty((len(program.outputs), BARS), np.float32)
        for part in mine:
            lanes.reset()
            lanes.run(0, part.inputs, part.ok, np.empty((0, BARS)), block)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, [parts[k::threads] for k in range(threads)]))


def batch_rows(bars: Bars) -> list[Row]:
    shared, parts = FeatureSet(SHARED), [bars.arrays(s) for s in bars.symbols]
    shared.compile()
    cells = len(shared) * len(bars) / 1e6
    found = side_by_side(
        {
            "TA-Lib": lambda: by_talib(parts),
            "ours, 1 thread": lambda: by_symbol(shared.program, parts, 1),
            "ours, 2 threads": lambda: by_symbol(shared.program, parts, 2),
            "ours, 2 threads, all kept: FeatureSet.block(bars)": lambda: shared.block(bars),
        }
    )
    marks = {"ours, 1 thread": "> 1.5", "ours, 2 threads": "> 2.5"}
    theirs = found.pop("TA-Lib")
    rows = [Row(f"TA-Lib, {len(shared)} columns, {SYMBOLS} x {BARS:,}", theirs, cells / theirs, "M values/s")]
    for what, s in found.items():
        rows.append(Row(what, s, cells / s, "M values/s", "TA-Lib", theirs / s, marks.get(what, "")))
    everything, ten = FeatureSet.catalogue(), bars.only(bars.symbols[:10])
    whole, cells = measure(lambda: everything.block(ten), 1), len(everything) * len(ten) / 1e6
    what = f"whole catalogue, {len(everything)} columns, 10 symbols, 2 threads"
    return [*rows, Row(what, whole, cells / whole, "M values/s")]


def _microseconds(names: FeatureSet, bars: Bars, count: int) -> np.ndarray:
    """Time of each ``advance_slice`` of a run over ``count`` symbols."""
    symbols = bars.symbols[:count]
    run = names.start(symbols, bars.info)
    block = np.stack([bars.arrays(s).inputs[:, : LIVE_BARS + 300] for s in symbols]).transpose(2, 0, 1).copy()
    present, times = np.ones(count, bool), np.empty(len(block))
    for k, row in enumerate(block):
        began = time.perf_counter_ns()
        run.advance_slice(present, row)
        times[k] = time.perf_counter_ns() - began
    return times[300:] / 1e3


def live_rows(bars: Bars) -> list[Row]:
    everything, rows = FeatureSet.catalogue(), []
    everything.compile()
    for names, what in ((FeatureSet(SHARED), "45 shared columns"), (everything, "whole catalogue")):
        times = _microseconds(names, bars, 1)
        for q, label in ((50, "median"), (99, "99 %")):
            value = float(np.percentile(times, q))
            mark = "< 50" if what == "whole catalogue" and q == 50 else ""
            rows.append(Row(f"live, 1 symbol, {what}, {label}", value / 1e6, value, "us/bar", mark=mark))
    slices = _microseconds(everything, bars, SYMBOLS)
    value = float(np.median(slices))
    rows.append(Row(f"live, {SYMBOLS} symbols, whole catalogue, median", value / 1e6, value, "us/slice"))
    return rows


_START = """
import time, numpy as np
began = time.perf_counter()
from alphatrade.features import FeatureSet
from alphatrade.testing import calm_bars
everything = FeatureSet.catalogue()
everything.compile()
ready = time.perf_counter() - began
everything.block(calm_bars(300, ("A",)), threads=1)
print(ready)
"""


def _start_seconds(cache: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", _START],
        env={**os.environ, "ALPHATRADE_CACHE": cache},
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def start_rows() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        cold = _start_seconds(folder)
        warm = sorted(_start_seconds(folder) for _ in range(3))[1]
    kernels = len(FeatureSet.catalogue().program.kernels)
    return [
        Row(f"first compilation of the catalogue's {kernels} kernels", cold, cold, "s", mark="< 30"),
        Row("warm start, imports included", warm, warm, "s", mark="< 1"),
    ]


def rows() -> list[Row]:
    bars = bars_46()
    parts: list[Callable[[], list[Row]]] = [
        lambda: batch_rows(bars), lambda: live_rows(bars), start_rows,
    ]  # fmt: skip
    return [row for part in parts for row in part()]


def main() -> None:
    show(rows())


if __name__ == "__main__":
    main()
