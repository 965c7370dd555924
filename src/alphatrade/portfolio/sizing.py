"""Sizing rules.

In: signals and a view. Out: targets. Never here: limits that forbid, orders.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from alphatrade.core.kernel.compile import njit
from alphatrade.core.opinion import Signals, Target
from alphatrade.portfolio.base import register
from alphatrade.portfolio.cap import cap
from alphatrade.strategies.view import View

__all__ = ["ConfidenceWeight", "EqualWeight", "VolatilityTarget"]


def _check_caps(max_position: float, max_gross: float) -> None:
    if not (0.0 < max_position <= max_gross and math.isfinite(max_gross)):
        raise ValueError(
            f"expected 0 < max_position <= max_gross (fractions of equity), found {max_position}, {max_gross}"
        )


@njit
def _equal(
    side: np.ndarray,
    confidence: np.ndarray,
    by_confidence: bool,
    held: np.ndarray,
    max_position: float,
    max_gross: float,
) -> np.ndarray:
    active = 0
    for s in range(len(side)):
        if side[s] != 0.0:
            active += 1
    out = np.empty_like(side)
    for s in range(len(side)):
        size = confidence[s] if by_confidence and side[s] != 0.0 else 1.0
        out[s] = side[s] * size * max_gross / max(active, 1)
    capped: np.ndarray = cap(out, held, max_position, max_gross)
    return capped


@register("equal_weight")
@dataclass(frozen=True)
class EqualWeight:
    """The same weight for every symbol with a position.

    Parameters
    ----------
    max_position : float
        Cap of one weight, fraction of equity.
    max_gross : float
        Sum of absolute weights when all are held.
    by_confidence : bool
        Scale each weight by its signal's confidence; the rest stays in cash.

    Notes
    -----
    ``weight = side * max_gross / n``, n the number of symbols with a side or with no opinion (those keep
    what they hold).
    """

    max_position: float = 0.10
    max_gross: float = 1.0
    by_confidence: bool = False

    def __post_init__(self) -> None:
        _check_caps(self.max_position, self.max_gross)

    def allocate(self, signals: Signals, view: View) -> Target:
        caps = (view.weight, self.max_position, self.max_gross)
        return Target(_equal(signals.side, signals.confidence, self.by_confidence, *caps))


@register("confidence")
@dataclass(frozen=True)
class ConfidenceWeight:
    """A weight between a smallest and a largest position, in proportion to confidence.

    Parameters
    ----------
    min_position, max_position : float
        Weight at confidence 0 and 1, fractions of equity.
    max_gross : float
        Cap on the sum of absolute weights; all shrink by one factor when it binds.
    """

    min_position: float = 0.01
    max_position: float = 0.10
    max_gross: float = 1.0

    def __post_init__(self) -> None:
        _check_caps(self.max_position, self.max_gross)
        if not 0.0 <= self.min_position <= self.max_position:
            raise ValueError(
                f"expected 0 <= min_position <= max_position, found {self.min_position}, {self.max_position}"
            )

    def allocate(self, signals: Signals, view: View) -> Target:
        spread = self.max_position - self.min_position
        size = np.where(signals.side == 0.0, 0.0, self.min_position + spread * signals.confidence)
        return Target(cap(signals.side * size, view.weight, self.max_position, self.max_gross))


@njit
def _volatility_target(
    side: np.ndarray,
    confidence: np.ndarray,
    volatility: np.ndarray,
    goal: float,
    correlation: float,
    by_confidence: bool,
    held: np.ndarray,
    max_position: float,
    max_gross: float,
) -> np.ndarray:
    """Equal risk for each side; ``goal`` is the portfolio's deviation of one bar's return."""
    n = 0.0
    net = 0.0
    for s in range(len(side)):
        if side[s] != 0.0:
            n += 1.0
            net += side[s] if side[s] == side[s] else 1.0
    spread = math.sqrt(max((1.0 - correlation) * n + correlation * net * net, 1.0))
    out = np.empty_like(side)
    for s in range(len(side)):
        v = volatility[s]
        if side[s] != side[s]:
            out[s] = math.nan
        elif side[s] == 0.0 or not v > 0.0:
            out[s] = 0.0
        else:
            out[s] = side[s] * goal / (spread * v) * (confidence[s] if by_confidence else 1.0)
    capped: np.ndarray = cap(out, held, max_position, max_gross)
    return capped


@register("volatility_target")
@dataclass(frozen=True)
class VolatilityTarget:
    """Size positions so that the portfolio is expected to swing by a chosen amount a year.

    Parameters
    ----------
    periods_per_year : float
        Bars a year of the market traded; nothing annualises without it.
    annual_volatility : float
        Deviation of the portfolio's yearly return to aim for when every confidence is 1.
    max_position, max_gross : float
        Caps, fractions of equity; with them the volatility reached is often lower.
    correlation : float
        Assumed between any two symbols' returns, 0..1. Too low a number takes too much risk in a crash.
    by_confidence : bool
        Scale each weight by its signal's confidence, so that doubt means cash.

    Notes
    -----
    With sides :math:`s_i`, bar volatilities :math:`v_i`, and n sides, each position carries the same risk
    r:

    .. math::

        w_i = s_i c_i r / v_i, \\qquad
        r = \\frac{\\sigma / \\sqrt{P}}{\\sqrt{(1 - \\rho) n + \\rho (\\sum s_i)^2}}

    A symbol without an opinion (side NaN) keeps what it holds and counts as one long side of n. A symbol
    whose volatility is not known yet (NaN), or is 0, has weight 0.

    Examples
    --------
    >>> view = View(("A", "B"))
    >>> view.volatility[:] = 0.01, 0.02
    >>> signals = Signals(np.array([1.0, 1.0]), np.ones(2), np.full(2, np.nan), view.volatility, 1, "doc")
    >>> VolatilityTarget(256.0, max_position=1.0, correlation=0.0).allocate(signals, view).weight.round(4)
    array([0.5303, 0.2652])
    """

    periods_per_year: float
    annual_volatility: float = 0.12
    max_position: float = 0.10
    max_gross: float = 1.0
    correlation: float = 0.5
    by_confidence: bool = True

    def __post_init__(self) -> None:
        _check_caps(self.max_position, self.max_gross)
        if not (self.periods_per_year > 0.0 and self.annual_volatility > 0.0):
            raise ValueError(
                "expected periods_per_year and annual_volatility above 0, "
                f"found {self.periods_per_year} and {self.annual_volatility}"
            )
        if not 0.0 <= self.correlation <= 1.0:
            raise ValueError(f"correlation must be in 0..1, found {self.correlation}")

    @property
    def bar_volatility(self) -> float:
        """The goal for one bar's return."""
        return self.annual_volatility / math.sqrt(self.periods_per_year)

    def allocate(self, signals: Signals, view: View) -> Target:
        said = (signals.side, signals.confidence, signals.volatility)
        rule = (self.bar_volatility, self.correlation, self.by_confidence)
        caps = (view.weight, self.max_position, self.max_gross)
        return Target(_volatility_target(*said, *rule, *caps))
