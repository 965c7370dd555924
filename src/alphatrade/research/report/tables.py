"""The tables of the report, as rows of cells.

In: a ``Run``. Out: plain dataclasses for the template. Never here: HTML, and values the run did not record.

A cell without a value carries the reason why; the template says it in a note below the table.
"""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alphatrade.research.report import words
from alphatrade.research.report.read import Run

__all__ = [
    "Cell",
    "HeatRow",
    "Table",
    "as_toml",
    "beside",
    "cell",
    "facts",
    "flatten",
    "fold_table",
    "key_numbers",
    "monthly_table",
    "regime_table",
    "score_table",
    "trade_items",
]

UNDEFINED = "not defined for this series"
NO_SHARPE = "not defined in this fold; one without trades has no Sharpe"
FEW = "too few bars in this regime"
UNRECORDED = "not measured for this column"
MONTHS = [calendar.month_abbr[m] for m in range(1, 13)]
CURVES = (
    ("oos", "Out of sample"),
    ("is", "In sample"),
    ("hold", "Buy and hold"),
    ("blind", "Same exposure, blind"),
    ("holdout", "Hold-out"),
)


@dataclass(frozen=True)
class Cell:
    """A value as text with its interval, or the reason it is missing."""

    text: str | None
    span: str | None = None
    reason: str | None = None
    cls: str = "num"


@dataclass(frozen=True)
class Table:
    """Column titles and rows; ``absent`` names whole columns the run does not have, with the reason."""

    columns: list[str]
    rows: list[tuple[str, list[Cell]]]
    absent: list[tuple[str, str]] = field(default_factory=list)

    @property
    def reasons(self) -> list[str]:
        """Why single cells are missing, each reason once; a cell's mark is its place here plus one."""
        return list(dict.fromkeys(c.reason for _, cells in self.rows for c in cells if c.reason is not None))


def cell(
    value: Any, kind: str = "number", span: Any = None, missing: str = UNDEFINED, sign: bool = False
) -> Cell:
    """A number as a cell; ``missing`` is the reason where there is none."""
    text = words.number(value, kind, sign)
    return Cell(text, words.interval(span, kind), None if text is not None else missing)


def _span(fields: Mapping[str, Any], key: str) -> Any:
    """The interval of a field: ``<key>_interval``, or ``<key>_lo`` and ``<key>_hi``."""
    found = fields.get(f"{key}_interval")
    if found is None and f"{key}_lo" in fields and f"{key}_hi" in fields:
        return [fields[f"{key}_lo"], fields[f"{key}_hi"]]
    return found


def _fields(columns: Sequence[Mapping[str, Any]]) -> list[str]:
    """Scalar fields of all columns: known names first, in reading order, then others as they come."""
    seen: dict[str, None] = {}
    for c in columns:
        for k, v in c.items():
            suffix = k.endswith(("_interval", "_lo", "_hi"))
            if not suffix and (v is None or isinstance(v, int | float)):
                seen[k] = None
    known = [k for k in words.LABELS if k in seen]
    return known + [k for k in seen if k not in words.LABELS]


def beside(columns: Sequence[tuple[str, Mapping[str, Any]]]) -> list[tuple[str, list[Cell]]]:
    """Fields as rows, one column for each of ``columns``; fields no column knows are left out."""
    rows = []
    for name in _fields([c for _, c in columns]):
        kind = words.kind_of(name)
        cells = [
            cell(c.get(name), kind, _span(c, name), UNDEFINED if name in c else UNRECORDED)
            for _, c in columns
        ]
        if any(c.text is not None for c in cells):
            rows.append((words.label_of(name), cells))
    return rows


def key_numbers(run: Run) -> Table | None:
    """Performance out of sample beside in sample, buy-and-hold, blind exposure and hold-out."""
    present, absent = [], []
    for key, title in CURVES:
        part = run.get(f"performance.{key}")
        title = run.measured if key == "oos" else title
        if isinstance(part, Mapping):
            present.append((title, part))
        else:
            absent.append((title, run.reason(f"performance.{key}")))
    return Table([title for title, _ in present], beside(present), absent) if present else None


SCORES = ("accuracy", "edge", "balanced_accuracy", "mcc", "auc", "skill", "log_loss", "brier", "brier_skill")


