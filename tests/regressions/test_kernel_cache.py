"""An edited callee in another file must change its callers at the next start.

Numba's own cache looks at the caller's file only and would go on running the old callee.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CALLER = """
from alphatrade.core.kernel import Graph, kernel, njit
from alphatrade.core.kernel.lane import Lanes
from alphatrade.core.kernel.program import Program
import numpy as np
from callee import factor

@kernel
def scaled(i0, i1, x, out):
    for i in range(i0, i1):
        out[i] = factor() * x[i]

@njit
def plain(x):
    return factor() * x

graph = Graph()
program = Program(graph, [scaled(graph.input("close"))])
was_ready = program.kernels[0].is_ready
out = np.empty((1, 1), np.float32)
Lanes(program, 8).run(0, np.ones((9, 1)), np.ones(1, bool), np.empty((0, 1)), out)
print(out[0, 0], plain(1.0), was_ready)
"""


def start(folder: Path) -> list[str]:
    command = [
        sys.executable,
        "-c",
        "import sys; sys.path.insert(0, sys.argv[1]); import caller",
        str(folder),
    ]
    environment = {**os.environ, "ALPHATRADE_CACHE": str(folder / "cache")}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return done.stdout.split()


def test_an_edited_callee_recompiles_its_callers(tmp_path):
    callee = "from alphatrade.core.kernel import routine\n\n@routine\ndef factor():\n    return {}.0\n"
    (tmp_path / "caller.py").write_text(CALLER)
    (tmp_path / "callee.py").write_text(callee.format(2))
    assert start(tmp_path) == ["2.0", "2.0", "False"]
    assert start(tmp_path) == ["2.0", "2.0", "True"]
    (tmp_path / "callee.py").write_text(callee.format(3))
    assert start(tmp_path) == ["3.0", "3.0", "False"]
