"""One gate as a small picture: its value and interval beside its threshold.

In: a gate of ``verdict.gates``. Out: an SVG strip. Never here: whether the gate passes (the run says so).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from alphatrade.research.report import words
from alphatrade.research.report.charts import Drawing
from alphatrade.research.report.scale import Scale

__all__ = ["gate_strip"]

WIDTH, HEIGHT = 150.0, 18.0


def gate_strip(gate: Mapping[str, Any]) -> Markup | None:
    """Value (dot), interval (line) and threshold (upright); right of the upright is always the good side.

    Each strip has its own scale, with the threshold in the middle. ``None`` where value or threshold is
    missing.
    """
    value, threshold = words.finite(gate.get("value")), words.finite(gate.get("threshold"))
    if value is None or threshold is None:
        return None
    sign = -1.0 if str(gate.get("op", ">=")).startswith("<") else 1.0
    pair = gate.get("interval")
    ends = [e for e in map(words.finite, pair or ()) if e is not None]
    away = [sign * (v - threshold) for v in (value, *ends)]
    reach = max([abs(a) for a in away] + [0.5 * abs(threshold), 1e-12]) * 1.12
    x = Scale(-reach, reach, 4, WIDTH - 4)
    on = Drawing(WIDTH, HEIGHT)
    middle = HEIGHT / 2
    on.rect(x(0.0), 2, WIDTH - x(0.0), HEIGHT - 4, "good-side")
    on.line(0, middle, WIDTH, middle, "grid")
    state = "pass" if gate.get("passed") else "fail"
    if len(ends) == 2:
        on.line(x(away[1]), middle, x(away[2]), middle, f"range range-{state}")
    on.line(x(0.0), 1, x(0.0), HEIGHT - 1, "threshold")
    on.circle(x(away[0]), middle, 4, f"dot dot-{state}")
    side = "on the good side of" if away[0] >= 0 else "short of"
    return on.svg(f"{gate.get('label') or gate.get('name')}: {side} its threshold", "strip")
