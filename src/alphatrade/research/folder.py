"""Run folders: what a run leaves on disk.

In: a folder. Out: its manifest, metrics and tables, and the list of all runs. Never here: computing what they
hold. A run is complete once ``manifest.json`` is there; it is written last, and atomically.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from pathlib import Path
from typing import Any

import polars as pl

from alphatrade.core.component import did_you_mean
from alphatrade.core.errors import ConfigError
from alphatrade.core.provenance import hash_file, hash_frame

__all__ = ["RunFolder", "find_run", "list_runs", "plain"]


def plain(value: Any) -> Any:
    """JSON has no NaN: what is not known is null."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


class RunFolder:
    """Paths and contents of one run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def complete(self) -> bool:
        return (self.path / "manifest.json").exists()

    @property
    def report(self) -> Path:
        return self.path / "report.html"

    def write_json(self, name: str, value: Any) -> None:
        """Write atomically: a reader sees the old file or the whole new one."""
        self.path.mkdir(parents=True, exist_ok=True)
        part = self.path / f".{name}.part"
        part.write_text(json.dumps(plain(value), indent=1, allow_nan=False) + "\n", encoding="utf-8")
        os.replace(part, self.path / name)

    def read_json(self, name: str) -> dict[str, Any]:
        path = self.path / name
        if not path.exists():
            raise ConfigError(f"{path} is not there: the run was interrupted; start it again and it resumes")
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    @property
    def metrics(self) -> dict[str, Any]:
        return self.read_json("metrics.json")

    @property
    def manifest(self) -> dict[str, Any]:
        return self.read_json("manifest.json")

    def table_path(self, name: str) -> Path:
        return self.path / "tables" / f"{name}.parquet"

    def write_table(self, name: str, table: pl.DataFrame) -> str:
        """Write a table and return the digest of its content."""
        path = self.table_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        table.write_parquet(part)
        os.replace(part, path)
        return hash_frame(table)

    def table(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.table_path(name))

    def model_hashes(self) -> dict[str, str]:
        """Digest of every model artifact."""
        root = self.path / "models"
        return {str(p.relative_to(root)): hash_file(p) for p in sorted(root.rglob("*")) if p.is_file()}

    def remove(self) -> None:
        shutil.rmtree(self.path)


def list_runs(runs: Path) -> list[RunFolder]:
    """All runs of a folder, interrupted ones included, by name."""
    if not runs.exists():
        return []
    return [RunFolder(p) for p in sorted(runs.iterdir()) if (p / "study.json").exists()]


def find_run(runs: Path, name: str) -> RunFolder:
    """The run called ``name``, or the only one that ``name`` fits.

    Asked in this order: the run at that path, the run of that name, the only run of the study ``name``, the
    only one whose name starts with it.
    """
    direct = Path(name)
    if (direct / "study.json").exists():
        return RunFolder(direct)
    known = list_runs(runs)
    exact = [r for r in known if r.name == name] or [r for r in known if r.name.rpartition("-")[0] == name]
    found = exact or [r for r in known if r.name.startswith(name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigError(f"{name!r} fits {len(found)} runs: {', '.join(r.name for r in found)}")
    names = [r.name for r in known]
    names += sorted({n.rpartition("-")[0] for n in names} - set(names))
    raise ConfigError(
        f"no run {name!r} in {runs}" + (did_you_mean(name, names) if names else ": the folder has none")
    )
