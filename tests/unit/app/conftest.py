"""A ledger and runs of a test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from alphatrade.adapters.ledger import SqlTrials
from alphatrade.app import wiring


@pytest.fixture
def own_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlTrials:
    """The ledger that the facade finds while the test runs."""
    monkeypatch.setenv("ALPHATRADE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ALPHATRADE_RUNS", str(tmp_path / "runs"))
    monkeypatch.delenv("ALPHATRADE_LEDGER", raising=False)
    return wiring.ledger()
