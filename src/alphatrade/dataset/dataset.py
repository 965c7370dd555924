"""The data set: features and labels joined at the moment of decision, from which rows leave by known doors.

In: a table of features, a table of labels. Out: folds (``split``) and a hold-out (``hold_out``), purged by
label spans across all symbols; every row for a model judged elsewhere (``final_fit``). Never here: fitting,
scaling, filling: what is estimated belongs to a model's training sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import polars as pl

from alphatrade.core.clock import iso
from alphatrade.dataset.account import RowAccount
from alphatrade.dataset.columns import Columns
from alphatrade.dataset.extent import extent
from alphatrade.dataset.hold_out import HoldOut
from alphatrade.dataset.join import WEIGHTS, join_columns
from alphatrade.dataset.purge import purge, purged_before
from alphatrade.dataset.sample import Fold, Rows, Sample
from alphatrade.dataset.splitter import Proposal, Splitter, Window

__all__ = ["Dataset"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Joined rows, immutable.

    Use ``Dataset.join`` to make one; ``rows`` says what became of every row that entered.

    Notes
    -----
    A row needs at least one known feature and a known label; a row with some features unknown stays, since
    models handle NaN.
    """

    _columns: Columns
    rows: RowAccount
    _rows: Rows

    @classmethod
    def join(
        cls,
        features: pl.DataFrame,
        labels: pl.DataFrame,
        weights: Literal["uniqueness", "equal"] = "uniqueness",
        warmup_bars: int = 0,
    ) -> Dataset:
        """Join features and labels on the symbol, where a feature's ``available_at`` is a label's ``t0``.

        Parameters
        ----------
        features : polars.DataFrame
            ``symbol, timestamp, available_at`` and float32 columns, as ``FeatureSet.batch`` makes it.
        labels : polars.DataFrame
            ``symbol, t0, t1, label, ret``, as a labeler makes it.
        weights : {"uniqueness", "equal"}
            Average uniqueness of the label spans, or one each.
        warmup_bars : int
            First rows of each symbol to leave out, whatever they hold.

        Raises
        ------
        ValueError
            When a table has other columns, or two rows for one symbol and moment.
        DataError
            When a feature is infinite, or no row is left.
        """
        if weights not in WEIGHTS:
            raise ValueError(f"expected weights in {WEIGHTS}, found {weights!r}: set dataset.weights")
        if warmup_bars < 0:
            raise ValueError(f"expected warmup_bars of at least 0, found {warmup_bars}")
        columns, account = join_columns(features, labels, weights, warmup_bars)
        return cls(columns, account, slice(0, len(columns)))

    @classmethod
    def of(cls, sample: Sample) -> Dataset:
        """A data set of one's own arrays (see ``Sample.of``); its row account starts with them.

        >>> len(Dataset.of(Sample.of(x=[[0.1], [0.2]], y=[1, -1])))
        2
        """
        columns = sample.columns
        if sample.weights is not None:
            weight = columns.weight.copy()
            weight[sample.rows] = sample.weights
            columns = replace(columns, weight=weight)
        return cls(columns, RowAccount(len(sample), {}, len(sample)), sample.rows)

    def __len__(self) -> int:
        return self.rows.left

    def __repr__(self) -> str:
        size = f"{len(self):,} rows x {len(self.features)} features, {len(self.symbols)} symbols"
        return f"Dataset({size}, {iso(self.start)} to {iso(self.end)})"

    @cached_property
    def _sample(self) -> Sample:
        return Sample(self._columns, self._rows)

    @property
    def symbols(self) -> tuple[str, ...]:
        return self._columns.symbols

    @property
    def features(self) -> tuple[str, ...]:
        return self._columns.features

    @property
    def start(self) -> int:
        """First decision, ns."""
        return int(self._sample.t0[0])

    @property
    def end(self) -> int:
        """Last outcome, ns."""
        return int(self._sample.t1.max())

    @cached_property
    def times(self) -> np.ndarray:
        """(T,) int64, the distinct decision times."""
        return np.unique(self._sample.t0)

    @cached_property
    def hash(self) -> str:
        """Digest of all rows."""
        return self._sample.hash

    @property
    def effective_rows(self) -> float:
        """Sum of the weights: the number of rows that overlapping spans are worth."""
        return float(self._sample.weight.sum())

    def hold_out(self, fraction: float = 0.2, embargo: str | int | float = 0) -> tuple[Dataset, HoldOut]:
        """Set the last part aside.

        Parameters
        ----------
        fraction : float
            Share of the rows, cut at a decision time.
        embargo : str, int or float
            Distance between the last development outcome and the first hold-out decision, on top of the
            purge.

        Returns
        -------
        (Dataset, HoldOut)
            Every outcome of the first was known before the first decision of the second.
        """
        if not 0.0 < fraction < 1.0:
            raise ValueError(f"expected a fraction in (0, 1), found {fraction}: set hold_out")
        sample = self._sample
        first = min(round(len(self) * (1.0 - fraction)), len(self) - 1)
        border = int(np.searchsorted(sample.t0, sample.t0[first]))
        if border == 0:
            raise ValueError(f"{len(self.times)} decision times cannot be cut for a hold-out of {fraction}")
        at = int(np.searchsorted(self.times, sample.t0[border]))
        gap = extent(embargo, "embargo").slices(self.times)
        keep = purged_before(sample.t1[:border], self.times, at, gap)
        purged = border - len(purged_before(sample.t1[:border], self.times, at, 0))
        held = len(self) - border
        account = self.rows.less("hold-out", held).less("purged", purged)
        account = account.less("embargoed", border - purged - len(keep))
        if account.left == 0:
            raise ValueError("every development label reaches into the hold-out: shorten labels.horizon")
        dev = Dataset(self._columns, account, self._part(keep))
        rest = self.rows.less("development", border)
        return dev, HoldOut(Sample(self._columns, self._part(slice(border, len(self)))), rest)

    def _part(self, rows: Rows) -> Rows:
        return self._sample._part(rows).rows

    def final_fit(self) -> Sample:
        """Every row, for the model that is to be judged on a hold-out or deployed.

        Nothing in this data set can test that model any more.
        """
        return self._sample

    def split(self, splitter: Splitter) -> Iterator[Fold]:
        """Folds of a splitter's intervals, purged by label spans across all symbols and embargoed.

        Raises
        ------
        ValueError
            When a fold has fewer rows than the splitter asks for.
        """
        for number, proposal in enumerate(splitter.propose(self.times)):
            yield self._fold(number, proposal, splitter)

    def _between(self, window: Window) -> slice:
        lo, hi = np.searchsorted(self._sample.t0, window)
        return slice(int(lo), int(hi))

    def _fold(self, number: int, proposal: Proposal, splitter: Splitter) -> Fold:
        sample = self._sample
        tests = [r for r in map(self._between, proposal.test) if r.stop > r.start]
        _enough(number, "test", sum(r.stop - r.start for r in tests), splitter.min_test_rows, self.rows)
        candidates = np.zeros(len(self), np.bool_)
        for window in proposal.train:
            candidates[self._between(window)] = True
        tested = np.zeros(len(self), np.bool_)
        for r in tests:
            tested[r] = True
        found = purge(sample.t0, sample.t1, self.times, candidates, tests, proposal.before, proposal.after)
        n_test = int(np.count_nonzero(tested))
        outside = len(self) - n_test - int(np.count_nonzero(candidates & ~tested))
        account = self.rows.less("outside the window", outside).less("test", n_test)
        account = account.less("purged", found.purged).less("embargoed", found.embargoed)
        _enough(number, "training", len(found.rows), splitter.min_train_rows, account)
        test_rows: Rows = tests[0] if len(tests) == 1 else np.flatnonzero(tested)
        train, test = (Sample(self._columns, self._part(r)) for r in (found.rows, test_rows))
        return Fold(number, train, test, proposal.test, account)


def _enough(number: int, what: str, found: int, wanted: int, account: RowAccount) -> None:
    if found < max(wanted, 1):
        removed = {reason: rows for reason, rows in account.removed.items() if rows}
        setting = "min_test_rows" if what == "test" else "min_train_rows"
        raise ValueError(
            f"fold {number} has {found} {what} rows, expected at least {max(wanted, 1)}: "
            f"{account.entered} rows entered, {removed}. "
            f"Give more data, other windows, or set splitter.{setting}"
        )
