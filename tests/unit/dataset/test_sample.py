"""Samples."""

from __future__ import annotations

import numpy as np
import pytest

from alphatrade.dataset import Sample, balanced
from alphatrade.testing.splitter import span_sample


def test_the_tail_is_purged() -> None:
    t0 = np.arange(10)
    fit, validation = Sample.of(np.zeros((10, 1)), np.ones(10), t0=t0, t1=t0 + 3).tail(0.3)
    assert validation.t0.tolist() == [7, 8, 9]
    assert fit.t0.tolist() == [0, 1, 2, 3]


def test_the_tail_waits_for_the_embargo() -> None:
    t0 = np.arange(10)
    fit, _ = Sample.of(np.zeros((10, 1)), np.ones(10), t0=t0, t1=t0 + 1).tail(0.3, embargo=2)
    assert fit.t0.tolist() == [0, 1, 2, 3]


def test_a_tail_of_a_tail_is_a_part_of_the_sample() -> None:
    sample = span_sample()
    fit, validation = sample.tail(0.5)
    inner_fit, inner_validation = fit.tail(0.5)
    assert inner_fit.t1.max() < inner_validation.t0.min() <= inner_validation.t1.max() < validation.t0.min()
    where = np.searchsorted(sample.x[:, 0].argsort(), np.arange(len(sample)))
    assert len(where) == len(sample)
    assert set(map(tuple, inner_validation.x.tolist())) <= set(map(tuple, sample.x.tolist()))


def test_a_tail_without_anything_to_fit_on_is_an_error() -> None:
    t0 = np.arange(10)
    with pytest.raises(ValueError, match=r"labels.horizon"):
        Sample.of(np.zeros((10, 1)), np.ones(10), t0=t0, t1=t0 + 50).tail(0.3)
    with pytest.raises(ValueError, match="cannot be cut"):
        Sample.of(np.zeros((1, 1)), np.ones(1)).tail(0.3)


def test_the_hash_depends_on_everything_a_model_may_learn_from() -> None:
    base = span_sample()
    plain = {n: getattr(base, n) for n in ("x", "y", "ret", "weight", "t0", "t1", "symbol")}
    same = Sample.of(**plain, symbols=base.symbols, features=base.features)
    assert same.hash == base.hash
    for name, values in plain.items():
        other = values.copy()
        other[-1] = (other[-1] + 1) if name != "symbol" else 1 - min(other[-1], 1)
        assert Sample.of(**{**plain, name: other}, symbols=base.symbols).hash != base.hash, name
    assert Sample.of(**plain, symbols=base.symbols, features=("a", "b")).hash != base.hash


def test_the_hash_does_not_depend_on_how_rows_were_chosen() -> None:
    sample = span_sample()
    rows = np.arange(10, 60)
    assert Sample(sample.columns, slice(10, 60)).hash == Sample(sample.columns, rows).hash


def test_spans_are_a_table_of_names_and_times() -> None:
    spans = span_sample().spans
    assert spans.columns == ["symbol", "t0", "t1"]
    assert (spans["t1"] > spans["t0"]).all()
    assert spans["symbol"].unique().sort().to_list() == ["S0", "S1", "S2"]


def test_new_weights_follow_the_rows() -> None:
    sample = span_sample()
    weighted = sample.reweighted(np.arange(len(sample), dtype=float))
    fit, validation = weighted.tail(0.2)
    assert validation.weight.tolist() == list(range(len(sample) - len(validation), len(sample)))
    assert weighted.hash != sample.hash
    assert (
        fit.weight == weighted.weight[np.searchsorted(sample.t0 * 4 + sample.symbol, fit.t0 * 4 + fit.symbol)]
    ).all()
    with pytest.raises(ValueError, match="finite weights"):
        sample.reweighted(np.full(len(sample), np.nan))


def test_balanced_classes_weigh_the_same_and_the_total_stays() -> None:
    sample = span_sample()
    skewed = Sample.of(sample.x, np.where(np.arange(len(sample)) % 5 == 0, 1, -1), weight=sample.weight)
    even = balanced(skewed)
    assert even.weight[skewed.y == 1].sum() == pytest.approx(even.weight[skewed.y == -1].sum())
    assert even.weight.sum() == pytest.approx(skewed.weight.sum())


def test_arrays_of_other_lengths_or_order_are_refused() -> None:
    with pytest.raises(ValueError, match="expected ret with 2 rows"):
        Sample.of([[1.0], [2.0]], [1, -1], ret=np.zeros(3))
    with pytest.raises(ValueError, match="in order of t0"):
        Sample.of([[1.0], [2.0]], [1, -1], t0=np.array([2, 1]), t1=np.array([3, 3]))
    with pytest.raises(ValueError, match="expected x of shape"):
        Sample.of([[1.0], [2.0]], [1, -1], features=("a", "b"))
