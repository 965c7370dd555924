"""The label report."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from alphatrade.core.bar import Bars
from alphatrade.labels import LABEL_SCHEMA, FixedHorizon, label_report


def table(ret: np.ndarray, symbols: int = 1) -> pl.DataFrame:
    n = len(ret)
    t0 = np.arange(n) // symbols * 10
    return pl.DataFrame(
        {
            "symbol": [f"S{k % symbols}" for k in range(n)],
            "t0": t0,
            "t1": t0 + 10,
            "label": np.sign(ret),
            "ret": ret,
            "touch_price": 1.0 + ret,
            "entry_price": 1.0,
            "tie": np.arange(n) % 4 == 0,
            "bars": 2,
        }
    ).cast(LABEL_SCHEMA)  # type: ignore[arg-type]


def test_figures_are_those_of_the_known_labels() -> None:
    rng = np.random.default_rng(0)
    ret = rng.normal(0.0, 0.01, 400)
    unknown = table(ret).with_columns(
        pl.lit(None).cast(t).alias(c) for c, t in list(LABEL_SCHEMA.items())[2:]
    )
    report = label_report(pl.concat([table(ret), unknown]))
    assert (report.n, report.rows) == (400, 800)
    assert report.base_rates == {-1: float((ret < 0).mean()), 1: float((ret > 0).mean())}
    assert report.expectancy == pytest.approx(ret.mean())
    assert report.tie_share == 0.25
    assert report.mean_bars == 2.0


def test_labels_that_pay_the_blind_raise_a_warning() -> None:
    rng = np.random.default_rng(1)
    fair, paying = rng.normal(0.0, 0.01, 1_000), rng.normal(0.002, 0.01, 1_000)
    assert label_report(table(fair)).blind_warning is None
    assert "earned" in str(label_report(table(paying)).blind_warning)
    assert "lost" in str(label_report(table(-paying)).blind_warning)


def test_symbols_that_move_together_do_not_narrow_the_interval() -> None:
    rng = np.random.default_rng(2)
    one = rng.normal(0.0, 0.01, 500)
    narrow = label_report(table(rng.normal(0.0, 0.01, 5_000), symbols=10)).expectancy_interval
    wide = label_report(table(np.repeat(one, 10), symbols=10)).expectancy_interval
    alone = label_report(table(one)).expectancy_interval
    assert wide == pytest.approx(alone)
    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])


def test_overlapping_spans_widen_the_interval() -> None:
    noise = np.random.default_rng(3).normal(0.0, 0.01, 2_020)
    overlapping = np.convolve(noise, np.ones(20), "valid")[:2_000]
    lo, hi = label_report(table(overlapping)).expectancy_interval
    naive = 2 * 1.96 * overlapping.std() / math.sqrt(2_000)
    assert hi - lo > 2.5 * naive


def test_the_same_seed_gives_the_same_report_and_it_is_plain_json(make_bars: Callable[..., Bars]) -> None:
    rng = np.random.default_rng(4)
    price = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 200)))
    labels = FixedHorizon(3).label(make_bars(X=[(p, p * 1.01, p * 0.99, p) for p in price]))
    assert label_report(labels) == label_report(labels)
    assert json.loads(json.dumps(label_report(labels).as_dict()))["n"] == 197


def test_no_known_label_is_an_error(make_bars: Callable[..., Bars]) -> None:
    labels = FixedHorizon(3).label(make_bars(X=[(1.0, 1.0, 1.0, 1.0)] * 3))
    with pytest.raises(ValueError, match="none of 3 labels is known"):
        label_report(labels)
