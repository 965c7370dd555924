"""Samples and folds: the rows a model is given.

In: the columns of a data set and a choice of rows. Out: read-only arrays, gathered when first asked for.
Never here: deciding which rows (``purge``, ``splitter``), fitting anything.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from alphatrade.core.bar import TIME
from alphatrade.dataset.account import RowAccount
from alphatrade.dataset.columns import Columns, frozen
from alphatrade.dataset.extent import extent
from alphatrade.dataset.purge import purged_before

__all__ = ["Fold", "Rows", "Sample"]

Rows = slice | np.ndarray
_BLOCK = 1 << 16


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows of a data set, in order of ``(t0, symbol)``; every array is read-only.

    Parameters
    ----------
    columns : Columns
        Where the rows come from.
    rows : slice or ndarray of int
        Which of them, ascending.
    weights : ndarray, optional
        Weights that replace those of the columns, one a row of the sample.

    Notes
    -----
    ``x`` of consecutive rows is a view; otherwise it is gathered once, when it is first read.

    Examples
    --------
    >>> s = Sample.of(x=[[0.1], [0.2], [0.3], [0.4]], y=[1, -1, 1, -1])
    >>> s.x.shape, s.y.tolist(), s.features
    ((4, 1), [1, -1, 1, -1], ('f0',))
    >>> fit, validation = s.tail(0.5)
    >>> len(fit), len(validation)
    (2, 2)
    """

    columns: Columns
    rows: Rows
    weights: np.ndarray | None = None

    @classmethod
    def of(
        cls,
        x: np.ndarray | list[list[float]],
        y: np.ndarray | list[int],
        *,
        ret: np.ndarray | None = None,
        weight: np.ndarray | None = None,
        t0: np.ndarray | None = None,
        t1: np.ndarray | None = None,
        symbol: np.ndarray | None = None,
        symbols: tuple[str, ...] = ("X",),
        features: tuple[str, ...] | None = None,
    ) -> Sample:
        """A sample from plain arrays: for one's own experiments, which no row account covers.

        What is left out: ``ret`` is ``y``, ``weight`` one, ``t0`` two nanoseconds apart and ``t1`` one
        after ``t0``.
        """
        xs = np.asarray(x, dtype=np.float32)
        ys = np.asarray(y, dtype=np.int8)
        n = len(ys)
        start = 2 * np.arange(n, dtype=np.int64) if t0 is None else np.asarray(t0, dtype=np.int64)
        columns = Columns(
            x=xs,
            y=ys,
            ret=ys.astype(np.float64) if ret is None else np.asarray(ret, dtype=np.float64),
            weight=np.ones(n) if weight is None else np.asarray(weight, dtype=np.float64),
            t0=start,
            t1=start + 1 if t1 is None else np.asarray(t1, dtype=np.int64),
            symbol=np.zeros(n, np.int32) if symbol is None else np.asarray(symbol, dtype=np.int32),
            symbols=symbols,
            features=tuple(f"f{k}" for k in range(xs.shape[1])) if features is None else features,
        )
        return cls(columns, slice(0, n))

    def __len__(self) -> int:
        if isinstance(self.rows, slice):
            return int(self.rows.stop - self.rows.start)
        return len(self.rows)

    def __repr__(self) -> str:
        return f"Sample({len(self):,} rows x {len(self.features)} features, {len(self.symbols)} symbols)"

    def _gather(self, column: np.ndarray) -> np.ndarray:
        return frozen(column[self.rows])

    @property
    def symbols(self) -> tuple[str, ...]:
        """Names behind the codes in ``symbol``."""
        return self.columns.symbols

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns of ``x``."""
        return self.columns.features

    @cached_property
    def x(self) -> np.ndarray:
        """(n, F) float32; NaN where a feature is not known."""
        return self._gather(self.columns.x)

    @cached_property
    def y(self) -> np.ndarray:
        """(n,) int8 labels; every one is known."""
        return self._gather(self.columns.y)

    @cached_property
    def ret(self) -> np.ndarray:
        """(n,) float64, simple return of the labelled position, before costs."""
        return self._gather(self.columns.ret)

    @cached_property
    def weight(self) -> np.ndarray:
        """(n,) float64, average uniqueness of the span in 0..1; its sum is the effective number of rows."""
        return self._gather(self.columns.weight) if self.weights is None else frozen(self.weights)

    @cached_property
    def t0(self) -> np.ndarray:
        """(n,) int64, moment of the decision, ascending."""
        return self._gather(self.columns.t0)

    @cached_property
    def t1(self) -> np.ndarray:
        """(n,) int64, moment at which the outcome became known."""
        return self._gather(self.columns.t1)

    @cached_property
    def symbol(self) -> np.ndarray:
        """(n,) int32, index into ``symbols``."""
        return self._gather(self.columns.symbol)

    @property
    def spans(self) -> pl.DataFrame:
        """Table of ``symbol``, ``t0``, ``t1``, one row each."""
        names = pl.Series("symbol", list(self.symbols), dtype=pl.String)
        return pl.DataFrame(
            {
                "symbol": names.gather(self.symbol),
                "t0": pl.Series(self.t0).cast(TIME),
                "t1": pl.Series(self.t1).cast(TIME),
            }
        )

    @cached_property
    def hash(self) -> str:
        """Digest of every value a model may learn from."""
        digest = hashlib.sha256(repr((self.symbols, self.features, len(self))).encode())
        for array in (self.y, self.ret, self.weight, self.t0, self.t1, self.symbol):
            digest.update(array.tobytes())
        for start in range(0, len(self), _BLOCK):  # block by block: a data set's x is never copied whole
            part = self._part(slice(start, min(start + _BLOCK, len(self))))
            digest.update(self.columns.x[part.rows].tobytes())
        return digest.hexdigest()[:32]

    def reweighted(self, weight: np.ndarray) -> Sample:
        """The same rows with other weights (n,), finite and not negative."""
        w = np.asarray(weight, dtype=np.float64)
        if w.shape != (len(self),) or not bool(np.isfinite(w).all()) or bool((w < 0).any()):
            raise ValueError(f"expected {len(self)} finite weights of at least 0, found shape {w.shape}")
        return Sample(self.columns, self.rows, w)

    def tail(self, fraction: float = 0.2, embargo: str | int | float = 0) -> tuple[Sample, Sample]:
        """Split off the last part of the sample's time as a validation sample.

        Parameters
        ----------
        fraction : float
            Share of the distinct decision times that goes to validation, in (0, 1).
        embargo : str, int or float
            Extra distance between the last outcome fitted on and the first decision validated: bars, ``"5
            bars"``, ``"1d"``, or a fraction of all times.

        Returns
        -------
        (Sample, Sample)
            ``(fit, validation)``: every outcome of ``fit`` was known before the first decision of
            ``validation``.
        """
        if not 0.0 < fraction < 1.0:
            raise ValueError(f"expected a fraction in (0, 1), found {fraction}: set validation_fraction")
        times = np.unique(self.t0)
        at = round(len(times) * (1.0 - fraction))
        if not 0 < at < len(times):
            raise ValueError(
                f"{len(times)} decision times cannot be cut at {fraction}: give more rows, or a larger part"
            )
        gap = extent(embargo, "embargo").slices(times)
        border = int(np.searchsorted(self.t0, times[at]))
        keep = purged_before(self.t1[:border], times, at, gap)
        if not len(keep):
            raise ValueError(
                f"no row is left to fit on before the last {fraction:.0%}: every label reaches into it. "
                "Shorten labels.horizon or the embargo"
            )
        return self._part(keep), self._part(slice(border, len(self)))

    def _part(self, rows: Rows) -> Sample:
        weights = None if self.weights is None else self.weights[rows]
        if isinstance(self.rows, slice):
            start = self.rows.start
            if isinstance(rows, slice):
                return Sample(self.columns, slice(start + rows.start, start + rows.stop), weights)
            return Sample(self.columns, rows + start, weights)
        return Sample(self.columns, self.rows[rows], weights)


@dataclass(frozen=True, eq=False)
class Fold:
    """One training sample and the sample it is tested on.

    ``test_windows`` are the intervals ``[start, end)`` of decision times the splitter proposed (ns);
    ``rows`` says where every row of the data set went.
    """

    number: int
    train: Sample
    test: Sample
    test_windows: tuple[tuple[int, int], ...]
    rows: RowAccount

    @property
    def known_until(self) -> int:
        """Last moment any training label used, ns."""
        return int(self.train.t1.max())

    @property
    def test_start(self) -> int:
        """Start of the first test window, ns."""
        return min(lo for lo, _ in self.test_windows)

    @property
    def test_end(self) -> int:
        """End of the last test window, ns, exclusive."""
        return max(hi for _, hi in self.test_windows)
