"""Writes the figures of a long proof, with the date and the commit they belong to."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from alphatrade.core.clock import SystemClock, iso

__all__ = ["write_proof"]

ROOT = Path(__file__).resolve().parents[1]


def write_proof(
    path: Path, title: str, words: str, head: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    """Write ``path`` (below the repository) as a Markdown page with one table."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    lines = [
        f"# {title}",
        "",
        words,
        "",
        f"Run on {iso(SystemClock().now())[:10]} at commit {commit} with `make prove`.",
        "",
    ]
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    target = ROOT / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
