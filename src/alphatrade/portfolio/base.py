"""What an allocator is, and the registry of them.

In: configuration. Out: allocators, frozen dataclasses with one verb. Never here: a particular allocator.
"""

from __future__ import annotations

from typing import Protocol

from alphatrade.core.component import Registry
from alphatrade.core.opinion import Signals, Target
from alphatrade.strategies.view import View

__all__ = ["ALLOCATORS", "Allocator", "register"]


class Allocator(Protocol):
    """Turns opinions into weights. It has no memory: what it needs of the past is in the view."""

    def allocate(self, signals: Signals, view: View) -> Target:
        """Weight of each symbol; NaN (no opinion) leaves a position as it is, 0 closes it."""
        ...


ALLOCATORS: Registry[Allocator] = Registry("allocator", "alphatrade.allocators")
register = ALLOCATORS.register
