"""The simulator's kernel once more with every index checked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import numba
from tests.properties.simulator_market import CASH, Case
from alphatrade.execution import Costs, Immediate, Simulator

assert numba.config.BOUNDSCHECK == 1
for seed in range(20):
    case = Case(seed, 4, 60, True, Costs.us_equity(), Immediate())
    Simulator(case.slices.symbols, case.costs, CASH).run(case.slices, case.targets)
    result = Simulator(case.slices.symbols, case.costs, CASH).run(case.slices, messages=case.orders)
    result.trades
print("inside")
"""


def test_no_index_leaves_its_array(tmp_path: Path) -> None:
    env = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "ALPHATRADE_CACHE": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "inside", done.stderr