def _ignorance(name: str, fields: Mapping[str, Any], classes: int) -> Any:
    """What a score is for somebody who knows nothing but how often each outcome happens."""
    known = {"edge": 0.0, "mcc": 0.0, "auc": 0.5, "skill": 0.0, "brier_skill": 0.0}
    if name == "accuracy":
        return fields.get("base_rate")
    if name == "balanced_accuracy":
        return 1.0 / classes if classes else None
    return known[name] if name in known else fields.get(f"{name}_base")


def score_table(run: Run) -> Table | None:
    """Scores of the forecasts, each beside what knowing only the base rate would score."""
    oos, holdout = run.get("scores.oos"), run.get("scores.holdout")
    if not isinstance(oos, Mapping):
        return None
    classes = len(run.get("labels.base_rates") or {})
    parts = [oos] + ([holdout] if isinstance(holdout, Mapping) else [])
    rows = []
    for name in SCORES:
        if name not in oos:
            continue
        kind = words.kind_of(name)
        cells = [cell(p.get(name), kind, _span(p, name)) for p in parts]
        cells.insert(1, cell(_ignorance(name, oos, classes), kind, missing="the run recorded no base rate"))
        rows.append((words.label_of(name), cells))
    titles = [run.measured, "Base rate alone", "Hold-out"][: len(parts) + 1]
    absent = [] if len(parts) == 2 else [("Hold-out", run.reason("scores.holdout"))]
    return Table(titles, rows, absent)


TRADES = (
    "n",
    "win_rate",
    "break_even",
    "break_even_gross",
    "payoff",
    "profit_factor",
    "expectancy_ret",
    "expectancy",
    "mean_cost",
    "mean_bars",
)


def trade_items(run: Run) -> list[tuple[str, Cell]]:
    """What the run recorded about its round trips."""
    found = run.get("performance.oos.trades")
    if not isinstance(found, Mapping):
        return []
    return [
        ("Trades" if k == "n" else words.label_of(k), cell(found[k], words.kind_of(k), _span(found, k)))
        for k in TRADES
        if k in found
    ]


FOLD_COLUMNS = (
    ("train_rows", "Train rows"),
    ("test_rows", "Test rows"),
    ("accuracy", "Accuracy"),
    ("base_rate", "Base rate"),
    ("balanced_accuracy", "Balanced acc."),
    ("mcc", "MCC"),
    ("auc", "AUC"),
    ("skill", "Skill"),
    ("sharpe_is", "Sharpe IS"),
    ("sharpe_oos", "Sharpe OOS"),
)


def fold_table(run: Run) -> Table | None:
    """One row a fold: spans, rows, scores, Sharpe."""
    folds = run.get("scores.folds") or []
    if not folds:
        return None
    shown = [(k, t) for k, t in FOLD_COLUMNS if any(k in f for f in folds)]
    rows = []
    for f in folds:
        spans = [
            Cell(f"{words.date(f.get(a)) or '?'} – {words.date(f.get(b)) or '?'}", cls="span")
            for a, b in (("train_start", "train_end"), ("test_start", "test_end"))
        ]
        rows.append(
            (
                str(f.get("fold")),
                spans + [cell(f.get(k), words.kind_of(k), missing=NO_SHARPE) for k, _ in shown],
            )
        )
    return Table(["Trained on", "Tested on", *(t for _, t in shown)], rows)


def regime_table(run: Run) -> Table | None:
    """One row a regime."""
    found = run.get("regimes") or []
    if not found:
        return None
    columns = (
        ("share", "Share of bars"),
        ("bars", "Bars"),
        ("sharpe", "Sharpe"),
        ("annual_return", "Annual return"),
        ("max_drawdown", "Max drawdown"),
    )
    rows = [
        (str(r["regime"]), [cell(r.get(k), words.kind_of(k), _span(r, k), FEW) for k, _ in columns])
        for r in found
    ]
    return Table([t for _, t in columns], rows)


@dataclass(frozen=True)
class HeatRow:
    """One year: twelve months, and the year compounded from those that are there."""

    year: int
    months: list[Cell]
    total: Cell


