"""The verdict for a terminal.

In: the contents of ``metrics.json``. Out: what ``rich`` prints, line by line. Never here: printing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from alphatrade.research.report.gates import STAGES, GateRow, gate_rows, headline

__all__ = ["verdict_lines"]

MARKS = {"pass": ("✓", "green"), "fail": ("✗", "red"), "not judged": ("·", "dim")}


def verdict_lines(metrics: Mapping[str, Any]) -> list[RenderableType]:
    """The verdict, its sentence, and every gate with value, interval and threshold.

    Parameters
    ----------
    metrics : mapping
        As in ``metrics.json``; only ``name``, ``in_sample`` and ``verdict`` are read.

    Examples
    --------
    >>> from rich.console import Console
    >>> verdict = {"deployable": False, "sentence": "It earns too little.", "gates": []}
    >>> for line in verdict_lines({"name": "demo", "verdict": verdict}):
    ...     Console(width=60).print(line)
    NOT DEPLOYABLE  demo
    It earns too little.
    """
    head = headline(metrics)
    style = "bold green" if head.deployable else "bold red"
    lines: list[RenderableType] = [Text.assemble((head.title, style), "  ", (str(metrics["name"]), "dim"))]
    if metrics.get("in_sample") is True:
        lines.insert(
            0,
            Text("IN SAMPLE: the model was measured on bars it was trained on", style="bold black on yellow"),
        )
    if head.sentence:
        lines.append(Text(head.sentence))
    rows = gate_rows(metrics)
    if rows:
        lines.append(_table(rows))
        lines.append(Text(f"{head.passed} of {head.judged} gates passed", style="dim"))
    return lines


def _table(rows: list[GateRow]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    table.add_column("Gate")
    table.add_column("Value", justify="right")
    table.add_column("Interval", justify="right")
    table.add_column("Needs", justify="right")
    stage = rows[0].stage
    for r in rows:
        if r.stage != stage:
            table.add_section()
            table.add_row("", Text(STAGES.get(r.stage, r.stage), style="dim"))
            stage = r.stage
        mark, colour = MARKS[r.state]
        value = Text(r.value) if r.value is not None else Text("not available", style="dim")
        why = f" ({r.why})" if r.why and r.state != "pass" else ""
        needs = f"{r.needs} (set by the study)" if r.overridden else r.needs
        table.add_row(
            Text(f"{mark} {r.state}", style=colour), Text(r.label + why), value, r.span or "", needs
        )
    return table
