"""The label report: what a model would have to beat, and whether the labels flatter the blind.

In: a labels table. Out: base rates, the expectancy of taking every position, ties, lengths. Never here:
models.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from alphatrade.metrics.bootstrap import means_interval

__all__ = ["LabelReport", "label_report"]


@dataclass(frozen=True)
class LabelReport:
    """Figures of one labels table.

    ``n`` known labels of ``rows``; ``base_rates`` shares by label; ``expectancy`` mean simple return of all
    known labels, before costs, with its interval; ``tie_share`` share of outcomes that hung on the order of
    events inside a bar; ``mean_bars`` bars from decision to outcome. ``blind_warning`` is None, or a sentence
    for every report.
    """

    rows: int
    n: int
    base_rates: dict[int, float]
    expectancy: float
    expectancy_interval: tuple[float, float]
    tie_share: float
    mean_bars: float
    blind_warning: str | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as a run records them; NaN becomes None."""
        lo, hi = self.expectancy_interval
        return {
            "n": self.n,
            "rows": self.rows,
            "base_rates": {str(k): v for k, v in self.base_rates.items()},
            "expectancy": self.expectancy,
            "expectancy_interval": None if math.isnan(lo) else [lo, hi],
            "tie_share": self.tie_share,
            "mean_bars": self.mean_bars,
            "blind_warning": self.blind_warning,
        }


def label_report(labels: pl.DataFrame, seed: int = 0, level: float = 0.95) -> LabelReport:
    """Describe labels of the development part, before anything is learnt from them.

    Parameters
    ----------
    labels : polars.DataFrame
        What a labeler answered; rows of the hold-out must not be among them.
    seed : int
        Of the bootstrap.
    level : float
        Of the interval.

    Notes
    -----
    The interval is a studentised stationary bootstrap over decision times: all symbols of a moment are
    drawn together and neighbouring moments in blocks, so that overlapping spans and correlated symbols do
    not count as independent. Expectancy whose interval leaves zero out raises ``blind_warning``: taking
    every trade blindly would have paid (or cost) by itself, so a model's gain must be compared with that.
    """
    known = labels.filter(pl.col("label").is_not_null())
    if known.height == 0:
        raise ValueError(
            f"none of {labels.height} labels is known: shorten labels.horizon or bring more bars"
        )
    rates = known.group_by("label").len().sort("label")
    by_time = known.group_by("t0").agg(pl.col("ret").sum(), n=pl.len()).sort("t0")
    columns = by_time.select("ret", "n").to_numpy().astype(np.float64)
    mean = known.select("ret", "tie", "bars").mean()
    interval = means_interval(columns, _ratio, np.random.default_rng(seed), level=level)
    expectancy = float(mean["ret"][0])
    return LabelReport(
        rows=labels.height,
        n=known.height,
        base_rates={int(k): v / known.height for k, v in rates.iter_rows()},
        expectancy=expectancy,
        expectancy_interval=(interval.lo, interval.hi),
        tie_share=float(mean["tie"][0]),
        mean_bars=float(mean["bars"][0]),
        blind_warning=_warning(expectancy, interval.lo, interval.hi, level),
    )


def _ratio(means: np.ndarray) -> np.ndarray:
    return np.asarray(means[..., 0] / means[..., 1])


def _warning(expectancy: float, lo: float, hi: float, level: float) -> str | None:
    if not (lo > 0.0 or hi < 0.0):
        return None
    verb = "earned" if expectancy > 0.0 else "lost"
    return (
        f"Taking every labelled position blindly {verb} {abs(expectancy):.4%} a trade before costs "
        f"({level:.0%} interval {lo:.4%} to {hi:.4%}): judge a model against that, not against zero."
    )
