"""What a simulated chunk of slices did to the account.

In: the kernel's totals and journal. Out: ``SimResult``, its tables made when first asked for. Never here:
statistics (``metrics``), the state of an account.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from alphatrade.execution.ledger import event_table, trade_table

__all__ = ["SimResult"]


@dataclass(frozen=True, eq=False)
class SimResult:
    """What a chunk of T slices did to the account. Series and tables are made when first asked for.

    Attributes
    ----------
    time : (T,) int64
    totals : (4, T) float64
        Equity, gross and net notional at the closes of each slice, and the notional traded in it.
    before : float
        Equity before the chunk.
    symbols : tuple of str
    journal : two arrays
        All events of the session so far, see ``execution.ledger``.
    close : (S,) float64
        Last closes.
    slices : int
        Slices the simulator has seen, those before this chunk included.
    """

    time: np.ndarray
    totals: np.ndarray
    before: float
    symbols: tuple[str, ...]
    journal: tuple[np.ndarray, np.ndarray]
    close: np.ndarray
    slices: int

    @property
    def equity(self) -> np.ndarray:
        """(T,) account currency, at the closes of each slice."""
        equity: np.ndarray = self.totals[0]
        return equity

    @cached_property
    def exposure(self) -> np.ndarray:
        """(T,) gross notional held over equity; NaN while there is no equity."""
        return _over(self.totals[1], self.equity)

    @cached_property
    def net(self) -> np.ndarray:
        """(T,) net notional held over equity; NaN while there is no equity."""
        return _over(self.totals[2], self.equity)

    @cached_property
    def turnover(self) -> np.ndarray:
        """(T,) notional traded in each slice over the equity before it; NaN while there is no equity."""
        return _over(self.totals[3], np.concatenate([[self.before], self.equity[:-1]]))

    @cached_property
    def events(self) -> pl.DataFrame:
        """The session's journal, see ``execution.ledger.event_table``."""
        return event_table(self.symbols, *self.journal)

    @cached_property
    def _trips(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        now = int(self.time[-1]) if len(self.time) else 0
        return trade_table(self.symbols, *self.journal, self.close, now, self.slices - 1)

    @property
    def trades(self) -> pl.DataFrame:
        """Closed round trips of the session, see ``execution.ledger.round_trips``."""
        return self._trips[0]

    @property
    def open_trades(self) -> pl.DataFrame:
        """Positions still open, valued at their last closes; ``exit_time`` is null."""
        return self._trips[1]


def _over(part: np.ndarray, equity: np.ndarray) -> np.ndarray:
    """``part / equity``, NaN where there is no equity."""
    ratio: np.ndarray
    if equity.min() > 0.0:
        ratio = part / equity
    else:
        ratio = np.divide(part, equity, out=np.full(len(part), np.nan), where=equity > 0.0)
    return ratio
