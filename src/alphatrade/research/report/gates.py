"""The verdict and its gates, ready to be shown on a page or in a terminal.

In: ``verdict`` of ``metrics.json``. Out: ``Headline``, ``GateRow``. Never here: deciding; ``passed`` is
what the run says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alphatrade.research.report import words

__all__ = ["GateRow", "Headline", "gate_rows", "headline"]

SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "==": "="}
STATES = {True: "pass", False: "fail", None: "not judged"}
STAGES = {
    "development": "Development: stitched walk-forward out-of-sample",
    "holdout": "Hold-out: opened once",
}


@dataclass(frozen=True)
class GateRow:
    """One gate in words. ``state`` is ``pass``, ``fail`` or ``not judged``."""

    name: str
    label: str
    value: str | None
    span: str | None
    needs: str
    overridden: bool
    state: str
    why: str
    stage: str
    source: Mapping[str, Any]


@dataclass(frozen=True)
class Headline:
    """The verdict in words."""

    title: str
    deployable: bool
    sentence: str
    passed: int
    judged: int
    failed: tuple[str, ...]


def _gate(gate: Mapping[str, Any]) -> GateRow:
    kind = gate.get("unit") or words.kind_of(str(gate["name"]))
    threshold = words.threshold(gate.get("threshold"), kind)
    passed = gate.get("passed")
    return GateRow(
        name=str(gate["name"]),
        label=str(gate.get("label") or words.title(str(gate["name"]))),
        value=words.number(gate.get("value"), kind),
        span=words.interval(gate.get("interval"), kind),
        needs=""
        if threshold is None
        else f"{SIGNS.get(str(gate.get('op')), str(gate.get('op')))} {threshold}",
        overridden=gate.get("overridden") is True,
        state=STATES[passed if isinstance(passed, bool) else None],
        why=str(gate.get("why") or ""),
        stage=str(gate.get("stage") or "development"),
        source=gate,
    )


def gate_rows(metrics: Mapping[str, Any]) -> list[GateRow]:
    """All gates, in the order of the run."""
    return [_gate(g) for g in metrics["verdict"].get("gates") or []]


def headline(metrics: Mapping[str, Any]) -> Headline:
    """The verdict, and how many gates of those judged were passed."""
    verdict = metrics["verdict"]
    rows = gate_rows(metrics)
    deployable = verdict.get("deployable") is True
    return Headline(
        title="DEPLOYABLE" if deployable else "NOT DEPLOYABLE",
        deployable=deployable,
        sentence=str(verdict.get("sentence") or ""),
        passed=sum(r.state == "pass" for r in rows),
        judged=sum(r.state != "not judged" for r in rows),
        failed=tuple(r.label for r in rows if r.state == "fail"),
    )
