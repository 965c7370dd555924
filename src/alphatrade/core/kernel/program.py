"""The planner: from a graph to tables.

In: a graph and its output nodes. Out: a ``Program``: what is computed in which stage, in which order, in
which slot, with how much history. Never here: arrays of a running program (``lane``), compilation.

A program alternates stages and panels: stage 0 over each symbol's own rows, panel 0 over slices of all
symbols, stage 1 over own rows again, and so on. What crosses from one to the next is a row of the symbol's
*extra* block (float64), as are the held values of lifted columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from alphatrade.core.bar import INPUTS
from alphatrade.core.kernel.entry import Compiled
from alphatrade.core.kernel.graph import Call, Graph, Kernel, Node, Wide
from alphatrade.core.provenance import hash_config

__all__ = ["PanelPlan", "Program", "Row", "StagePlan"]


@dataclass(frozen=True)
class Row:
    """One row of a kernel table: slots of inputs then outputs, and where the call's state begins."""

    kernel: Compiled
    params: tuple[float, ...]
    columns: tuple[int, ...]
    state: int = 0


@dataclass
class StagePlan:
    """One walk over a symbol's own rows.

    ``fills`` are (slot, input row; extra rows after the nine inputs), ``out32`` and ``out64`` (slot, target
    row).
    """

    rows: list[Row] = field(default_factory=list)
    hist: list[int] = field(default_factory=list)
    slot_gap: list[int] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    fills: list[tuple[int, int]] = field(default_factory=list)
    out32: list[tuple[int, int]] = field(default_factory=list)
    out64: list[tuple[int, int]] = field(default_factory=list)
    start: list[float] = field(default_factory=list)
    state_gap: list[int] = field(default_factory=list)
    spare: int = -1

    @property
    def is_empty(self) -> bool:
        return not (self.rows or self.out32 or self.out64)


@dataclass
class PanelPlan:
    """One walk over slices; ``ins`` and ``outs`` are (slot, extra row)."""

    rows: list[Row] = field(default_factory=list)
    ins: list[tuple[int, int]] = field(default_factory=list)
    outs: list[tuple[int, int]] = field(default_factory=list)
    slots: int = 0


@dataclass
class LiftPlan:
    """The inner program of a timeframe and the extra row of each of its outputs."""

    timeframe: str
    program: Program
    targets: list[int]


def _ordered(calls: list[Call], known: set[int]) -> Iterator[list[Call]]:
    """Calls after those they read, what has a wide form together with its like: as late as it can be, so that
    many are ready at once.
    """
    waiting: list[Call] = []
    while calls:
        left = []
        for call in calls:
            if any(n.index not in known for n in call.inputs):
                left.append(call)
            elif call.kernel.wide is not None:
                waiting.append(call)
            else:
                yield [call]
                known.update(n.index for n in call.inputs[0].graph.outputs_of(call))
        for group in _alike(waiting):
            yield group
            known.update(n.index for call in group for n in call.inputs[0].graph.outputs_of(call))
        calls, waiting = left, []


def _alike(calls: list[Call]) -> Iterator[list[Call]]:
    """Calls of one kernel, as many as its wide form takes."""
    by_kernel: dict[Kernel, list[Call]] = {}
    for call in calls:
        by_kernel.setdefault(call.kernel, []).append(call)
    for kernel, group in by_kernel.items():
        size = kernel.wide.count if kernel.wide is not None else 1
        for k in range(0, len(group), size):
            yield group[k : k + size]


