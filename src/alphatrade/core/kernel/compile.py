"""Numba with a cache that notices every edited kernel.

In: Python functions. Out: compiled functions, cached on disk. Never here: kernels themselves.

Numba's own cache looks at the file of the function it compiled, not at the files of the functions that one
calls, and so runs an old callee after an edit. Here the source stamp of every cached function is a digest of
its file, of every file that one imports (and those import, and so on), and of the library versions: an edited
callee recompiles its callers, and nothing stale can run. A stamp is taken when a function is declared, of the
source that Python has just read: taken when it is compiled, it could be that of a later edit.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import llvmlite
import numba
import numpy as np
from numba.core.caching import FunctionCache, IndexDataCacheFile, UserWideCacheLocator

__all__ = ["KernelCache", "cache_folder", "kernel_stamp", "njit", "routine"]

F = TypeVar("F", bound=Callable[..., Any])
_ROOT = Path(__file__).resolve().parents[2]


def cache_folder() -> Path:
    """Folder of compiled kernels: ``ALPHATRADE_CACHE`` or the user's cache folder."""
    home = os.environ.get("ALPHATRADE_CACHE")
    if home:
        return Path(home) / "kernels"
    return Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "alphatrade" / "kernels"


_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]+)|import[ \t]+([\w., \t]+))",
    re.MULTILINE,
)


def _file_of(module: str, beside: Path) -> Path | None:
    """Source of a module of this package, or of one that lies in or below the folder ``beside``."""
    if module.split(".")[0] == _ROOT.name:
        base = _ROOT.joinpath(*module.split(".")[1:])
        found = [p for p in (base.with_suffix(".py"), base / "__init__.py") if p.is_file()]
        return found[0] if found else None
    if module.startswith("."):
        up = len(module) - len(module.lstrip("."))
        path = beside.joinpath(*[".."] * (up - 1), *module.strip(".").split(".")).resolve()
        found = [p for p in (path.with_suffix(".py"), path / "__init__.py") if p.is_file()]
        return found[0] if found else None
    loaded = getattr(sys.modules.get(module), "__file__", None)
    return Path(loaded) if loaded and Path(loaded).is_relative_to(beside) else None


@cache
def _text(path: Path) -> str:
    """A source file as it was when this process first looked at it."""
    return path.read_text(encoding="utf-8")


@cache
def _imports(path: Path) -> frozenset[Path]:
    """Files of our own, or beside this one, that a source file imports."""
    names: set[str] = set()
    for package, items, plain in _IMPORT.findall(_text(path)):
        if plain:
            names.update(part.split()[0] for part in plain.split(",") if part.strip())
            continue
        names.add(package)
        listed = re.sub(r"#[^\n]*", "", items).strip("()")
        stem = package if package.endswith(".") else package + "."
        names.update(stem + part.split()[0] for part in listed.split(",") if part.strip())
    files = (_file_of(name, path.parent) for name in names)
    return frozenset(f for f in files if f is not None)


@cache
def kernel_stamp(file: str) -> str:
    """Digest of a source file, of all it imports in turn, and of the versions that compile it.

    Imported are files of this package, and, for a plug-in, files in its own folder.
    """
    todo, seen = [Path(file).resolve()], set()
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo.extend(_imports(path))
    digest = hashlib.sha256()
    for version in (numba.__version__, llvmlite.__version__, np.__version__):
        digest.update(version.encode())
    for path in sorted(seen):
        digest.update(f"{path.name}:{hashlib.sha256(_text(path).encode()).hexdigest()};".encode())
    return digest.hexdigest()


class _Locator(UserWideCacheLocator):  # type: ignore[misc]
    """Places the cache in our folder and stamps it with ``kernel_stamp``."""

    def __init__(self, py_func: Callable[..., Any], py_file: str) -> None:
        self._py_file = py_file
        self._lineno = py_func.__code__.co_firstlineno
        self._cache_path = str(cache_folder())

    def get_cache_path(self) -> str:
        return self._cache_path

    def get_source_stamp(self) -> str:
        return kernel_stamp(self._py_file)

    def get_disambiguator(self) -> str:
        # The stamp is in the file's name: numba writes the index before the data, so a reader could otherwise
        # meet a new index beside data of the old source.
        where = f"{self._py_file}:{self._lineno}:{self.get_source_stamp()}"
        return hashlib.sha256(where.encode()).hexdigest()[:24]

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> _Locator | None:
        return cls(py_func, py_file) if os.path.exists(py_file) else None


class _Impl(FunctionCache._impl_class):  # type: ignore[misc]
    _locator_classes = [_Locator]


class _File(IndexDataCacheFile):  # type: ignore[misc]
    """An index and its data files, which several processes may write at once."""

    def save(self, key: Any, data: Any) -> None:
        # A name made of the key: two processes never give one name to two things. Data come first: what the
        # index names is there.
        name = self._data_name(int(hashlib.sha256(repr(key).encode()).hexdigest()[:12], 16))
        self._save_data(name, data)
        self._save_index({**self._load_index(), key: name})


class KernelCache(FunctionCache):  # type: ignore[misc]
    """Numba's function cache with our locator and files."""

    _impl_class = _Impl

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        stamp = kernel_stamp(function.__code__.co_filename)
        self._cache_file = _File(self._cache_path, self._impl.filename_base, stamp)


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


def routine(function: F | None = None, **options: Any) -> Any:
    """``njit`` for a function that kernels call: a division by zero gives inf or NaN, as in numpy, and no
    error.

    >>> @routine
    ... def ratio(x, y):
    ...     return x / y
    >>> ratio(1.0, 0.0)
    inf
    """
    return njit(function, error_model="numpy", **options)
