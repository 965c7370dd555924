"""Numba with a cache that notices every edited kernel.

In: Python functions. Out: compiled functions, cached on disk. Never here: kernels themselves.

Numba's own cache looks at the file of the function it compiled, not at the files of the functions that one
calls, and so runs an old callee after an edit. Here the source stamp of every cached function is a digest of
all kernel sources of the package, of the function's own file, and of the library versions: one edited kernel
recompiles them all, and nothing stale can run.
"""

from __future__ import annotations

import hashlib
import inspect
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import llvmlite
import numba
import numpy as np
from numba.core.caching import FunctionCache, UserWideCacheLocator

__all__ = ["cache_folder", "kernel_stamp", "njit"]

F = TypeVar("F", bound=Callable[..., Any])
_ROOT = Path(__file__).resolve().parents[2]


def cache_folder() -> Path:
    """Folder of compiled kernels: ``ALPHATRADE_CACHE`` or the user's cache folder."""
    home = os.environ.get("ALPHATRADE_CACHE")
    if home:
        return Path(home) / "kernels"
    return Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "alphatrade" / "kernels"


@cache
def kernel_stamp() -> str:
    """Digest of every kernel source of the package and of the versions that compile it."""
    digest = hashlib.sha256()
    for version in (numba.__version__, llvmlite.__version__, np.__version__):
        digest.update(version.encode())
    for path in sorted(_ROOT.rglob("*.py")):
        text = path.read_bytes()
        if b"core.kernel" in text or b"core/kernel" in path.as_posix().encode():
            digest.update(str(path.relative_to(_ROOT)).encode())
            digest.update(text)
    return digest.hexdigest()


class _Locator(UserWideCacheLocator):  # type: ignore[misc]
    """Places the cache in our folder and stamps it with ``kernel_stamp``."""

    def __init__(self, py_func: Callable[..., Any], py_file: str) -> None:
        self._py_file = py_file
        self._lineno = py_func.__code__.co_firstlineno
        self._cache_path = str(cache_folder())

    def get_cache_path(self) -> str:
        return self._cache_path

    def get_source_stamp(self) -> tuple[str, str]:
        own = hashlib.sha256(Path(self._py_file).read_bytes()).hexdigest()
        return kernel_stamp(), own

    def get_disambiguator(self) -> str:
        where = f"{self._py_file}:{self._lineno}"
        return hashlib.sha256(where.encode()).hexdigest()[:12]

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _Locator | None:
        return cls(py_func, py_file) if os.path.exists(py_file) else None


class _Impl(FunctionCache._impl_class):  # type: ignore[misc, name-defined]
    _locator_classes = [_Locator]


class KernelCache(FunctionCache):  # type: ignore[misc]
    """Numba's function cache with our locator."""

    _impl_class = _Impl


def njit(function: F | None = None, **options: Any) -> Any:
    """``numba.njit(nogil=True)`` with the cache above. Never ``fastmath``: bits would depend on chunking.

    >>> @njit
    ... def double(x):
    ...     return 2.0 * x
    >>> double(21.0)
    42.0
    """
    if options.get("fastmath"):
        raise ValueError("fastmath reorders sums, so results would depend on chunking: leave it out")

    def wrap(f: F) -> Any:
        compiled = numba.njit(nogil=True, **options)(f)
        if Path(inspect.getfile(f)).exists():
            compiled._cache = KernelCache(compiled.py_func)
        return compiled

    return wrap if function is None else wrap(function)