def monthly_table(run: Run) -> tuple[list[HeatRow], str] | None:
    """Monthly returns by year with their sentence; deeper colour is farther from zero."""
    found = [m for m in run.get("monthly") or [] if words.finite(m.get("ret")) is not None]
    if not found:
        return None
    largest = sorted(abs(m["ret"]) for m in found)[int(0.95 * (len(found) - 1))] or 1.0
    by_year: dict[int, dict[int, float]] = {}
    for m in found:
        by_year.setdefault(int(m["year"]), {})[int(m["month"])] = float(m["ret"])
    rows = []
    for year in sorted(by_year):
        months = by_year[year]
        cells = [_heat(months[k], largest) if k in months else Cell("", cls="num") for k in range(1, 13)]
        total = 1.0
        for r in months.values():
            total *= 1.0 + r
        rows.append(HeatRow(year, cells, Cell(_tight(total - 1.0), cls="num")))
    return rows, _monthly_caption(found)


def _tight(ret: float) -> str:
    """Percent with one decimal and without its sign of unit, which the heading says."""
    return f"{100 * ret:.1f}".replace("-0.0", "0.0").replace("-", words.MINUS)


def _heat(ret: float, largest: float) -> Cell:
    step = min(4, int(4 * abs(ret) / largest) + 1)
    way = "flat" if ret == 0 else f"up-{step}" if ret > 0 else f"down-{step}"
    return Cell(_tight(ret), cls=f"num heat-{way}")


def _monthly_caption(found: Sequence[Mapping[str, Any]]) -> str:
    best, worst = max(found, key=lambda m: m["ret"]), min(found, key=lambda m: m["ret"])
    above, flat = sum(m["ret"] > 0 for m in found), sum(m["ret"] == 0 for m in found)
    still = f", {flat} flat" if flat else ""

    def named(m: Mapping[str, Any]) -> str:
        when = f"{calendar.month_name[int(m['month'])]} {m['year']}"
        return f"{when} ({words.number(m['ret'], 'percent', sign=True)})"

    return (
        f"{above} of {words.plural(len(found), 'month')} {'is' if above == 1 else 'are'} positive{still}; "
        f"the best is {named(best)}, the worst {named(worst)}."
    )


def flatten(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested plain values as dotted keys and text, in the order given.

    >>> list(flatten({"a": {"b": 1, "c": [2, 3]}, "d": None, "e": [{}, {}]}))
    [('a.b', '1'), ('a.c', '2, 3'), ('d', 'not set'), ('e', '2 entries')]
    """
    if isinstance(value, Mapping) and value:
        for k, v in value.items():
            yield from flatten(v, f"{prefix}.{k}" if prefix else str(k))
    elif isinstance(value, list | tuple) and any(isinstance(v, Mapping | list | tuple) for v in value):
        yield prefix, words.plural(len(value), "entry", "entries")
    elif isinstance(value, list | tuple):
        yield prefix, ", ".join(str(v) for v in value) or "none"
    elif prefix:
        yield prefix, "not set" if value is None else "none" if value == {} else str(value)


def as_toml(config: Mapping[str, Any], prefix: str = "") -> str:
    """Nested plain values as the text of a study file; what is not set stands in a comment.

    >>> print(as_toml({"name": "demo", "data": {"kind": "sample", "end": None}}))
    name = "demo"
    <BLANKLINE>
    [data]
    kind = "sample"
    # end is not set
    """
    lines, sections = [], []
    for k, v in config.items():
        path = f"{prefix}.{k}" if prefix else str(k)
        if isinstance(v, Mapping) and v:
            body = as_toml(v, path)
            sections.append(body if body.startswith("[") else f"[{path}]\n{body}")
        else:
            lines.append(f"# {k} is not set" if v is None else f"{k} = {_toml(v)}")
    return "\n\n".join(["\n".join(lines)] * bool(lines) + sections)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return (
            "{}"
            if not value
            else "{ " + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items() if v is not None) + " }"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def facts(pairs: Sequence[tuple[str, str | None, str]]) -> list[tuple[str, Cell]]:
    """``(name, text or None, reason)`` as a list of named cells."""
    return [(name, Cell(text, reason=None if text else reason, cls="")) for name, text, reason in pairs]
