"""What every splitter must keep: intervals of time that a data set can purge.

In: a splitter. Out: nothing, or an ``AssertionError`` that names the fold. Never here: purging.
"""

from __future__ import annotations

import numpy as np

from alphatrade.dataset import Dataset, Fold, Sample, Splitter
from alphatrade.dataset.columns import frozen

__all__ = ["check_splitter", "span_sample"]

_DAY = 86_400_000_000_000


def span_sample(seed: int = 0, slices: int = 800, symbols: int = 3, longest: int = 20) -> Sample:
    """Rows with random overlapping spans: daily decisions of several symbols, some of them absent."""
    rng = np.random.default_rng(seed)
    there = np.flatnonzero(rng.random(slices * symbols) < 0.8)
    t0 = (17_900 + there // symbols) * _DAY
    n = len(there)
    return Sample.of(
        rng.normal(size=(n, 2)),
        rng.choice([-1, 0, 1], n),
        t0=t0,
        t1=t0 + rng.integers(1, longest + 1, n) * _DAY - rng.integers(0, _DAY // 2, n),
        symbol=there % symbols,
        symbols=tuple(f"S{k}" for k in range(symbols)),
    )


def check_splitter(splitter: Splitter, sample: Sample | None = None) -> None:
    """Check a splitter's promises, and that no purged fold of it leaks.

    Parameters
    ----------
    splitter : Splitter
    sample : Sample, optional
        What to split; by default ``span_sample()``: three symbols, 800 days.

    Raises
    ------
    AssertionError
        When intervals are empty or not numbers; when answers differ from call to call; when ``tests_each`` or
        ``past_only`` is not kept; when a training span meets a test span or its embargo.

    Examples
    --------
    >>> from alphatrade.dataset import PurgedKFold
    >>> check_splitter(PurgedKFold(5))
    """
    sample = span_sample() if sample is None else sample
    times = frozen(np.unique(sample.t0))
    proposals = list(splitter.propose(times))
    assert proposals, "expected at least one fold"
    assert proposals == list(splitter.propose(times)), "expected the same folds when asked twice"
    for k, p in enumerate(proposals):
        assert p.test, f"fold {k} tests nothing"
        assert p.train, f"fold {k} trains on nothing"
        assert min(p.before, p.after) >= 0, f"fold {k} has a negative embargo"
        for lo, hi in (*p.test, *p.train):
            assert lo < hi, f"fold {k} has an empty interval [{lo}, {hi})"
        if splitter.past_only:
            latest = max(hi for _, hi in p.train)
            assert latest <= min(lo for lo, _ in p.test), f"fold {k} trains on its future"
    folds = list(Dataset.of(sample).split(splitter))
    for fold, p in zip(folds, proposals, strict=True):
        check_fold(fold, times, p.before, p.after)
    _check_coverage(folds, sample, splitter.tests_each)


def check_fold(fold: Fold, times: np.ndarray, before: int = 0, after: int = 0) -> None:
    """Check by the plain rule that no training span meets a test or its embargo, and that rows add up."""
    t0, t1 = fold.train.t0, fold.train.t1
    for lo, hi in fold.test_windows:
        inside = (fold.test.t0 >= lo) & (fold.test.t0 < hi)
        if not inside.any():
            continue
        first, last = int(fold.test.t0[inside].min()), int(fold.test.t1[inside].max())
        meets = (t0 <= last) & (t1 >= first)
        assert not meets.any(), f"fold {fold.number}: {int(meets.sum())} training spans meet the test"
        ahead, behind = times[times < first][::-1][:before], times[times > last][:after]
        for zone in (ahead, behind):
            if len(zone):
                meets = (t0 <= zone.max()) & (t1 >= zone.min())
                assert not meets.any(), (
                    f"fold {fold.number}: {int(meets.sum())} training spans meet the embargo"
                )
    assert fold.rows.left == len(fold.train), (
        f"fold {fold.number}: the row account is not that of its training rows"
    )


def _check_coverage(folds: list[Fold], sample: Sample, tests_each: int | None) -> None:
    """Every decision time is tested as often as promised, and all its symbols together."""
    tested = np.concatenate([fold.test.t0 for fold in folds])
    times, rows = np.unique(sample.t0, return_counts=True)
    found_times, found_rows = np.unique(tested, return_counts=True)
    expected = rows[np.searchsorted(times, found_times)]
    assert (found_rows % expected == 0).all(), "expected all symbols of a moment in the same test"
    if tests_each is not None:
        assert len(found_times) == len(times), (
            f"{len(times) - len(found_times)} decision times are never tested"
        )
        assert (found_rows == tests_each * expected).all(), f"expected every row tested {tests_each} times"
