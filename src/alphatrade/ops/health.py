"""What this machine has and lacks.

In: the machine. Out: one ``Check`` per thing AlphaTrade needs, with advice where it is missing. Never here:
repairing it.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from alphatrade.core.errors import AlphaTradeError

__all__ = ["Check", "doctor"]


@dataclass(frozen=True)
class Check:
    """``ok`` is False where something needed is missing; ``advice`` says what to do."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    return Check("Python", sys.version_info >= (3, 11), found, "install Python 3.11 or newer")


def _packages() -> list[Check]:
    checks = []
    for need in requires("alphatrade") or []:
        if "extra ==" in need:
            continue
        name = need.split(";")[0]
        for sign in "<>=!~[ ":
            name = name.split(sign)[0]
        try:
            checks.append(Check(name, True, version(name)))
        except PackageNotFoundError:
            checks.append(Check(name, False, "missing", f"pip install {name!r}"))
    return checks


def _memory() -> Check:
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    total = pages * size / 1e9
    advice = "4 GB are enough for 37 symbols of two years of 15-minute bars; use fewer symbols on less"
    return Check("memory", total >= 4.0, f"{total:.1f} GB", advice)


def _writable(name: str, folder: Path) -> Check:
    existing = next(p for p in (folder, *folder.parents) if p.exists())
    free = shutil.disk_usage(existing).free / 1e9
    ok = os.access(existing, os.W_OK) and free > 1.0
    return Check(
        name,
        ok,
        f"{folder} ({free:.0f} GB free)",
        "make it writable with 1 GB free, or move it with its variable",
    )


def _calendar() -> Check:
    from alphatrade.core.session import sessions

    market = sessions("XNYS")
    last = str(market.date[-1].astype("M8[D]"))
    return Check("calendar XNYS", True, f"{len(market.date):,} sessions to {last}")


def _numba() -> Check:
    from alphatrade.core.kernel.compile import cache_folder, njit

    def add(a: float, b: float) -> float:
        return a + b

    ok = njit(add)(1.0, 2.0) == 3.0
    folder = cache_folder()
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6 if folder.exists() else 0.0
    return Check(
        "compiler",
        ok,
        f"numba {version('numba')}, {size:.0f} MB of compiled kernels in {folder}",
        "reinstall numba",
    )


def _ledger(verify: Callable[[], int]) -> Check:
    try:
        return Check("trial ledger", True, f"{verify()} entries, chain unbroken")
    except AlphaTradeError as e:
        return Check("trial ledger", False, "broken", str(e))


def doctor(home: Path, cache: Path, runs: Path, verify_ledger: Callable[[], int]) -> list[Check]:
    """All checks. ``verify_ledger`` walks the ledger's chain and returns its length."""
    return [
        _python(),
        *_packages(),
        Check("processors", True, str(os.cpu_count())),
        _memory(),
        _writable("home (ALPHATRADE_HOME)", home),
        _writable("kernel cache (ALPHATRADE_CACHE)", cache),
        _writable("runs", runs),
        _numba(),
        _calendar(),
        _ledger(verify_ledger),
    ]
