"""``(ret > 0).astype(int)`` turns rows whose future is not there yet into class 0.

A model then learns that the end of the data falls. Unknown labels are null from the labeler on, and never
reach a training row.
"""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from alphatrade.core.bar import Bars, Status
from alphatrade.dataset import Dataset
from alphatrade.labels import labelers
from alphatrade.testing.labeler import label_bars


def features_of(bars: Bars) -> pl.DataFrame:
    change = (pl.col("close") / pl.col("open") - 1.0).cast(pl.Float32)
    return bars.frame.select("symbol", "timestamp", "available_at", change=change)


@pytest.mark.parametrize("kind", labelers.names())
def test_rows_without_a_future_are_null_and_stay_out(kind: str) -> None:
    bars = label_bars()
    labels = labelers.build(kind).label(bars)
    last = (
        bars.frame.filter(pl.col("status") != Status.MISSING)
        .group_by("symbol")
        .agg(pl.col("available_at").max())
    )
    ends = labels.join(last, left_on=["symbol", "t0"], right_on=["symbol", "available_at"], how="semi")
    assert ends.height == 3
    assert ends["label"].to_list() == [None] * 3
    naive = (labels["ret"] > 0).fill_null(False).cast(pl.Int8)
    assert naive.null_count() == 0, "the published one-liner knows everything"
    data = Dataset.join(features_of(bars), labels)
    known = labels.filter(pl.col("label").is_not_null())
    assert len(data) == known.height
    np.testing.assert_array_equal(np.sort(data.final_fit().ret), np.sort(known["ret"].to_numpy()))
    assert data.rows.removed["no label"] + data.rows.removed["no features"] + data.rows.removed[
        "warm-up"
    ] == (labels["label"].null_count())
