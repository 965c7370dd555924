"""A recipe: the components of a study, built and ready.

In: a ``Study``, or components made by hand. Out: a ``Recipe`` with its configuration and hash. Never here: bars, results.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from alphatrade.core.component import config_of
from alphatrade.core.provenance import hash_config
from alphatrade.dataset import Splitter, WalkForward, splitters
from alphatrade.execution import Costs
from alphatrade.features import FeatureSet
from alphatrade.labels import Labeler, labelers
from alphatrade.models import Model, models
from alphatrade.portfolio import Allocator, VolatilityTarget, allocators
from alphatrade.research.study import Study
from alphatrade.risk import Limits
from alphatrade.strategies import ForecastStrategy, Strategy, strategies

__all__ = ["Recipe"]


@dataclass(frozen=True, eq=False)
class Recipe:
    """What turns bars into a verdict. ``hold_out`` is the last fraction of time, kept shut until the gates pass."""

    features: FeatureSet
    labeler: Labeler
    model: Model
    splitter: Splitter = field(default_factory=WalkForward)
    strategy: Strategy = field(default_factory=ForecastStrategy)
    allocator: Allocator = field(default_factory=VolatilityTarget)
    limits: Limits = field(default_factory=Limits)
    costs: Costs = field(default_factory=Costs.us_equity)
    hold_out: float = 0.2
    cash: float = 1_000_000.0
    seed: int = 0
    gates: dict[str, float] = field(default_factory=dict)

    @classmethod
    def from_study(cls, study: Study) -> Recipe:
        """Build every component a study names; a wrong name or key is a ``ConfigError``."""
        names = study.features.names or FeatureSet.catalogue().names
        unknown = [n for n in study.features.exclude if n not in names]
        if unknown:
            raise ValueError(f"features.exclude names {unknown}, which are not among the chosen features")
        return cls(
            features=FeatureSet([n for n in names if n not in study.features.exclude]),
            labeler=labelers.build(study.labels),
            model=models.build(study.model),
            splitter=splitters.build(study.split),
            strategy=strategies.build(study.strategy),
            allocator=allocators.build(study.allocator),
            limits=_build(Limits, "limits", study.limits),
            costs=_build(Costs, "costs", study.costs) if study.costs else Costs.us_equity(),
            hold_out=study.hold_out,
            cash=study.cash,
            seed=study.seed,
            gates=dict(study.gates),
        )

    def config(self) -> dict[str, Any]:
        """Everything that decides the outcome, defaults included; the gates that judge it are not part of it."""
        parts = ("labeler", "model", "splitter", "strategy", "allocator", "limits", "costs")
        return {
            "features": list(self.features.names),
            **{p: config_of(getattr(self, p)) for p in parts},
            "hold_out": self.hold_out,
            "cash": self.cash,
            "seed": self.seed,
        }

    @property
    def hash(self) -> str:
        """Identity of a trial."""
        return hash_config(self.config())[:32]


def _build(cls: type[Any], section: str, fields: dict[str, Any]) -> Any:
    from dataclasses import fields as fields_of

    from alphatrade.core.component import did_you_mean
    from alphatrade.core.errors import ConfigError

    known = [f.name for f in fields_of(cls)]
    for key in fields:
        if key not in known:
            raise ConfigError(f"{section}: unknown key {key!r}{did_you_mean(key, known)}")
    try:
        return cls(**fields)
    except (TypeError, ValueError) as e:
        raise ConfigError(f"{section}: {e}") from e
