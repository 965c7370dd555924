"""Splitters: which stretches of time test, and which may train.

In: the distinct decision times of a data set. Out: intervals of time, nothing else. Never here: rows,
labels, purging: the data set does that by label spans, so that no splitter can get it wrong.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from alphatrade.core.component import Registry
from alphatrade.core.session import DAY
from alphatrade.dataset.extent import Extent, extent

__all__ = ["Proposal", "PurgedKFold", "Splitter", "WalkForward", "Window", "register", "splitters"]

Window = tuple[int, int]
_SLACK = 7 * DAY


@dataclass(frozen=True)
class Proposal:
    """One fold as time: decision times in ``[start, end)``, ns.

    ``before`` and ``after`` are the embargo on either side of each test window, in slices, on top of the
    purge.
    """

    test: tuple[Window, ...]
    train: tuple[Window, ...]
    before: int = 0
    after: int = 0


@runtime_checkable
class Splitter(Protocol):
    """Proposes folds.

    ``past_only`` promises that training lies before its test; ``tests_each`` that every decision time is
    tested that many times, or None. ``min_train_rows`` and ``min_test_rows`` are what a fold must have.
    """

    past_only: ClassVar[bool]
    tests_each: ClassVar[int | None]

    @property
    def min_train_rows(self) -> int: ...

    @property
    def min_test_rows(self) -> int: ...

    def propose(self, times: np.ndarray) -> Iterator[Proposal]:
        """Folds over ``times`` (T,) int64, distinct and ascending."""
        ...


splitters: Registry[Splitter] = Registry("splitter", "alphatrade.splitters")
register = splitters.register


def _gap(embargo: str | int | float, purge_gap: str | int | float, times: np.ndarray) -> int:
    return max(extent(embargo, "embargo").slices(times), extent(purge_gap, "purge_gap").slices(times))


@register("purged_kfold")
@dataclass(frozen=True)
class PurgedKFold:
    """K consecutive blocks of time; each tests once, the others train.

    Parameters
    ----------
    n : int
        Number of blocks, of equally many decision times.
    embargo : str, int or float
        Distance kept after a test, counted from its last outcome: ``"1d"``, bars, or a fraction of all times.
    purge_gap : str, int or float
        Least distance on both sides, on top of the purge by label spans.
    min_train_rows, min_test_rows : int
        A fold with fewer rows is an error.

    Notes
    -----
    López de Prado (2018), section 7.4, with spans taken from the first decision tested to the last outcome
    tested. Training rows lie after the test too: scores estimate skill, they are no backtest.

    Examples
    --------
    >>> [p.test for p in PurgedKFold(2, embargo=0).propose(np.array([10, 20, 30, 40]))]
    [((10, 30),), ((30, 41),)]
    """

    n: int = 5
    embargo: str | int | float = 0.01
    purge_gap: str | int | float = 0
    min_train_rows: int = 100
    min_test_rows: int = 1

    past_only: ClassVar[bool] = False
    tests_each: ClassVar[int | None] = 1

    def __post_init__(self) -> None:
        if self.n < 2:
            raise ValueError(f"expected at least 2 folds, found n={self.n}: set splitter.n")
        extent(self.embargo, "embargo")
        extent(self.purge_gap, "purge_gap")

    def propose(self, times: np.ndarray) -> Iterator[Proposal]:
        if len(times) < self.n:
            raise ValueError(f"{len(times)} decision times cannot make {self.n} folds: set splitter.n")
        gap = extent(self.purge_gap, "purge_gap").slices(times)
        after = _gap(self.embargo, self.purge_gap, times)
        whole = (int(times[0]), int(times[-1]) + 1)
        starts = [int(block[0]) for block in np.array_split(times, self.n)]
        for lo, hi in pairwise([*starts, whole[1]]):
            yield Proposal(((lo, hi),), (whole,), gap, after)


@register("walk_forward")
@dataclass(frozen=True)
class WalkForward:
    """Train on the past, test on what comes next, move on.

    Parameters
    ----------
    train : str or int
        ``"all"`` of the past (expanding), or at most the last ``"2y"``, ``"504 bars"``, ``"252d"`` before a
        test (rolling).
    test : str or int
        Length of a test window. ``"1q"``, ``"1mo"``, ``"1y"`` follow the calendar (UTC borders); ``"63d"``
        and bars are counted on the data's own clock. The last window runs to the last bar.
    embargo : str, int or float
        Distance kept between the last training outcome and a test's first decision, on top of the purge.
    purge_gap : str, int or float
        The same, as a least distance; the larger of both counts.
    min_train : str or int
        History before the first test, at most ``train``. A calendar border counts when data start within a
        week after it.
    min_train_rows, min_test_rows : int
        A fold with fewer rows is an error.

    Examples
    --------
    >>> w = WalkForward(train="all", test="2 bars", min_train="2 bars")
    >>> [(p.train, p.test) for p in w.propose(np.array([10, 20, 30, 40, 50]))]
    [(((10, 30),), ((30, 50),)), (((10, 50),), ((50, 51),))]
    """

    train: str | int = "all"
    test: str | int = "1q"
    embargo: str | int | float = 0
    purge_gap: str | int | float = 0
    min_train: str | int = "1y"
    min_train_rows: int = 100
    min_test_rows: int = 1

    past_only: ClassVar[bool] = True
    tests_each: ClassVar[int | None] = None

    def __post_init__(self) -> None:
        for name in ("test", "min_train"):
            if extent(getattr(self, name), name).number == 0:
                raise ValueError(f"expected {name} longer than nothing: set splitter.{name}")
        extent(self.embargo, "embargo")
        extent(self.purge_gap, "purge_gap")
        if self.train != "all" and extent(self.train, "train").number == 0:
            raise ValueError("expected train longer than nothing, or 'all': set splitter.train")

    def propose(self, times: np.ndarray) -> Iterator[Proposal]:
        before = _gap(self.embargo, self.purge_gap, times)
        last = int(times[-1]) + 1
        starts = self._starts(times)
        if not starts:
            years = (times[-1] - times[0]) / DAY / 365.25
            raise ValueError(
                f"no test window of {self.test} follows {self.min_train} of training: the data span "
                f"{years:.2f} years. Set splitter.min_train, splitter.train or splitter.test"
            )
        for lo, hi in pairwise([*starts, last]):
            yield Proposal(((lo, hi),), ((self._train_start(times, lo), lo),), before)

    def _train_start(self, times: np.ndarray, lo: int) -> int:
        if self.train == "all":
            return int(times[0])
        return max(back(times, lo, extent(self.train, "train")), int(times[0]))

    def _enough(self, times: np.ndarray, lo: int) -> bool:
        """Whether ``min_train``, or all that ``train`` would take, lies before ``lo``."""
        wanted = [extent(self.min_train, "min_train")]
        if self.train != "all":
            wanted.append(extent(self.train, "train"))
        return any(back(times, lo, e) >= times[0] - (_SLACK if e.months else 0) for e in wanted)

    def _starts(self, times: np.ndarray) -> list[int]:
        test = extent(self.test, "test")
        if test.months:
            borders = [b for b in month_borders(int(times[0]), int(times[-1]), test.months) if b <= times[-1]]
            return [b for b in borders if self._enough(times, b)]
        size = test.slices(times)
        first = bisect_left(range(len(times)), True, lo=1, key=lambda k: self._enough(times, int(times[k])))
        return [int(times[k]) for k in range(first, len(times), size)]


def month_borders(first: int, last: int, months: int) -> list[int]:
    """Starts of the calendar periods of ``months`` months (UTC) that begin in ``(first, last]``, ns.

    >>> [str(np.datetime64(b, "ns"))[:10] for b in month_borders(0, 200 * DAY, 3)]
    ['1970-04-01', '1970-07-01']
    """
    a, b = (int(np.datetime64(t, "ns").astype("M8[M]").astype(np.int64)) // months for t in (first, last))
    borders = (np.arange(a + 1, b + 1) * months).astype("M8[M]").astype("M8[ns]").astype(np.int64)
    return [int(t) for t in borders if first < t <= last]


def back(times: np.ndarray, t: int, e: Extent) -> int:
    """The moment an extent before ``t``; earlier than ``times[0]`` when they do not reach that far."""
    if e.months:
        month = np.datetime64(t, "ns").astype("M8[M]")
        start, earlier = (m.astype("M8[ns]").astype(np.int64) for m in (month, month - e.months))
        return int(earlier) + t - int(start)
    at = int(np.searchsorted(times, t)) - e.slices(times)
    return int(times[at]) if at >= 0 else int(times[0]) - 1
