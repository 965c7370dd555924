"""The plain twin of the driver: one Python call a node over whole, ordinary arrays.

In: a program and one symbol's rows (or several symbols', for panels). Out: its output columns in float64.
Never here: tiles, addresses, compiled code: what a kernel's own source says, with numpy's bounds checks. For
tests and for debugging a kernel.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from alphatrade.core.bar import INPUTS
from alphatrade.core.kernel.driver import DAY_SECONDS, GAP_DAYS, LEAST_GAP_ROWS
from alphatrade.core.kernel.graph import Call, Graph, Node
from alphatrade.core.session import DAY, SECOND, duration

__all__ = ["interpret", "segments"]


def segments(inputs: np.ndarray, ok: np.ndarray, gap: float) -> list[np.ndarray]:
    """Indices of real rows, cut where more was lost than windows may span."""
    start, end, opened, closed = inputs[5:]
    parts: list[list[int]] = [[]]
    lost = 0
    for i in range(len(ok)):
        if not ok[i]:
            lost += 1
            continue
        if parts[-1]:
            session = (closed[i] - opened[i]) / max(end[i] - start[i], 1.0)
            away = start[i] - int(end[parts[-1][-1]])
            if lost > max(np.ceil(gap * session), LEAST_GAP_ROWS) or away > gap * GAP_DAYS * DAY_SECONDS:
                parts.append([])
        lost = 0
        parts[-1].append(i)
    return [np.array(p, np.int64) for p in parts]


def _closed_bars(timeframe: str, inputs: np.ndarray, ok: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Closed bars of a longer timeframe (9, m), and how many are closed when each row is complete (n,)."""
    span, n = duration(timeframe), inputs.shape[1]
    width = np.inf if span == DAY else span // SECOND
    opened, closed = inputs[7], inputs[8]
    key = opened + (0.0 if span == DAY else np.floor((inputs[5] - opened) / width) * width)
    edge = np.where((inputs[5] < closed) & (closed < key + width), closed, key + width)
    bars: list[list[float]] = []
    at = np.zeros(n, np.int64)
    rows: list[int] = []
    for i in range(n):
        if ok[i]:
            if rows and key[i] != key[rows[0]]:
                bars.append(_merge(inputs, rows, edge))
                rows = []
            rows.append(i)
            if inputs[6, i] >= edge[rows[0]]:
                bars.append(_merge(inputs, rows, edge))
                rows = []
        at[i] = len(bars)
    return np.array(bars).reshape(-1, len(INPUTS)).T, at


def _merge(inputs: np.ndarray, rows: list[int], edge: np.ndarray) -> list[float]:
    first, last = rows[0], rows[-1]
    part = inputs[:, rows]
    return [
        inputs[0, first], part[1].max(), part[2].min(), inputs[3, last], part[4].sum(),
        inputs[5, first], edge[first], inputs[7, first], inputs[8, first],
    ]  # fmt: skip


def _run_call(call: Call, columns: list[np.ndarray], front: int, n: int) -> list[np.ndarray]:
    """One Python call of a kernel over rows with ``front`` unknown ones before them."""
    state = np.zeros(call.kernel.state_size(call.params))
    state[: len(call.kernel.start)] = call.kernel.start
    padded = [np.concatenate([np.full(front, np.nan), c]) for c in columns]
    outs = [np.full(front + n, np.nan) for _ in call.kernel.outputs]
    numbers = [int(p) if kind == "i" else p for p, kind in zip(call.params, call.kernel.params.values())]
    head = [state] if call.kernel.has_state else []
    with np.errstate(all="ignore"):
        call.kernel.function(*head, *numbers, front, front + n, *padded, *outs)
    return [o[front:] for o in outs]


class _Symbols:
    """Columns of all nodes so far, of every symbol."""

    def __init__(
        self, graph: Graph, inputs: Sequence[np.ndarray], ok: Sequence[np.ndarray], rows: np.ndarray | None
    ) -> None:
        self.graph, self.inputs, self.ok, self.rows = graph, inputs, ok, rows
        self.values: dict[int, list[np.ndarray]] = {}

    def leaf(self, node: Node) -> list[np.ndarray]:
        if len(node.field) == 1:
            return [x[INPUTS.index(node.field[0])].copy() for x in self.inputs]
        timeframe, index = node.field
        inner = self.graph.lifts[timeframe]
        found = []
        for x, ok in zip(self.inputs, self.ok):
            bars, at = _closed_bars(timeframe, x, ok)
            (column,) = interpret(inner, [inner.nodes[index]], [bars], [np.ones(bars.shape[1], bool)])[0]
            found.append(np.concatenate([[np.nan], column])[at])
        return found

    def series(self, call: Call) -> None:
        made = [[np.full(x.shape[1], np.nan) for _ in call.kernel.outputs] for x in self.inputs]
        front = max(call.kernel.history(call.params).values())
        for s, (x, ok) in enumerate(zip(self.inputs, self.ok)):
            for part in segments(x, ok, call.gap):
                columns = [self.values[n.index][s][part] for n in call.inputs]
                for out, values in zip(made[s], _run_call(call, columns, front, len(part))):
                    out[part] = values
        for k, node in enumerate(self.graph.outputs_of(call)):
            self.values[node.index] = [m[k] for m in made]

    def panel(self, call: Call) -> None:
        if self.rows is None:
            raise ValueError(f"{call.kernel.name} compares symbols: pass the slices' rows")
        present, count = self.rows >= 0, len(self.inputs)
        params = tuple(float(count) if n == "symbols" else p for n, p in zip(call.kernel.params, call.params))
        wide = []
        for node in call.inputs:
            table = np.full(self.rows.shape, np.nan)
            for s in range(count):
                column = np.where(self.ok[s], self.values[node.index][s], np.nan)
                table[present[:, s], s] = column[self.rows[present[:, s], s]]
            wide.append(table.ravel())
        outs = [np.full(self.rows.size, np.nan) for _ in call.kernel.outputs]
        with np.errstate(all="ignore"):
            call.kernel.function(*[int(p) for p in params], 0, len(self.rows), *wide, *outs)
        for node, out in zip(self.graph.outputs_of(call), outs):
            table = out.reshape(self.rows.shape)
            self.values[node.index] = [table[present[:, s], s] for s in range(count)]

    def node(self, node: Node) -> list[np.ndarray]:
        if node.index not in self.values:
            if node.call is None:
                self.values[node.index] = self.leaf(node)
            else:
                for before in node.call.inputs:
                    self.node(before)
                (self.panel if node.call.kernel.is_panel else self.series)(node.call)
        return self.values[node.index]


def interpret(
    graph: Graph,
    outputs: Sequence[Node],
    inputs: Sequence[np.ndarray],
    ok: Sequence[np.ndarray],
    rows: np.ndarray | None = None,
) -> list[list[np.ndarray]]:
    """Columns of the outputs by symbol, NaN on MISSING rows.

    Parameters
    ----------
    graph, outputs
        What a ``Program`` is made of.
    inputs, ok : sequences of numpy.ndarray
        ``(9, n)`` float64 and ``(n,)`` bool of each symbol.
    rows : numpy.ndarray, optional
        ``(T, S)`` own rows on the slice clock; needed for panels.
    """
    run = _Symbols(graph, inputs, ok, rows)
    columns = [run.node(node) for node in outputs]
    return [[np.where(ok[s], c[s], np.nan) for c in columns] for s in range(len(inputs))]
