"""How benchmarks measure and print.

In: functions doing the same work. Out: rows with the median time, the rate, the ratio to a reference, and the
peak memory. Compare rows of one run only: the machine may be shared.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alphatrade.core.bar import Bars

os.environ.setdefault("POLARS_MAX_THREADS", "2")

__all__ = ["BARS", "SYMBOLS", "Row", "bars_46", "measure", "show"]

BARS, SYMBOLS = 72_261, 46


@dataclass(frozen=True)
class Row:
    """``rate`` is in ``unit``; ``ratio`` compares it with the reference named in ``against``."""

    what: str
    seconds: float
    rate: float
    unit: str
    against: str = ""
    ratio: float | None = None
    mark: str = ""


def bars_46() -> Bars:
    """Complete 15-minute bars of random walks: as many symbols and rows as the peers were measured on."""
    from alphatrade.testing import calm_bars

    return calm_bars(BARS, [f"S{k:02d}" for k in range(SYMBOLS)])


def measure(work: Callable[[], object], repeats: int = 5) -> float:
    """Median seconds of ``work`` over ``repeats`` calls, after one that is not counted."""
    work()
    times = []
    for _ in range(repeats):
        gc.collect()
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def show(rows: list[Row], as_json: bool = False) -> None:
    """Print rows as a table, or one JSON line each."""
    if as_json:
        for row in rows:
            print(json.dumps({**asdict(row), "peak_rss_mb": round(peak_mb(), 1)}))
        return
    for r in rows:
        ratio = f"{r.ratio:6.2f} x {r.against}" if r.ratio is not None else ""
        print(f"  {r.what:<58} {r.rate:12,.2f} {r.unit:<16} {ratio:<40} {r.mark}")
    print(f"  peak memory of this process {peak_mb():,.0f} MB")
