"""A small world that several files walk through once."""

from __future__ import annotations

import pytest

from alphatrade.core.bar import Bars
from alphatrade.data import synthetic_bars
from alphatrade.dataset import WalkForward
from alphatrade.execution import Costs
from alphatrade.features import FeatureSet
from alphatrade.labels import TripleBarrier
from alphatrade.models import Logistic
from alphatrade.research import Recipe
from alphatrade.research.walk import WalkForwardResult, walk
from alphatrade.strategies import BlindLong


@pytest.fixture(scope="session")
def world() -> Bars:
    """Three random walks over three and a half years of days."""
    return synthetic_bars("random", seed=11, symbols=3, bars=900)


@pytest.fixture(scope="session")
def recipe(world: Bars) -> Recipe:
    """Few features and a small model, refitted every quarter; the strategy always trades."""
    return Recipe.make(
        world.info,
        FeatureSet(["ret_1", "rsi_14", "zscore_20"]),
        TripleBarrier(),
        Logistic(),
        WalkForward(train="all", test="1q", min_train="1y"),
        Costs.us_equity(),
        strategy=BlindLong(),
    )


@pytest.fixture(scope="session")
def walked(world: Bars, recipe: Recipe) -> WalkForwardResult:
    return walk(world, recipe)
