"""Scores of each walk-forward fold.

In: ``scores.folds``. Out: figures of accuracy beside base rate, of skill, and of Sharpe in and out of
sample. Never here: the scores themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from alphatrade.research.report import words
from alphatrade.research.report.charts import Drawing, Panel, Series, legend
from alphatrade.research.report.plots.figure import Figure, full, half
from alphatrade.research.report.read import Run
from alphatrade.research.report.scale import Scale, Tick, extent, percent_ticks, plain_ticks

__all__ = ["fold_accuracy", "fold_sharpe", "fold_skill"]

Folds = Sequence[Mapping[str, Any]]
Floats = NDArray[np.float64]


def _folds(run: Run, *needed: str) -> Folds:
    """Folds in which every one of ``needed`` is known."""
    found = run.get("scores.folds") or []
    return [f for f in found if all(words.finite(f.get(k)) is not None for k in needed)]


def _values(folds: Folds, key: str) -> Floats:
    return np.array([words.finite(f.get(key)) for f in folds], dtype=np.float64)


def _tip(fold: Mapping[str, Any], *lines: str) -> str:
    head = f"Fold {fold.get('fold')}"
    if fold.get("test_start"):
        head += f": {words.date(fold['test_start'])} to {words.date(fold.get('test_end'))}"
    return "\n".join((head, *lines))


def _ticks(folds: Folds, most: int) -> list[Tick]:
    """At most ``most`` folds by the month their test begins."""
    step = max(1, -(-len(folds) // most))
    ticks = []
    for k in range(0, len(folds), step):
        day = words.date(folds[k].get("test_start"))
        ticks.append((float(k), day.split(" ", 1)[1] if day else str(folds[k].get("fold"))))
    return ticks


def _panel(on: Drawing, folds: Folds, y: tuple[float, float], top: float, bottom: float) -> Panel:
    n = len(folds)
    return Panel(on, Scale(-0.6, n - 0.4, 50.0, on.width - 6), Scale(y[0], y[1], bottom, top))


def fold_accuracy(run: Run) -> Figure | None:
    """Accuracy of each fold as a distance from its base rate."""
    folds = _folds(run, "accuracy", "base_rate")
    if not folds:
        return None
    accuracy, base = _values(folds, "accuracy"), _values(folds, "base_rate")
    caption = _accuracy_caption(accuracy, base)
    bounds = extent(accuracy, base, pad=0.08)

    def draw(width: float, cls: str) -> Markup:
        on = Drawing(width, 270)
        legend(on, 50, 12, [Series("Accuracy", "dot-main")], "dot")
        legend(on, 140, 12, [Series("Base rate", "base")])
        panel = _panel(on, folds, bounds, 30, 242)
        panel.y_axis(percent_ticks(*bounds))
        panel.x_axis(_ticks(folds, 5))
        reach = max(5.5, min(9.0, 0.4 * (panel.right - panel.left) / len(folds)))
        for k, fold in enumerate(folds):
            x, a, b = panel.x(k), panel.y(accuracy[k]), panel.y(base[k])
            on.line(x, a, x, b, "stem-up" if accuracy[k] > base[k] else "stem-down")
            on.line(x - reach, b, x + reach, b, "base")
            on.circle(x, a, 3.6, "dot-main")
            fine = (words.number(v, "percent") for v in (accuracy[k], base[k]))
            tip = _tip(fold, *(f"{n}\t{t}" for n, t in zip(("Accuracy", "Base rate"), fine)))
            on.rect(x - reach - 1, 30, 2 * reach + 2, 212, "hit", tip)
        return on.svg(caption, cls)

    return half("Accuracy beside its base rate", caption, draw)


def _accuracy_caption(accuracy: Floats, base: Floats) -> str:
    above, equal = int((accuracy > base).sum()), int((accuracy == base).sum())
    n = words.plural(len(base), "fold")
    if equal == len(base):
        return f"Accuracy is its base rate in all of {n}: the model only ever names the commonest outcome."
    gap = words.number(100 * float((accuracy - base).mean()), "ratio", sign=True)
    return (
        f"Accuracy beats its base rate in {above} of {n}, by {gap} percentage points on average: "
        "only what lies above the dash is knowledge."
    )


def fold_skill(run: Run) -> Figure | None:
    """Log-loss skill of each fold as a bar from zero."""
    folds = _folds(run, "skill")
    if not folds:
        return None
    skill = _values(folds, "skill")
    good = int((skill > 0).sum())
    caption = (
        f"Skill is positive in {good} of {words.plural(len(folds), 'fold')}; below zero the forecasts "
        "say less than the base rate alone would."
    )
    bounds = extent(skill, include=(0.0,), pad=0.08)

    def draw(width: float, cls: str) -> Markup:
        on = Drawing(width, 270)
        panel = _panel(on, folds, bounds, 30, 242)
        panel.y_axis(plain_ticks(*bounds))
        thick = min(16.0, 0.7 * (panel.right - panel.left) / len(folds))
        for k, fold in enumerate(folds):
            y0, y1 = panel.y(0.0), panel.y(skill[k])
            tip = _tip(fold, f"Skill\t{words.number(skill[k], 'fine', sign=True)}")
            on.rect(panel.x(k) - thick / 2, y0, thick, y1 - y0, "bar" if skill[k] > 0 else "bar-bad")
            on.rect(panel.x(k) - thick / 2 - 1, 30, thick + 2, 212, "hit", tip)
        panel.level(0.0)
        panel.x_axis(_ticks(folds, 5))
        return on.svg(caption, cls)

    return half("Log-loss skill over the base rate", caption, draw)


def fold_sharpe(run: Run) -> Figure | None:
    """Sharpe of each fold on its training bars and on its test bars."""
    folds = _folds(run, "sharpe_oos")
    if not folds:
        return None
    oos = _values(folds, "sharpe_oos")
    seen = np.array([words.finite(f.get("sharpe_is")) for f in folds], dtype=np.float64)
    caption = _sharpe_caption(seen, oos, len(run.get("scores.folds")) - len(folds))
    bounds = extent(seen, oos, include=(0.0,), pad=0.08)

    def draw(width: float, cls: str) -> Markup:
        on = Drawing(width, 250)
        names = [Series("Out of sample", "dot-main"), Series("In sample", "dot-open")]
        legend(on, 44, 12, names, "dot")
        panel = _panel(on, folds, bounds, 30, 222)
        panel.y_axis(plain_ticks(*bounds))
        panel.x_axis(_ticks(folds, 10 if width > 500 else 4))
        panel.level(0.0)
        reach = min(14.0, 0.45 * (panel.right - panel.left) / len(folds))
        for k, fold in enumerate(folds):
            x, b = panel.x(k), panel.y(oos[k])
            lines = [f"Out of sample\t{words.number(oos[k], 'ratio')}"]
            if np.isfinite(seen[k]):
                on.line(x, panel.y(seen[k]), x, b, "stem-quiet")
                on.circle(x, panel.y(seen[k]), 3.6, "dot-open")
                lines.append(f"In sample\t{words.number(seen[k], 'ratio')}")
            on.circle(x, b, 3.9, "dot-main" if oos[k] > 0 else "dot-bad")
            on.rect(x - reach, 30, 2 * reach, 192, "hit", _tip(fold, *lines))
        return on.svg(caption, cls)

    return full("Sharpe of each fold", caption, draw)


def _sharpe_caption(seen: Floats, oos: Floats, left_out: int) -> str:
    losing = int((oos <= 0).sum())
    n = words.plural(len(oos), "test fold")
    tail = f"{losing} of {n} ended at or below zero" if losing else "every test fold ended above zero"
    if left_out:
        verb = "is" if left_out == 1 else "are"
        tail += f", and {words.plural(left_out, 'fold')} without a Sharpe {verb} left out"
    both = np.isfinite(seen)
    if not both.any():
        return f"{tail[:1].upper()}{tail[1:]}."
    a, b = float(np.mean(seen[both])), float(np.mean(oos[both]))
    change = f"From training to test bars the average Sharpe goes from {words.number(a, 'ratio')} to "
    change += str(words.number(b, "ratio"))
    if b < a:
        change += ": the length of a line is what was learnt by heart"
    return f"{change}; {tail}."
