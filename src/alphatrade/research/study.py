"""A study: one file that says everything a run needs.

In: layered configuration. Out: a typed ``Study`` and the components it names. Never here: loading bars
(``adapters``), running (``research.run``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from alphatrade.core.config import layers, validate

__all__ = ["DataSection", "FeatureSection", "Study", "load_study"]

Component = dict[str, Any]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DataSection(_Section):
    """Where bars come from and what they mean.

    ``bars_per_year`` is needed with ``session = "all"``, since a calendar knows regular sessions only;
    ``source`` is ``file`` (with ``path``), ``sample`` (bundled daily bars) or ``synthetic`` (with ``market``
    and ``seed``).
    """

    source: Literal["file", "sample", "synthetic"] = "file"
    path: str | None = None
    market: Literal["planted", "random", "regimes", "jumps", "gaps"] | None = None
    seed: int = 0
    frequency: str | None = None
    calendar: str = "XNYS"
    timezone: str | None = None
    stamp: Literal["open", "close"] | None = None
    session: Literal["regular", "all"] = "regular"
    feed: str = "unknown"
    adjustment: str = "unknown"
    bars_per_year: float | None = Field(default=None, gt=0.0)
    symbols: list[str] | None = None
    start: str | None = None
    end: str | None = None


class FeatureSection(_Section):
    """``names`` of features, or empty for the whole catalogue, less ``exclude``.

    ``timeframes`` such as ``["1h"]`` add the catalogue's features meant for it at longer timeframes.
    """

    names: list[str] = Field(default_factory=list)
    timeframes: list[str] = Field(default_factory=list)
    exclude: list[str] = Field(default_factory=list)


class Study(_Section):
    """Everything a run needs; sections hold a component's ``kind`` and its fields."""

    name: str = "study"
    seed: int = 0
    hold_out: float = Field(0.2, gt=0.0, lt=0.9)
    threads: int = Field(2, ge=1)
    cash: float = Field(1_000_000.0, gt=0.0)
    data: DataSection = Field(default_factory=DataSection)
    features: FeatureSection = Field(default_factory=FeatureSection)
    labels: Component = Field(default_factory=lambda: {"kind": "triple_barrier"})
    split: Component = Field(default_factory=lambda: {"kind": "walk_forward"})
    model: Component = Field(default_factory=lambda: {"kind": "lightgbm"})
    strategy: Component = Field(default_factory=lambda: {"kind": "forecast"})
    allocator: Component = Field(default_factory=lambda: {"kind": "volatility_target"})
    limits: Component = Field(default_factory=dict)
    costs: Component = Field(default_factory=dict)
    gates: dict[str, float] = Field(default_factory=dict)


def load_study(path: Path | None, folder: Path | None = None) -> Study:
    """Read a study file on top of the settings layers.

    A relative ``data.path`` is looked for beside the study file.
    """
    where = folder or Path.cwd()
    study = validate(Study, layers(path, where), str(path or where))
    if path is not None and study.data.path is not None and not Path(study.data.path).is_absolute():
        beside = (path.parent / study.data.path).resolve()
        data = study.data.model_copy(update={"path": str(beside)})
        study = study.model_copy(update={"data": data})
    return study
