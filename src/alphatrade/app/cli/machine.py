"""Commands about this machine and its settings: ``doctor``, ``config``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from alphatrade.app.cli.output import JsonFlag, console, print_json, print_table

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: alphatrade doctor --json")(doctor)
    app.command(epilog="Example: alphatrade config study.toml")(config)


def doctor(as_json: JsonFlag = False) -> None:
    """Say what is missing on this machine. Exit status 1 where something is."""
    from alphatrade.app import wiring
    from alphatrade.core.kernel.compile import cache_folder
    from alphatrade.ops import doctor as examine

    checks = examine(
        wiring.home(), cache_folder(), wiring.runs_folder().resolve(), lambda: wiring.ledger().verify()
    )
    if as_json:
        print_json([asdict(c) for c in checks])
    else:
        rows = [["ok" if c.ok else "MISSING", c.name, c.found, "" if c.ok else c.advice] for c in checks]
        print_table(["", "what", "found", "what to do"], rows)
        bad = [c.name for c in checks if not c.ok]
        console.print("Everything needed is here." if not bad else f"Missing: {', '.join(bad)}")
    if not all(c.ok for c in checks):
        raise typer.Exit(1)


def config(
    study: Annotated[
        Path | None, typer.Argument(help="A study file, or none for the settings alone.")
    ] = None,
) -> None:
    """Print the settings that apply here, all layers merged."""
    from alphatrade.research.study import load_study

    typer.echo(json.dumps(load_study(study).model_dump(), indent=2))
