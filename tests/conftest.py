"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def shared_data() -> Callable[[str], Path]:
    """Path of a development data file; the test is skipped, and says so, where it is absent."""

    def find(name: str) -> Path:
        path = Path(os.environ.get("ALPHATRADE_SHARED_DATA", str(SHARED))) / name
        if not path.exists():
            pytest.skip(f"development data file {name} is not beside this checkout")
        return path

    return find