class Program:
    """A planned graph.

    Parameters
    ----------
    graph : Graph
    outputs : sequence of Node
        Columns to emit, in order.
    wide : bool
        Emit them in float64 into the extra block (the inner program of a lift) instead of float32.
    """

    def __init__(self, graph: Graph, outputs: Sequence[Node], wide: bool = False) -> None:
        self.graph, self.outputs, self.wide = graph, tuple(outputs), wide
        self._order = self._reach()
        self._stage = self._stages()
        count = max([self._stage[n.index] for n in self._order], default=0) + 1
        self._extra: dict[int, int] = {}
        self.n_extra = len(self.outputs) if wide else 0
        self.lifts = self._plan_lifts()
        self._allot(count)
        self.stages = [self._plan_stage(k) for k in range(count)]
        self.panels = [self._plan_panel(k) for k in range(count - 1)]

    # What is needed, and when.

    def _reach(self) -> list[Node]:
        """Nodes the outputs need, inputs before users; all outputs of a call are made together."""
        order: list[Node] = []
        seen: set[int] = set()
        todo = list(reversed(self.outputs))
        while todo:
            node = todo.pop()
            if node.index in seen:
                continue
            waiting = [] if node.call is None else [n for n in node.call.inputs if n.index not in seen]
            if waiting:
                todo += [node, *waiting]
                continue
            made = (node,) if node.call is None else self.graph.outputs_of(node.call)
            order += made
            seen.update(n.index for n in made)
        return order

    def _stages(self) -> dict[int, int]:
        stage: dict[int, int] = {}
        for node in self._order:
            if node.call is None:
                stage[node.index] = 0
            else:
                stage[node.index] = max(stage[n.index] for n in node.call.inputs) + node.call.kernel.is_panel
        return stage

    def _calls(self) -> list[Call]:
        return list({id(n.call): n.call for n in self._order if n.call is not None}.values())

    def _call_stage(self, call: Call) -> int:
        """Stage, or panel, that makes a call."""
        return max(self._stage[n.index] for n in call.inputs)

    # What crosses between stages.

    def _row(self, node: Node) -> int:
        if node.index not in self._extra:
            self._extra[node.index] = self.n_extra
            self.n_extra += 1
        return self._extra[node.index]

    def _is_raw(self, node: Node) -> bool:
        return node.call is None and len(node.field) == 1

    def _plan_lifts(self) -> list[LiftPlan]:
        held: dict[str, list[Node]] = {}
        for node in self._order:
            if node.call is None and not self._is_raw(node):
                held.setdefault(node.field[0], []).append(node)
        plans = []
        for timeframe, nodes in held.items():
            inner = self.graph.lifts[timeframe]
            program = Program(inner, [inner.nodes[n.field[1]] for n in nodes], wide=True)
            plans.append(LiftPlan(timeframe, program, [self._row(n) for n in nodes]))
        return plans

    def _allot(self, count: int) -> None:
        """Give an extra row to every column that a panel or a later stage reads."""
        self._exports: list[list[Node]] = [[] for _ in range(count)]
        for call in self._calls():
            at = self._call_stage(call)
            for node in call.inputs:
                crosses = call.kernel.is_panel or (self._stage[node.index] < at and not self._is_raw(node))
                if crosses and node.index not in self._extra:
                    self._row(node)
                    if node.call is None or not node.call.kernel.is_panel:
                        self._exports[self._stage[node.index]].append(node)
            if call.kernel.is_panel:
                for node in self.graph.outputs_of(call):
                    self._row(node)

    # Tables.

    def _plan_stage(self, k: int) -> StagePlan:
        plan, slots = StagePlan(), dict[int, int]()
        calls = [c for c in self._calls() if not c.kernel.is_panel and self._call_stage(c) == k]
        made = {n.index for c in calls for n in self.graph.outputs_of(c)}
        known = {n.index for c in calls for n in c.inputs} - made
        for group in _ordered(calls, known):
            self._add_row(plan, slots, group)
        for row, node in enumerate(self.outputs):
            if self._stage[node.index] == k:
                target = plan.out64 if self.wide else plan.out32
                target.append((self._slot(plan, slots, node), row))
        plan.out64 += [(self._slot(plan, slots, n), self._extra[n.index]) for n in self._exports[k]]
        return plan

    def _gap(self, plan: StagePlan, gap: float) -> int:
        if gap not in plan.gaps:
            plan.gaps.append(gap)
        return plan.gaps.index(gap)

    def _slot(self, plan: StagePlan, slots: dict[int, int], node: Node, own: bool = False) -> int:
        """Slot of a node; one that this stage does not compute is filled from outside."""
        if node.index not in slots:
            slots[node.index] = len(plan.hist)
            plan.hist.append(0)
            plan.slot_gap.append(self._gap(plan, node.gap))
            if not own:
                row = (
                    INPUTS.index(node.field[0])
                    if self._is_raw(node)
                    else len(INPUTS) + self._extra[node.index]
                )
                plan.fills.append((slots[node.index], row))
        return slots[node.index]

    def _add_row(self, plan: StagePlan, slots: dict[int, int], group: list[Call]) -> None:
        """A row of the table: one call, or several through the kernel's wide form.

        A wide form that is not full repeats its last call, with state of its own, into a slot nobody reads.
        """
        kernel: Compiled = group[0].kernel
        spare = 0
        if len(group) > 1:
            kernel = cast(Wide, group[0].kernel.wide)
            spare = kernel.count - len(group)
        ins, outs, at = [], [], len(plan.start)
        calls = [*group, *[group[-1]] * spare]
        for call in calls:
            for name, lag in call.kernel.history(call.params).items():
                slot = self._slot(plan, slots, call.inputs[call.kernel.inputs.index(name)])
                plan.hist[slot] = max(plan.hist[slot], lag)
                ins.append(slot)
            size = call.kernel.state_size(call.params)
            plan.start += [*call.kernel.start, *[0.0] * size][:size]
            plan.state_gap += [self._gap(plan, call.gap)] * size
        for call in group:
            outs += [self._slot(plan, slots, n, own=True) for n in self.graph.outputs_of(call)]
        outs += [self._spare_slot(plan)] * spare if spare else []
        params = tuple(p for call in calls for p in call.params)
        plan.rows.append(Row(kernel, params, (*ins, *outs), at))

    def _spare_slot(self, plan: StagePlan) -> int:
        if plan.spare < 0:
            plan.spare = len(plan.hist)
            plan.hist.append(0)
            plan.slot_gap.append(self._gap(plan, plan.gaps[0]))
        return plan.spare

    def _plan_panel(self, k: int) -> PanelPlan:
        plan, slots = PanelPlan(), dict[int, int]()
        for call in self._calls():
            if not call.kernel.is_panel or self._call_stage(call) != k:
                continue
            for node in call.inputs:
                if node.index not in slots:
                    slots[node.index] = len(slots)
                    plan.ins.append((slots[node.index], self._extra[node.index]))
            made = self.graph.outputs_of(call)
            for node in made:
                slots[node.index] = len(slots)
                plan.outs.append((slots[node.index], self._extra[node.index]))
            plan.rows.append(
                Row(call.kernel, call.params, tuple(slots[n.index] for n in (*call.inputs, *made)))
            )
        plan.slots = len(slots)
        return plan

    # What it is.

    def _parts(self) -> list[StagePlan | PanelPlan]:
        return [*self.stages, *self.panels]

    @property
    def kernels(self) -> list[Compiled]:
        """Every kernel of the program once, lifts included."""
        rows = [r for part in self._parts() for r in part.rows]
        found = {r.kernel.identity: r.kernel for r in rows}
        for lift in self.lifts:
            found.update((k.identity, k) for k in lift.program.kernels)
        return list(found.values())

    @property
    def hash(self) -> str:
        """Digest of the plan: saved state fits exactly the programs with this hash."""
        parts = [
            [(r.kernel.identity, r.params, r.columns, r.state) for r in part.rows] for part in self._parts()
        ]
        stages = [(s.hist, s.slot_gap, s.gaps, s.fills, s.out32, s.out64, s.start) for s in self.stages]
        panels = [(p.ins, p.outs) for p in self.panels]
        return hash_config(
            [parts, stages, panels, [(x.timeframe, x.program.hash, x.targets) for x in self.lifts]]
        )

    @property
    def n_slots(self) -> int:
        return max(len(s.hist) for s in self.stages)

    def __repr__(self) -> str:
        calls = sum(len(part.rows) for part in self._parts())
        parts = f"{len(self.stages)} stages, {len(self.lifts)} lifts"
        return f"Program({len(self.outputs)} columns, {calls} calls, {parts})"


def params_array(rows: Sequence[Row]) -> tuple[np.ndarray, np.ndarray]:
    """Parameters of all rows one after the other, and where each row's begin."""
    sizes = [len(r.params) for r in rows]
    values = np.array([p for r in rows for p in r.params], np.float64)
    return values, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
