"""Every Python block of the documentation runs, page by page, top to bottom."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
PAGES = [p for p in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))] if p.exists()]
WITH_CODE = [p for p in PAGES if BLOCK.search(p.read_text(encoding="utf-8"))]
EXAMPLES = sorted((ROOT / "examples").glob("[0-9]*.py"))


def run(code: str, folder: Path) -> None:
    env = os.environ | {"ALPHATRADE_HOME": str(folder / "home"), "ALPHATRADE_RUNS": str(folder / "runs")}
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:alphatrade", "-c", code],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    run("\n".join(BLOCK.findall(page.read_text(encoding="utf-8"))), tmp_path)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.name)
def test_an_example_runs(example: Path, tmp_path: Path) -> None:
    run(example.read_text(encoding="utf-8"), tmp_path)


def test_every_page_of_the_site_is_there() -> None:
    named = re.findall(r": ([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert named
    missing = [n for n in named if not (ROOT / "docs" / n).exists()]
    assert not missing
