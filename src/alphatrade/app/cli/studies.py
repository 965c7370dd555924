"""Commands that run studies: ``init``, ``demo``, ``run``, ``reproduce``, ``paper``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from alphatrade.app.cli.output import JsonFlag, RunsFolder, console, print_json, print_table, stderr

__all__ = ["register"]

Fresh = Annotated[bool, typer.Option(help="Compute again, even where a complete run is recorded.")]


def register(app: typer.Typer) -> None:
    app.command(epilog="Example: alphatrade init study.toml --data bars.csv")(init)
    app.command(epilog="Example: alphatrade demo --market planted")(demo)
    app.command(epilog="Example: alphatrade run study.toml --quick")(run)
    app.command(epilog="Example: alphatrade reproduce demo")(reproduce)
    app.command(epilog="Example: alphatrade paper demo")(paper)


def init(
    path: Annotated[Path, typer.Argument(help="Where to write the study.")] = Path("study.toml"),
    data: Annotated[str, typer.Option(help="Your CSV or Parquet file of bars.")] = "bars.csv",
    force: Annotated[bool, typer.Option(help="Replace an existing file.")] = False,
) -> None:
    """Write a commented study file to start from."""
    from alphatrade.app.template import study_template

    if path.exists() and not force:
        raise ValueError(f"{path} exists: choose another name, or --force")
    path.write_text(study_template(path.stem, data), encoding="utf-8")
    console.print(f"wrote {path}; edit it, then: alphatrade run {path}")


def demo(
    market: Annotated[
        str,
        typer.Option(
            help="sample (bundled real bars), planted (synthetic, with a signal) or random (without)."
        ),
    ] = "sample",
    seed: Annotated[int, typer.Option(help="Seed of a synthetic market.")] = 0,
    folder: RunsFolder = None,
    fresh: Fresh = False,
    as_json: JsonFlag = False,
) -> None:
    """Go from bars to a verdict on data that comes with AlphaTrade; no network, no account."""
    from alphatrade.app.facade import demo_study

    _run(demo_study(market, seed), folder, fresh, as_json)


def run(
    study: Annotated[Path, typer.Argument(help="A study file (TOML or YAML).")],
    quick: Annotated[
        bool,
        typer.Option(help="A smaller try: six features and a linear model. Counts as a trial too."),
    ] = False,
    folder: RunsFolder = None,
    fresh: Fresh = False,
    as_json: JsonFlag = False,
) -> None:
    """Run a study: from its bars to a recorded verdict. An interrupted run resumes."""
    from alphatrade.app.facade import quick_study
    from alphatrade.research.study import load_study

    loaded = load_study(study)
    _run(quick_study(loaded) if quick else loaded, folder, fresh, as_json)


def _run(study: Any, folder: str | None, fresh: bool, as_json: bool) -> None:
    from alphatrade.app.facade import run_study
    from alphatrade.app.progress import Bars
    from alphatrade.app.wiring import runs_folder
    from alphatrade.research.report import verdict_lines

    with Bars(stderr) as bars:
        result = run_study(study, runs=runs_folder(folder), progress=bars, fresh=fresh)
    if as_json:
        print_json({"run": str(result.folder.path), **result.metrics})
        return
    if result.recorded_before:
        console.print("This run was recorded before; these are its figures (--fresh computes them again).")
    for line in verdict_lines(result.metrics):
        console.print(line)
    stages = result.metrics["stages"]
    spent = " · ".join(f"{s['name']} {s['seconds']:.1f} s" for s in stages)
    console.print(f"time: {spent} · total {sum(s['seconds'] for s in stages):.1f} s")
    console.print(f"report: {result.folder.report.resolve()}", soft_wrap=True)


def reproduce(
    name: Annotated[str, typer.Argument(help="Name of a run, the start of one, or its folder.")],
    folder: RunsFolder = None,
    as_json: JsonFlag = False,
) -> None:
    """Run a recorded run again and compare it bit for bit. Exit status 1 where anything differs."""
    from alphatrade.app.facade import reproduce as again
    from alphatrade.app.progress import Bars
    from alphatrade.app.wiring import runs_folder

    with Bars(stderr) as bars:
        compared = again(name, runs=runs_folder(folder), progress=bars)
    if as_json:
        print_json(compared)
    else:
        differ = [c for c in compared["parts"] if not c["equal"]]
        print_table(
            ["part", "note"], [[c["what"], c["note"] or "DIFFERS"] for c in differ] or [["none differ", ""]]
        )
        console.print(f"{len(compared['parts'])} parts compared, {len(differ)} differ")
        console.print("reproduced bit for bit" if compared["equal"] else "NOT reproduced")
    if not compared["equal"]:
        raise typer.Exit(1)


def paper(
    name: Annotated[str, typer.Argument(help="Name of a run, the start of one, or its folder.")],
    folder: RunsFolder = None,
    as_json: JsonFlag = False,
) -> None:
    """Trade a run's last test window bar by bar, live features and journal on, and compare with the backtest.

    The journal is in the run's folder; a session that was killed goes on where it stopped. Exit status 1
    where paper and backtest differ.
    """
    from dataclasses import asdict

    from alphatrade.app.facade import paper as trade
    from alphatrade.app.progress import Bars
    from alphatrade.app.wiring import runs_folder

    with Bars(stderr) as bars:
        result = trade(name, runs=runs_folder(folder), progress=bars)
    if as_json:
        print_json(asdict(result))
    else:
        console.print(f"{result.slices:,} slices from {result.start} to {result.end}")
        console.print(f"{result.fills:,} fills, {result.denied:,} orders denied")
        console.print(f"equity {result.cash:,.2f} -> {result.equity:,.2f}")
        console.print(f"{result.differences} different fills between paper and backtest")
        if result.first_difference is not None:
            console.print(f"first: {result.first_difference}")
    if result.differences:
        raise typer.Exit(1)
