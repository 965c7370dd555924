"""The join: the right label beside the right features, and every row accounted for."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from alphatrade.core.errors import DataError
from alphatrade.dataset import Dataset, PurgedKFold

Tables = Callable[..., tuple[pl.DataFrame, pl.DataFrame]]
NAN = math.nan


def test_rows_are_in_order_of_time_then_symbol(tables: Tables) -> None:
    data = Dataset.join(*tables(3, "BA"))
    sample = data.final_fit()
    assert sample.spans["symbol"].to_list() == ["A", "B"] * 3
    assert sample.symbols == ("A", "B")
    assert sample.symbol.tolist() == [0, 1] * 3
    assert sample.x[:, 0].tolist() == [30, 0, 40, 10, 50, 20]
    assert sample.ret.tolist() == pytest.approx([0.03, 0.0, 0.04, 0.01, 0.05, 0.02])
    assert sample.t0.tolist() == [10, 10, 20, 20, 30, 30]
    assert sample.features == ("a", "b")
    assert (sample.x.dtype, sample.y.dtype, sample.symbol.dtype) == (np.float32, np.int8, np.int32)


def test_the_order_of_the_tables_does_not_matter(tables: Tables) -> None:
    features, labels = tables(20, "ABC")
    expected = Dataset.join(features, labels)
    shuffled = Dataset.join(features.sample(fraction=1.0, shuffle=True, seed=1), labels.reverse())
    assert shuffled.hash == expected.hash
    assert shuffled.rows == expected.rows


def test_every_row_that_entered_has_a_reason(tables: Tables) -> None:
    b = [NAN, NAN, 1.0, NAN, 1.0, 1.0]
    features, labels = tables(6, b=b, label=[1, 1, None, 1, -1, None])
    features = features.with_columns(
        a=pl.when(pl.col("b").is_nan()).then(NAN).otherwise("a").cast(pl.Float32)
    )
    data = Dataset.join(features, labels)
    assert data.rows.entered == 6
    assert dict(data.rows.removed) == {"no features": 1, "warm-up": 2, "no label": 2}
    assert len(data) == data.rows.left == 1


def test_a_row_with_some_features_unknown_stays(tables: Tables) -> None:
    data = Dataset.join(*tables(6, b=[NAN] * 6))
    assert len(data) == 6
    assert np.isnan(data.final_fit().x[:, 1]).all()


def test_null_features_are_nan(tables: Tables) -> None:
    features, labels = tables(4)
    features = features.with_columns(b=pl.Series([None, 1.0, None, 2.0], dtype=pl.Float32))
    assert np.isnan(Dataset.join(features, labels).final_fit().x[:, 1]).tolist() == [True, False, True, False]


def test_rows_before_the_warm_up_are_left_out_when_told(tables: Tables) -> None:
    data = Dataset.join(*tables(6, "AB"), warmup_bars=2)
    assert data.rows.removed["warm-up"] == 4
    assert data.final_fit().t0.min() == 30


def test_labels_without_features_are_counted(tables: Tables) -> None:
    features, labels = tables(6)
    data = Dataset.join(features.head(4), labels)
    assert (data.rows.entered, data.rows.removed["no features"], len(data)) == (6, 2, 4)
    data = Dataset.join(features, labels.tail(3))
    assert (data.rows.entered, data.rows.removed["no label"], len(data)) == (6, 3, 3)


def test_a_label_is_joined_at_the_moment_features_were_known_not_at_the_bar_start(tables: Tables) -> None:
    features, labels = tables(6)
    late = features.with_columns(available_at=(pl.col("available_at") + pl.duration(nanoseconds=10)))
    data = Dataset.join(late, labels)
    assert len(data) == 5
    assert data.final_fit().x[:, 0].tolist() == [0, 10, 20, 30, 40]
    assert data.final_fit().ret.tolist() == pytest.approx([0.01, 0.02, 0.03, 0.04, 0.05])


def test_an_infinite_feature_is_named(tables: Tables) -> None:
    features, labels = tables(4, b=[1.0, math.inf, 1.0, 1.0])
    with pytest.raises(DataError, match="feature 'b' holds infinite values"):
        Dataset.join(features, labels)


def test_duplicates_are_refused(tables: Tables) -> None:
    features, labels = tables(3)
    with pytest.raises(ValueError, match="in the features, found duplicates"):
        Dataset.join(pl.concat([features, features]), labels)
    with pytest.raises(ValueError, match="in the labels, found duplicates"):
        Dataset.join(features, pl.concat([labels, labels]))


def test_other_columns_and_types_are_refused(tables: Tables) -> None:
    features, labels = tables(3)
    with pytest.raises(ValueError, match="float32 feature columns, found \\['a'\\]"):
        Dataset.join(features.cast({"a": pl.Float64}), labels)
    with pytest.raises(ValueError, match="expected labels with columns"):
        Dataset.join(features, labels.drop("t1"))
    with pytest.raises(ValueError, match="expected features with columns"):
        Dataset.join(features.cast({"available_at": pl.Datetime("us", "UTC")}), labels)
    with pytest.raises(ValueError, match=r"dataset.weights"):
        Dataset.join(features, labels, weights="other")  # type: ignore[arg-type]


def test_no_usable_row_is_an_error_with_the_account(tables: Tables) -> None:
    with pytest.raises(DataError, match="'no label': 3"):
        Dataset.join(*tables(3, label=[None] * 3))


def test_an_outcome_before_its_decision_is_refused(tables: Tables) -> None:
    features, labels = tables(3)
    with pytest.raises(ValueError, match="t1 > t0"):
        Dataset.join(features, labels.with_columns(t1=pl.col("t0")))


def test_nothing_that_leaves_can_be_written_to(tables: Tables) -> None:
    data = Dataset.join(*tables(40))
    fold = next(iter(data.split(PurgedKFold(2, min_train_rows=1))))
    parts: list[Any] = [data.final_fit(), fold.train, fold.test]
    for part in parts:
        for name in ("x", "y", "ret", "weight", "t0", "t1", "symbol"):
            with pytest.raises(ValueError, match="read-only"):
                getattr(part, name)[0] = 0


def test_changing_the_tables_afterwards_changes_nothing(tables: Tables) -> None:
    features, labels = tables(10)
    data = Dataset.join(features, labels)
    before = data.hash
    features[0, "a"] = 99.0
    labels[0, "label"] = 1
    assert Dataset.join(features, labels).hash != before
    assert data.hash == before


def test_weights_are_uniqueness_unless_equal_is_asked_for(tables: Tables) -> None:
    shared = Dataset.join(*tables(50)).final_fit().weight
    equal = Dataset.join(*tables(50), weights="equal")
    assert 0.45 < shared[1:-1].mean() < 0.6
    assert equal.effective_rows == 50.0
