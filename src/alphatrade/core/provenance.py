"""Hashes: how bytes, tables and configurations are identified.

In: bytes, arrays, tables, plain configuration. Out: hex SHA-256 digests that do not depend on memory layout.
Never here: files of a run (``research`` writes those).
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

__all__ = ["code_hash", "hash_config", "hash_file", "hash_frame", "versions"]


def hash_config(config: Any) -> str:
    """Digest of plain configuration; the order of keys does not matter.

    >>> hash_config({"a": 1, "b": 2}) == hash_config({"b": 2, "a": 1})
    True
    """
    text = json.dumps(config, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_file(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as f:
        while block := f.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def hash_frame(frame: pl.DataFrame) -> str:
    """Digest of a table's column names, types and values, in row order; NaN and null are distinct values."""
    digest = hashlib.sha256()
    for name in frame.columns:
        column = frame[name]
        digest.update(f"{name}:{column.dtype}:{len(column)};".encode())
        valid = column.is_not_null().to_numpy()
        digest.update(np.packbits(valid).tobytes())
        if column.dtype in (pl.String, pl.Categorical, pl.Enum):
            digest.update("\x00".join(column.cast(pl.String).fill_null("").to_list()).encode())
        else:
            physical = column.to_physical().fill_null(0)
            digest.update(np.ascontiguousarray(physical.to_numpy()).tobytes())
    return digest.hexdigest()


@cache
def code_hash() -> str:
    """Digest of every source file of the installed ``alphatrade`` package."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the libraries that decide bits."""
    import platform
    from importlib.metadata import version

    names = ("alphatrade", "numpy", "polars", "numba", "scipy", "scikit-learn", "lightgbm", "pyarrow")
    return {"python": platform.python_version(), **{n: version(n) for n in names}}
