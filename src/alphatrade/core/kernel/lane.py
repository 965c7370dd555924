"""Running programs: the arrays of one symbol, and of the panels.

In: a ``Program``. Out: ``Lanes`` (one symbol's state through all stages) and ``Panels``. Never here:
planning, and what a column means. These objects own every array whose address their contexts hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from alphatrade.core.bar import INPUTS
from alphatrade.core.kernel import driver
from alphatrade.core.kernel.address import address
from alphatrade.core.kernel.graph import Kernel
from alphatrade.core.kernel.program import LiftPlan, PanelPlan, Program, Row, StagePlan, params_array
from alphatrade.core.session import DAY, SECOND, duration

__all__ = ["BATCH_TILE", "LIVE_TILE", "Lanes", "Panel", "batch_tile", "context_of"]

LIVE_TILE = 64
BATCH_TILE = 768
# A tile of all slots should stay in the L2 cache of one core.
_CACHE_BYTES = 1_000_000
_PANEL_TILE = 256
# Numbers in a cache line.
_LINE = 8


def batch_tile(program: Program) -> int:
    """Rows a tile for long chunks: what fits the cache, but not so few that calls cost more than rows."""
    return int(np.clip(_CACHE_BYTES // (8 * max(program.n_slots, 1)) // 64 * 64, 512, BATCH_TILE))


def _aligned(rows: int, columns: int) -> np.ndarray:
    """(rows, columns) float64, all NaN, whose first number begins a cache line: a vector register is as wide
    as a line, and one across two lines takes twice the time.
    """
    space = np.full(rows * columns + _LINE, np.nan)
    skip = -(space.ctypes.data // space.itemsize) % _LINE
    return space[skip : skip + rows * columns].reshape(rows, columns)


class _Table:
    """Addresses of a kernel table, and the arrays they point to."""

    def __init__(self, rows: list[Row], state: np.ndarray, params: np.ndarray, starts: np.ndarray) -> None:
        self.params = params
        self.columns = [np.array(r.columns, np.int64) for r in rows]
        self.array = np.zeros((len(rows), 4), np.int64)
        base = address(state)
        for k, row in enumerate(rows):
            at = address(params) + 8 * int(starts[k])
            self.array[k] = row.kernel.address, base + 8 * row.state, at, address(self.columns[k])


def _expect(name: str, array: np.ndarray, dtype: type, shape: tuple[int, ...]) -> None:
    """Compiled code believes what it is told of an array: look before."""
    if array.dtype != dtype or array.shape != shape:
        raise ValueError(
            f"expected {name} of shape {shape} and type {np.dtype(dtype)}, "
            f"found {array.shape} and {array.dtype}"
        )


def _pairs(pairs: list[tuple[int, int]]) -> np.ndarray:
    return np.array(pairs, np.int64).reshape(-1, 2)


def context_of(
    names: tuple[str, ...], arrays: Mapping[str, np.ndarray], numbers: Mapping[str, int]
) -> np.ndarray:
    """A context: addresses of arrays and numbers in the order of ``names``; ``self`` is its own address."""
    context = np.zeros(len(names), np.int64)
    fields = {**{k: address(a) for k, a in arrays.items()}, **numbers, "self": address(context)}
    context[:] = [fields[name] for name in names]
    return context


class _Lane:
    """One stage of one symbol."""

    def __init__(self, plan: StagePlan, tile: int) -> None:
        self.hist = np.array(plan.hist, np.int64)
        # Whole cache lines of history, so that the columns of a tile begin with a line.
        self.front = -(-int(self.hist.max(initial=0)) // _LINE) * _LINE
        self.end = self.front + tile
        # An odd number of cache lines a row: the same column of many slots must not fall into one cache set.
        lines = -(-self.end // _LINE) | 1
        self.w = _aligned(len(self.hist), _LINE * lines)
        self.start = np.array(plan.start, np.float64)
        self.state = self.start.copy()
        self.pos = np.zeros(5, np.int64)
        self._hold(plan)
        self.reset()

    def _hold(self, plan: StagePlan) -> None:
        params, starts = params_array(plan.rows)
        self.table = _Table(plan.rows, self.state, params, starts)
        self.fills, self.out32, self.out64 = _pairs(plan.fills), _pairs(plan.out32), _pairs(plan.out64)
        self.gaps = np.array(plan.gaps, np.float64)
        self.slot_gap, self.state_gap = np.array(plan.slot_gap, np.int64), np.array(plan.state_gap, np.int64)
        arrays: dict[str, np.ndarray] = {
            "table": self.table.array, "w": self.w, "pos": self.pos, "hist": self.hist, "fills": self.fills,
            "out32": self.out32, "out64": self.out64, "state": self.state,
            "start": self.start, "gaps": self.gaps, "slot_gap": self.slot_gap, "state_gap": self.state_gap,
        }  # fmt: skip
        sizes = {
            "calls": len(plan.rows), "slots": len(self.hist), "width": self.w.shape[1], "front": self.front,
            "end": self.end,
            "n_fills": len(self.fills), "n_out32": len(self.out32), "n_out64": len(self.out64),
            "n_state": len(self.state), "n_gaps": len(self.gaps),
        }  # fmt: skip
        parts = {name: part.address for name, part in driver.CALLED.items()}
        self.context = context_of(driver.LANE, arrays, {**sizes, **parts})

    def reset(self) -> None:
        self.pos[:] = self.front, 0, driver.NEVER, 0, 0
        for gap in range(len(self.gaps)):
            driver.restart(address(self.context), gap)

    def save(self) -> dict[str, np.ndarray]:
        return {"w": self.w.copy(), "state": self.state.copy(), "pos": self.pos.copy()}

    def restore(self, saved: Mapping[str, np.ndarray]) -> None:
        for name, mine in (("w", self.w), ("state", self.state), ("pos", self.pos)):
            if saved[name].shape != mine.shape:
                raise ValueError(f"expected a saved {name} of shape {mine.shape}, found {saved[name].shape}")
            mine[...] = saved[name]


class _Lift:
    """A timeframe of one symbol: its open bucket and its inner lane."""

    def __init__(self, plan: LiftPlan, tile: int) -> None:
        # A block of base rows closes up to two bars a row.
        capacity = max(tile, 8)
        self.lane = _Lane(plan.program.stages[0], tile)
        n = len(plan.targets)
        self.bucket = np.zeros(driver.B_OPEN + 1)
        self.closed, self.values = np.full((len(INPUTS), capacity), np.nan), np.full((n, capacity), np.nan)
        self.held, self.targets = np.full(n, np.nan), np.array(plan.targets, np.int64)
        self.at = np.zeros(capacity, np.int64)
        span = duration(plan.timeframe)
        arrays = {
            "bucket": self.bucket, "closed": self.closed, "at": self.at, "values": self.values,
            "held": self.held, "targets": self.targets, "inner": self.lane.context,
        }  # fmt: skip
        seconds = 0 if span == DAY else span // SECOND
        numbers = {"seconds": seconds, "capacity": capacity, "n": n, "drive": driver.drive.address}
        self.context = context_of(driver.LIFT, arrays, numbers)

    def reset(self) -> None:
        self.lane.reset()
        self.bucket[:] = 0.0
        self.held[:] = np.nan

    def save(self) -> dict[str, np.ndarray]:
        return {**self.lane.save(), "bucket": self.bucket.copy(), "held": self.held.copy()}

    def restore(self, saved: Mapping[str, np.ndarray]) -> None:
        self.lane.restore(saved)
        self.bucket[:], self.held[:] = saved["bucket"], saved["held"]


class Lanes:
    """One symbol's run of a program: a lane a stage, a lift a timeframe.

    Parameters
    ----------
    program : Program
    tile : int
        Rows a tile: ``LIVE_TILE`` for single rows, ``batch_tile(program)`` for long chunks. Results do not
        depend on it.
    """

    def __init__(self, program: Program, tile: int) -> None:
        self.program = program
        self.lanes = [_Lane(plan, tile) for plan in program.stages]
        self.lifts = [_Lift(plan, tile) for plan in program.lifts]

    def reset(self) -> None:
        """Back to the first row."""
        for lane in self.lanes:
            lane.reset()
        for lift in self.lifts:
            lift.reset()

    def run(self, stage: int, inputs: np.ndarray, ok: np.ndarray, extra: np.ndarray, out: np.ndarray) -> None:
        """Advance one stage by a chunk.

        ``inputs`` (9, n) float64, ``ok`` (n,) bool, ``extra`` (n_extra, n) float64 and ``out`` (columns, n)
        float32, all C-contiguous; the last two are filled where this stage fills them.
        """
        n = inputs.shape[1]
        columns = 0 if self.program.wide else len(self.program.outputs)
        _expect("inputs", inputs, np.float64, (len(INPUTS), n))
        _expect("ok", ok, np.bool_, (n,))
        _expect("extra", extra, np.float64, (self.program.n_extra, n))
        if columns:
            _expect("out", out, np.float32, (columns, n))
        raw, present, more = address(inputs), address(ok), address(extra)
        if n == 0:
            return
        if stage == 0:
            for lift in self.lifts:
                driver.lift(address(lift.context), n, raw, n, present, more, n)
        lane = address(self.lanes[stage].context)
        driver.drive(lane, n, raw, n, more, n, present, address(out), n)

    def save(self) -> dict[str, np.ndarray]:
        """State as arrays."""
        parts = {f"lane{k}": lane.save() for k, lane in enumerate(self.lanes)}
        parts |= {f"lift{k}": lift.save() for k, lift in enumerate(self.lifts)}
        return {f"{name}.{k}": a for name, part in parts.items() for k, a in part.items()}

    def restore(self, saved: Mapping[str, np.ndarray]) -> None:
        for k, lane in enumerate(self.lanes):
            lane.restore({name: saved[f"lane{k}.{name}"] for name in ("w", "state", "pos")})
        for k, lift in enumerate(self.lifts):
            lift.restore({name: saved[f"lift{k}.{name}"] for name in ("w", "state", "pos", "bucket", "held")})


class Panel:
    """One panel of a program over a fixed number of symbols.

    ``rows`` in ``run`` is (T, S) int32 C-contiguous: own row of each symbol at each slice, or -1; ``extras``
    are the symbols' extra blocks.
    """

    def __init__(self, plan: PanelPlan, symbols: int, tile: int = _PANEL_TILE) -> None:
        self.symbols = symbols
        params, starts = params_array(plan.rows)
        for k, row in enumerate(plan.rows):
            names = list(cast(Kernel, row.kernel).params)
            params[starts[k] + names.index("symbols")] = symbols
        self.table = _Table(plan.rows, np.zeros(0), params, starts)
        self.w = _aligned(plan.slots, tile * symbols)
        self.ins, self.outs = _pairs(plan.ins), _pairs(plan.outs)
        arrays = {"table": self.table.array, "w": self.w, "ins": self.ins, "outs": self.outs}
        numbers = {
            "calls": len(plan.rows), "slots": plan.slots, "width": tile * symbols, "tile": tile,
            "n_ins": len(self.ins), "n_outs": len(self.outs), "walk": driver.walk.address,
        }  # fmt: skip
        self.context = context_of(driver.PANEL, arrays, numbers)

    def run(self, rows: np.ndarray, extras: list[np.ndarray]) -> None:
        count = self.symbols
        if len(extras) != count:
            raise ValueError(f"expected blocks of {count} symbols, found {len(extras)}")
        _expect("rows", rows, np.int32, (len(rows), count))
        where = np.array([address(e) for e in extras], np.int64)
        strides = np.array([e.shape[1] for e in extras], np.int64)
        driver.panel(address(self.context), len(rows), count, address(rows), address(where), address(strides))
