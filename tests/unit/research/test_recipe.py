"""Recipes: what a study need not say twice, what it may not leave out, and what makes another trial."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from alphatrade.core.bar import BarInfo
from alphatrade.core.errors import ConfigError
from alphatrade.execution import Costs
from alphatrade.features import FeatureSet
from alphatrade.research import Recipe, Study

INFO = BarInfo("1d", "24/5")
SMALL = {"features": {"names": ["rsi_14", "zscore_20"]}, "costs": {"preset": "us_equity"}}


def built(**sections: Any) -> Recipe:
    return Recipe.from_study(Study.model_validate(SMALL | sections), INFO)


def test_what_follows_from_the_study_need_not_be_written_twice() -> None:
    recipe = built(labels={"kind": "fixed_horizon", "horizon": 7})
    assert recipe.strategy.horizon == 7  # type: ignore[attr-defined]
    assert recipe.strategy.round_trip_cost == Costs.us_equity().round_trip()  # type: ignore[attr-defined]
    assert recipe.allocator.periods_per_year == INFO.periods_per_year  # type: ignore[attr-defined]


def test_what_is_written_stands() -> None:
    recipe = built(
        strategy={"kind": "forecast", "horizon": 3},
        allocator={"kind": "volatility_target", "periods_per_year": 100.0},
    )
    assert recipe.strategy.horizon == 3  # type: ignore[attr-defined]
    assert recipe.allocator.periods_per_year == 100.0  # type: ignore[attr-defined]


def test_a_strategy_that_reads_no_forecast_gets_none_of_its_fields() -> None:
    assert built(strategy={"kind": "blind_long"}, allocator={"kind": "equal_weight"}).hash


def test_no_names_are_the_whole_catalogue_less_what_is_excluded() -> None:
    catalogue = FeatureSet.catalogue().names
    recipe = built(features={"exclude": [catalogue[0]]})
    assert recipe.features.names == catalogue[1:]


def test_a_preset_of_costs_may_be_changed_in_part() -> None:
    recipe = built(costs={"preset": "us_equity", "spread_bps": 9.0})
    assert recipe.costs == replace(Costs.us_equity(), spread_bps=9.0)


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"costs": {}}, "costs: .*spread_bps.* not given: write them, or preset = 'us_equity'"),
        ({"costs": {"preset": "us_equty"}}, "unknown preset 'us_equty'; did you mean 'us_equity'"),
        ({"costs": {"preset": "free", "sprd_bps": 1.0}}, "unknown key 'sprd_bps'; did you mean 'spread_bps'"),
        ({"costs": {"preset": "free", "spread_bps": -1.0}}, "costs: "),
        ({"model": {"kind": "lightgmb"}}, "unknown model 'lightgmb'; did you mean 'lightgbm'"),
        ({"model": {"kind": "logistic", "sed": 1}}, "unknown setting 'sed' of model 'logistic'"),
        ({"labels": {"kind": "triple_barier"}}, "did you mean 'triple_barrier'"),
        ({"labels": {"kind": "triple_barrier", "profit": -1.0}}, "labeler 'triple_barrier': "),
        ({"split": {"kind": "walkforward"}}, "did you mean 'walk_forward'"),
        ({"strategy": {"kind": "forcast"}}, "did you mean 'forecast'"),
        ({"allocator": {"kind": "equal_wieght"}}, "did you mean 'equal_weight'"),
        ({"limits": {"max_postion": 0.1}}, "limits: unknown key 'max_postion'; did you mean 'max_position'"),
        ({"gates": {"shape": 1.0}}, "gates: unknown gate 'shape'; did you mean 'sharpe'"),
        ({"features": {"names": ["rsi_14"], "exclude": ["rsi_15"]}}, "exclude names 'rsi_15'; did you mean"),
        ({"features": {"names": ["rsj_14"]}}, "did you mean"),
    ],
)
def test_a_wrong_part_is_named(sections: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        built(**sections)


@pytest.mark.parametrize("fraction", [-0.1, 0.9])
def test_a_hold_out_is_a_fraction(recipe: Recipe, fraction: float) -> None:
    with pytest.raises(ValueError, match="hold_out is a fraction of the rows"):
        replace(recipe, hold_out=fraction)


def test_threads_are_at_least_one(recipe: Recipe) -> None:
    with pytest.raises(ValueError, match="threads: expected at least 1, found 0"):
        replace(recipe, threads=0)


@pytest.mark.parametrize(
    "sections",
    [
        {"seed": 1},
        {"cash": 5.0},
        {"hold_out": 0.3},
        {"features": {"names": ["zscore_20", "rsi_14"]}},
        {"labels": {"kind": "triple_barrier", "horizon": 21}},
        {"model": {"kind": "logistic"}},
        {"split": {"kind": "walk_forward", "embargo": "2d"}},
        {"strategy": {"kind": "forecast", "short": True}},
        {"allocator": {"kind": "equal_weight"}},
        {"limits": {"max_position": 0.05}},
        {"costs": {"preset": "free"}},
    ],
    ids=lambda s: next(iter(s)),
)
def test_whatever_decides_the_outcome_makes_another_trial(sections: dict[str, Any]) -> None:
    assert built(**sections).hash != built().hash


def test_names_threads_and_gates_make_no_other_trial() -> None:
    assert built(name="x", threads=1, gates={"sharpe": 2.0}).hash == built().hash


def test_defaults_written_out_make_no_other_trial() -> None:
    assert built(model={"kind": "lightgbm", "refit": True}).hash == built().hash
