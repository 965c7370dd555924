"""The equity curves of several runs in one picture.

In: runs. Out: ``Figure``. Never here: aligning or rescaling curves; each starts at 1 at its own first bar.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from alphatrade.research.report import words
from alphatrade.research.report.charts import Drawing, Series, legend
from alphatrade.research.report.plots.equity import column, times, wealth_panel
from alphatrade.research.report.plots.figure import Figure, full
from alphatrade.research.report.read import Run
from alphatrade.research.report.scale import Scale, thin, time_ticks

__all__ = ["COLOURS", "overlay"]

COLOURS = ("s-main", "s-hold", "s-blind", "s-3")
Curve = tuple[Series, NDArray[np.float64], NDArray[np.float64]]


def overlay(runs: Sequence[tuple[str, Run]]) -> Figure | None:
    """Growth of 1 of each named run; at most four."""
    curves: list[Curve] = []
    for colour, (name, run) in zip(COLOURS, runs):
        table = run.table("equity")
        if table is None or table.height < 2 or (values := column(table, "equity")) is None:
            continue
        curves.append((Series(name, colour), times(table).astype(np.float64), values))
    if not curves:
        return None
    ends = {s.name: float(v[np.isfinite(v)][-1]) for s, _, v in curves}
    ordered = sorted(ends, key=lambda k: -ends[k])
    caption = words.join([f"{k} ends at {words.number(ends[k], 'growth')}" for k in ordered])
    caption += " of a start of 1; curves over different spans are not comparable by their ends alone."

    def draw(width: float, cls: str) -> Markup:
        return _draw(curves, width, cls, caption)

    return full("Growth of 1, net of costs", caption, draw)


def _draw(curves: Sequence[Curve], width: float, cls: str, label: str) -> Markup:
    wide = width > 500
    head = 24.0 if wide else 18.0 * len(curves)
    on = Drawing(width, head + 318)
    if wide:
        legend(on, 46, 12, [s for s, _, _ in curves])
    else:
        for k, (s, _, _) in enumerate(curves):
            legend(on, 0, 12 + 18 * k, [s])
    first, last = min(t[0] for _, t, _ in curves), max(t[-1] for _, t, _ in curves)
    x = Scale(float(first), float(last), 46, width - 8)
    panel = wealth_panel(on, x, head + 22, 268, [v for _, _, v in curves])
    panel.x_axis(time_ticks(int(first), int(last), 9 if wide else 5))
    for s, t, v in reversed(curves):
        panel.series(*thin(t, v, int((x.end - x.start) / 2)), s.cls)
    return on.svg(label, cls)
