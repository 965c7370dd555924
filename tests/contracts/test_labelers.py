"""Every registered labeler keeps the contract; labelers that break it are caught."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import pytest

from alphatrade.core.bar import Bars
from alphatrade.labels import FixedHorizon, TripleBarrier, labelers
from alphatrade.testing.labeler import check_labeler, label_bars

VARIANTS = [
    TripleBarrier(entry="close"),
    TripleBarrier(profit=1.0, stop=2.0, horizon=3, side=-1, tie="profit_first"),
    TripleBarrier(horizon=1, atr_window=1),
    FixedHorizon(1, target="return", entry="close"),
    FixedHorizon(10, threshold=0.002),
]


@pytest.mark.parametrize("kind", labelers.names())
def test_every_registered_labeler_keeps_its_contract(kind: str) -> None:
    check_labeler(labelers.build(kind))


@pytest.mark.parametrize("labeler", VARIANTS, ids=repr)
def test_variants_keep_it_on_other_bars(labeler: TripleBarrier | FixedHorizon) -> None:
    for seed in (1, 2):
        check_labeler(labeler, label_bars(seed, rows=160), cuts=8)


@dataclass(frozen=True)
class Faulty:
    """A fixed horizon with one fault."""

    fault: str
    horizon_bars: int = 5

    def label(self, bars: Bars) -> pl.DataFrame:
        table = FixedHorizon(self.horizon_bars, entry="close").label(bars)
        known = pl.col("label").is_not_null()
        match self.fault:
            case "zero for unknown":
                return table.with_columns(pl.col("label").fill_null(0))
            case "quantile of the whole sample":
                above = (pl.col("ret") > pl.col("ret").median().over("symbol")).cast(pl.Int8)
                return table.with_columns(pl.when(known).then(above).alias("label"))
            case "known too early":
                early = (pl.col("t0") + pl.duration(minutes=15)).cast(table.schema["t1"])
                return table.with_columns(pl.when(known).then(early).alias("t1"))
            case "t1 is t0":
                return table.with_columns(pl.when(known).then(pl.col("t0")).alias("t1"))
            case "backward fill":
                return table.with_columns(pl.all().exclude("symbol", "t0").backward_fill().over("symbol"))
            case "lost rows":
                return table.filter(known)
            case _:
                return table.drop("tie")


@pytest.mark.parametrize(
    "fault",
    [
        "zero for unknown",
        "quantile of the whole sample",
        "known too early",
        "t1 is t0",
        "backward fill",
        "lost rows",
        "lost column",
    ],
)
def test_the_check_catches(fault: str) -> None:
    with pytest.raises(AssertionError):
        check_labeler(Faulty(fault))


def test_a_horizon_that_is_too_short_is_caught() -> None:
    @dataclass(frozen=True)
    class Short:
        horizon_bars: int = 4

        def label(self, bars: Bars) -> pl.DataFrame:
            return FixedHorizon(5).label(bars)

    with pytest.raises(AssertionError, match="at most 4 bars, found 5"):
        check_labeler(Short())
