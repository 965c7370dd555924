"""The trial ledger: counts, repeats, and a chain that shows every edit."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from alphatrade.adapters.ledger import SqlTrials
from alphatrade.core.errors import DataError
from alphatrade.core.trials import MemoryTrials, Trial, TrialLedger

A = Trial("a", "data", "trial", 0.05, 250)
B = Trial("b", "data", "trial", -0.01, 250)
OPENED = Trial("a", "data", "opening", float("nan"), 60)


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> TrialLedger:
    if request.param == "memory":
        return MemoryTrials()
    return SqlTrials(f"sqlite:///{tmp_path / 'home' / 'trials.sqlite'}")


def test_a_repeat_is_not_a_new_trial(ledger: TrialLedger) -> None:
    assert [ledger.record(A), ledger.record(B), ledger.record(A)] == [True, True, False]
    assert ledger.trials("data") == [A, B]


def test_openings_and_other_data_are_counted_apart(ledger: TrialLedger) -> None:
    ledger.record(A)
    ledger.record(OPENED)
    assert len(ledger.trials("data")) == 1
    assert len(ledger.trials("data", "opening")) == 1
    assert ledger.trials("other") == []


def test_the_head_moves_with_every_new_trial(ledger: TrialLedger) -> None:
    before = ledger.head()
    ledger.record(A)
    assert ledger.head() != before


def test_a_ledger_remembers_over_processes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'trials.sqlite'}"
    SqlTrials(url).record(A)
    again = SqlTrials(url)
    assert again.trials("data") == [A]
    assert not again.record(A)
    assert again.verify() == 2


@pytest.mark.parametrize(
    "sabotage",
    [
        "UPDATE trials SET config_hash = 'z' WHERE seq = 1",
        "UPDATE trials SET sharpe_hex = '0x0p+0' WHERE seq = 0",
        "DELETE FROM trials WHERE seq = 1",
    ],
)
def test_an_edited_or_removed_row_is_found(tmp_path: Path, sabotage: str) -> None:
    path = tmp_path / "trials.sqlite"
    ledger = SqlTrials(f"sqlite:///{path}")
    for trial in (A, B, OPENED):
        ledger.record(trial)
    with sqlite3.connect(path) as c:
        c.execute(sabotage)
    c.close()
    with pytest.raises(DataError, match="broken at row"):
        SqlTrials(f"sqlite:///{path}")
