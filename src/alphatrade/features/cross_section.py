"""Cross-section: a symbol among the others, at the same moment.

In: a column of all symbols. Out: features. Never here: membership of an index (restated), sectors (reference
data).

The universe is the symbols of the run; one that has no bar at a moment is not counted then. A longer
timeframe goes inside: ``xs_rank_ret_20@1h`` ranks the hourly returns last closed, on every bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, Memory, features
from alphatrade.features.kernel import comoments, cross_mean, cross_rank, cross_zscore, square_root

if TYPE_CHECKING:
    from alphatrade.features.name import Column

__all__ = ["Beta", "Correlation", "CrossExcess", "CrossRank", "CrossZScore"]


@dataclass(frozen=True)
class CrossFeature(Feature):
    """Base of features that compare another column, ``of``, between symbols."""

    of: str = "ret_20"
    family: ClassVar = "cross_section"

    def __post_init__(self) -> None:
        super().__post_init__()
        found = self._about()
        if found.feature.family == "cross_section":
            raise ValueError(f"{self.of} is cross-sectional already: name a feature of one symbol")

    def _about(self) -> Column:
        from alphatrade.features.name import parse

        columns = parse(self.of)
        if len(columns) > 1:
            raise ValueError(f"{self.of} has the columns {[c.name for c in columns]}: name one of them")
        return columns[0]

    @property
    def name(self) -> str:
        return f"{self.kind}_{self._about().name}"

    @property
    def lookback(self) -> int:
        return self._about().feature.lookback

    @property
    def memory(self) -> Memory:  # type: ignore[override]
        """That of the feature compared."""
        return self._about().feature.memory

    @property
    def memory_bars(self) -> int:
        return self._about().feature.memory_bars


@features.register("xs_rank")
@dataclass(frozen=True)
class CrossRank(CrossFeature):
    """Share of the symbols whose value lies below this symbol's, ties by half: in (0, 1), 0.5 for a symbol
    alone.
    """

    variants: ClassVar = (
        ("ret_20",),
        ("ret_1",),
        ("ret_60",),
        ("volatility_20",),
        ("volume_ratio_20",),
        ("amihud_20",),
    )

    def graph(self, b: Inputs) -> Node:
        return cross_rank(b.feature(self.of))


@features.register("xs_zscore")
@dataclass(frozen=True)
class CrossZScore(CrossFeature):
    """Distance from the mean of all symbols in their population deviations; 0 where all are equal."""

    variants: ClassVar = (("ret_20",), ("ret_1",))

    def graph(self, b: Inputs) -> Node:
        return cross_zscore(b.feature(self.of))


@features.register("xs_excess")
@dataclass(frozen=True)
class CrossExcess(CrossFeature):
    """Value above the mean of all symbols, in the units of the column compared."""

    variants: ClassVar = (("ret_20",), ("ret_1",))

    def graph(self, b: Inputs) -> Node:
        mine = b.feature(self.of)
        return mine - cross_mean(mine)


@features.register("beta")
@dataclass(frozen=True)
class Beta(Feature):
    """Slope of the symbol's one-bar returns on the mean return of all symbols, over ``n`` bars.

    The symbol itself included.
    """

    n: int = 60
    family: ClassVar = "cross_section"

    def graph(self, b: Inputs) -> Node:
        cov, _, var = comoments.all(b.ret, cross_mean(b.ret), w=self.n)
        return cov / var

    @property
    def lookback(self) -> int:
        return self.n + 1


@features.register("corr")
@dataclass(frozen=True)
class Correlation(Feature):
    """Correlation of the symbol's one-bar returns with the mean return of all symbols, over ``n`` bars."""

    n: int = 60
    family: ClassVar = "cross_section"

    def graph(self, b: Inputs) -> Node:
        cov, var, market = comoments.all(b.ret, cross_mean(b.ret), w=self.n)
        return cov / square_root(var * market)

    @property
    def lookback(self) -> int:
        return self.n + 1
