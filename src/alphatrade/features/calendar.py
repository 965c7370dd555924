"""Calendar: what the clock and the session say when a bar closes.

In: times of bars and sessions, local. Out: features. Never here: events of companies (their dates become
known at some time).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import modulo

__all__ = ["Hour", "SessionProgress"]


@features.register("hour")
@dataclass(frozen=True)
class Hour(Feature):
    """Local time of day at which the bar ends, in hours: 9.75 for a quarter to ten, 0 for midnight."""

    family: ClassVar = "calendar"
    units: ClassVar = "hours"

    def graph(self, b: Inputs) -> Node:
        return modulo(b.bar_end, m=86_400.0) * (1.0 / 3_600.0)


@features.register("session_progress")
@dataclass(frozen=True)
class SessionProgress(Feature):
    """Share of the session that is over when the bar ends: 1 at its close, half days included."""

    family: ClassVar = "calendar"

    def graph(self, b: Inputs) -> Node:
        return (b.bar_end - b.session_open) / (b.session_close - b.session_open)
