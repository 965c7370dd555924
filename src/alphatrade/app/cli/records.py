"""Commands about what was run: ``runs``, ``trials``, ``report``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from alphatrade.app.cli.output import JsonFlag, RunsFolder, console, print_json, print_table

__all__ = ["register"]

runs = typer.Typer(help="Recorded runs: list, show, compare, rm.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of a run, the start of one, or its folder.")]


def register(app: typer.Typer) -> None:
    app.add_typer(runs, name="runs")
    app.command(epilog="Example: alphatrade trials --json")(trials)
    app.command(epilog="Example: alphatrade report demo")(report)


def _summary(folder: Any) -> dict[str, Any]:
    if not folder.complete:
        return {"run": folder.name, "verdict": "interrupted"}
    metrics = folder.metrics
    oos = metrics["performance"]["oos"]
    return {
        "run": folder.name,
        "verdict": "DEPLOYABLE" if metrics["verdict"]["deployable"] else "NOT DEPLOYABLE",
        "sharpe": oos["sharpe"],
        "sharpe_interval": oos["sharpe_interval"],
        "trials": metrics["trials"]["count"],
        "symbols": len(metrics["data"]["symbols"]),
        "start": metrics["data"]["start"],
        "end": metrics["data"]["end"],
    }


def _sharpe(s: dict[str, Any]) -> str:
    if s.get("sharpe") is None:
        return ""
    lo, hi = s["sharpe_interval"] or (None, None)
    return f"{s['sharpe']:.2f}" + (f" [{lo:.2f}, {hi:.2f}]" if lo is not None else "")


@runs.command("list", epilog="Example: alphatrade runs list --json")
def list_(folder: RunsFolder = None, as_json: JsonFlag = False) -> None:
    """List the runs, with their verdicts."""
    from alphatrade.app.wiring import runs_folder
    from alphatrade.research.folder import list_runs

    found = [_summary(r) for r in list_runs(runs_folder(folder))]
    if as_json:
        print_json(found)
    elif not found:
        console.print(f"No runs in {runs_folder(folder)}. Start one: alphatrade demo")
    else:
        rows = [
            [
                s["run"],
                s["verdict"],
                _sharpe(s),
                s.get("trials"),
                (s.get("start") or "")[:10],
                (s.get("end") or "")[:10],
            ]
            for s in found
        ]
        print_table(["run", "verdict", "OOS Sharpe [95 %]", "trials", "from", "to"], rows)


@runs.command(epilog="Example: alphatrade runs show demo")
def show(name: Name, folder: RunsFolder = None, as_json: JsonFlag = False) -> None:
    """Show one run: the verdict and every gate."""
    from alphatrade.app.wiring import runs_folder
    from alphatrade.research import find_run
    from alphatrade.research.report import verdict_lines

    run = find_run(runs_folder(folder), name)
    if as_json:
        print_json(run.metrics)
        return
    for line in verdict_lines(run.metrics):
        console.print(line)
    console.print(f"report: {run.report}")


@runs.command(epilog="Example: alphatrade runs compare demo demo-planted")
def compare(
    names: Annotated[list[str], typer.Argument(help="Two or more runs.")],
    folder: RunsFolder = None,
    as_json: JsonFlag = False,
) -> None:
    """Put runs side by side: the settings that differ, then the figures."""
    from alphatrade.app.wiring import runs_folder
    from alphatrade.research import find_run
    from alphatrade.research.compare import compare_runs

    table = compare_runs([find_run(runs_folder(folder), n) for n in names])
    if as_json:
        print_json(table)
    else:
        print_table(["", *table["runs"]], [[row["what"], *row["values"]] for row in table["rows"]])


@runs.command(epilog="Example: alphatrade runs rm demo --yes")
def rm(
    name: Name, folder: RunsFolder = None, yes: Annotated[bool, typer.Option(help="Do not ask.")] = False
) -> None:
    """Remove a run's folder. Its trial stays in the ledger: what was seen was seen."""
    from alphatrade.app.wiring import runs_folder
    from alphatrade.research import find_run

    run = find_run(runs_folder(folder), name)
    if not yes:
        typer.confirm(f"Remove {run.path}?", abort=True)
    run.remove()
    console.print(f"removed {run.path}; its trial stays in the ledger")


def trials(as_json: JsonFlag = False) -> None:
    """List the trial ledger: every configuration whose held-out outcomes were revealed."""
    from alphatrade.app.wiring import ledger

    found = [
        {
            "at": datetime.fromtimestamp(at / 1e9, UTC).isoformat(timespec="seconds"),
            "kind": t.kind,
            "config": t.config_hash[:12],
            "data": t.data_hash[:12],
            "sharpe_per_period": t.sharpe,
            "periods": t.n,
        }
        for at, t in ledger().all()
    ]
    if as_json:
        print_json(found)
        return
    rows = [
        [f["at"], f["kind"], f["config"], f["data"], f"{f['sharpe_per_period']:.4f}", f["periods"]]
        for f in found
    ]
    print_table(["recorded", "kind", "configuration", "data", "Sharpe a period", "periods"], rows)
    distinct = len({(f["config"], f["data"], f["kind"]) for f in found})
    console.print(f"{len(found)} recordings, {distinct} distinct")


def report(name: Name, folder: RunsFolder = None) -> None:
    """Write a run's report.html again from its recorded figures."""
    from alphatrade.app.wiring import runs_folder
    from alphatrade.research import find_run
    from alphatrade.research.report import write_report

    console.print(str(write_report(find_run(runs_folder(folder), name).path)))
