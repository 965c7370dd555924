"""One big chunk: a program over all symbols, on threads.

In: a program and bars. Out: a (columns, rows) float32 block a symbol. Never here: planning, tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import numpy as np

from alphatrade.core.bar import Bars
from alphatrade.core.kernel.lane import Lanes, Panel, batch_tile
from alphatrade.core.kernel.program import Program

__all__ = ["run_batch", "slice_rows"]


def slice_rows(known: Sequence[np.ndarray]) -> np.ndarray:
    """Own row of each symbol at each moment some bar became known, or -1: (T, S) int32.

    ``known`` are ascending.
    """
    time = np.unique(np.concatenate(known)) if len(known) else np.zeros(0, np.int64)
    rows = np.full((len(time), len(known)), -1, np.int32)
    for s, at in enumerate(known):
        rows[np.searchsorted(time, at), s] = np.arange(len(at), dtype=np.int32)
    return rows


def _each(pool: ThreadPoolExecutor, task: Callable[[int], None], count: int) -> None:
    for done in [pool.submit(task, k) for k in range(count)]:
        done.result()


def _halves(rows: np.ndarray, parts: int) -> Iterable[np.ndarray]:
    return (np.ascontiguousarray(part) for part in np.array_split(rows, parts))


def run_batch(program: Program, bars: Bars, threads: int) -> dict[str, np.ndarray]:
    """Values by symbol. Symbols run side by side within a stage; panels wait for all of them."""
    # Panels add in the order of the symbols' names, live and here.
    symbols = sorted(bars.symbols)
    workers: SimpleQueue[Lanes] = SimpleQueue()
    tile = batch_tile(program)
    for _ in range(threads):
        workers.put(Lanes(program, tile))
    sizes = dict(bars.frame.group_by("symbol").len().iter_rows())
    outs = [np.empty((len(program.outputs), sizes[s]), np.float32) for s in symbols]
    extras = [np.empty((program.n_extra, sizes[s])) for s in symbols]

    def task(stage: int, k: int) -> None:
        # Inputs are read again in each stage: held for all symbols they would cost more than they save.
        part = bars.arrays(symbols[k])
        lanes = workers.get()
        lanes.reset()
        lanes.run(stage, part.inputs, part.ok, extras[k], outs[k])
        workers.put(lanes)

    rows = slice_rows([bars.arrays(s).available_at for s in symbols]) if program.panels else None
    with ThreadPoolExecutor(threads) as pool:
        for stage, plan in enumerate([*program.panels, None]):
            _each(pool, lambda k, at=stage: task(at, k), len(symbols))  # type: ignore[misc]
            if rows is not None and plan is not None:
                runs = [
                    pool.submit(Panel(plan, len(symbols)).run, part, extras)
                    for part in _halves(rows, threads)
                ]
                for run in runs:
                    run.result()
    return dict(zip(symbols, outs))
