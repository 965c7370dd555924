"""What a strategy is, and the registry of them.

In: configuration. Out: a recipe (frozen dataclass) and, for one session, a running strategy whose whole
memory is arrays. Never here: a particular strategy.

A recipe never changes; ``start`` makes the part that does. That part can be saved, compared and restored,
so a strategy that restarts in the middle of a day decides as one that never stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from alphatrade.core.component import Registry, did_you_mean
from alphatrade.core.opinion import Signals
from alphatrade.strategies.view import View

__all__ = ["STRATEGIES", "Running", "Strategy", "blank_signals", "column", "register"]


class Running:
    """A strategy at work: one verb, and its memory.

    Parameters
    ----------
    decide : callable
        ``decide(view) -> Signals``. The arrays of the answer may be refilled by the next call.
    **state : numpy.ndarray
        Every array that ``decide`` remembers things in. It changes them in place and keeps nothing
        elsewhere.

    Examples
    --------
    >>> count = np.zeros(1)
    >>> def decide(view):
    ...     count[0] += 1
    ...     return blank_signals(1, horizon_bars=1, source="count")
    >>> running = Running(decide, count=count)
    >>> _ = running.decide(View(("A",)))
    >>> running.save()
    {'count': array([1.])}
    """

    __slots__ = ("decide", "state")

    def __init__(self, decide: Callable[[View], Signals], **state: np.ndarray) -> None:
        self.decide = decide
        self.state = state

    def save(self) -> dict[str, np.ndarray]:
        """A copy of the memory."""
        return {name: array.copy() for name, array in self.state.items()}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a saved memory."""
        found = {name: (array.shape, array.dtype) for name, array in state.items()}
        expected = {name: (array.shape, array.dtype) for name, array in self.state.items()}
        if found != expected:
            raise ValueError(
                f"expected a strategy state of {expected}, found {found}: same recipe and symbols?"
            )
        for name, array in state.items():
            self.state[name][...] = array


class Strategy(Protocol):
    """A recipe: a frozen dataclass whose fields are its configuration."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of the features it looks at; the engine serves no others."""
        ...

    def start(self, symbols: tuple[str, ...], features: tuple[str, ...] = ()) -> Running:
        """Begin a session over ``symbols``; ``features`` names the columns of ``view.feature``."""
        ...


STRATEGIES: Registry[Strategy] = Registry("strategy", "alphatrade.strategies")
register = STRATEGIES.register


def blank_signals(n: int, *, horizon_bars: int, source: str) -> Signals:
    """Signals of ``n`` symbols without an opinion: side NaN."""
    side, confidence, expected, volatility = np.full((4, n), np.nan)
    return Signals(side, confidence, expected, volatility, horizon_bars, source)


def column(name: str, features: tuple[str, ...], who: str) -> int:
    """Index of a feature in the view, or ``ValueError`` with the nearest name."""
    if name not in features:
        near = did_you_mean(name, list(features))
        raise ValueError(f"{who} reads the feature {name!r}, which is not served{near}")
    return features.index(name)
