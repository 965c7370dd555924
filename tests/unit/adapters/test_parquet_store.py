"""The Parquet store: versions, as-of reads, all or nothing."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from alphatrade.adapters.parquet_store import ParquetStore
from alphatrade.core.bar import Bars
from alphatrade.core.clock import SimulatedClock, parse_time
from alphatrade.core.errors import CausalityError, ConfigError, DataError
from alphatrade.data import bars_from_frame, gaps, random_walk

NOW = parse_time("2022-01-01")


@pytest.fixture
def store(tmp_path: Path) -> ParquetStore:
    return ParquetStore(tmp_path / "store", SimulatedClock(NOW))


@pytest.fixture(scope="module")
def bars() -> Bars:
    return random_walk(1, symbols=("A", "B/C"), bars=100, frequency="1h", calendar="XNYS", start="2021-11-01")


def corrected(bars: Bars, row: int, factor: float = 1.001) -> Bars:
    """One bar of another close."""
    frame = bars.frame[row : row + 1].with_columns(
        (pl.col("close") * factor).alias("close"), (pl.col("high") * 1.1).alias("high")
    )
    return Bars(frame, bars.info)


def test_what_is_written_is_read(store: ParquetStore, bars: Bars) -> None:
    receipt = store.write(bars)
    assert (receipt.added, receipt.corrected, receipt.unchanged) == (200, 0, 0)
    assert store.symbols == ("A", "B/C")
    found = store.read()
    assert found.frame.equals(bars.frame)
    assert found.info == bars.info
    assert store.verify() == []


def test_writing_again_changes_nothing(store: ParquetStore, bars: Bars) -> None:
    store.write(bars)
    before = store.content_hash, sorted(p.name for p in store.root.rglob("*.parquet"))
    assert store.write(bars).unchanged == 200
    assert (store.content_hash, sorted(p.name for p in store.root.rglob("*.parquet"))) == before


def test_the_order_of_writing_does_not_change_the_content(tmp_path: Path, bars: Bars) -> None:
    half = bars.start + (bars.end - bars.start) // 2
    early, late = bars.before(half), bars.known(half - 1, bars.end)
    hashes = set()
    for k, parts in enumerate(([bars], [early, late], [late, early], [late, bars])):
        store = ParquetStore(tmp_path / str(k), SimulatedClock(NOW))
        for part in parts:
            store.write(part)
        hashes.add(store.content_hash)
    assert len(hashes) == 1


def test_a_correction_is_a_version_and_the_old_one_stays(store: ParquetStore, bars: Bars) -> None:
    store.write(bars)
    when = parse_time("2021-12-15 12:00")
    better = corrected(bars, 3)
    assert store.write(better, known_at=when).corrected == 1
    old, new = bars.frame["close"][3], better.frame["close"][0]
    assert store.read(["A"], version="first").frame["close"][3] == old
    assert store.read(["A"], version="latest").frame["close"][3] == new
    assert store.read(["A"], as_of=when - 1, version="latest").frame["close"][3] == old
    assert store.versions("A").height == 101
    assert store.write(bars).unchanged == 200, "the original file again is no correction"
    assert store.write(better, known_at=when).unchanged == 1


def test_other_values_without_known_at_are_refused(store: ParquetStore, bars: Bars) -> None:
    store.write(bars)
    with pytest.raises(DataError, match=r"1 bars of A differ .*known_at"):
        store.write(corrected(bars, 3))
    assert store.read().frame.equals(bars.frame)


def test_the_future_is_neither_read_nor_written(store: ParquetStore, bars: Bars) -> None:
    store.write(bars)
    with pytest.raises(CausalityError, match=r"as_of .* is in the future"):
        store.read(as_of=NOW + 1)
    with pytest.raises(CausalityError, match=r"known_at .* is in the future"):
        store.write(corrected(bars, 1), known_at=NOW + 1)
    with pytest.raises(CausalityError, match="cannot be written at"):
        ParquetStore(store.root, SimulatedClock(bars.end - 1)).write(bars)


def test_as_of_sees_only_what_was_known(store: ParquetStore, bars: Bars) -> None:
    store.write(bars)
    t = parse_time("2021-11-05 16:30")
    found = store.read(as_of=t)
    assert found.end <= t
    assert found.frame.equals(bars.as_of(t).frame)


def test_gaps_are_stored_as_absence_and_marked_on_reading(store: ParquetStore) -> None:
    bars = gaps(2, symbols=2, bars=80, lost=0.1)
    quiet = ParquetStore(store.root, SimulatedClock(bars.end))
    quiet.write(bars)
    assert quiet.read().frame.equals(bars.frame)
    assert quiet.versions("SYN01")["status"].min() == 2
    window = quiet.read(["SYN02"], start="2012-02-01", end="2012-03-01").frame
    assert window.equals(bars.only(["SYN02"]).between("2012-02-01", "2012-03-01").frame)


def test_bars_of_another_meaning_are_refused(store: ParquetStore, bars: Bars) -> None:
    store.write(bars)
    other = random_walk(1, symbols=1, bars=10, calendar="XNYS", start="2021-11-01")
    with pytest.raises(ConfigError, match="holds bars of frequency '1h', found '1d'"):
        store.write(other)


def test_the_quarantine_is_kept_once(store: ParquetStore, bars: Bars) -> None:
    table = bars.frame.select("timestamp", "symbol", "open", "high", "low", "close", "volume")
    broken = table.with_columns(
        pl.when(pl.int_range(pl.len()) == 5).then(None).otherwise("close").alias("close")
    )
    loaded = bars_from_frame(broken, calendar="XNYS")
    assert store.write(loaded).quarantined == 1
    assert store.write(loaded).quarantined == 0
    assert store.quarantine().select("row", "rule").rows() == [(6, "null_price")]
    assert store.read().quarantine.height == 1


def test_a_write_that_dies_leaves_the_old_state(
    store: ParquetStore, bars: Bars, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(bars.only(["A"]))
    before = store.content_hash

    def die(self: ParquetStore, before: object, after: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as m:
        m.setattr(ParquetStore, "_publish", die)
        with pytest.raises(KeyboardInterrupt):
            store.write(bars)
    assert store.content_hash == before
    assert store.symbols == ("A",)
    store.write(bars)
    assert store.read().frame.equals(bars.frame)


def test_a_reader_of_the_state_before_still_finds_its_files(store: ParquetStore, bars: Bars) -> None:
    store.write(bars)
    old = json.loads((store.root / "manifest.json").read_text())
    store.write(corrected(bars, 3), known_at="2021-12-15")
    assert all((store.root / entry["file"]).exists() for entry in old["symbols"].values())
    store.write(corrected(bars, 4), known_at="2021-12-15")
    assert not (store.root / old["symbols"]["A"]["file"]).exists()


def test_damage_is_a_data_error_that_says_what_to_do(store: ParquetStore, bars: Bars) -> None:
    store.write(bars)
    file = next(store.root.glob("bars/A-*.parquet"))
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"cannot be read: .*ingest it again"):
        store.read()
    (store.root / "manifest.json").write_text("{")
    with pytest.raises(DataError, match="is damaged"):
        store.read()


def test_an_empty_store_and_an_unknown_symbol_say_so(store: ParquetStore, bars: Bars) -> None:
    with pytest.raises(DataError, match="is empty: write bars first"):
        store.read()
    store.write(bars)
    with pytest.raises(ValueError, match="has no 'AA'"):
        store.read(["AA"])
    with pytest.raises(ValueError, match="version 'first' or 'latest'"):
        store.read(version="newest")  # type: ignore[arg-type]
