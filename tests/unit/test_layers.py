"""The street's order, checked on every run."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ROOT / "src" / "alphatrade"


def test_imports_point_downward_only() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_room_imports_the_facade() -> None:
    for path in ROOMS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert all(a.name != "alphatrade" for a in node.names), path
            if isinstance(node, ast.ImportFrom):
                assert node.module != "alphatrade", path


def test_every_room_says_what_goes_in_and_out() -> None:
    for folder in sorted(p for p in ROOMS.iterdir() if (p / "__init__.py").exists()):
        doc = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
        for word in ("In:", "Out:", "Never here:"):
            assert word in doc, f"{folder.name}/__init__.py does not say {word!r}"


def test_wall_clock_and_global_random_state_are_read_in_one_place_only() -> None:
    banned = ("time.time(", "time.time_ns(", "datetime.now(", "utcnow(", "np.random.seed(", "np.random.rand")
    for path in ROOMS.rglob("*.py"):
        if path.name == "clock.py" and path.parent.name == "core":
            continue
        text = path.read_text()
        for call in banned:
            assert call not in text, f"{path}: {call}"


def test_nothing_loads_pickles_or_evaluates_text() -> None:
    for path in ROOMS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            assert not {"pickle", "joblib", "cloudpickle", "dill"} & set(names), path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec"), path
