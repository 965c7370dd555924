"""Every registered strategy keeps the contract; strategies that break it are found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from alphatrade.core.opinion import Signals
from alphatrade.strategies import STRATEGIES, BlindLong, ForecastStrategy, RsiReversion, Running, SmaCross
from alphatrade.testing import check_strategy

RECIPES = [
    BlindLong(),
    ForecastStrategy(entry=0.01),
    ForecastStrategy(entry=0.01, exit=0.01, short=True, horizon=3),
    ForecastStrategy(cost_multiple=2.0, round_trip_cost=0.002, short=True),
    RsiReversion(),
    RsiReversion(short=True),
    SmaCross(),
    SmaCross(short=True),
]


@pytest.mark.parametrize("recipe", RECIPES, ids=repr)
def test_a_registered_strategy_keeps_the_contract(recipe):
    check_strategy(recipe)


def test_every_registered_strategy_is_checked():
    assert {recipe.kind for recipe in RECIPES} >= {
        name for name in STRATEGIES if STRATEGIES.get(name).__module__.startswith("alphatrade.")
    }


def _answer(view, side) -> Signals:
    ones = np.ones(len(view.symbols))
    return Signals(side, ones, np.nan * ones, view.volatility, 1, "broken")


@dataclass(frozen=True)
class Hidden:
    """Remembers outside its state."""

    reads: tuple[str, ...] = ()

    def start(self, symbols, features=()):
        closes = []

        def decide(view):
            closes.append(view.close.copy())
            return _answer(view, np.sign(np.nan_to_num(closes[-1] - closes[len(closes) // 2])))

        return Running(decide)


@dataclass(frozen=True)
class Writer:
    """Fills gaps of the view in place."""

    reads: tuple[str, ...] = ()

    def start(self, symbols, features=()):
        def decide(view):
            np.nan_to_num(view.bar, copy=False)
            return _answer(view, np.ones(len(symbols)))

        return Running(decide)


@dataclass(frozen=True)
class Shouter:
    """Answers with sizes instead of sides."""

    reads: tuple[str, ...] = ()

    def start(self, symbols, features=()):
        return Running(lambda view: _answer(view, np.full(len(symbols), 2.0)))


_SEEN: list[float] = []


@dataclass(frozen=True)
class Shared:
    """Shares memory between sessions."""

    reads: tuple[str, ...] = ()

    def start(self, symbols, features=()):
        def decide(view):
            _SEEN.append(view.time)
            return _answer(view, np.full(len(symbols), float(len(_SEEN) % 2)))

        return Running(decide)


@dataclass
class Thawed:
    reads: tuple[str, ...] = ()

    def start(self, symbols, features=()):
        return Running(lambda view: _answer(view, np.zeros(len(symbols))))


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (Hidden(), "restored decided differently"),
        (Writer(), "wrote into the view"),
        (Shouter(), "sides are"),
        (Shared(), "two fresh sessions"),
        (Thawed(), "frozen dataclass"),
    ],
)
def test_a_strategy_that_breaks_the_contract_is_found(recipe, message):
    with pytest.raises(AssertionError, match=message):
        check_strategy(recipe, slices=61)
