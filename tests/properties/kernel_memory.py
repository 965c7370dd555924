"""Runs programs over memory that betrays every access out of place; ``test_kernel_memory`` starts it.

Guard pages: each array a kernel may touch ends (or begins) at a page that must not be touched. Poison: what
lies outside the declared history of a column, and between the columns, holds a number that would change the
result.
"""

from __future__ import annotations

import ctypes
import mmap
import sys

import numpy as np

from alphatrade.core.kernel.address import address
from alphatrade.core.kernel.driver import LIFT
from alphatrade.core.kernel.lane import Lanes
from alphatrade.core.kernel.program import Program
from alphatrade.features import FeatureSet
from alphatrade.testing import rough_bars

PAGE = mmap.PAGESIZE
POISON = 1.7e300
_libc = ctypes.CDLL(None, use_errno=True)
_kept: list[mmap.mmap] = []


def guarded(array: np.ndarray, at_end: bool) -> np.ndarray:
    """A copy that touches a forbidden page at its end, or at its beginning."""
    size = max(array.nbytes, 1)
    pages = -(-size // PAGE)
    memory = mmap.mmap(-1, (pages + 2) * PAGE)
    _kept.append(memory)
    base = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for guard in (base, base + (pages + 1) * PAGE):
        if _libc.mprotect(ctypes.c_void_p(guard), PAGE, 0) != 0:
            raise OSError(ctypes.get_errno(), "mprotect")
    # Alignment of the kernels' numbers is kept: the end may miss the page by a few bytes of a smaller type.
    skip = PAGE + (pages * PAGE - -(-size // 8) * 8 if at_end else 0)
    copy = np.frombuffer(memory, array.dtype, array.size, skip).reshape(array.shape)
    copy[...] = array
    return copy


def guard_lanes(lanes: Lanes, at_end: bool) -> None:
    """Move all arrays of a run between guard pages."""
    for plan, lane in [
        *zip(lanes.program.stages, lanes.lanes),
        *((p.program.stages[0], x.lane) for p, x in zip(lanes.program.lifts, lanes.lifts)),
    ]:
        for name in ("hist", "w", "start", "state", "pos"):
            setattr(lane, name, guarded(getattr(lane, name), at_end))
        lane._hold(plan)
    for lift in lanes.lifts:
        lift.context[LIFT.index("inner")] = address(lift.lane.context)


def poison(lanes: Lanes) -> None:
    """Overwrite all that no kernel may read before it is written again."""
    for lane in [*lanes.lanes, *(x.lane for x in lanes.lifts)]:
        column = int(lane.pos[0])
        for k, row in enumerate(lane.w):
            row[: column - lane.hist[k]] = POISON
            row[column:] = POISON


def cuts(n: int, rng: np.random.Generator) -> list[int]:
    """Edges of random chunks, often of one row."""
    edges = [0]
    while edges[-1] < n:
        edges.append(min(n, edges[-1] + int(rng.choice([1, 2, 3, 17, 64, 200, 700]))))
    return edges


def run(program: Program, inputs: np.ndarray, ok: np.ndarray, tile: int, kind: str, seed: int) -> np.ndarray:
    """Values by random chunks, on plain, poisoned or guarded memory."""
    lanes, rng = Lanes(program, tile), np.random.default_rng(seed)
    place = {"end": lambda a: guarded(a, True), "start": lambda a: guarded(a, False)}.get(kind, np.copy)
    if kind in ("end", "start"):
        guard_lanes(lanes, kind == "end")
    found = []
    for i, j in zip(edges := cuts(inputs.shape[1], rng), edges[1:]):
        if kind == "poison":
            poison(lanes)
        out = place(np.full((len(program.outputs), j - i), -7.0, np.float32))
        extra = place(np.full((program.n_extra, j - i), POISON))
        block, present = place(np.ascontiguousarray(inputs[:, i:j])), place(ok[i:j])
        for stage in range(len(program.stages)):
            lanes.run(stage, block, present, extra, out)
        found.append(out.copy())
        if kind in ("end", "start"):
            del out, extra, block, present
    return np.concatenate(found, axis=1) if found else np.empty((len(program.outputs), 0), np.float32)


def main(rows: int) -> None:
    """Run the catalogue, without what compares symbols, in every kind of memory; print how often."""
    columns = [c for c in FeatureSet.catalogue(("1h",)).columns if c.feature.family != "cross_section"]
    features = FeatureSet(columns)
    features.compile()
    program, count = features.program, 0
    for seed, n in enumerate((1, 2, 7, 65, rows)):
        part = rough_bars(n, ("A",), seed).arrays("A") if n > 2 else rough_bars(9, ("A",), seed).arrays("A")
        inputs, ok = np.ascontiguousarray(part.inputs[:, :n]), part.ok[:n].copy()
        if n == 2:
            ok[:] = False
        expected = run(program, inputs, ok, 512, "plain", seed)
        for tile in (8, 64, 320):
            for kind in ("poison", "end", "start"):
                found = run(program, inputs, ok, tile, kind, seed + tile)
                where = np.argwhere(found.view(np.uint32) != expected.view(np.uint32))
                if len(where):
                    k, i = where[0]
                    raise AssertionError(
                        f"{features.names[k]} row {i} of {n}, tile {tile}, {kind}: {found[k, i]!r}, "
                        f"not {expected[k, i]!r}"
                    )
                count += 1
    sys.stdout.write(f"{count} runs\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
