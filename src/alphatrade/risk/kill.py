"""The kill switch: once tripped it stays so, through restarts, until a person resumes.

In: a reason and a time. Out: whether trading is halted. Never here: when to trip (``risk.limit`` and people
decide), files (``adapters`` has a store that outlives the process).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from alphatrade.core.clock import iso
from alphatrade.core.errors import RiskHalt

__all__ = ["Halt", "HaltStore", "KillSwitch", "MemoryHalts"]


@dataclass(frozen=True)
class Halt:
    """Trading was stopped at ``time`` (ns) for ``reason``."""

    reason: str
    time: int


class HaltStore(Protocol):
    """Where a halt is kept. ``write`` returns once it would survive a crash."""

    def read(self) -> Halt | None:
        """The halt in force, or None."""
        ...

    def write(self, halt: Halt | None, note: str) -> None:
        """Replace it; ``note`` says who or what did."""
        ...


class MemoryHalts:
    """A store for backtests: it ends with the process."""

    def __init__(self) -> None:
        self._halt: Halt | None = None

    def read(self) -> Halt | None:
        return self._halt

    def write(self, halt: Halt | None, note: str) -> None:
        self._halt = halt


class KillSwitch:
    """Latching stop.

    While tripped, limits turn every target to 0 and approve only orders that reduce a position. The store
    is read each time, so that another process (a person at a terminal) can trip it too.

    Examples
    --------
    >>> switch = KillSwitch()
    >>> switch.trip("drawdown 31 % of 30 %", 0)
    >>> switch.trip("another reason", 1)
    >>> switch.halt
    Halt(reason='drawdown 31 % of 30 %', time=0)
    >>> switch.resume("Ada", "checked the feed")
    >>> switch.halt is None
    True
    """

    def __init__(self, store: HaltStore | None = None) -> None:
        self._store = MemoryHalts() if store is None else store

    @property
    def halt(self) -> Halt | None:
        """The halt in force; the first reason stays."""
        return self._store.read()

    def trip(self, reason: str, time: int) -> None:
        """Stop. Tripping twice keeps the first reason."""
        if self.halt is None:
            self._store.write(Halt(reason, time), f"tripped: {reason}")

    def resume(self, person: str, why: str) -> None:
        """Allow trading again; a person must say who they are and why."""
        if not person.strip() or not why.strip():
            raise ValueError("only a person resumes trading: give a name and a reason")
        self._store.write(None, f"resumed by {person}: {why}")

    def require_clear(self) -> None:
        """Raise ``RiskHalt`` while tripped: nothing new may start."""
        halt = self.halt
        if halt is not None:
            raise RiskHalt(
                f"trading is halted since {iso(halt.time)} ({halt.reason}): a person must resume it"
            )
