"""The equity curve with its drawdown and exposure.

In: ``tables/equity.parquet`` (time, equity, hold, blind, drawdown, exposure). Out: ``Figure``. Never here:
returns or ratios.

Long series are thinned for drawing: of each two-pixel bucket the smallest and the largest value are kept,
so the line covers what the whole series would cover. The figures of the sentence come from all rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from markupsafe import Markup
from numpy.typing import NDArray

from alphatrade.research.report import words
from alphatrade.research.report.charts import Drawing, Panel, Series, legend
from alphatrade.research.report.plots.figure import Figure, full
from alphatrade.research.report.read import Run
from alphatrade.research.report.scale import (
    Scale,
    extent,
    log_ticks,
    nice_ticks,
    percent_ticks,
    thin,
    time_ticks,
)

__all__ = ["column", "equity", "times", "wealth_panel"]

Floats = NDArray[np.float64]
CURVES = (
    ("equity", Series("Strategy", "s-main")),
    ("hold", Series("Buy and hold", "s-hold")),
    ("blind", Series("Same exposure, blind", "s-blind")),
)
LOG_FROM = 3.0  # largest over smallest wealth from which equal steps should mean equal returns


@dataclass(frozen=True)
class _Data:
    time: NDArray[np.int64]
    curves: list[tuple[Series, Floats]]
    drawdown: Floats | None
    exposure: Floats | None


def column(table: pl.DataFrame, name: str) -> Floats | None:
    """A column as float64 with null as NaN; ``None`` where it is missing or holds nothing finite."""
    if name not in table.columns:
        return None
    values = table[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return values if np.isfinite(values).any() else None


def times(table: pl.DataFrame) -> NDArray[np.int64]:
    """The time column as ns since 1970."""
    time = table["time"]
    ns = time.dt.epoch("ns") if time.dtype.is_temporal() else time.cast(pl.Int64)
    return ns.to_numpy()


def _data(table: pl.DataFrame) -> _Data:
    curves = [(s, v) for name, s in CURVES if (v := column(table, name)) is not None]
    return _Data(times(table), curves, column(table, "drawdown"), column(table, "exposure"))


def equity(run: Run) -> Figure | None:
    """Growth of 1 for the strategy, buy-and-hold and blind exposure; drawdown and exposure below."""
    table = run.table("equity")
    if table is None or table.height < 2:
        return None
    data = _data(table)
    if not data.curves:
        return None
    caption = _caption(data)

    def draw(width: float, cls: str) -> Markup:
        return _draw(data, width, cls, caption)

    return full("Growth of 1, net of costs", caption, draw)


def _last(values: Floats) -> float:
    return float(values[np.isfinite(values)][-1])


def _caption(data: _Data) -> str:
    ends = {s.name: _last(v) for s, v in data.curves}
    text = (
        f"The strategy turns 1 into {words.number(ends['Strategy'], 'growth')}" if "Strategy" in ends else ""
    )
    others = {
        "Buy and hold": "holding the same symbols",
        "Same exposure, blind": "the same average exposure held blindly",
    }
    against = [f"{words.number(ends[k], 'growth')} for {what}" for k, what in others.items() if k in ends]
    if against:
        text += f", against {words.join(against)}"
    if data.drawdown is not None:
        at = int(np.nanargmax(data.drawdown))
        deepest = words.number(data.drawdown[at], "percent")
        text += f"; its deepest fall, {deepest}, is reached on {words.date(int(data.time[at]))}"
    return text + "."


def _draw(data: _Data, width: float, cls: str, label: str) -> Markup:
    wide = width > 500
    heights: list[float] = [
        h
        for h, v in ((270 if wide else 210, data.curves), (84, data.drawdown), (52, data.exposure))
        if v is not None
    ]
    top, gap = (28.0 if wide else 44.0), 36.0
    on = Drawing(width, top + sum(heights) + gap * (len(heights) - 1) + 24)
    left, right = 46.0, width - (142.0 if wide else 4.0)
    x = Scale(float(data.time[0]), float(data.time[-1]), left, right)
    ticks = time_ticks(int(data.time[0]), int(data.time[-1]), 9 if wide else 5)
    strips = [(top, heights[0])]
    for h in heights[1:]:
        strips.append((strips[-1][0] + strips[-1][1] + gap, h))
    _wealth(on, data, x, strips[0], wide)
    rest = iter(strips[1:])
    if data.drawdown is not None:
        _below(on, data.time, data.drawdown, x, next(rest), "Drawdown", "fill-down", "line-down", down=True)
    if data.exposure is not None:
        _below(
            on,
            data.time,
            data.exposure,
            x,
            next(rest),
            "Gross exposure",
            "fill-quiet",
            "line-quiet",
            down=False,
        )
    for k, (y0, h) in enumerate(strips):
        Panel(on, x, Scale(0, 1, y0 + h, y0)).x_axis(ticks, labels=k == len(strips) - 1)
    _hover(on, data, x, strips, 215 if wide else 90)
    return on.svg(label, cls)


def _wealth(on: Drawing, data: _Data, x: Scale, strip: tuple[float, float], wide: bool) -> None:
    y0, height = strip
    panel = wealth_panel(on, x, y0, height, [v for _, v in data.curves])
    for s, v in reversed(data.curves):
        panel.series(*_thinned(data.time, v, x), s.cls)
    if wide:
        _end_labels(on, panel, data)
    else:
        _two_rows(on, data)


def wealth_panel(on: Drawing, x: Scale, top: float, height: float, curves: Sequence[Floats]) -> Panel:
    """Axes for wealth from a start of 1; logarithmic where the largest is several times the smallest."""
    lo, hi = extent(*curves, include=(1.0,), pad=0.04)
    smallest = min(float(np.nanmin(v)) for v in curves)
    log = smallest > 0 and hi / smallest > LOG_FROM
    if log:
        lo = smallest * 0.96
    panel = Panel(on, x, Scale(lo, hi, top + height, top, log))
    values = log_ticks(lo, hi) if log else nice_ticks(lo, hi, 6)
    panel.y_axis([(v, f"{v:,g}") for v in values], "Growth of 1" + (" (logarithmic)" if log else ""))
    panel.level(1.0)
    return panel


def _thinned(time: NDArray[np.int64], values: Floats, x: Scale) -> tuple[Floats, Floats]:
    return thin(time.astype(np.float64), values, int((x.end - x.start) / 2))


def _two_rows(on: Drawing, data: _Data) -> None:
    """The legend of the narrow picture: the axis title stands right above the panel, names above it."""
    legend(on, 0, 12, [s for s, _ in data.curves])


def _end_labels(on: Drawing, panel: Panel, data: _Data) -> None:
    """Names and end values beside the ends of the lines, pushed apart where they would touch."""
    ends = sorted(((panel.y(_last(v)), s, _last(v)) for s, v in data.curves), key=lambda end: end[0])
    placed: list[float] = []
    for y, _, _ in ends:
        placed.append(max(y, placed[-1] + 30) if placed else y)
    over = placed[-1] + 16 - panel.bottom if placed else 0.0
    shift = max(0.0, over)
    for (_, s, value), y in zip(ends, placed):
        on.text(panel.right + 10, y - shift, s.name, f"t label {s.cls}-ink")
        on.text(
            panel.right + 10, y - shift + 14, words.number(value, "growth") or "", f"t label num {s.cls}-ink"
        )


def _below(
    on: Drawing,
    time: NDArray[np.int64],
    values: Floats,
    x: Scale,
    strip: tuple[float, float],
    title: str,
    fill: str,
    line: str,
    down: bool,
) -> None:
    y0, height = strip
    top = max(float(np.nanmax(values)), 1e-9) * 1.05
    y = Scale(0.0, top, y0, y0 + height) if down else Scale(0.0, top, y0 + height, y0)
    panel = Panel(on, x, y)
    panel.y_axis(percent_ticks(0.0, top, 3 if height > 60 else 2), title)
    at, v = _thinned(time, values, x)
    on.area(x.many(at), y.many(v), y(0.0), fill)
    panel.series(at, v, line)


def _hover(on: Drawing, data: _Data, x: Scale, strips: list[tuple[float, float]], columns: int) -> None:
    """Columns over all panels; each tells the last row at or before its middle."""
    want = np.linspace(data.time[0], data.time[-1], min(columns, len(data.time)))
    index = np.unique(np.searchsorted(data.time, want.astype(np.int64), side="right") - 1)
    tips = []
    for k in index.tolist():
        lines = [f"{words.date(int(data.time[k]))}"]
        lines += [f"{s.name}\t{v[k]:.3f}" for s, v in data.curves if np.isfinite(v[k])]
        for name, v in (("Drawdown", data.drawdown), ("Exposure", data.exposure)):
            if v is not None and np.isfinite(v[k]):
                lines.append(f"{name}\t{words.number(v[k], 'percent')}")
        tips.append("\n".join(lines))
    bottom = strips[-1][0] + strips[-1][1]
    Panel(on, x, Scale(0, 1, bottom, strips[0][0])).hits(data.time[index].astype(np.float64), tips)
