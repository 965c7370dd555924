"""AlphaTrade: from raw market bars to a running trading strategy, without fooling yourself.

>>> import alphatrade as at
>>> bars = at.sample_bars()
>>> bars.symbols
('AAPL', 'GOOG', 'IBM', 'MSFT')

A lazy facade over ``alphatrade.app``: names load their room on first use. No room imports this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from alphatrade.app.facade import *  # noqa: F403


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    from alphatrade.app import names

    return names.resolve(name)


def __dir__() -> list[str]:
    from alphatrade.app import names

    return sorted(names.PUBLIC)
