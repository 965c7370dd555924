"""Several runs side by side on one page.

In: run folders. Out: one HTML file. Never here: choosing the best run; every run looked at is a trial, and
the page says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from alphatrade.research.report import gates, plots, tables, words
from alphatrade.research.report.page import write_page
from alphatrade.research.report.read import Run, read_run
from alphatrade.research.report.tables import Cell, Table

__all__ = ["compare_report"]


def compare_report(folders: Sequence[Path], out: Path) -> Path:
    """Write a page with the verdicts, gates and key numbers of two to four runs beside each other.

    Parameters
    ----------
    folders : sequence of Path
        Run folders, in the order of the columns.
    out : Path
        The HTML file to write.

    Raises
    ------
    ValueError
        Fewer than two or more than four folders.
    DataError
        A folder is not a readable run.
    """
    if not 2 <= len(folders) <= len(plots.COLOURS):
        raise ValueError(f"compare takes two to {len(plots.COLOURS)} run folders; found {len(folders)}")
    runs = [(Path(f).name, read_run(f)) for f in folders]
    context = {
        "runs": runs,
        "heads": [(name, gates.headline(run.metrics), run) for name, run in runs],
        "equity": plots.overlay(runs),
        "gates": _gates(runs),
        "performance": _part(runs, "performance.oos"),
        "scores": _part(runs, "scores.oos"),
        "warnings": _warnings(runs),
    }
    return write_page("compare.html.j2", context, out)


def _part(runs: Sequence[tuple[str, Run]], path: str) -> Table | None:
    present: list[tuple[str, Mapping[str, Any]]] = []
    absent = []
    for name, run in runs:
        part = run.get(path)
        if isinstance(part, Mapping):
            present.append((name, part))
        else:
            absent.append((name, run.reason(path)))
    return Table([name for name, _ in present], tables.beside(present), absent) if present else None


def _gates(runs: Sequence[tuple[str, Run]]) -> Table | None:
    found = [{g.name: g for g in gates.gate_rows(run.metrics)} for _, run in runs]
    names = list(dict.fromkeys(name for f in found for name in f))
    if not names:
        return None
    rows = []
    for name in names:
        label = next(f[name].label for f in found if name in f)
        rows.append((label, [_gate(f.get(name)) for f in found]))
    return Table([name for name, _ in runs], rows)


def _gate(gate: gates.GateRow | None) -> Cell:
    if gate is None:
        return Cell(None, reason="this run did not judge this gate")
    value = gate.value if gate.value is not None else "no value"
    return Cell(
        f"{value} · {gate.state}", f"needs {gate.needs}" if gate.needs else None, cls=f"num is-{gate.state}"
    )


def _warnings(runs: Sequence[tuple[str, Run]]) -> list[str]:
    """What makes the comparison unfair."""
    said = []
    if len({run.get("data.hash") for _, run in runs}) > 1:
        said.append("These runs saw different data: their figures differ for that reason too.")
    inside = [name for name, run in runs if run.in_sample]
    if inside:
        said.append(
            f"{words.join(inside)}: measured on bars the model was trained on, not comparable with others."
        )
    return said
