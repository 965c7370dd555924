"""Splits, folds and the hold-out."""

from __future__ import annotations

import numpy as np
import pytest

from alphatrade.core.errors import CausalityError
from alphatrade.core.trials import MemoryTrials
from alphatrade.dataset import Dataset, PurgedKFold, Sample, WalkForward
from alphatrade.testing.splitter import span_sample


def daily(n: int = 20, span: int = 2) -> Dataset:
    t0 = 10 * np.arange(n)
    return Dataset.of(
        Sample.of(np.arange(n, dtype=np.float32)[:, None], np.resize([-1, 1], n), t0=t0, t1=t0 + 10 * span)
    )


def test_a_fold_is_purged_on_both_sides_and_embargoed_after() -> None:
    folds = list(daily().split(PurgedKFold(4, embargo="2 bars", min_train_rows=1)))
    fold = folds[1]
    assert fold.test.x[:, 0].tolist() == [5, 6, 7, 8, 9]
    # Rows 3 and 4 end in the test; 10 and 11 start before its last outcome is known; 12 and 13 wait.
    assert fold.train.x[:, 0].tolist() == [0, 1, 2, *range(14, 20)]
    assert fold.rows.removed == {"outside the window": 0, "test": 5, "purged": 4, "embargoed": 2}
    assert fold.rows.left == 9
    assert fold.test_windows == ((50, 100),)
    assert (fold.test_start, fold.test_end, fold.known_until) == (50, 100, 210)


def test_walk_forward_embargo_lies_before_the_test() -> None:
    splitter = WalkForward(
        train="all", test="5 bars", embargo="3 bars", min_train="10 bars", min_train_rows=1
    )
    fold = next(iter(daily().split(splitter)))
    assert fold.test.x[:, 0].tolist() == [10, 11, 12, 13, 14]
    assert fold.train.x[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert fold.rows.removed["purged"] == 2
    assert fold.rows.removed["embargoed"] == 3
    assert fold.rows.removed["outside the window"] == 5


def test_rolling_windows_forget_the_old() -> None:
    splitter = WalkForward(train="8 bars", test="5 bars", min_train="8 bars", min_train_rows=1)
    folds = list(daily(30, span=1).split(splitter))
    assert [f.train.x[:, 0].min() for f in folds] == [0, 5, 10, 15, 20]
    assert [len(f.train) for f in folds] == [7, 7, 7, 7, 7]
    assert [len(f.test) for f in folds] == [5, 5, 5, 5, 2]


def test_the_purge_works_across_symbols() -> None:
    t0 = np.repeat(10 * np.arange(10), 2)
    long_b = np.where(np.arange(20) % 2 == 1, 60, 5)
    sample = Sample.of(
        np.zeros((20, 1)), np.ones(20), t0=t0, t1=t0 + long_b, symbol=np.arange(20) % 2, symbols=("A", "B")
    )
    splitter = WalkForward(test="5 bars", min_train="5 bars", min_train_rows=1)
    (fold,) = Dataset.of(sample).split(splitter)
    assert fold.test.t0.min() == 50
    assert fold.train.t1.max() < 50
    assert np.bincount(fold.train.symbol, minlength=2).tolist() == [5, 0]


def test_test_rows_are_a_view_when_they_are_consecutive() -> None:
    data = daily()
    fold = next(iter(data.split(PurgedKFold(4, min_train_rows=1))))
    assert np.shares_memory(fold.test.x, data._columns.x)
    assert fold.train.x is fold.train.x


def test_a_fold_with_too_few_rows_says_which_and_why() -> None:
    with pytest.raises(
        ValueError, match=r"fold 0 has 13 training rows, expected at least 100.*splitter.min_train_rows"
    ):
        list(daily().split(PurgedKFold(4, embargo=0)))
    with pytest.raises(
        ValueError, match=r"fold 0 has 5 test rows, expected at least 6.*splitter.min_test_rows"
    ):
        list(daily().split(PurgedKFold(4, embargo=0, min_train_rows=1, min_test_rows=6)))
    with pytest.raises(ValueError, match="'purged': 5"):
        list(daily(10, span=20).split(PurgedKFold(2, embargo=0, min_train_rows=1)))


def test_development_and_hold_out_share_no_time() -> None:
    dev, hold_out = daily().hold_out(0.25, embargo="1 bars")
    assert dev.final_fit().x[:, 0].tolist() == list(range(12))
    assert hold_out.start == 150
    assert len(hold_out) == 5
    assert dev.rows.removed == {"hold-out": 5, "purged": 2, "embargoed": 1}
    assert hold_out.rows.removed == {"development": 15}
    assert dev.end < hold_out.start


def test_all_symbols_of_a_moment_are_on_one_side() -> None:
    dev, hold_out = Dataset.of(span_sample()).hold_out(0.2)
    assert dev.final_fit().t0.max() < hold_out.start


def test_folds_of_the_development_part_never_hold_hold_out_rows() -> None:
    dev, hold_out = Dataset.of(span_sample()).hold_out(0.3)
    for fold in dev.split(PurgedKFold(3)):
        assert max(fold.train.t1.max(), fold.test.t1.max()) < hold_out.start
        assert fold.rows.entered == len(span_sample())
        assert fold.rows.removed["hold-out"] == len(hold_out)


def test_the_hold_out_opens_once_and_says_so_in_the_ledger() -> None:
    _, hold_out = daily().hold_out(0.25)
    ledger = MemoryTrials()
    assert not hold_out.opened
    sample = hold_out.open(ledger, "config", "data")
    assert sample.x[:, 0].tolist() == [15, 16, 17, 18, 19]
    assert [(t.config_hash, t.kind, t.n) for t in ledger.trials("data", "opening")] == [
        ("config", "opening", 5)
    ]
    assert ledger.trials("data") == []
    assert hold_out.open(ledger, "config", "data") is sample, "the same configuration again is a repeat"
    assert len(ledger.trials("data", "opening")) == 1
    with pytest.raises(CausalityError, match=r"opened by configuration 'config', now 'other' asks"):
        hold_out.open(ledger, "other", "data")


def test_a_ledger_that_fails_keeps_the_hold_out_shut() -> None:
    class Broken(MemoryTrials):
        def record(self, trial: object) -> bool:
            raise OSError("disk full")

    _, hold_out = daily().hold_out(0.25)
    with pytest.raises(OSError, match="disk full"):
        hold_out.open(Broken(), "config", "data")
    assert not hold_out.opened


def test_a_hold_out_shows_its_span_but_not_its_rows() -> None:
    _, hold_out = daily().hold_out(0.25)
    assert "closed" in repr(hold_out)
    shown = {name for name in dir(hold_out) if not name.startswith("_")}
    assert shown == {"start", "end", "rows", "opened", "open"}


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.1])
def test_a_fraction_that_leaves_nothing_is_refused(fraction: float) -> None:
    with pytest.raises(ValueError, match="fraction in"):
        daily().hold_out(fraction)


def test_labels_that_all_reach_into_the_hold_out_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"labels.horizon"):
        daily(10, span=50).hold_out(0.2)


def test_the_hash_says_what_the_rows_are() -> None:
    assert daily().hash == daily().hash
    assert daily().hash != daily(span=3).hash
    dev, _ = daily().hold_out(0.2)
    assert dev.hash != daily().hash
    assert dev.hash == dev.final_fit().hash
