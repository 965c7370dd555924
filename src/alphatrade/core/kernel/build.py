"""Compilation ahead of use, with progress.

In: kernels. Out: the same kernels, compiled; the second half of a long list by a second process through the
cache on disk. Never here: what is compiled into what.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Sequence

from alphatrade.core.kernel.driver import compile_driver
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


def _start_child(kernels: Sequence[Compiled]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "alphatrade.core.kernel.build", *(k.identity for k in kernels)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def compile_kernels(kernels: Sequence[Compiled], progress: Progress | None = None, processes: int = 2) -> int:
    """Compile what the cache does not hold, and load all.

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
    tell = progress or _silent
    missing = [k for k in kernels if not k.is_ready]
    sent = (
        [k for k in missing if _is_importable(k)][1::2]
        if processes > 1 and len(missing) >= _WORTH_A_PROCESS
        else []
    )
    child = _start_child(sent) if sent else None
    compile_driver()
    done = 0
    for kernel in missing:
        if kernel not in sent:
            kernel.address  # noqa: B018
            done += 1
            tell(kernel.name, done, len(missing))
    if child is not None and child.stdout is not None:
        with child:
            for line in child.stdout:
                done += 1
                tell(line.strip(), done, len(missing))
    for kernel in kernels:
        kernel.address  # noqa: B018
    return len(missing)


def main(identities: Sequence[str]) -> None:
    """Compile kernels named ``module:name`` into the cache, printing each name when it is done."""
    for identity in identities:
        module, name = identity.split(":")
        kernel: Compiled = getattr(importlib.import_module(module), name)
        kernel.address  # noqa: B018
        sys.stdout.write(name + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
