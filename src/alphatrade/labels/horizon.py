"""Fixed horizon: where the price stands so many bars later.

In: bars. Out: labels with the return over the horizon. Never here: zeros for rows whose future is not there
yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from alphatrade.core.bar import Bars
from alphatrade.labels.base import Outcomes, Prices, check_entry, label_table, register

__all__ = ["FixedHorizon"]

KINDS = ("direction", "return")


@register("fixed_horizon")
@dataclass(frozen=True)
class FixedHorizon:
    """Return from the entry to the close of the ``horizon``-th bar after the decision.

    Parameters
    ----------
    horizon : int
        Bars ahead.
    target : {"direction", "return"}
        What ``label`` holds: the sign of the return, 0 within ``threshold`` of nothing; or 0 for every
        known row, where the return itself, in ``ret``, is what is to be learnt.
    entry : {"next_open", "close"}
        Price the return is counted from: the next bar's open, or the decision bar's close.
    threshold : float
        Half width of the neutral zone, simple return; for ``direction`` only.

    Notes
    -----
    The last ``horizon`` rows of a symbol are unknown (null), never zero. Bars are real bars, as in
    ``TripleBarrier``.

    Examples
    --------
    >>> FixedHorizon(horizon=5).horizon_bars
    5
    """

    horizon: int = 5
    target: Literal["direction", "return"] = "direction"
    entry: Literal["next_open", "close"] = "next_open"
    threshold: float = 0.0

    def __post_init__(self) -> None:
        check_entry(self.entry)
        if self.horizon < 1:
            raise ValueError(f"expected horizon of at least 1, found {self.horizon}: set labels.horizon")
        if self.target not in KINDS:
            raise ValueError(f"expected target in {KINDS}, found {self.target!r}: set labels.target")
        if not self.threshold >= 0.0:
            raise ValueError(
                f"expected threshold of at least 0, found {self.threshold}: set labels.threshold"
            )
        if self.target == "return" and self.threshold > 0.0:
            raise ValueError("a return has no neutral zone: leave labels.threshold out, or set labels.target")

    @property
    def horizon_bars(self) -> int:
        return self.horizon

    def label(self, bars: Bars) -> pl.DataFrame:
        """Outcomes after every bar, as ``labels.base.Labeler.label`` describes them."""
        return label_table(bars, self._fill)

    def _fill(self, p: Prices, out: Outcomes) -> None:
        n = len(p.close) - self.horizon
        if n <= 0:
            return
        entry = p.open[1 : n + 1] if self.entry == "next_open" else p.close[:n]
        ret = p.close[self.horizon :] / entry - 1.0
        out.entry_price[:n], out.touch_price[:n], out.ret[:n] = entry, p.close[self.horizon :], ret
        out.t1[:n], out.bars[:n] = p.at[self.horizon :], self.horizon
        if self.target == "direction":
            out.label[:n] = np.sign(ret) * (np.abs(ret) > self.threshold)
