"""Run folders: what is written is read back, and a name finds the run that is meant."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alphatrade.core.errors import ConfigError
from alphatrade.core.provenance import hash_file, hash_frame
from alphatrade.research.folder import RunFolder, find_run, list_runs, plain


def made(runs: Path, name: str, *, complete: bool = True) -> RunFolder:
    folder = RunFolder(runs / name)
    folder.write_json("study.json", {"name": name})
    if complete:
        folder.write_json("manifest.json", {"seed": 0})
    return folder


def test_what_json_cannot_say_is_null() -> None:
    value = {"a": np.float64("nan"), 1: (np.int64(2), math.inf, [True, "x", None])}
    assert plain(value) == {"a": None, "1": [2, None, [True, "x", None]]}


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = made(tmp_path, "a-1")
    with pytest.raises(TypeError):
        folder.write_json("study.json", {"name": object()})
    assert folder.read_json("study.json") == {"name": "a-1"}


def test_a_run_is_complete_once_its_manifest_is_there(tmp_path: Path) -> None:
    folder = made(tmp_path, "a-1", complete=False)
    assert not folder.complete
    with pytest.raises(ConfigError, match=r"metrics.json is not there: the run was interrupted"):
        _ = folder.metrics
    folder.write_json("manifest.json", {"seed": 3})
    assert folder.complete
    assert folder.manifest == {"seed": 3}


def test_a_table_keeps_its_content_and_its_digest(tmp_path: Path) -> None:
    folder = made(tmp_path, "a-1")
    table = pl.DataFrame({"x": [1.0, float("nan"), None], "s": ["a", None, "b"]})
    digest = folder.write_table("t", table)
    assert digest == hash_frame(table) == hash_frame(folder.table("t"))
    assert [p.name for p in (folder.path / "tables").iterdir()] == ["t.parquet"]


def test_every_model_file_has_a_digest(tmp_path: Path) -> None:
    folder = made(tmp_path, "a-1")
    assert folder.model_hashes() == {}
    part = folder.path / "models" / "fold_00" / "card.json"
    part.parent.mkdir(parents=True)
    part.write_text("{}")
    assert folder.model_hashes() == {str(Path("fold_00") / "card.json"): hash_file(part)}


def test_all_runs_are_listed_interrupted_ones_too_and_nothing_else(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "none") == []
    made(tmp_path, "b-2", complete=False)
    made(tmp_path, "a-1")
    (tmp_path / "notes").mkdir()
    (tmp_path / "file.txt").write_text("")
    assert [(r.name, r.complete) for r in list_runs(tmp_path)] == [("a-1", True), ("b-2", False)]


def test_a_run_is_found_by_name_by_study_by_beginning_or_by_path(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for name in ("demo-aaaa1111", "demo-planted-0-bbbb2222", "mine-cccc3333"):
        made(runs, name)
    found = {n: find_run(runs, n).name for n in ("demo-aaaa1111", "demo", "demo-planted-0", "demo-p", "mi")}
    assert found == {
        "demo-aaaa1111": "demo-aaaa1111",
        "demo": "demo-aaaa1111",
        "demo-planted-0": "demo-planted-0-bbbb2222",
        "demo-p": "demo-planted-0-bbbb2222",
        "mi": "mine-cccc3333",
    }
    assert find_run(tmp_path / "elsewhere", str(runs / "mine-cccc3333")).name == "mine-cccc3333"


def test_a_name_that_fits_several_runs_lists_them(tmp_path: Path) -> None:
    made(tmp_path, "demo-1")
    made(tmp_path, "demo-2")
    with pytest.raises(ConfigError, match=r"'demo' fits 2 runs: demo-1, demo-2"):
        find_run(tmp_path, "demo")


@pytest.mark.parametrize(
    ("name", "nearest"), [("dmeo", "demo"), ("demo-aaaa1112", "demo-aaaa1111"), ("mien", "mine")]
)
def test_an_unknown_run_is_told_the_nearest_run_or_study(tmp_path: Path, name: str, nearest: str) -> None:
    made(tmp_path, "demo-aaaa1111")
    made(tmp_path, "mine-cccc3333")
    with pytest.raises(ConfigError, match=f"no run '{name}' in .*; did you mean '{nearest}'"):
        find_run(tmp_path, name)


def test_without_runs_the_message_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the folder has none"):
        find_run(tmp_path, "demo")


def test_a_removed_run_is_gone(tmp_path: Path) -> None:
    folder = made(tmp_path, "a-1")
    folder.remove()
    assert list_runs(tmp_path) == []


def test_json_is_readable_by_other_programs(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "a-1")
    folder.write_json("metrics.json", {"x": float("nan"), "é": 1})
    assert json.loads((folder.path / "metrics.json").read_text(encoding="utf-8")) == {"x": None, "é": 1}
