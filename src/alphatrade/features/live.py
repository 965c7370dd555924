"""Live features: the same program, one slice (or any chunk of slices) at a time.

In: bars in the order they became known. Out: the features of exactly those rows, with the bits of the batch.
Never here: another computation than the batch's; waiting for late bars (the sequencer does).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from alphatrade.core.bar import INPUTS, BarInfo, Bars, SymbolBars
from alphatrade.core.clock import iso
from alphatrade.core.kernel import driver
from alphatrade.core.kernel.address import address
from alphatrade.core.kernel.entry import Part
from alphatrade.core.kernel.lane import LIVE_TILE, Lanes, Panel, context_of
from alphatrade.features.batch import slice_rows

if TYPE_CHECKING:
    from alphatrade.features.feature_set import FeatureSet

__all__ = ["LiveFeatures"]

_PANEL_TILE = 8


class _Slice:
    """The context of a slice of all symbols, and what its addresses point to."""

    def __init__(
        self,
        contexts: Sequence[np.ndarray],
        part: Part,
        arrays: dict[str, np.ndarray],
        widths: dict[str, int],
    ) -> None:
        self._kept = (*contexts, *arrays.values())
        self._contexts = np.array([address(c) for c in contexts], np.int64)
        numbers = {"symbols": len(contexts), "part": part.address, **widths}
        self.context = context_of(driver.SLICE, {**arrays, "contexts": self._contexts}, numbers)
        self.at = address(self.context)


class LiveFeatures:
    """A feature set that remembers.

    Made by ``FeatureSet.start``. ``symbols`` is in the order of their names, and so are the rows of
    ``advance_slice``.

    Parameters
    ----------
    feature_set : FeatureSet
    symbols : sequence of str
    info : BarInfo
    """

    def __init__(self, feature_set: FeatureSet, symbols: Sequence[str], info: BarInfo) -> None:
        self.feature_set, self.info = feature_set, info
        self.symbols = tuple(sorted(set(symbols)))
        self.program = feature_set.program
        count = len(self.symbols)
        self._lanes = {s: Lanes(self.program, LIVE_TILE) for s in self.symbols}
        self._panels = [Panel(plan, count, _PANEL_TILE) for plan in self.program.panels]
        # Moment the last bar of each symbol became known.
        self._last = np.full(count, np.iinfo(np.int64).min)
        self._prepare_slice(count)
        words = (1, count, address(self._rows), address(self._where), address(self._ones))
        self._panel_words = [(address(p.context), *words) for p in self._panels]

    def _prepare_slice(self, count: int) -> None:
        """Buffers of one slice, whose addresses stay."""
        lanes = list(self._lanes.values())
        self._inputs = np.full((count, len(INPUTS)), np.nan)
        self._extra = np.full((count, max(self.program.n_extra, 1)), np.nan)
        self._out = np.full((count, len(self.program.outputs)), np.nan, np.float32)
        self._present, self._ok = np.zeros(count, np.bool_), np.ones(count, np.uint8)
        self._rows = np.full((1, count), -1, np.int32)
        self._where = address(self._extra) + 8 * self._extra.shape[1] * np.arange(count, dtype=np.int64)
        self._ones = np.ones(count, np.int64)
        self._stages = [
            self._slice([x.lanes[k].context for x in lanes], driver.drive)
            for k in range(len(self.program.stages))
        ]
        self._lifts = [
            self._slice([x.lifts[k].context for x in lanes], driver.lift)
            for k in range(len(self.program.lifts))
        ]

    def _slice(self, contexts: Sequence[np.ndarray], part: Part) -> _Slice:
        arrays = {
            "present": self._present, "ok": self._ok, "raw": self._inputs,
            "extra": self._extra, "out": self._out,
        }  # fmt: skip
        widths = {"extra_width": self._extra.shape[1], "out_width": self._out.shape[1]}
        return _Slice(contexts, part, arrays, widths)

    def advance_slice(
        self, present: np.ndarray, inputs: np.ndarray, ok: np.ndarray | None = None
    ) -> np.ndarray:
        """Advance by one slice without building a table: the engine's way.

        Parameters
        ----------
        present : numpy.ndarray
            ``(S,)`` bool: who has a row in this slice.
        inputs : numpy.ndarray
            ``(S, 9)`` float64 in the order of ``core.bar.INPUTS``; rows of absent symbols are not read.
        ok : numpy.ndarray, optional
            ``(S,)`` bool: False where the row is MISSING. By default every row is real.

        Returns
        -------
        numpy.ndarray
            ``(S, F)`` float32, NaN for absent symbols: a buffer that the next call overwrites.

        Notes
        -----
        Slices must come in order; unlike ``advance`` this does not see their times and does not check.
        """
        self._present[:] = present
        self._inputs[:] = inputs
        self._ok[:] = 1 if ok is None else ok
        for lifts in self._lifts:
            driver.lift_slice(lifts.at)
        for k, lanes in enumerate(self._stages):
            driver.drive_slice(lanes.at)
            if k < len(self._panels):
                np.subtract(self._present, 1, out=self._rows[0], dtype=np.int32, casting="unsafe")
                driver.panel(*self._panel_words[k])
        self._out[~self._present] = np.nan
        return self._out

    def advance(self, bars: Bars) -> pl.DataFrame:
        """Advance by whole slices, as many as there are; the table has one row for each row of ``bars``.

        Raises
        ------
        ValueError
            Where a symbol is not part of this run, or a bar is not later than what was seen before: for
            features that compare symbols than any bar, otherwise than that symbol's last.
        """
        return self.feature_set.table(bars, self.advance_block(bars))

    def advance_block(self, bars: Bars) -> dict[str, np.ndarray]:
        """As ``advance``, with a ``(features, rows)`` float32 block a symbol."""
        if bars.info.frequency != self.info.frequency or bars.info.calendar != self.info.calendar:
            raise ValueError(
                f"this run reads {self.info.frequency} bars of {self.info.calendar}, found {bars.info}"
            )
        self._check_symbols(bars.symbols)
        return self.advance_arrays({s: bars.arrays(s) for s in self.symbols if s in bars.symbols})

    def _check_symbols(self, found: Sequence[str]) -> None:
        strangers = sorted(set(found) - set(self.symbols))
        if strangers:
            raise ValueError(
                f"no run was started for {', '.join(strangers)}: name them in start(symbols=...)"
            )

    def advance_arrays(self, parts: Mapping[str, SymbolBars]) -> dict[str, np.ndarray]:
        """As ``advance_block``, from the arrays of the symbols that have rows."""
        known = [parts[s].available_at if s in parts else np.zeros(0, np.int64) for s in self.symbols]
        self._check_order(known)
        outs = {s: np.empty((len(self.program.outputs), len(p)), np.float32) for s, p in parts.items()}
        extras = {
            s: np.empty((self.program.n_extra, len(parts[s]) if s in parts else 0)) for s in self.symbols
        }
        rows = slice_rows(known) if self._panels else None
        for k in range(len(self.program.stages)):
            for s, p in parts.items():
                self._lanes[s].run(k, p.inputs, p.ok, extras[s], outs[s])
            if rows is not None and k < len(self._panels):
                self._panels[k].run(rows, list(extras.values()))
        for k, at in enumerate(known):
            if len(at):
                self._last[k] = at[-1]
        return outs

    def _check_order(self, known: Sequence[np.ndarray]) -> None:
        for s, at in enumerate(known):
            last = self._last.max() if self._panels else self._last[s]
            if len(at) and at[0] <= last:
                raise ValueError(
                    f"a bar of {self.symbols[s]} known at {iso(int(at[0]))} came after one known at "
                    f"{iso(int(last))}: "
                    "pass bars through the sequencer, whole slices at a time"
                )

    def save(self) -> dict[str, np.ndarray]:
        """State as plain arrays, for ``numpy.savez`` and ``restore``."""
        state = {f"{s}/{name}": a for s, lanes in self._lanes.items() for name, a in lanes.save().items()}
        return {
            **state,
            "last": self._last.copy(),
            "symbols": np.array(self.symbols),
            "set": np.array(self.feature_set.hash),
        }

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Continue where a saved run of the same features and symbols stopped.

        Raises
        ------
        ValueError
            Where features, kernels or symbols differ from those of the saved run.
        """
        if str(state["set"]) != self.feature_set.hash:
            raise ValueError(
                "the saved state is of other features or other kernels: warm up from stored bars instead"
            )
        if tuple(state["symbols"].tolist()) != self.symbols:
            raise ValueError(
                f"the saved state is of {state['symbols'].tolist()}, this run of {list(self.symbols)}"
            )
        for s, lanes in self._lanes.items():
            mine = {name.removeprefix(f"{s}/"): a for name, a in state.items() if name.startswith(f"{s}/")}
            lanes.restore(mine)
        self._last[:] = state["last"]
