"""Reading as of t never returns anything known after t, whatever was corrected when."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from alphatrade.adapters.parquet_store import ParquetStore
from alphatrade.core.bar import Bars, Status
from alphatrade.core.clock import SimulatedClock, parse_time
from alphatrade.data import gaps

BARS = gaps(1, symbols=2, bars=40, lost=0.1, outages=0, start="2021-03-01")
START, END = BARS.start, BARS.end
NOW = parse_time("2021-12-31")


def revised(bars: Bars, rng: np.random.Generator) -> Bars:
    real = bars.frame.filter(pl.col("status") == Status.REAL)
    some = real.filter(pl.Series(rng.random(real.height) < 0.1))
    factor = pl.Series(rng.uniform(0.9, 1.1, some.height))
    prices = [(pl.col(p) * factor).alias(p) for p in ("open", "high", "low", "close")]
    return Bars(some.with_columns(prices), bars.info)


@given(st.integers(0, 2**32 - 1), st.lists(st.floats(0, 1), min_size=1, max_size=5))
@settings(max_examples=10, deadline=None)
def test_reading_as_of_t_is_the_store_of_someone_who_stopped_at_t(seed: int, moments: list[float]) -> None:
    """What is read as of t equals what a store holds into which nothing known later was ever written."""
    rng = np.random.default_rng(seed)
    times = np.sort(rng.integers(END + 1, NOW, 3)).tolist()
    revisions = [revised(BARS, rng) for _ in times]
    with tempfile.TemporaryDirectory() as folder:
        whole = ParquetStore(Path(folder) / "whole", SimulatedClock(NOW))
        whole.write(BARS)
        for t, revision in zip(times, revisions, strict=True):
            whole.write(revision, known_at=t)
        for k, share in enumerate(moments):
            t = int(START + share * (NOW - START)) if k % 2 else int(START + share * (END - START))
            cut = ParquetStore(Path(folder) / f"cut{k}", SimulatedClock(NOW))
            cut.write(BARS.before(t + 1))
            for known, revision in zip(times, revisions, strict=True):
                if known <= t:
                    cut.write(revision, known_at=known)
            for version in ("first", "latest"):
                found = whole.read(as_of=t, version=version).frame if cut.symbols else None
                if found is None:
                    continue
                assert found.height == 0 or int(found["available_at"].to_physical().max()) <= t
                assert found.equals(cut.read(version=version).frame)


@given(st.permutations(range(6)), st.integers(0, 2**32 - 1))
@settings(max_examples=8, deadline=None)
def test_any_order_of_writing_parts_gives_the_same_content(order: list[int], seed: int) -> None:
    part = np.random.default_rng(seed).integers(0, 6, len(BARS))
    with tempfile.TemporaryDirectory() as folder:
        store = ParquetStore(Path(folder) / "s", SimulatedClock(NOW))
        for k in order:
            store.write(Bars(BARS.frame.filter(pl.Series(part == k)), BARS.info))
        once = ParquetStore(Path(folder) / "o", SimulatedClock(NOW))
        once.write(BARS)
        assert store.content_hash == once.content_hash
        assert store.read().frame.equals(BARS.frame)
