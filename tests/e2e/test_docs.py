"""Documentation that runs: every Python block, every typed command, every example.

A page is one program, top to bottom, in a process and a folder of its own. A ``python`` block is its code;
in a ``console`` block each line that starts with ``$ `` is typed in a shell and must succeed. Other blocks
are only shown. The program keeps the page's line numbers, so that a traceback names the line to edit.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from alphatrade.research.gate import GATES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").glob("[0-9]*.py"))
FENCE = re.compile(r"^```(\w*)")
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
LIMIT = 60

TYPE = "from typed import typed as _type"
TYPED = """
import subprocess, sys

def typed(line):
    done = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        sys.exit(f"{line!r} answered {done.returncode}:\\n{done.stdout[-1500:]}\\n{done.stderr[-1500:]}")
"""


def program(text: str) -> str:
    """The page as Python, line by line; the first line, a heading, makes room for ``_type``."""
    lines, kind = [TYPE], ""
    for line in text.splitlines()[1:]:
        fence = FENCE.match(line)
        if fence:
            kind = "" if kind else fence[1] or "text"
            lines.append("")
        elif kind == "console" and line.startswith("$ "):
            lines.append(f"_type({line[2:]!r})")
        else:
            lines.append(line if kind == "python" else "")
    return "\n".join(lines) + "\n"


def environment(folder: Path) -> Mapping[str, str]:
    """A person's own ledger and runs, and this Python's commands."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    own = {"ALPHATRADE_HOME": str(folder / "home"), "ALPHATRADE_RUNS": str(folder / "runs"), "PATH": path}
    return os.environ | own


def run(name: str, code: str, folder: Path) -> None:
    """Run ``code`` in ``folder``, warnings as errors; a failure shows the line of ``name``."""
    script = folder / "page.py"
    script.write_text(code, encoding="utf-8")
    (folder / "typed.py").write_text(TYPED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    said = done.stderr.replace(str(script), name)
    assert done.returncode == 0, f"{name} does not run:\n{done.stdout[-1000:]}\n{said[-3000:]}"


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


WITH_CODE = [
    p for p in PAGES if re.search(r"^```(python|console)\n", p.read_text(encoding="utf-8"), re.MULTILINE)
]


@pytest.mark.parametrize("page", WITH_CODE, ids=relative)
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    run(relative(page), program(page.read_text(encoding="utf-8")), tmp_path)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.name)
def test_an_example_runs(example: Path, tmp_path: Path) -> None:
    run(relative(example), example.read_text(encoding="utf-8"), tmp_path)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.name)
def test_an_example_is_short(example: Path) -> None:
    assert len(example.read_text(encoding="utf-8").splitlines()) < LIMIT


def test_a_page_becomes_a_program_with_its_own_line_numbers() -> None:
    page = "# Title\n\n```python\nx = 1\n```\n\n```console\n$ true\nshown\n```\n\n```text\nraise\n```\n"
    lines = program(page).splitlines()
    assert lines[3] == "x = 1"
    assert lines[7] == "_type('true')"
    assert [i for i, line in enumerate(lines) if line] == [0, 3, 7]


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_local_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


def test_every_page_of_the_site_is_there_and_in_the_menu() -> None:
    named = set(
        re.findall(r": ([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    )
    there = {str(p.relative_to(DOCS)) for p in DOCS.rglob("*.md")}
    assert named <= there
    loose = {p for p in there - named if not p.startswith("proofs/")}
    assert not loose, f"add to the nav of mkdocs.yml: {sorted(loose)}"


def test_every_gate_is_explained_with_its_threshold() -> None:
    page = (DOCS / "honest-results.md").read_text(encoding="utf-8")
    rows = {m[1]: m[2] for m in re.finditer(r"^\| `(\w+)` \| ([^|]+?) \|", page, re.MULTILINE)}
    signs = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}
    assert rows == {g.name: f"{signs[g.op]} {g.threshold:g}" for g in GATES}


def test_every_command_is_shown_with_an_example() -> None:
    from alphatrade.app import cli

    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    cli._register()
    words = [c.name or c.callback.__name__ for c in cli.app.registered_commands if c.callback is not None]
    for group in cli.app.registered_groups:
        assert group.typer_instance is not None
        for c in group.typer_instance.registered_commands:
            assert c.callback is not None
            words.append(f"{group.name} {(c.name or c.callback.__name__).strip('_')}")
    assert words
    missing = [w for w in words if not re.search(rf"^(\$ )?alphatrade {w}\b", page, re.MULTILINE)]
    assert not missing, f"docs/command-line.md has no example of: {missing}"
