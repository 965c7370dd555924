"""The trial ledger's port: how any room says that held-out outcomes were revealed.

In: a configuration hash, a data hash, and what was seen. Out: the count a result must be deflated by.
Never here: a store (``adapters`` has one; ``app.wiring`` connects it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["MemoryTrials", "Trial", "TrialLedger"]


@dataclass(frozen=True)
class Trial:
    """One distinct configuration whose held-out outcomes were revealed on one data set.

    ``kind`` is ``"trial"`` for a walk-forward or cross-validated result and ``"opening"`` for a hold-out.
    ``sharpe`` is per period (not annualised), over ``n`` periods; both feed the deflated Sharpe ratio.
    """

    config_hash: str
    data_hash: str
    kind: str
    sharpe: float
    n: int


class TrialLedger(Protocol):
    """Counts distinct trials. Recording the same (config, data, kind) again is a repeat, not a new trial."""

    def record(self, trial: Trial) -> bool:
        """Append ``trial``; True when it was new, False for a repeat."""
        ...

    def trials(self, data_hash: str, kind: str = "trial") -> list[Trial]:
        """All distinct trials on a data set, in order of first recording."""
        ...

    def head(self) -> str:
        """Hash of the last entry of the chain; pinned by run manifests."""
        ...


class MemoryTrials:
    """A ledger that forgets when the process ends: for tests and for synthetic placebo worlds only."""

    def __init__(self) -> None:
        self._trials: dict[tuple[str, str, str], Trial] = {}

    def record(self, trial: Trial) -> bool:
        key = (trial.config_hash, trial.data_hash, trial.kind)
        new = key not in self._trials
        self._trials.setdefault(key, trial)
        return new

    def trials(self, data_hash: str, kind: str = "trial") -> list[Trial]:
        return [t for t in self._trials.values() if t.data_hash == data_hash and t.kind == kind]

    def head(self) -> str:
        return f"memory:{len(self._trials)}"
