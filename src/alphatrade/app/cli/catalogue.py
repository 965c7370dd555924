"""Commands that look at what there is: ``features list``, ``data check``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alphatrade.app.cli.output import JsonFlag, console, print_json, print_table, stderr

__all__ = ["register"]

features = typer.Typer(help="The catalogue of features.", no_args_is_help=True)
data = typer.Typer(help="Bars and what is wrong with them.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.add_typer(features, name="features")
    app.add_typer(data, name="data")


@features.command("list", epilog="Example: alphatrade features list --family momentum")
def list_features(
    family: Annotated[str | None, typer.Option(help="Only this family.")] = None, as_json: JsonFlag = False
) -> None:
    """List the catalogue: name, family, lookback, memory, units, definition."""
    from alphatrade.features import describe

    found = [d for d in describe() if family is None or d["family"] == family]
    if not found:
        families = sorted({d["family"] for d in describe()})
        raise ValueError(f"no features of family {family!r}; there are {', '.join(families)}")
    if as_json:
        print_json(found)
        return
    head = ["name", "family", "lookback", "memory", "units", "definition"]
    if console.width < 120:
        head.remove("definition")  # it is in --json, and on wider terminals
    print_table(head, [[d[h] for h in head] for d in found])
    console.print(f"{len(found)} features, {len({d['kind'] for d in found})} kinds")


@data.command("check", epilog="Example: alphatrade data check study.toml --rows 20")
def check(
    study: Annotated[
        Path, typer.Argument(help="A study file: its [data] section says how to read the bars.")
    ],
    rows: Annotated[int, typer.Option(help="Quarantined rows to print.")] = 5,
    as_json: JsonFlag = False,
) -> None:
    """Read a study's bars and say what was stored, what was refused and why, and what is missing."""
    from alphatrade.app.progress import Bars
    from alphatrade.app.wiring import load_study_bars
    from alphatrade.data import summary
    from alphatrade.research.study import load_study

    with Bars(stderr) as bars:
        loaded = load_study_bars(load_study(study).data, bars)
    found = summary(loaded)
    if as_json:
        print_json(found)
        return
    console.print(repr(loaded))
    print_table(["symbol", "rows", "missing", "from", "to"], [list(s.values()) for s in found["symbols"]])
    print_table(["refused because", "rows"], [[k, v] for k, v in found["quarantined"].items()])
    for warning in loaded.info.warnings:
        console.print(f"warning: {warning}")
    if loaded.quarantine.height:
        console.print(str(loaded.quarantine.head(rows)))
