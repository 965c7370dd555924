"""Synthetic markets by name, as a study asks for them.

In: a market's name, a seed and its parameters. Out: ``Bars``. Never here: the markets (``data.synthetic``,
``data.planted``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from alphatrade.core.bar import Bars
from alphatrade.core.component import did_you_mean
from alphatrade.core.errors import ConfigError
from alphatrade.data.planted import planted
from alphatrade.data.synthetic import gaps, jumps, random_walk, regimes

__all__ = ["MARKETS", "synthetic_bars"]

MARKETS: dict[str, Callable[..., Bars]] = {
    "random": random_walk,
    "planted": planted,
    "regimes": lambda seed, **settings: regimes(seed, **settings)[0],
    "jumps": jumps,
    "gaps": gaps,
}


def synthetic_bars(market: str, seed: int = 0, **settings: Any) -> Bars:
    """Bars of a synthetic market: ``random``, ``planted``, ``regimes``, ``jumps`` or ``gaps``.

    ``settings`` are the parameters of that market, such as ``symbols``, ``bars``, ``frequency``.

    >>> synthetic_bars("random", seed=1, symbols=2, bars=10).symbols
    ('SYN01', 'SYN02')
    """
    if market not in MARKETS:
        raise ConfigError(f"unknown market {market!r} in data.market{did_you_mean(market, list(MARKETS))}")
    return MARKETS[market](seed, **settings)
