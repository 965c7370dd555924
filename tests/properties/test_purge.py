"""The purge against its definition, over random spans, panels, holes and embargoes.

A slow twin decides for every row by itself, with plain comparisons, whether it may train. The data set must
choose exactly those rows: not one more (a leak), not one less (waste).
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from alphatrade.dataset import Dataset, Fold, Proposal, PurgedKFold, Sample, WalkForward

CASES = 10_000 if os.environ.get("ALPHATRADE_PROVE") == "1" else 1_000
prove = settings(
    max_examples=CASES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

seeds = st.integers(0, 2**32 - 1)
embargoes = st.sampled_from([0, 1, 3, 0.01, 0.1, "2 bars", "1d", "5%"])
DAY = 86_400_000_000_000


@st.composite
def samples(draw: st.DrawFn, ticks: tuple[int, ...] = (1, DAY // 4)) -> Sample:
    """A panel: irregular times, symbols that come and go, spans from one tick to far beyond the last row."""
    rng = np.random.default_rng(draw(seeds))
    slices, symbols = draw(st.integers(8, 60)), draw(st.integers(1, 4))
    longest = draw(st.integers(1, 40))
    present = rng.random((slices, symbols)) < draw(st.sampled_from([0.3, 0.8, 1.0]))
    present[:, 0] |= ~present.any(axis=1)
    clock = np.cumsum(rng.choice([1, 1, 1, 7, 200], slices)) * draw(st.sampled_from(ticks))
    at, symbol = np.nonzero(present)
    t0 = clock[at]
    length = rng.integers(1, longest + 1, len(at)) * rng.choice([1, int(np.median(np.diff(clock)))], len(at))
    return Sample.of(
        np.arange(len(at), dtype=np.float32)[:, None],
        rng.choice([-1, 1], len(at)),
        t0=t0,
        t1=t0 + length,
        symbol=symbol,
        symbols=tuple("ABCD"[:symbols]),
    )


def rows_of(sample: Sample) -> list[int]:
    """Row numbers, which the one feature holds."""
    return [int(i) for i in sample.x[:, 0]]


def may_train(sample: Sample, fold: Fold, p: Proposal) -> list[int]:
    """The definition, row by row."""
    clock = sorted(set(sample.t0.tolist()))
    spans = list(zip(sample.t0.tolist(), sample.t1.tolist()))
    forbidden = []
    tested = set()
    for lo, hi in p.test:
        inside = [i for i, (a, _) in enumerate(spans) if lo <= a < hi]
        tested |= set(inside)
        first, last = spans[inside[0]][0], max(spans[i][1] for i in inside)
        ahead = [t for t in clock if t < first][-p.before :] if p.before else []
        behind = [t for t in clock if t > last][: p.after]
        forbidden.append((min([first, *ahead]), max([last, *behind])))
    return [
        i
        for i, (a, b) in enumerate(spans)
        if i not in tested
        and any(lo <= a < hi for lo, hi in p.train)
        and not any(a <= hi and b >= lo for lo, hi in forbidden)
    ]


def folds_of(sample: Sample, splitter: PurgedKFold | WalkForward) -> list[tuple[Fold, Proposal]]:
    """Folds with their proposals; data too few for them, which must be a clear error, count as no case."""
    data = Dataset.of(sample)
    refused = ""
    try:
        return list(zip(data.split(splitter), splitter.propose(data.times)))
    except ValueError as e:
        refused = str(e)
    assert "splitter." in refused
    assume(False)
    return []


def check(sample: Sample, fold: Fold, p: Proposal) -> None:
    train, test = rows_of(fold.train), rows_of(fold.test)
    assert train == may_train(sample, fold, p)
    first, last = fold.test.t0.min(), fold.test.t1.max()
    assert not ((fold.train.t0 <= last) & (fold.train.t1 >= first)).any()
    assert not set(train) & set(test)
    removed = fold.rows.removed
    reasons = ("outside the window", "test", "purged", "embargoed")
    assert sum(removed[r] for r in reasons) + len(train) == len(sample) == fold.rows.entered


@pytest.mark.prove
@prove
@given(samples(), st.integers(2, 7), embargoes, embargoes)
def test_k_fold_trains_on_exactly_the_rows_it_may_and_tests_each_once(
    sample: Sample, n: int, embargo: str | int | float, purge_gap: str | int | float
) -> None:
    folds = folds_of(sample, PurgedKFold(n, embargo, purge_gap, min_train_rows=1))
    for fold, p in folds:
        check(sample, fold, p)
    assert sorted(i for fold, _ in folds for i in rows_of(fold.test)) == list(range(len(sample)))


@pytest.mark.prove
@prove
@given(
    samples(ticks=(DAY // 4,)),
    st.sampled_from(["all", "5 bars", "20 bars", "30d", "1q"]),
    st.sampled_from(["1 bars", "7 bars", "10d", "1mo", "1q"]),
    embargoes,
    st.sampled_from(["1 bars", "10 bars", "1mo"]),
)
def test_walk_forward_trains_on_exactly_the_past_it_may(
    sample: Sample, train: str, test: str, embargo: str | int | float, min_train: str
) -> None:
    folds = folds_of(sample, WalkForward(train, test, embargo, 0, min_train, min_train_rows=1))
    for fold, p in folds:
        check(sample, fold, p)
        assert fold.train.t1.max() < fold.test.t0.min()
    tested = [i for fold, _ in folds for i in rows_of(fold.test)]
    first = tested[0]
    assert tested == list(range(first, len(sample))), "every row from the first test on is tested once"


@pytest.mark.prove
@prove
@given(samples(), st.floats(0.05, 0.95), embargoes)
def test_development_is_over_before_the_hold_out_begins(
    sample: Sample, fraction: float, embargo: str | int | float
) -> None:
    data = Dataset.of(sample)
    try:
        dev, hold_out = data.hold_out(fraction, embargo)
    except ValueError:
        assume(False)
    kept = rows_of(dev.final_fit())
    assert dev.end < hold_out.start
    assert kept == [
        i for i in range(len(sample)) if sample.t1[i] < dev_limit(sample, hold_out.start, embargo)
    ]
    removed = dev.rows.removed
    assert len(kept) + len(hold_out) + removed["purged"] + removed["embargoed"] == len(sample)
    assert removed["hold-out"] == len(hold_out) == hold_out.rows.left


def dev_limit(sample: Sample, start: int, embargo: str | int | float) -> int:
    """First moment that development outcomes may not reach."""
    from alphatrade.dataset.extent import extent

    clock = sorted(set(sample.t0.tolist()))
    gap = extent(embargo, "embargo").slices(np.array(clock))
    return clock[max(clock.index(start) - gap, 0)]


@pytest.mark.prove
@prove
@given(samples(), st.floats(0.05, 0.95), embargoes)
def test_fitting_is_over_before_validation_begins(
    sample: Sample, fraction: float, embargo: str | int | float
) -> None:
    try:
        fit, validation = sample.tail(fraction, embargo)
    except ValueError:
        assume(False)
    start = int(validation.t0.min())
    assert rows_of(validation) == [i for i in range(len(sample)) if sample.t0[i] >= start]
    assert rows_of(fit) == [i for i in range(len(sample)) if sample.t1[i] < dev_limit(sample, start, embargo)]
