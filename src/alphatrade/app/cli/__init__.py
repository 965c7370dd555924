"""The command line: ``alphatrade``.

In: words typed in a terminal. Out: results as tables, or as JSON with ``--json``. Never here: computing
results; every command is a few calls that a notebook can make too.
"""

from __future__ import annotations

import sys

import typer

from alphatrade.core.errors import AlphaTradeError

__all__ = ["app", "main"]

app = typer.Typer(
    name="alphatrade",
    help="From raw market bars to a trained, validated, running trading strategy, without fooling yourself.",
    epilog="Start with: alphatrade demo",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _register() -> None:
    from alphatrade.app.cli import catalogue, machine, records, studies

    studies.register(app)
    records.register(app)
    catalogue.register(app)
    machine.register(app)


def main() -> None:
    """Run the command line; an error that a person can act on is one line, without a traceback."""
    _register()
    try:
        app()
    except (AlphaTradeError, FileNotFoundError, ValueError) as e:
        typer.echo(f"{type(e).__name__}: {e}", err=True)
        sys.exit(2)
