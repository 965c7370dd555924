"""The hold-out: the last part of the data, which opens once.

In: rows set aside. Out: those rows, after the opening was written to the trial ledger. Never here: a way
around the ledger.
"""

from __future__ import annotations

import math

from alphatrade.core.clock import iso
from alphatrade.core.errors import CausalityError
from alphatrade.core.trials import Trial, TrialLedger
from alphatrade.dataset.account import RowAccount
from alphatrade.dataset.sample import Sample

__all__ = ["HoldOut"]


class HoldOut:
    """Rows that nothing has seen yet.

    Attributes
    ----------
    start, end : int
        First decision and last outcome, ns.
    rows : RowAccount
        Where the rows of the data set went; those left are the hold-out's own.

    Notes
    -----
    ``open`` hands the rows to one configuration only. Asking again with the same hashes is a repeat and
    gives the same sample.
    """

    def __init__(self, sample: Sample, rows: RowAccount) -> None:
        self._sample = sample
        self.rows = rows
        self.start = int(sample.t0[0])
        self.end = int(sample.t1.max())
        self._opened_by: tuple[str, str] | None = None

    def __len__(self) -> int:
        return len(self._sample)

    def __repr__(self) -> str:
        state = "opened" if self.opened else "closed"
        return f"HoldOut({len(self):,} rows, {iso(self.start)} to {iso(self.end)}, {state})"

    @property
    def opened(self) -> bool:
        return self._opened_by is not None

    def open(self, ledger: TrialLedger, config_hash: str, data_hash: str) -> Sample:
        """Record the opening, then hand out the rows.

        Parameters
        ----------
        ledger : TrialLedger
            Gets a trial of kind ``"opening"``; its ``sharpe`` is NaN, since nothing was measured yet.
        config_hash, data_hash : str
            What is being judged, and on which data.

        Raises
        ------
        CausalityError
            When another configuration has opened this hold-out before.
        """
        asked = (config_hash, data_hash)
        if self._opened_by is not None and self._opened_by != asked:
            raise CausalityError(
                f"this hold-out was opened by configuration {self._opened_by[0]!r}, now {config_hash!r} "
                "asks: a second look is no longer out of sample. Hold out newer data"
            )
        before = [t.config_hash for t in ledger.trials(data_hash, "opening") if t.config_hash != config_hash]
        if before:
            raise CausalityError(
                f"the hold-out of this data was opened before, by configuration {before[0]!r}: a second look "
                "is no longer out of sample. Hold out newer data"
            )
        ledger.record(Trial(config_hash, data_hash, "opening", math.nan, len(self)))
        self._opened_by = asked
        return self._sample
