"""One big chunk: a program over all symbols, on threads.

In: a program and bars. Out: a (columns, rows) float32 block a symbol. Never here: planning, tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue

import numpy as np

from alphatrade.core.bar import INPUTS, Bars
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


class _Workers:
    """A workspace a thread, lent to one task at a time."""

    def __init__(self, program: Program, bars: Bars, threads: int, longest: int) -> None:
        self.bars, tile = bars, batch_tile(program)
        self._free: SimpleQueue[tuple[Lanes, np.ndarray]] = SimpleQueue()
        for _ in range(threads):
            # Memory that is used again costs no page faults; fresh memory of each symbol would.
            self._free.put((Lanes(program, tile), np.empty(len(INPUTS) * longest)))

    @contextmanager
    def _lent(self) -> Iterator[tuple[Lanes, np.ndarray]]:
        worker = self._free.get()
        try:
            yield worker
        finally:
            self._free.put(worker)

    def run(self, stage: int, symbol: str, extra: np.ndarray, out: np.ndarray) -> None:
        """Inputs are read again in each stage: held for all symbols they would weigh more than the bars."""
        with self._lent() as (lanes, space):
            part = self.bars.arrays(symbol, space)
            lanes.reset()
            lanes.run(stage, part.inputs, part.ok, extra, out)


def _side_by_side(pool: ThreadPoolExecutor | None, tasks: Iterable[Callable[[], None]]) -> None:
    """Run tasks on the pool, or here."""
    if pool is None:
        for task in tasks:
            task()
        return
    for done in [pool.submit(task) for task in tasks]:
        done.result()


def run_batch(program: Program, bars: Bars, threads: int) -> dict[str, np.ndarray]:
    """Values by symbol. Symbols run side by side within a stage; panels wait for all of them."""
    # Panels add in the order of the symbols' names, live and here.
    symbols = sorted(bars.symbols)
    sizes = bars.counts
    outs = [np.empty((len(program.outputs), sizes[s]), np.float32) for s in symbols]
    extras = [np.empty((program.n_extra, sizes[s])) for s in symbols]
    workers = _Workers(program, bars, threads, max(sizes.values(), default=0))
    rows = slice_rows([bars.arrays(s).available_at for s in symbols]) if program.panels else None
    pool = ThreadPoolExecutor(threads) if threads > 1 else None
    try:
        for stage, plan in enumerate([*program.panels, None]):
            _side_by_side(pool, [partial(workers.run, stage, *each) for each in zip(symbols, extras, outs)])
            if rows is not None and plan is not None:
                parts = [np.ascontiguousarray(part) for part in np.array_split(rows, threads)]
                _side_by_side(pool, [partial(Panel(plan, len(symbols)).run, p, extras) for p in parts])
    finally:
        if pool is not None:
            pool.shutdown()
    return dict(zip(symbols, outs))
