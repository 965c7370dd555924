"""The distribution of trade returns.

In: ``tables/trades.parquet``. Out: ``Figure``. Never here: trade statistics (the run recorded them).
"""

from __future__ import annotations

import numpy as np
import polars as pl
from markupsafe import Markup

from alphatrade.research.report import words
from alphatrade.research.report.charts import Drawing, Panel
from alphatrade.research.report.plots.figure import Figure, half
from alphatrade.research.report.read import Run
from alphatrade.research.report.scale import Scale, nice_ticks, percent_ticks

__all__ = ["trade_returns"]

BINS = 41


def trade_returns(run: Run) -> Figure | None:
    """Histogram of net trade returns; the outer 0.5 % at either end is gathered in the end bins."""
    table = run.table("trades")
    if table is None or "ret" not in table.columns:
        return None
    ret = table["ret"].cast(pl.Float64).drop_nulls().to_numpy()
    ret = ret[np.isfinite(ret)]
    if ret.size < 2:
        return None
    quarter, middle, three = (float(q) for q in np.quantile(ret, (0.25, 0.5, 0.75)))
    caption = (
        f"Half of the {len(ret):,} trades return between {words.number(quarter, 'percent')} and "
        f"{words.number(three, 'percent')} net of costs, the middle one {words.number(middle, 'percent')}; "
        f"{words.number(float((ret > 0).mean()), 'percent')} end above zero."
    )
    reach = float(np.quantile(np.abs(ret), 0.995)) or 1e-6
    step = 2 * reach / BINS
    edges = (np.arange(BINS + 1) - BINS / 2) * step
    counts, _ = np.histogram(np.clip(ret, edges[0], edges[-1]), edges)

    def draw(width: float, cls: str) -> Markup:
        on = Drawing(width, 260)
        top = float(counts.max()) * 1.05
        panel = Panel(on, Scale(edges[0], edges[-1], 46, width - 8), Scale(0.0, top, 218, 24))
        panel.y_axis([(v, f"{v:,.0f}") for v in nice_ticks(0.0, top, 4) if v == round(v)], "Trades")
        for a, b, n in zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist()):
            good = a + b > step / 2
            x0, x1 = panel.x(a), panel.x(b)
            on.rect(
                x0 + 0.5, panel.y(0.0), x1 - x0 - 1, panel.y(n) - panel.y(0.0), "bar" if good else "bar-bad"
            )
            said = f"{words.number(a, 'percent')} to {words.number(b, 'percent')}\n{words.plural(n, 'trade')}"
            on.rect(x0, 24, x1 - x0, 194, "hit", said)
        panel.x_axis(percent_ticks(edges[0], edges[-1], 6), "Net return of a trade")
        return on.svg(caption, cls)

    return half("Returns of trades", caption, draw)
