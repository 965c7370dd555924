"""How commands print: tables for people, JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

__all__ = ["JsonFlag", "RunsFolder", "console", "print_json", "print_table", "stderr"]

console = Console(soft_wrap=False)
stderr = Console(stderr=True)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
RunsFolder = Annotated[
    str | None, typer.Option("--runs", help="Folder of runs (default: ALPHATRADE_RUNS or ./runs).")
]


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, default=str))


def print_table(head: Sequence[str], rows: Sequence[Sequence[Any]], title: str | None = None) -> None:
    table = Table(title=title, box=None, header_style="bold", pad_edge=False)
    for name in head:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if x is None else str(x) for x in row))
    console.print(table)
