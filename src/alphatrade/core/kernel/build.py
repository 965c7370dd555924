"""Compilation ahead of use, with progress.

In: kernels. Out: the same kernels, compiled; part of a long list by a second process through the cache on
disk. Never here: what is compiled into what.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from threading import Thread

from alphatrade.core.kernel.driver import PARTS
from alphatrade.core.kernel.entry import Compiled

__all__ = ["Progress", "compile_kernels"]

Progress = Callable[[str, int, int], None]
# Below this many, starting a second Python costs more than it saves.
_WORTH_A_PROCESS = 8


def _silent(name: str, done: int, total: int) -> None:
    pass


def _is_importable(kernel: Compiled) -> bool:
    module = sys.modules.get(kernel.__module__)
    return kernel.__module__ != "__main__" and getattr(module, kernel.name, None) is kernel


class _Child:
    """A second Python that compiles the same list from its end, until it meets what is ready."""

    def __init__(self, kernels: Sequence[Compiled]) -> None:
        command = [sys.executable, "-m", "alphatrade.core.kernel.build", *(k.identity for k in kernels)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._told: SimpleQueue[str] = SimpleQueue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with self._process as process:
            for line in process.stdout or ():
                self._told.put(line.strip())

    def news(self) -> Iterator[str]:
        """Names of what it has compiled since this was last asked."""
        while not self._told.empty():
            yield self._told.get()

    def join(self) -> None:
        self._reader.join()


def _compile(missing: Sequence[Compiled], tell: Progress, child: _Child | None) -> None:
    done = 0
    for kernel in missing:
        if child is None or not kernel.is_ready:
            kernel.address  # noqa: B018
            done += 1
            tell(kernel.name, done, len(missing))
        for name in child.news() if child is not None else ():
            done += 1
            tell(name, min(done, len(missing)), len(missing))
    if child is not None:
        child.join()


def compile_kernels(kernels: Sequence[Compiled], progress: Progress | None = None, processes: int = 2) -> int:
    """Compile what the cache does not hold of kernels and driver, and load all.

    Parameters
    ----------
    kernels : sequence of Compiled
    progress : callable, optional
        Called with (name, done, total) after each kernel compiled; never when nothing needs compiling.
    processes : int
        1 or 2.

    Returns
    -------
    int
        How many were compiled.

    Notes
    -----
    What a second process could not compile, this one compiles itself, and so raises its error.
    """
    needed = [*PARTS, *kernels]
    missing = [k for k in needed if not k.is_ready]
    sent = [k for k in missing if _is_importable(k)]
    child = _Child(sent) if processes > 1 and len(sent) >= _WORTH_A_PROCESS else None
    _compile(missing, progress or _silent, child)
    for kernel in needed:
        kernel.address  # noqa: B018
    return len(missing)


def main(identities: Sequence[str]) -> None:
    """Compile kernels named ``module:name`` into the cache, from the last one on, printing each name."""
    for identity in reversed(identities):
        module, name = identity.split(":")
        kernel: Compiled = getattr(importlib.import_module(module), name)
        if kernel.is_ready:
            continue
        kernel.address  # noqa: B018
        sys.stdout.write(name + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
