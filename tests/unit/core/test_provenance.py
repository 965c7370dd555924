"""Digests: what changes them and what does not."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from alphatrade.core.provenance import code_hash, hash_config, hash_file, hash_frame, versions

FRAME = pl.DataFrame(
    {
        "symbol": ["A", "B", None],
        "at": [datetime(2022, 1, 3, tzinfo=UTC)] * 3,
        "x": [1.0, float("nan"), None],
        "n": [1, 2, None],
    }
)


def test_the_order_of_keys_does_not_matter_but_of_values_does() -> None:
    assert hash_config({"a": [1, 2], "b": None}) == hash_config({"b": None, "a": [1, 2]})
    assert hash_config({"a": [1, 2]}) != hash_config({"a": [2, 1]})
    assert hash_config({"a": 1}) != hash_config({"a": "1"})


def test_a_file_is_identified_by_its_bytes(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000  # more than one block
    path = tmp_path / "x.bin"
    path.write_bytes(content)
    assert hash_file(path) == hashlib.sha256(content).hexdigest()


def test_memory_layout_does_not_matter() -> None:
    pieces = pl.concat([FRAME[:1], FRAME[1:]], rechunk=False)
    assert pieces.n_chunks() == 2
    assert hash_frame(pieces) == hash_frame(FRAME)
    categories = FRAME.with_columns(pl.col("symbol").cast(pl.Categorical))
    assert hash_frame(categories) == hash_frame(pieces.with_columns(pl.col("symbol").cast(pl.Categorical)))


@pytest.mark.parametrize(
    "other",
    [
        FRAME.reverse(),
        FRAME.rename({"x": "y"}),
        FRAME.with_columns(pl.col("n").cast(pl.Int32)),
        FRAME.with_columns(pl.col("x").fill_nan(None)),
        FRAME.with_columns(pl.col("x").fill_null(0.0)),
        FRAME.with_columns(pl.col("symbol").fill_null("")),
        FRAME.with_columns(symbol=pl.Series(["AB", "", None])),
        FRAME.with_columns(pl.col("at").dt.offset_by("1us")),
        FRAME[:2],
    ],
    ids=[
        "order",
        "name",
        "type",
        "nan is not null",
        "null is not 0",
        "null is not empty",
        "split",
        "time",
        "rows",
    ],
)
def test_any_other_content_has_another_digest(other: pl.DataFrame) -> None:
    assert hash_frame(other) != hash_frame(FRAME)


def test_code_and_versions_are_those_that_run() -> None:
    assert len(code_hash()) == 64
    found = versions()
    assert found["alphatrade"] == "0.1.0"
    assert found["polars"] == pl.__version__
    assert found["python"].startswith("3.")
