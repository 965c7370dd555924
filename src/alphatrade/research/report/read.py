"""Reading a run folder.

In: the path of a run folder. Out: ``Run``: the metrics as plain values and the tables as polars frames.
Never here: anything recomputed; what a folder does not hold stays missing, with a reason.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from alphatrade.core.errors import DataError

__all__ = ["REASONS", "Run", "read_run"]

TABLES = ("equity", "trades", "importance")
NEEDED = ("name", "verdict")
CLOSED = "the hold-out is closed: it opens once, and only when every development gate passes"

#: Why a part can be missing, said where ``metrics.json`` gives no reason of its own under ``unavailable``.
REASONS: dict[str, str] = {
    "performance": "the run recorded no performance",
    "performance.is": "the run kept no in-sample returns",
    "performance.hold": "the run recorded no buy-and-hold curve",
    "performance.blind": "the run recorded no blind-exposure curve",
    "performance.holdout": CLOSED,
    "scores": "the run has no forecasts to score",
    "scores.holdout": CLOSED,
    "scores.folds": "the run has no walk-forward folds",
    "calibration": "the run has no forecasts to calibrate",
    "labels": "the run has no labels",
    "costs": "the run recorded no costs",
    "regimes": "the run recorded no regimes",
    "monthly": "the run is shorter than a month",
    "rows": "the run kept no row account",
    "stages": "the run timed no stages",
    "data": "the run described no data",
    "trials": "the run was not counted in a trial ledger",
    "config": "the run folder holds no study",
    "equity": "the run folder holds no tables/equity.parquet",
    "trades": "the strategy made no round trip",
    "importance": "the model gives no feature importance",
    "manifest": "the run folder holds no manifest.json",
}


@dataclass(frozen=True)
class Run:
    """What a run folder says."""

    folder: Path
    metrics: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame]
    manifest: Mapping[str, Any] | None = None
    study: str | None = None
    unavailable: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.metrics["name"])

    @property
    def in_sample(self) -> bool:
        return self.metrics.get("in_sample") is True

    @property
    def measured(self) -> str:
        """What the figures called ``oos`` are: those of a run on its own training bars are in sample."""
        return "In sample (measured)" if self.in_sample else "Out of sample"

    def get(self, path: str) -> Any:
        """The value at a dotted path of the metrics; ``None`` where any step is missing or null."""
        at: Any = self.metrics
        for part in path.split("."):
            if not isinstance(at, Mapping):
                return None
            at = at.get(part)
        return at

    def table(self, name: str) -> pl.DataFrame | None:
        """A table with at least one row, else ``None``."""
        found = self.tables.get(name)
        return found if found is not None and found.height > 0 else None

    def reason(self, path: str) -> str:
        """Why the part at ``path`` is missing."""
        for at in (path, path.split(".")[0]):
            if at in self.unavailable:
                return str(self.unavailable[at])
        for at in (path, path.split(".")[0]):
            if at in REASONS:
                return REASONS[at]
        return "the run recorded no value"


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as e:
        raise DataError(f"{path}: expected JSON, found {e}: run the study again") from e
    if not isinstance(found, dict):
        raise DataError(f"{path}: expected a JSON object, found {type(found).__name__}: run the study again")
    return found


def read_run(folder: Path) -> Run:
    """Read ``metrics.json`` and what else the folder holds.

    Parameters
    ----------
    folder : Path
        A run folder. ``metrics.json`` is needed; tables, ``manifest.json`` and ``study.toml`` may be missing.

    Raises
    ------
    DataError
        The folder holds no readable ``metrics.json``, or it lacks the name or the verdict.
    """
    folder = Path(folder)
    path = folder / "metrics.json"
    if not path.is_file():
        raise DataError(
            f"expected metrics.json in the run folder {folder}, found none: is this a finished run?"
        )
    metrics = _json(path)
    missing = [k for k in NEEDED if not metrics.get(k)]
    if missing:
        raise DataError(f"{path}: expected the keys {list(NEEDED)}, found no {missing}: run the study again")
    tables = {}
    for name in TABLES:
        at = folder / "tables" / f"{name}.parquet"
        if at.is_file():
            tables[name] = _table(at)
    manifest, study = folder / "manifest.json", folder / "study.toml"
    return Run(
        folder=folder,
        metrics=metrics,
        tables=tables,
        manifest=_json(manifest) if manifest.is_file() else None,
        study=study.read_text(encoding="utf-8") if study.is_file() else None,
        unavailable=metrics.get("unavailable") or {},
    )


def _table(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as e:
        raise DataError(f"{path}: expected a Parquet file, found {e}: run the study again") from e
