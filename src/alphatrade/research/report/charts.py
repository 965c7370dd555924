"""Chart primitives: axes, lines, bars, points and bands as inline SVG.

In: numbers, ``Scale`` objects and text. Out: SVG markup whose every colour is a class of ``style.css``, so
that light, dark and print are the style sheet's matter. Never here: what a chart means (``plots`` knows),
JavaScript, HTML pages.

All text is escaped here; callers pass plain strings. A mark with ``tip`` shows that text under the pointer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from alphatrade.research.report.scale import Scale, Tick

__all__ = ["Drawing", "HBar", "Panel", "Series", "hbars", "legend"]

Floats = NDArray[np.float64]
EMS = (
    6.3  # mean width in px of a character at the 11.5 px of chart text; only for margins and label collisions
)


@dataclass
class Drawing:
    """A surface of ``width`` x ``height`` pixels that scales with its box."""

    width: float
    height: float

    def __post_init__(self) -> None:
        self.parts: list[str] = []

    def _add(self, tag: str, cls: str, tip: str | None, **at: float | str) -> None:
        attributes = "".join(
            f' {k.replace("_", "-")}="{v if isinstance(v, str) else f"{v:.1f}".removesuffix(".0")}"'
            for k, v in at.items()
        )
        said = f' data-tip="{escape(tip)}"' if tip is not None else ""
        self.parts.append(f'<{tag} class="{cls}"{attributes}{said}/>')

    def line(self, x1: float, y1: float, x2: float, y2: float, cls: str) -> None:
        self._add("line", cls, None, x1=x1, y1=y1, x2=x2, y2=y2)

    def rect(self, x: float, y: float, w: float, h: float, cls: str, tip: str | None = None) -> None:
        """A rectangle; negative widths and heights are turned round."""
        x, w = (x + w, -w) if w < 0 else (x, w)
        y, h = (y + h, -h) if h < 0 else (y, h)
        self._add("rect", cls, tip, x=x, y=y, width=w, height=h)

    def circle(self, x: float, y: float, r: float, cls: str, tip: str | None = None) -> None:
        self._add("circle", cls, tip, cx=x, cy=y, r=r)

    def path(self, x: Floats, y: Floats, cls: str) -> None:
        """A line through finite points; NaN lifts the pen."""
        d, down = [], False
        for px, py in zip(x.tolist(), y.tolist()):
            if not (np.isfinite(px) and np.isfinite(py)):
                down = False
                continue
            d.append(f"{'L' if down else 'M'}{px:.1f} {py:.1f}")
            down = True
        self._add("path", cls, None, d="".join(d))

    def area(self, x: Floats, y: Floats, base: float, cls: str) -> None:
        """The area between a line and the level ``base``; NaN counts as ``base``."""
        y = np.where(np.isfinite(y), y, base)
        d = "L".join(f"{px:.1f} {py:.1f}" for px, py in zip(x.tolist(), y.tolist()))
        self._add("path", cls, None, d=f"M{x[0]:.1f} {base:.1f}L{d}L{x[-1]:.1f} {base:.1f}Z")

    def text(self, x: float, y: float, text: str, cls: str = "t", anchor: str = "start") -> None:
        at = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.parts.append(f'<text class="{cls}" x="{x:.1f}" y="{y:.1f}"{at}>{escape(text)}</text>')

    def svg(self, label: str, cls: str = "") -> Markup:
        """The finished picture; ``label`` is what a screen reader says."""
        # every part was escaped when it was added, and the classes are this package's own words
        body = "".join(self.parts)
        return Markup(
            f'<svg class="chart {escape(cls)}" viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
            f'aria-label="{escape(label)}">{body}</svg>'
        )


@dataclass(frozen=True)
class Panel:
    """A plotting area of a drawing with its two scales."""

    on: Drawing
    x: Scale
    y: Scale

    @property
    def left(self) -> float:
        return min(self.x.start, self.x.end)

    @property
    def right(self) -> float:
        return max(self.x.start, self.x.end)

    @property
    def top(self) -> float:
        return min(self.y.start, self.y.end)

    @property
    def bottom(self) -> float:
        return max(self.y.start, self.y.end)

    def y_axis(self, ticks: Sequence[Tick], title: str = "") -> None:
        """Hairlines across the panel, labels at its left, the title above its left end."""
        for at, label in ticks:
            y = self.y(at)
            self.on.line(self.left, y, self.right, y, "grid")
            self.on.text(self.left - 7, y + 4, label, "t", "end")
        if title:
            self.on.text(0, self.top - 12, title, "t head")

    def x_axis(self, ticks: Sequence[Tick], title: str = "", labels: bool = True) -> None:
        """A base line with ticks below the panel; crowded end labels are pulled inside."""
        self.on.line(self.left, self.bottom, self.right, self.bottom, "axis")
        for at, label in ticks:
            x = self.x(at)
            self.on.line(x, self.bottom, x, self.bottom + 4, "axis")
            if labels:
                half = len(label) * EMS / 2
                anchor = "end" if x + half > self.on.width else "middle"
                self.on.text(min(x, self.on.width), self.bottom + 17, label, "t", anchor)
        if title:
            self.on.text(self.right, self.bottom + (34 if labels else 17), title, "t head", "end")

    def level(self, value: float, cls: str = "zero") -> None:
        """A horizontal line at a value that matters: zero, a threshold."""
        self.on.line(self.left, self.y(value), self.right, self.y(value), cls)

    def series(self, x: Floats, y: Floats, cls: str) -> None:
        self.on.path(self.x.many(x), self.y.many(y), cls)

    def hits(self, at: Floats, tips: Sequence[str]) -> None:
        """Invisible columns, one a point of ``at`` (sorted), that carry what the pointer reads there."""
        px = self.x.many(at)
        cuts = np.concatenate([[self.left], (px[1:] + px[:-1]) / 2, [self.right]])
        for a, b, tip in zip(cuts[:-1].tolist(), cuts[1:].tolist(), tips):
            self.on.rect(a, self.top, b - a, self.bottom - self.top, "hit", tip)


@dataclass(frozen=True)
class Series:
    """A named line, dot or bar: ``cls`` is its colour and dash in the style sheet."""

    name: str
    cls: str


def legend(on: Drawing, x: float, y: float, series: Sequence[Series], mark: str = "line") -> None:
    """One row of names beside their marks, from ``x`` to the right; ``mark`` is ``line`` or ``dot``."""
    for s in series:
        if mark == "line":
            on.line(x, y - 4, x + 18, y - 4, s.cls)
        else:
            on.circle(x + 13, y - 4, 4, s.cls)
        on.text(x + 24, y, s.name, "t")
        x += 24 + len(s.name) * EMS + 18


@dataclass(frozen=True)
class HBar:
    """One row of a bar chart: a bar from ``start`` to ``end``, its interval, and the text behind it."""

    label: str
    start: float
    end: float
    text: str
    cls: str = "bar"
    low: float | None = None
    high: float | None = None
    tip: str | None = None


def hbars(
    rows: Sequence[HBar], width: float, label: str, cls: str = "", whole: float | None = None
) -> Markup:
    """Horizontal bars with their labels at the left, or above each bar where the picture is narrow.

    Parameters
    ----------
    rows : sequence of HBar
    width : float
        Below 500 px labels stand above their bars.
    label : str
        For the screen reader.
    whole : float, optional
        What the whole width stands for (1 for shares); by default the largest value.
    """
    stacked = width < 500
    pitch, thick = (38.0, 9.0) if stacked else (24.0, 13.0)
    longest = max(len(r.label) for r in rows) * EMS + 12
    left = 0.0 if stacked else min(longest, 0.4 * width)
    room = 0.0 if stacked else max(len(r.text) for r in rows) * EMS + 10
    bounds = [v for r in rows for v in (r.start, r.end, r.low, r.high, whole, 0.0) if v is not None]
    lo, hi = min(bounds), max(bounds)
    x = Scale(lo, hi if hi > lo else lo + 1.0, left + 1, width - room - 1)
    on = Drawing(width, pitch * len(rows) + 4)
    for k, row in enumerate(rows):
        _hbar(on, x, row, k * pitch, stacked, pitch, thick)
    if lo < 0:
        on.line(x(0.0), 0, x(0.0), on.height, "zero")
    return on.svg(label, cls)


def _hbar(on: Drawing, x: Scale, row: HBar, top: float, stacked: bool, pitch: float, thick: float) -> None:
    middle = top + (26 if stacked else pitch / 2)
    base = top + 15 if stacked else middle + 4
    on.text(0, base, row.label, "t ink")
    on.text(on.width, base, row.text, "t ink num", "end")
    on.rect(x.start, middle - thick / 2, x.end - x.start, thick, "track")
    drawn = x(row.end) - x(row.start)
    if drawn != 0:
        on.rect(x(row.start), middle - thick / 2, drawn if abs(drawn) >= 1 else 1.0, thick, row.cls)
    if row.low is not None and row.high is not None:
        on.line(x(row.low), middle, x(row.high), middle, "whisker")
        for end in (row.low, row.high):
            on.line(x(end), middle - 3, x(end), middle + 3, "whisker")
    if row.tip is not None:
        on.rect(0, top, on.width, pitch, "hit", row.tip)
