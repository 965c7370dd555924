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


CALLEE = "from alphatrade.core.kernel import routine\n\n@routine\ndef factor():\n    return {}.0\n"
MIDDLE = """
from alphatrade.core.kernel import routine
from callee import factor as first

@routine
def factor():
    return first() * first()
"""
# A file of nothing but a kernel, which is edited between the moment Python reads it and the compilation.
ALONE = """
from alphatrade.core.kernel import kernel

@kernel
def scaled(i0, i1, x, out):
    for i in range(i0, i1):
        out[i] = {}.0 * x[i]
"""
LATE = """
import pathlib, sys, numpy as np
from alphatrade.core.kernel import Graph
from alphatrade.core.kernel.lane import Lanes
from alphatrade.core.kernel.program import Program
from alone import scaled

exec(sys.argv[2])
program = Program(graph := Graph(), [scaled(graph.input("close"))])
was_ready = scaled.is_ready
out = np.empty((1, 1), np.float32)
Lanes(program, 8).run(0, np.ones((9, 1)), np.ones(1, bool), np.empty((0, 1)), out)
print(out[0, 0], was_ready)
"""


def process(folder: Path, meanwhile: str = "") -> subprocess.Popen[str]:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import caller"
    environment = {**os.environ, "ALPHATRADE_CACHE": str(folder / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-X", "faulthandler", "-c", code, str(folder), meanwhile]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def answer(started: subprocess.Popen[str]) -> list[str]:
    out, _ = started.communicate()
    assert started.returncode == 0
    return out.split()


def start(folder: Path, meanwhile: str = "") -> list[str]:
    return answer(process(folder, meanwhile))


def test_an_edited_callee_recompiles_its_callers(tmp_path):
    (tmp_path / "caller.py").write_text(CALLER)
    (tmp_path / "callee.py").write_text(CALLEE.format(2))
    assert start(tmp_path) == ["2.0", "2.0", "False"]
    assert start(tmp_path) == ["2.0", "2.0", "True"]
    (tmp_path / "callee.py").write_text(CALLEE.format(3))
    assert start(tmp_path) == ["3.0", "3.0", "False"]


def test_an_edit_two_files_away_recompiles_too(tmp_path):
    """Of the cached function ``plain``, and of the kernel ``scaled`` behind its C signature."""
    (tmp_path / "caller.py").write_text(CALLER.replace("from callee import", "from middle import"))
    (tmp_path / "middle.py").write_text(MIDDLE)
    (tmp_path / "callee.py").write_text(CALLEE.format(2))
    assert start(tmp_path) == ["4.0", "4.0", "False"]
    (tmp_path / "callee.py").write_text(CALLEE.format(3))
    assert start(tmp_path) == ["9.0", "9.0", "False"]


def test_a_process_whose_files_were_edited_meanwhile_leaves_nothing_stale(tmp_path):
    """It must not file the code it has read under a source it has not."""
    (tmp_path / "caller.py").write_text(LATE)
    (tmp_path / "alone.py").write_text(ALONE.format(2))
    path, edited = str(tmp_path / "alone.py"), ALONE.format(3)
    assert start(tmp_path, f"pathlib.Path({path!r}).write_text({edited!r})") == ["2.0", "False"]
    assert start(tmp_path) == ["3.0", "False"]
    assert start(tmp_path) == ["3.0", "True"]


def test_processes_may_fill_one_empty_cache_together(tmp_path):
    (tmp_path / "caller.py").write_text(CALLER)
    (tmp_path / "callee.py").write_text(CALLEE.format(2))
    for started in [process(tmp_path) for _ in range(3)]:
        assert answer(started)[:2] == ["2.0", "2.0"]
    assert start(tmp_path) == ["2.0", "2.0", "True"]
