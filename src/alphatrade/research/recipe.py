"""A recipe: the components of a study, built and ready.

In: a ``Study`` or components made by hand, and what the bars are. Out: a ``Recipe`` with its configuration
and hash. Never here: bars, results.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from typing import Any

from alphatrade.core.bar import BarInfo
from alphatrade.core.component import config_of, did_you_mean
from alphatrade.core.errors import ConfigError
from alphatrade.core.provenance import hash_config
from alphatrade.dataset import Splitter, splitters
from alphatrade.execution import Costs
from alphatrade.features import FeatureSet
from alphatrade.features.name import Column
from alphatrade.labels import Labeler, labelers
from alphatrade.models import Model, models
from alphatrade.portfolio import ALLOCATORS, Allocator, VolatilityTarget
from alphatrade.research.gate import check_overrides
from alphatrade.research.study import Study
from alphatrade.risk import Limits
from alphatrade.strategies import STRATEGIES, ForecastStrategy, Strategy

__all__ = ["Recipe"]

PRESETS = {"us_equity": Costs.us_equity, "free": Costs.free}


@dataclass(frozen=True, eq=False)
class Recipe:
    """What turns bars into a verdict.

    ``hold_out`` is the last fraction of time, kept shut until the gates pass. ``threads`` fit folds side by
    side and change no bit.
    """

    features: FeatureSet
    labeler: Labeler
    model: Model
    splitter: Splitter
    strategy: Strategy
    allocator: Allocator
    limits: Limits
    costs: Costs
    hold_out: float = 0.2
    cash: float = 1_000_000.0
    seed: int = 0
    threads: int = 2
    gates: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0.0 <= self.hold_out < 0.9:
            raise ValueError(
                f"hold_out is a fraction of the rows from 0 (none, no verdict) to 0.9, found {self.hold_out}"
            )
        if self.threads < 1:
            raise ValueError(f"threads: expected at least 1, found {self.threads}")

    @classmethod
    def make(
        cls,
        info: BarInfo,
        features: FeatureSet,
        labeler: Labeler,
        model: Model,
        splitter: Splitter,
        costs: Costs,
        *,
        strategy: Strategy | None = None,
        allocator: Allocator | None = None,
        limits: Limits | None = None,
        **rest: Any,
    ) -> Recipe:
        """A recipe from components.

        Unless others are given, its strategy trades the forecast when that pays for the costs, at a
        volatility of 12 % a year.
        """
        return cls(
            features,
            labeler,
            model,
            splitter,
            strategy or ForecastStrategy(**_forecast_facts(costs, labeler)),
            allocator or VolatilityTarget(info.periods_per_year),
            limits or Limits(),
            costs,
            **rest,
        )

    @classmethod
    def from_study(cls, study: Study, info: BarInfo) -> Recipe:
        """Build every component a study names; a wrong name or key is a ``ConfigError``.

        What follows from the study need not be written twice: the strategy's horizon is the labels', its
        round trip the costs', and the allocator's bars a year the calendar's.
        """
        check_overrides(study.gates)
        labeler = labelers.build(study.labels)
        costs = _costs(study.costs)
        strategy, allocator = dict(study.strategy), dict(study.allocator)
        if strategy.get("kind") == "forecast":
            strategy = {**_forecast_facts(costs, labeler), **strategy}
        if allocator.get("kind") == "volatility_target":
            per_year = info.periods_per_year
            allocator = {"periods_per_year": per_year, **allocator}
        return cls(
            features=_features(study),
            labeler=labeler,
            model=models.build(study.model),
            splitter=splitters.build(study.split),
            strategy=STRATEGIES.build(strategy),
            allocator=ALLOCATORS.build(allocator),
            limits=_build(Limits, "limits", study.limits),
            costs=costs,
            hold_out=study.hold_out,
            cash=study.cash,
            seed=study.seed,
            threads=study.threads,
            gates=dict(study.gates),
        )

    def config(self) -> dict[str, Any]:
        """Everything that decides the outcome, defaults included; the gates that judge it are not in it."""
        parts = ("labeler", "model", "splitter", "strategy", "allocator", "limits", "costs")
        return {
            "features": [_feature(c) for c in self.features.columns],
            **{p: config_of(getattr(self, p)) for p in parts},
            "hold_out": self.hold_out,
            "cash": self.cash,
            "seed": self.seed,
        }

    @property
    def hash(self) -> str:
        """Identity of a trial."""
        return hash_config(self.config())[:32]


def _feature(column: Column) -> str:
    """Name of a column, and the digest of its source where AlphaTrade does not ship it."""
    source = config_of(column.feature).get("source")
    return column.name if source is None else f"{column.name} {source}"


def _forecast_facts(costs: Costs, labeler: Labeler) -> dict[str, Any]:
    return {"round_trip_cost": costs.round_trip(), "horizon": labeler.horizon_bars}


def _features(study: Study) -> FeatureSet:
    names = study.features.names or list(FeatureSet.catalogue(study.features.timeframes).names)
    unknown = [n for n in study.features.exclude if n not in names]
    if unknown:
        raise ConfigError(f"features.exclude names {unknown[0]!r}{did_you_mean(unknown[0], names)}")
    return FeatureSet([n for n in names if n not in study.features.exclude])


def _costs(section: Mapping[str, Any]) -> Costs:
    """A preset, fields, or a preset with some replaced. Costs decide money: leaving them out is an error."""
    given = dict(section)
    preset = given.pop("preset", None)
    if preset is None:
        missing = [f.name for f in fields_of(Costs) if f.name not in given]
        if missing:
            raise ConfigError(f"costs: {', '.join(missing)} not given: write them, or preset = 'us_equity'")
        return _build(Costs, "costs", given)  # type: ignore[no-any-return]
    if preset not in PRESETS:
        raise ConfigError(f"costs: unknown preset {preset!r}{did_you_mean(str(preset), list(PRESETS))}")
    base = PRESETS[preset]()
    return _build(Costs, "costs", {f.name: getattr(base, f.name) for f in fields_of(Costs)} | given)  # type: ignore[no-any-return]


def _build(cls: type[Any], section: str, fields: Mapping[str, Any]) -> Any:
    known = [f.name for f in fields_of(cls)]
    for key in fields:
        if key not in known:
            raise ConfigError(f"{section}: unknown key {key!r}{did_you_mean(key, known)}")
    try:
        return cls(**fields)
    except (TypeError, ValueError) as e:
        raise ConfigError(f"{section}: {e}") from e
