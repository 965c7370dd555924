"""Where rows, money and time go, and how the strategy did in each regime.

In: ``rows``, ``costs``, ``stages``, ``regimes``. Out: figures of horizontal bars. Never here: the accounts
themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from alphatrade.research.report import words
from alphatrade.research.report.charts import Drawing, HBar, Panel, hbars
from alphatrade.research.report.plots.figure import Figure, full, half
from alphatrade.research.report.read import Run
from alphatrade.research.report.scale import Scale, extent, plain_ticks

__all__ = ["costs", "regimes", "row_balance", "rows", "stages"]

PARTS = ("commission", "spread", "slippage")


def row_balance(account: Sequence[Mapping[str, Any]]) -> int:
    """Rows that entered, less each reason, less rows used: zero when the account is exact."""
    entered, *reasons, used = [int(r["rows"]) for r in account]
    return entered - sum(abs(r) for r in reasons) - used


def rows(run: Run) -> Figure | None:
    """The way from rows that entered to rows the last fold was trained on, as a waterfall."""
    account = run.get("rows") or []
    if len(account) < 2 or not account[0]["rows"]:
        return None
    entered, used = int(account[0]["rows"]), int(account[-1]["rows"])
    caption = (
        f"{words.number(used / entered, 'percent')} of the {entered:,} rows that entered train the last fold"
    )
    reasons = [r for r in account[1:-1] if r["rows"]]
    if reasons:
        worst = max(reasons, key=lambda r: abs(int(r["rows"])))
        share = words.number(abs(int(worst["rows"])) / entered, "percent")
        caption += f"; the largest part, {share}, is set aside as “{worst['reason']}”"
    caption += "."

    def draw(width: float, cls: str) -> Markup:
        bars, left = (
            [HBar(words.title(account[0]["reason"]), 0, entered, f"{entered:,}", "bar-quiet")],
            entered,
        )
        for r in account[1:-1]:
            n = abs(int(r["rows"]))
            bars.append(
                HBar(words.title(r["reason"]), left - n, left, f"{words.MINUS}{n:,}" if n else "0", "bar-bad")
            )
            left -= n
        bars.append(HBar(words.title(account[-1]["reason"]), 0, used, f"{used:,}", "bar"))
        return hbars(bars, width, caption, cls)

    return full("From raw rows to training rows", caption, draw)


def costs(run: Run) -> Figure | None:
    """What trading cost, by kind, in money."""
    found = run.get("costs") or {}
    parts = [(k, v) for k in PARTS if (v := words.finite(found.get(k))) is not None]
    total = words.finite(found.get("total"))
    if not parts or total is None:
        return None
    if total > 0:
        name, most = max(parts, key=lambda p: p[1])
        share = words.number(most / total, "percent")
        caption = (
            f"{words.title(name)} is the largest cost: {share} of {words.number(total, 'money')} in all."
        )
    else:
        caption = "Trading cost nothing in this run: its result holds only for free trading."

    def draw(width: float, cls: str) -> Markup:
        bars = [HBar(words.title(k), 0.0, v, words.number(v, "money") or "", "bar") for k, v in parts]
        return hbars(bars, width, caption, cls)

    return half("Costs by kind, in money", caption, draw)


def stages(run: Run) -> Figure | None:
    """Where the time of the run went."""
    found = [s for s in run.get("stages") or [] if words.finite(s.get("seconds")) is not None]
    total = sum(s["seconds"] for s in found)
    if not found or total <= 0:
        return None
    longest = max(found, key=lambda s: s["seconds"])
    caption = (
        f"The run took {words.seconds(total)}; “{longest['name']}” took "
        f"{words.number(longest['seconds'] / total, 'percent')} of it."
    )

    def draw(width: float, cls: str) -> Markup:
        bars = [
            HBar(words.title(s["name"]), 0.0, s["seconds"], words.seconds(s["seconds"]), "bar-quiet")
            for s in found
        ]
        return hbars(bars, width, caption, cls)

    return full("Time of every stage", caption, draw)


def regimes(run: Run) -> Figure | None:
    """Sharpe of each regime with its interval."""
    found = [r for r in run.get("regimes") or [] if words.finite(r.get("sharpe")) is not None]
    if not found:
        return None
    caption = _regime_caption(found)
    ends = [e for r in found for e in (r["sharpe"], *(_span(r) or ()))]
    bounds = extent(np.array(ends, dtype=np.float64), include=(0.0,))

    def draw(width: float, cls: str) -> Markup:
        pitch = 34.0
        on = Drawing(width, pitch * len(found) + 44)
        left = min(max(len(str(r["regime"])) for r in found) * 6.5 + 14, 0.4 * width)
        panel = Panel(on, Scale(*bounds, left, width - 52), Scale(0, len(found), 4, pitch * len(found) + 4))
        panel.x_axis(plain_ticks(*bounds), "Sharpe")
        on.line(panel.x(0.0), panel.top, panel.x(0.0), panel.bottom, "zero")
        for k, r in enumerate(found):
            _regime(panel, r, panel.y(k + 0.5))
        return on.svg(caption, cls)

    return full("Sharpe by regime", caption, draw)


def _span(r: Mapping[str, Any]) -> tuple[float, float] | None:
    """The interval of a regime's Sharpe, or None: a regime may have had too few bars for one."""
    lo, hi = (words.finite(e) for e in r.get("sharpe_interval") or (None, None))
    return None if lo is None or hi is None else (lo, hi)


def _regime(panel: Panel, r: Mapping[str, Any], y: float) -> None:
    on, pair = panel.on, _span(r)
    on.text(0, y + 4, str(r["regime"]), "t ink")
    on.text(on.width, y + 4, words.number(r["sharpe"], "ratio") or "", "t ink num", "end")
    if pair is not None:
        on.line(panel.x(pair[0]), y, panel.x(pair[1]), y, "range range-quiet")
    on.circle(panel.x(r["sharpe"]), y, 4.2, "dot-main" if r["sharpe"] > 0 else "dot-bad")
    span = words.interval(pair, "ratio")
    said = f"{r['regime']}\nSharpe\t{words.number(r['sharpe'], 'ratio')}" + (
        f"\ninterval\t{span}" if span else ""
    )
    on.rect(0, y - 15, on.width, 30, "hit", said)


def _regime_caption(found: Sequence[Mapping[str, Any]]) -> str:
    if len(found) == 1:
        return f"Only the regime “{found[0]['regime']}” was seen: nothing is known of others."
    best, worst = max(found, key=lambda r: r["sharpe"]), min(found, key=lambda r: r["sharpe"])
    text = (
        f"Sharpe is highest in “{best['regime']}” ({words.number(best['sharpe'], 'ratio')}) and lowest in "
        f"“{worst['regime']}” ({words.number(worst['sharpe'], 'ratio')})"
    )
    a, b = _span(best), _span(worst)
    if a is None or b is None:
        return text + "."
    overlap = a[0] <= b[1]
    return text + (
        "; their intervals overlap, so the difference may be chance."
        if overlap
        else "; their intervals do not meet."
    )
