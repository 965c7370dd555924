"""What the model knows: calibration, feature importance, and the base rates it has to beat.

In: ``calibration``, ``labels``, ``tables/importance.parquet``. Out: figures. Never here: the scores
themselves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from alphatrade.research.report import words
from alphatrade.research.report.charts import Drawing, HBar, Panel, hbars
from alphatrade.research.report.plots.figure import Figure, full, half
from alphatrade.research.report.read import Run
from alphatrade.research.report.scale import Scale, extent, nice_ticks

__all__ = ["base_rates", "importance", "reliability"]

SHOWN = 20


def reliability(run: Run) -> Figure | None:
    """Observed frequency against forecast probability, with intervals, and the rows in each bin."""
    found = run.get("calibration")
    bins = [
        b for b in (found or {}).get("bins") or [] if _known(b, "forecast", "observed", "n") and b["n"] > 0
    ]
    if not bins:
        return None
    caption = _reliability_caption(bins, found)
    ends = [
        v for b in bins for v in (b["forecast"], b["observed"], b.get("lo"), b.get("hi")) if v is not None
    ]
    bounds = extent(np.array(ends), pad=0.05)
    bounds = max(0.0, bounds[0]), min(1.0, bounds[1])

    def draw(width: float, cls: str) -> Markup:
        return _draw_reliability(bins, bounds, width, cls, caption)

    word = words.class_word(str(run.get("labels.name") or ""), str(found.get("class", "1")))
    return half(f"Reliability of the probability of “{word}”", caption, draw)


def _known(row: Mapping[str, Any], *keys: str) -> bool:
    return all(words.finite(row.get(k)) is not None for k in keys)


def _reliability_caption(bins: Sequence[Mapping[str, Any]], found: Mapping[str, Any]) -> str:
    ranged = [b for b in bins if _known(b, "lo", "hi")]
    inside = sum(b["lo"] <= b["forecast"] <= b["hi"] for b in ranged)
    text = f"In {inside} of {words.plural(len(ranged), 'bin')} the diagonal lies inside the 95 % interval"
    if not ranged:
        text = "Points on the diagonal are forecasts that come true as often as they say"
    ece, chance = words.finite(found.get("ece")), words.finite(found.get("ece_chance_95"))
    if ece is None or chance is None:
        return text + "."
    judged = "no more than" if ece <= chance else "more than"
    return (
        f"{text}; the calibration error of {words.number(ece, 'fine')} is {judged} the "
        f"{words.number(chance, 'fine')} that perfect forecasts reach by chance in one case of twenty."
    )


def _draw_reliability(
    bins: Sequence[Mapping[str, Any]], bounds: tuple[float, float], width: float, cls: str, label: str
) -> Markup:
    on = Drawing(width, 400)
    x = Scale(*bounds, 50, width - 8)
    panel = Panel(on, x, Scale(*bounds, 290, 24))
    ticks = [(t, words.number(t, "ratio") or "") for t in nice_ticks(*bounds, 5)]
    panel.y_axis(ticks, "Observed frequency")
    panel.x_axis(ticks, labels=False)
    on.line(x(bounds[0]), panel.y(bounds[0]), x(bounds[1]), panel.y(bounds[1]), "diagonal")
    most = max(b["n"] for b in bins)
    places = np.sort(x.many(np.array([b["forecast"] for b in bins])))
    thick = max(2.0, min(10.0, 0.8 * float(np.diff(places).min()))) if len(bins) > 1 else 10.0
    rows = Panel(on, x, Scale(0.0, math.sqrt(most), 362, 308))
    for b in bins:
        px, py = x(b["forecast"]), panel.y(b["observed"])
        if _known(b, "lo", "hi"):
            on.line(px, panel.y(b["lo"]), px, panel.y(b["hi"]), "whisker")
        on.circle(px, py, 4.2, "dot-main")
        on.rect(px - thick / 2, rows.y(0.0), thick, rows.y(math.sqrt(b["n"])) - rows.y(0.0), "bar-quiet")
        lines = [f"Forecast {b['forecast']:.3f}", f"Observed\t{b['observed']:.3f}", f"Rows\t{b['n']:,}"]
        on.rect(px - thick / 2 - 1, 24, thick + 2, 338, "hit", "\n".join(lines))
    on.text(0, 316, "Rows", "t head")
    rows.x_axis(ticks, "Forecast probability")
    return on.svg(label, cls)


def importance(run: Run) -> Figure | None:
    """Mean importance of the strongest features, with its range over folds."""
    table = run.table("importance")
    if table is None:
        return None
    ordered = table.sort("mean", descending=True, nulls_last=True).drop_nulls("mean")
    if ordered.height == 0:
        return None
    total = float(ordered["mean"].sum())
    strongest = ordered.head(SHOWN).to_dicts()
    caption = _importance_caption(ordered["feature"][0], ordered["mean"].to_list(), total, strongest)

    def draw(width: float, cls: str) -> Markup:
        rows = []
        for r in strongest:
            span = (words.finite(r.get("low")), words.finite(r.get("high")))
            known = span[0] is not None and span[1] is not None
            tip = f"{r['feature']}\nmean\t{r['mean']:.4g}" + (
                f"\nover folds\t{span[0]:.4g} to {span[1]:.4g}" if known else ""
            )
            low, high = span if known else (None, None)
            share = words.number(r["mean"] / total, "percent") if total > 0 else words.number(r["mean"])
            rows.append(HBar(str(r["feature"]), 0.0, r["mean"], share or "", "bar-mild", low, high, tip))
        return hbars(rows, width, caption, cls)

    shown = (
        f"the {len(strongest)} strongest of {ordered.height}"
        if ordered.height > SHOWN
        else f"all {ordered.height}"
    )
    return full(f"Feature importance: {shown}, share of the total", caption, draw)


def _importance_caption(first: str, means: list[float], total: float, strongest: list[dict[str, Any]]) -> str:
    if total <= 0:
        return "No feature carries any importance: the model answers with its base rate."
    lead = min(5, len(means))
    share = words.number(sum(means[:lead]) / total, "percent")
    unsure = sum(1 for r in strongest if (low := words.finite(r.get("low"))) is not None and low <= 0)
    text = (
        f"{first} matters most, and the first {words.plural(lead, 'feature')} carry {share} of all importance"
    )
    if unsure == 0:
        return text + "; whiskers are the range over folds, and none of these reaches zero."
    reach = "reaches" if unsure == 1 else "reach"
    return (
        text + f"; whiskers are the range over folds, and {unsure} of those shown {reach} zero in some fold."
    )


def base_rates(run: Run) -> Figure | None:
    """How often each outcome happens."""
    rates = {k: v for k, v in (run.get("labels.base_rates") or {}).items() if words.finite(v) is not None}
    if not rates:
        return None
    name = str(run.get("labels.name") or "")
    ordered = sorted(rates.items(), key=lambda item: item[0])
    commonest = max(rates, key=lambda k: rates[k])
    caption = (
        f"Answering “{words.class_word(name, commonest)}” every time would be right in "
        f"{words.number(rates[commonest], 'percent')} of the cases: that is the accuracy to beat."
    )

    def draw(width: float, cls: str) -> Markup:
        rows = []
        for key, rate in ordered:
            word = words.class_word(name, key)
            label = word if word == key else f"{word} ({key.replace('-', words.MINUS)})"
            rows.append(HBar(label, 0.0, rate, words.number(rate, "percent") or "", "bar"))
        return hbars(rows, width, caption, cls, whole=1.0)

    return half("How often each outcome happens", caption, draw)
