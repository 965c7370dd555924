"""Runs side by side: settings that differ, then figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alphatrade.core.errors import ConfigError
from alphatrade.research.compare import compare_runs
from alphatrade.research.folder import RunFolder


def made(folder: Path, name: str, sharpe: float | None, deployable: bool = False, **config: Any) -> RunFolder:
    run = RunFolder(folder / name)
    run.write_json(
        "metrics.json",
        {
            "verdict": {"deployable": deployable},
            "performance": {"oos": {"sharpe": sharpe}},
            "trials": {"count": 2},
            "config": {"seed": 0, "model": {"kind": "logistic", **config}},
        },
    )
    return run


def test_only_settings_that_differ_are_shown_and_missing_ones_are_empty(tmp_path: Path) -> None:
    table = compare_runs([made(tmp_path, "a", 0.51239, c=1.0), made(tmp_path, "b", None, True, l1=0.5)])
    assert table["runs"] == ["a", "b"]
    rows = {row["what"]: row["values"] for row in table["rows"]}
    assert [row["what"] for row in table["rows"]][:3] == ["verdict", "setting model.c", "setting model.l1"]
    assert rows["verdict"] == ["NOT DEPLOYABLE", "DEPLOYABLE"]
    assert rows["setting model.c"] == [1.0, None]
    assert rows["setting model.l1"] == [None, 0.5]
    assert "setting seed" not in rows


def test_figures_are_rounded_and_unknown_ones_are_empty(tmp_path: Path) -> None:
    table = compare_runs([made(tmp_path, "a", 0.51239), made(tmp_path, "b", None), made(tmp_path, "c", 1.0)])
    rows = {row["what"]: row["values"] for row in table["rows"]}
    assert rows["OOS Sharpe"] == [0.5124, None, 1.0]
    assert rows["trials"] == [2, 2, 2]
    assert rows["accuracy"] == [None, None, None]


def test_one_run_is_no_comparison(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected two or more runs to compare, found 1"):
        compare_runs([made(tmp_path, "a", 0.5)])


def test_an_interrupted_run_cannot_be_compared(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the run was interrupted"):
        compare_runs([made(tmp_path, "a", 0.5), RunFolder(tmp_path / "b")])
