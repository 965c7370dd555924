"""The page: everything a run recorded, in the order a sceptic asks for it.

In: a run folder. Out: ``report.html`` in it, one file without any address outside itself. Never here:
drawing (``plots``), formatting (``words``), or anything computed anew.

1. ``read_run`` reads the folder.
2. ``gates`` and ``tables`` turn values into cells; ``plots`` turns them into pictures with a sentence each.
3. ``template.html.j2`` lays them out; the style sheet and a small script are written into the page, and a
   content policy forbids the browser to load or run anything else.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from alphatrade.research.report import gates, plots, tables, words
from alphatrade.research.report.plots.account import row_balance
from alphatrade.research.report.read import Run, read_run
from alphatrade.research.report.tables import Cell, cell

__all__ = ["render", "write_page", "write_report"]

PACKAGE = "alphatrade.research.report"
ELSEWHERE = ("study", "versions")  # parts of the manifest that have a place of their own on the page
MANY = 12  # more entries than this, such as a hash for every model file, are counted, not listed


def write_report(folder: Path, manifest: Mapping[str, Any] | None = None) -> Path:
    """Write ``report.html`` into a run folder.

    Parameters
    ----------
    folder : Path
        A run folder with ``metrics.json``; tables, manifest and study are shown where they exist, and where
        they do not the page says so.
    manifest : mapping, optional
        The manifest about to be written, for a run that writes it after its report; by default the folder's.

    Returns
    -------
    Path
        Of the page. The same folder gives the same bytes.

    Raises
    ------
    DataError
        The folder holds no readable ``metrics.json`` or an unreadable table.
    """
    run = read_run(folder)
    if manifest is not None:
        run = replace(run, manifest=manifest)
    return write_page("template.html.j2", _context(run), run.folder / "report.html")


def write_page(template: str, context: dict[str, Any], out: Path) -> Path:
    """Render a template of this package and replace ``out`` with it in one step."""
    text = render(template, context)
    part = out.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(out)
    return out


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(PACKAGE, ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, context: dict[str, Any]) -> str:
    """A page of this package as text, with style, script and content policy inside."""
    style = files(PACKAGE).joinpath("style.css").read_text(encoding="utf-8")
    script = files(PACKAGE).joinpath("script.js").read_text(encoding="utf-8")
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}"
    # both files are this package's own, and the policy lets the browser run exactly their bytes
    return (
        _environment()
        .get_template(template)
        .render(style=Markup(style), script=Markup(script), policy=policy, **context)
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _context(run: Run) -> dict[str, Any]:
    return {
        "run": run,
        "head": gates.headline(run.metrics),
        "subtitle": _subtitle(run),
        "tiles": _tiles(run),
        "stages": _gate_stages(run),
        "trials": _trials(run),
        "numbers": tables.key_numbers(run),
        "scores": tables.score_table(run),
        "folds": tables.fold_table(run),
        "trades": tables.trade_items(run),
        "regimes": tables.regime_table(run),
        "monthly": tables.monthly_table(run),
        "months": tables.MONTHS,
        "calibration": _calibration(run),
        "labels": _labels(run),
        "costs": _costs(run),
        "data": _data(run),
        "balance": _balance(run),
        "per_year": words.number(run.get("performance.periods_per_year")),
        "score_rows": _score_rows(run),
        "study": run.study or tables.as_toml(run.get("config") or {}),
        "manifest": _manifest(run),
        "versions": list(tables.flatten(run.get("versions") or {})),
        "plots": _plots(run),
    }


def _plots(run: Run) -> dict[str, plots.Figure | None]:
    drawn = (
        plots.equity,
        plots.fold_accuracy,
        plots.fold_skill,
        plots.fold_sharpe,
        plots.reliability,
        plots.importance,
        plots.base_rates,
        plots.costs,
        plots.trade_returns,
        plots.regimes,
        plots.rows,
        plots.stages,
    )
    return {f.__name__: f(run) for f in drawn}


def _subtitle(run: Run) -> list[str]:
    """What was studied, in a line: symbols, bars, span."""
    data = run.get("data") or {}
    symbols = data.get("symbols") or []
    text = [", ".join(map(str, symbols)) if 0 < len(symbols) <= 6 else words.plural(len(symbols), "symbol")]
    if data.get("frequency"):
        text.append(f"{data['frequency']} bars")
    if data.get("start") and data.get("end"):
        text.append(f"{words.date(data['start'])} to {words.date(data['end'])}")
    return text if data else []


def _tiles(run: Run) -> list[tuple[str, Cell, str]]:
    """The four figures of the masthead: name, value with interval, and what to hold beside it."""
    beside = (
        ("performance.oos", "sharpe", "Sharpe", ("performance.blind", "held blindly")),
        ("performance.oos", "annual_return", "Annual return", ("performance.hold", "buy and hold")),
        ("performance.oos", "max_drawdown", "Max drawdown", ("performance.hold", "buy and hold")),
        ("scores.oos", "accuracy", "Accuracy", None),
    )
    tiles = []
    for part, key, title, other in beside:
        fields = run.get(part) or {}
        value = cell(fields.get(key), words.kind_of(key), fields.get(f"{key}_interval"), run.reason(part))
        if other is None:
            base, note = words.number(fields.get("base_rate"), "percent"), "base rate"
        else:
            base, note = words.number(run.get(f"{other[0]}.{key}"), words.kind_of(key)), other[1]
        tiles.append((title, value, f"{note} {base}" if base else ""))
    return tiles


def _gate_stages(run: Run) -> list[tuple[str, list[tuple[gates.GateRow, Markup | None]]]]:
    """Gates by stage, each with its picture."""
    grouped: dict[str, list[tuple[gates.GateRow, Markup | None]]] = {}
    for row in gates.gate_rows(run.metrics):
        grouped.setdefault(row.stage, []).append((row, plots.gate_strip(row.source)))
    return [(gates.STAGES.get(stage, words.title(stage)), rows) for stage, rows in grouped.items()]


def _trials(run: Run) -> dict[str, Any] | None:
    found = run.get("trials")
    if not found:
        return None
    opened = run.get("verdict.holdout_opened")
    n, openings = found.get("count"), found.get("openings")
    return {
        "count": Cell(words.number(n, "count"), reason=run.reason("trials")),
        "openings": Cell(words.number(openings, "count"), reason=run.reason("trials")),
        "head": Cell(found.get("head") or None, reason="the ledger is empty", cls="code"),
        "opened": opened is True,
        "known": isinstance(opened, bool),
    }


def _manifest(run: Run) -> list[tuple[str, str]]:
    """The manifest as dotted keys and text, long parts by their count."""
    rows: list[tuple[str, str]] = []
    for key, value in (run.manifest or {}).items():
        if key in ELSEWHERE:
            continue
        found = list(tables.flatten(value, key))
        rows += found if len(found) <= MANY else [(key, f"{len(found):,} entries, in manifest.json")]
    return rows


def _score_rows(run: Run) -> str | None:
    """How many rows the scores rest on."""
    found = run.get("scores.oos") or {}
    n, effective = (
        words.number(found.get("rows"), "count"),
        words.number(found.get("effective_rows"), "count"),
    )
    if n is None:
        return None
    return f"{n} rows" + (f", worth {effective} independent ones." if effective is not None else ".")


def _calibration(run: Run) -> dict[str, Any] | None:
    found = run.get("calibration")
    if not found:
        return None
    rows = [
        (
            words.number(b.get("forecast"), "p") or "",
            [cell(b.get("observed"), "p", [b.get("lo"), b.get("hi")]), cell(b.get("n"), "count")],
        )
        for b in found.get("bins") or []
    ]
    return {
        "ece": cell(found.get("ece"), "fine"),
        "chance": cell(found.get("ece_chance_95"), "fine"),
        "table": tables.Table(["Observed", "Rows"], rows) if rows else None,
    }


def _labels(run: Run) -> dict[str, Any] | None:
    found = run.get("labels")
    if not found:
        return None
    items = [
        ("Labels", cell(found.get("n"), "count")),
        (
            "Expectancy of a blind long",
            cell(found.get("expectancy"), "basis", found.get("expectancy_interval"), sign=True),
        ),
        ("Ties (both barriers in one bar)", cell(found.get("tie_share"), "percent")),
        ("Mean time to the outcome, bars", cell(found.get("mean_bars"), "ratio")),
    ]
    return {"name": found.get("name"), "items": items, "warning": found.get("blind_warning")}


def _costs(run: Run) -> dict[str, Any] | None:
    found = run.get("costs")
    if not found:
        return None
    items = [
        (words.title(k), cell(found.get(k), "money")) for k in ("commission", "spread", "slippage", "total")
    ]
    if "cash" in found:
        items.insert(0, ("Cash at the start", cell(found["cash"], "money")))
    items.append(("Turnover a year, times equity", cell(found.get("turnover_per_year"), "ratio")))
    items.append(("Cost of turnover", cell(found.get("cost_bps_of_turnover"), "bps")))
    if "total_share_of_cash" in found:
        items.append(("Total, share of the cash at the start", cell(found["total_share_of_cash"], "percent")))
    denied = [f"{words.count(n)} {reason}" for reason, n in (found.get("denied") or {}).items()]
    if denied:
        items.append(("Orders denied", Cell(words.join(denied))))
    return {"items": items, "assumptions": found.get("assumptions") or [], "halt": found.get("halt")}


def _data(run: Run) -> dict[str, Any] | None:
    found = run.get("data")
    if not found:
        return None
    quarantined = found.get("quarantined") or {}
    total = words.count(sum(quarantined.values()))
    reasons = words.join([f"{words.count(n)} {reason}" for reason, n in quarantined.items() if n])
    symbols = found.get("symbols") or []
    unsaid = "the run did not record it"
    span = f"{words.date(found['start'])} to {words.date(found.get('end'))}" if found.get("start") else None
    items = tables.facts(
        [
            (f"Symbols ({len(symbols)})", ", ".join(map(str, symbols)) or None, unsaid),
            ("Bars", found.get("frequency"), unsaid),
            ("Span", span, unsaid),
            ("Calendar", found.get("calendar"), unsaid),
            ("Feed", found.get("feed"), unsaid),
            ("Adjustment", found.get("adjustment"), unsaid),
            ("Rows", words.number(found.get("rows"), "count"), unsaid),
            ("Missing bars", words.number(found.get("missing"), "count"), unsaid),
            ("Quarantined rows", f"{total}{': ' + reasons if reasons else ''}", unsaid),
            ("Hash", found.get("hash"), unsaid),
        ]
    )
    return {"items": items, "warnings": found.get("warnings") or []}


def _balance(run: Run) -> int | None:
    """What the row account leaves unexplained; ``None`` where there is no account."""
    account = run.get("rows") or []
    return row_balance(account) if len(account) >= 2 else None
