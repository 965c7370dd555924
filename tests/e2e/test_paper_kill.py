"""kill -9 at random points of a paper session: no lost and no duplicate order, and the same journal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from alphatrade.adapters.journal import SqlJournal

SCRIPT = Path(__file__).with_name("paper_session.py")
POINTS = 100 if os.environ.get("ALPHATRADE_PROVE") == "1" else 10
SLICES = 8 * POINTS
MOMENTS = ("step", "transaction", "committed", "sent")


def session(folder: Path, at: int = 0, moment: str = "never") -> int:
    """Run the session until it ends or kills itself; its return code."""
    command = [sys.executable, str(SCRIPT), str(folder), str(SLICES), str(at), moment]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


def texts(folder: Path) -> list[str]:
    journal = SqlJournal(f"sqlite:///{folder / 'journal.sqlite'}")
    found = [record.text() for record in journal.records()]
    journal.close()
    return found


def taken(folder: Path) -> list[list[float]]:
    """Every order the broker was sent, repeats included."""
    lines = [json.loads(line) for line in (folder / "broker.jsonl").read_text().splitlines()]
    return [line["order"] for line in lines if "order" in line]


def unique(orders: list[list[float]]) -> list[list[float]]:
    return list({order[0]: order for order in orders}.values())


def kill_repeatedly(folder: Path, points: int, seed: int) -> int:
    """One session killed ``points`` times on its way, then left to end; how often SIGKILL struck."""
    rng = np.random.default_rng(seed)
    struck = 0
    for _ in range(points):
        at = len(texts(folder)) + int(rng.integers(1, 12))
        struck += session(folder, at, MOMENTS[rng.integers(len(MOMENTS))]) != 0
    assert session(folder) == 0
    return struck


@pytest.mark.prove
def test_a_session_killed_at_random_points_ends_with_the_journal_and_orders_of_one_never_killed(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir()
    killed.mkdir()
    assert session(whole) == 0
    struck = kill_repeatedly(killed, POINTS, seed=0)
    assert struck >= 0.8 * POINTS
    assert len(texts(whole)) == SLICES
    assert len(taken(whole)) > 30
    assert texts(killed) == texts(whole)
    assert unique(taken(killed)) == taken(whole)
