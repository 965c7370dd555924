"""The contract of strategies.

In: a recipe. Out: nothing, or an ``AssertionError`` that names the broken clause. Never here: whether it
makes money.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from alphatrade.core.component import config_of
from alphatrade.core.opinion import Forecast, Signals
from alphatrade.engine.account import Account
from alphatrade.engine.port import Slice
from alphatrade.strategies import STRATEGIES, Running, Strategy, View

__all__ = ["check_strategy"]

_CLASSES = (-1, 0, 1)


class _Moment(NamedTuple):
    slice: Slice
    feature: np.ndarray
    forecast: Forecast


class _Said(NamedTuple):
    side: np.ndarray
    confidence: np.ndarray
    expected: np.ndarray
    horizon: int


def check_strategy(recipe: Strategy, *, slices: int = 120, symbols: int = 4, seed: int = 0) -> None:
    """Check that ``recipe`` keeps the promises every strategy makes.

    1. Frozen: its configuration rebuilds it, and running it does not change it.
    2. Lawful: side is +1, -1, 0 or NaN; confidence is in 0..1 where there is a side; one entry a symbol.
    3. A reader: the view is the same after a decision as before.
    4. Its memory is its state: a session saved at any slice and restored into a fresh start goes on the
    same way, as
       does a session beside another one.
    5. Causal: decisions do not depend on slices still to come.

    Examples
    --------
    >>> from alphatrade.strategies import BlindLong
    >>> check_strategy(BlindLong())
    """
    names = tuple(f"S{i}" for i in range(symbols))
    market = _market(recipe, slices, symbols, seed)
    _check_recipe(recipe)
    said = _run(recipe, names, market)
    _check_lawful(said, market, symbols)
    assert _same(said, _run(recipe, names, market)), (
        "two fresh sessions over the same slices decided differently"
    )
    for cut in sorted({1, slices // 3, slices - 1}):
        _check_restored(recipe, names, market, said, cut)
        other = market[:cut] + _market(recipe, slices, symbols, seed + 1)[cut:]
        found = _run(recipe, names, other)[:cut]
        assert _same(said[:cut], found), (
            f"decisions of the first {cut} slices changed with what came after them"
        )


def _market(recipe: Strategy, slices: int, symbols: int, seed: int) -> list[_Moment]:
    """Random bars, features and forecasts with absences; features swing over 0..100 and cross one another."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(0.01 * rng.standard_normal((slices, symbols)), axis=0))
    bars = np.repeat(close[:, :, None], 5, axis=2)
    bars[:, :, 1] *= 1.01
    bars[:, :, 2] *= 0.99
    bars[:, :, 4] = rng.integers(1_000, 100_000, (slices, symbols))
    absent = rng.random((slices, symbols)) < 0.1
    bars[absent] = np.nan
    feature = rng.uniform(0.0, 100.0, (slices, symbols, len(recipe.reads))).astype(np.float32)
    feature[absent | (rng.random(absent.shape) < 0.1)] = np.nan
    probability = rng.dirichlet(np.ones(len(_CLASSES)), (slices, symbols))
    expected = 0.05 * (probability[:, :, 2] - probability[:, :, 0])
    silent = absent | (rng.random(absent.shape) < 0.3)
    silent[slices // 2 : slices // 2 + slices // 4] = True
    probability[silent], expected[silent] = np.nan, np.nan
    row = np.where(absent, -1, np.cumsum(~absent, axis=0) - 1).astype(np.int32)
    return [
        _Moment(
            Slice((t + 1) * 10**9, bars[t], row[t], t // 10),
            feature[t],
            Forecast(_CLASSES, probability[t], expected[t]),
        )
        for t in range(slices)
    ]


class _Session:
    """One running strategy with the account columns its view needs."""

    def __init__(self, recipe: Strategy, names: tuple[str, ...]) -> None:
        self.account = Account(names, 1_000_000.0)
        self.running: Running = recipe.start(names, tuple(recipe.reads))

    def decide(self, moment: _Moment) -> _Said:
        view = self.account.view
        self.account.observe(moment.slice)
        view.feature, view.forecast = moment.feature, moment.forecast
        before = _photograph(view)
        signals = self.running.decide(view)
        assert _photograph(view) == before, "the strategy wrote into the view: copy what you want to change"
        return _heard(signals)


def _photograph(view: View) -> tuple[bytes, ...]:
    arrays = (
        view.bar,
        view.present,
        view.feature,
        view.close,
        view.volatility,
        view.qty,
        view.pending,
        view.weight,
    )
    forecast = (view.forecast.probability, view.forecast.expected_return)
    return tuple(a.tobytes() for a in (*arrays, *forecast))


def _heard(signals: Signals) -> _Said:
    side, confidence, expected = signals.side, signals.confidence, signals.expected_return
    return _Said(
        np.array(side, float), np.array(confidence, float), np.array(expected, float), signals.horizon_bars
    )


def _run(recipe: Strategy, names: tuple[str, ...], market: Sequence[_Moment]) -> list[_Said]:
    session = _Session(recipe, names)
    return [session.decide(moment) for moment in market]


def _same(a: Sequence[_Said], b: Sequence[_Said]) -> bool:
    return len(a) == len(b) and all(
        x.horizon == y.horizon and all(np.array_equal(p, q, equal_nan=True) for p, q in zip(x[:3], y[:3]))
        for x, y in zip(a, b)
    )


def _check_recipe(recipe: Strategy) -> None:
    frozen = getattr(getattr(type(recipe), "__dataclass_params__", None), "frozen", False)
    assert frozen, f"{type(recipe).__name__} must be a frozen dataclass"
    kind = getattr(recipe, "kind", None)
    if kind is not None:
        rebuilt = STRATEGIES.build(config_of(recipe))
        assert repr(rebuilt) == repr(recipe), f"the configuration of {recipe} rebuilds {rebuilt}"


def _check_lawful(said: Sequence[_Said], market: Sequence[_Moment], symbols: int) -> None:
    for t, one in enumerate(said):
        assert one.side.shape == (symbols,), f"slice {t}: expected a side for each of {symbols} symbols"
        assert np.isin(one.side[~np.isnan(one.side)], (-1.0, 0.0, 1.0)).all(), (
            f"slice {t}: sides are {one.side}"
        )
        sure = one.confidence[np.abs(one.side) == 1.0]
        assert ((sure >= 0.0) & (sure <= 1.0)).all(), (
            f"slice {t}: confidence is {one.confidence}, expected 0..1"
        )
        assert one.horizon >= 1, f"slice {t}: horizon is {one.horizon} bars, expected at least 1"


def _check_restored(
    recipe: Strategy, names: tuple[str, ...], market: Sequence[_Moment], said: Sequence[_Said], cut: int
) -> None:
    first, second = _Session(recipe, names), _Session(recipe, names)
    for moment in market[:cut]:
        first.decide(moment)
    second.account.restore(first.account.save())
    second.running.restore(first.running.save())
    found = []
    for moment in market[cut:]:
        found.append(second.decide(moment))
        first.decide(market[0])
    assert _same(said[cut:], found), f"a session saved after {cut} slices and restored decided differently"
