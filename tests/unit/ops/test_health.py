"""The doctor: what is here is said to be, and what is missing comes with advice."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from alphatrade.core.errors import DataError
from alphatrade.ops import Check, doctor, health


def examined(folder: Path, **replaced: Path) -> dict[str, Check]:
    places = {"home": folder / "home", "cache": folder / "cache", "runs": folder / "runs"} | replaced
    return {c.name: c for c in doctor(**places, verify_ledger=lambda: 3)}


def test_on_this_machine_nothing_is_missing(tmp_path: Path) -> None:
    checks = examined(tmp_path)
    assert {n for n, c in checks.items() if not c.ok} == set()
    assert all(c.found for c in checks.values())
    assert checks["trial ledger"].found == "3 entries, chain unbroken"
    assert "sessions to 20" in checks["calendar XNYS"].found
    assert "numba" in checks["compiler"].found


def test_looking_makes_no_folder(tmp_path: Path) -> None:
    examined(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_every_package_that_is_needed_is_asked_for_and_extras_are_not(tmp_path: Path) -> None:
    checks = examined(tmp_path)
    assert {"polars", "numba", "numpy", "scikit-learn", "lightgbm", "typer", "bokeh-sampledata"} <= set(
        checks
    )
    assert not {"pytest", "TA-Lib", "ruff", "mypy"} & set(checks)
    assert checks["numpy"].found.startswith("2.")


def test_a_package_that_is_missing_comes_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = health.version

    def version(name: str) -> str:
        if name == "lightgbm":
            raise PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(health, "version", version)
    checks = examined(tmp_path)
    assert not checks["lightgbm"].ok
    assert checks["lightgbm"].advice == "pip install 'lightgbm'"
    assert checks["polars"].ok


def test_too_little_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {"SC_PHYS_PAGES": 500_000, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(os, "sysconf", pages.__getitem__)
    found = health._memory()
    assert not found.ok
    assert found.found == "2.0 GB"
    assert "use fewer symbols" in found.advice


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path)
    checks = examined(tmp_path, cache=Path("/tmp"))
    assert not checks["home (ALPHATRADE_HOME)"].ok
    assert "make it writable" in checks["home (ALPHATRADE_HOME)"].advice
    assert checks["kernel cache (ALPHATRADE_CACHE)"].ok


def test_a_broken_ledger_is_said_and_not_raised(tmp_path: Path) -> None:
    def broken() -> int:
        raise DataError("the trial ledger is broken at row 2")

    places = tmp_path / "home", tmp_path / "cache", tmp_path / "runs"
    found = {c.name: c for c in doctor(*places, verify_ledger=broken)}["trial ledger"]
    assert (found.ok, found.found, found.advice) == (False, "broken", "the trial ledger is broken at row 2")
