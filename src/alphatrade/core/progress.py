"""Progress: how long work says how far it is.

In: counts. Out: calls to whatever shows them. Never here: terminals (``app`` draws the bars).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["Progress", "Silent", "Stages"]


class Progress(Protocol):
    """Shows one bar a stage."""

    def update(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` units of ``stage`` are finished."""
        ...


class Silent:
    """Shows nothing."""

    def update(self, stage: str, done: int, total: int) -> None:
        return


class Stages:
    """Times named stages one after the other and passes counts on to ``progress``."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.progress: Progress = progress or Silent()
        self.seconds: dict[str, float] = {}
        self._name = ""
        self._done = self._total = 0
        self._lock = threading.Lock()

    @contextmanager
    def stage(self, name: str, total: int = 1) -> Iterator[Stages]:
        began = time.perf_counter()
        self._name = name
        self._done, self._total = 0, total
        self.progress.update(name, 0, total)
        yield self
        self.progress.update(name, max(self._total, 1), max(self._total, 1))
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

    def step(self, n: int = 1) -> None:
        """``n`` more units of the running stage are finished; any thread may say so."""
        with self._lock:
            self._done += n
            self.progress.update(self._name, min(self._done, self._total), self._total)
