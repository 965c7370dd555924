"""Numbers, times and lists as a reader wants to see them.

In: values from ``metrics.json``. Out: short text; ``None`` and NaN come out as ``None``, for the caller to
say why. Never here: HTML.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

__all__ = [
    "CLASS_WORDS",
    "class_word",
    "count",
    "date",
    "finite",
    "interval",
    "join",
    "kind_of",
    "label_of",
    "number",
    "plural",
    "seconds",
    "threshold",
    "title",
]

MINUS = "−"
NARROW = "\u202f"  # the narrow no-break space between a number and its unit

#: How a field is shown. percent: a fraction as percent; basis: a fraction as basis points; bps: already in
#: basis points; ratio: two decimals; three: three decimals; fine: four; p: a probability; growth: wealth from
#: a start of 1.
#: A name that holds the words of several kinds takes the first: a win rate of trades is a rate.
KINDS: dict[str, tuple[str, ...]] = {
    "p": ("p_value", "p", "probability"),
    "fine": ("skill", "ece", "log_loss", "brier", "calibration"),
    "three": ("mcc", "auc"),
    "ratio": (
        "sharpe",
        "sortino",
        "calmar",
        "ratio",
        "factor",
        "beta",
        "skew",
        "kurtosis",
        "payoff",
        "information",
    ),
    "seconds": ("seconds",),
    "bps": ("bps",),
    "basis": ("expectancy_ret",),
    "percent": (
        "return",
        "ret",
        "drawdown",
        "rate",
        "accuracy",
        "volatility",
        "exposure",
        "share",
        "excess",
        "alpha",
        "var",
        "cvar",
        "shortfall",
        "best",
        "worst",
        "net",
    ),
    "count": ("rows", "trades", "observations", "bars", "count", "openings", "samples", "n"),
}

#: Names whose words would mislead.
EXACT = {
    "calibration": "ratio",
    "overfit": "ratio",
    "deflated_sharpe": "p",
    "edge": "percent",
    "longest_drawdown": "count",
    "expectancy": "money",
    "mean_cost": "money",
    "mean_bars": "ratio",
    "break_even": "percent",
    "break_even_gross": "percent",
    "turnover": "ratio",
    "turnover_per_year": "ratio",
}

#: Names as the field says them, in the order a reader asks for them.
LABELS: dict[str, str] = {
    "sharpe": "Sharpe",
    "annual_return": "Annual return",
    "total_return": "Total return",
    "annual_volatility": "Annual volatility",
    "max_drawdown": "Max drawdown",
    "longest_drawdown": "Longest drawdown, bars",
    "sortino": "Sortino",
    "calmar": "Calmar",
    "alpha": "Alpha a year",
    "beta": "Beta",
    "information_ratio": "Information ratio",
    "exposure": "Average exposure",
    "turnover": "Turnover a year",
    "trades": "Trades",
    "win_rate": "Win rate of trades",
    "break_even": "Break-even win rate",
    "break_even_gross": "Break-even win rate before costs",
    "payoff": "Payoff (mean win / mean loss)",
    "payoff_gross": "Payoff before costs",
    "profit_factor": "Profit factor",
    "expectancy": "Expectancy a trade, money",
    "expectancy_ret": "Expectancy a trade",
    "mean_cost": "Mean cost a trade, money",
    "mean_bars": "Mean holding time, bars",
    "mae": "Mean worst excursion",
    "mfe": "Mean best excursion",
    "tail_ratio": "Tail ratio",
    "skew": "Skew",
    "kurtosis": "Kurtosis",
    "best": "Best bar",
    "worst": "Worst bar",
    "positive_share": "Share of bars above 0",
    "n": "Bars measured",
    "accuracy": "Accuracy",
    "base_rate": "Base rate (always the commonest)",
    "edge": "Accuracy above its base rate",
    "balanced_accuracy": "Balanced accuracy",
    "mcc": "Matthews correlation",
    "auc": "AUC",
    "skill": "Log-loss skill over the base rate",
    "log_loss": "Log loss",
    "log_loss_base": "Log loss of the base rate",
    "brier": "Brier score",
    "brier_skill": "Brier skill over the base rate",
    "ece": "Expected calibration error",
}

CLASS_WORDS = {
    "barrier": {"-1": "stop", "0": "time", "1": "profit"},
    "": {"-1": "down", "0": "flat", "1": "up"},
}


def finite(value: Any) -> float | None:
    """``value`` as a float, or ``None`` where it is missing or not finite."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def kind_of(name: str) -> str:
    """How the field ``name`` is shown, from the words in its name; ``number`` when none is known.

    >>> kind_of("max_drawdown"), kind_of("oos_sharpe"), kind_of("log_loss_skill"), kind_of("effective_rows")
    ('percent', 'ratio', 'fine', 'count')
    """
    if name in EXACT:
        return EXACT[name]
    words = set(name.lower().split("_"))
    for kind, keys in KINDS.items():
        if name in keys or any(set(k.split("_")) <= words for k in keys):
            return kind
    return "number"


def label_of(name: str) -> str:
    """The name of a field in words."""
    return LABELS.get(name, title(name))


def title(name: str) -> str:
    """``snake_case`` as words: ``"tail_ratio"`` is ``"Tail ratio"``."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def number(value: Any, kind: str = "number", sign: bool = False) -> str | None:
    """Format one number, ``None`` where there is none.

    >>> number(-0.1234, "percent"), number(1.5, "ratio", sign=True)
    ('−12.3\\u202f%', '+1.50')
    >>> number(1204, "count"), number(0.0001, "p")
    ('1,204', '< 0.001')
    """
    v = finite(value)
    if v is None:
        return None
    if kind == "p" and abs(v) < 0.001:
        return "< 0.001"
    text = _plain(v, kind)
    negative = text.startswith("-")
    body = text.lstrip("-")
    if negative and not any(c in "123456789" for c in body):
        negative = False
    return (MINUS if negative else "+" if sign and v > 0 else "") + body


def _plain(v: float, kind: str) -> str:
    if kind == "percent":
        small = 0 < abs(v) < 0.001
        return f"{100 * v:,.{2 if small else 1}f}{NARROW}%"
    if kind == "growth":
        return f"{v:,.2f}" if v < 100 else f"{v:,.0f}" if v < 1e6 else f"{v:.2g}"
    if kind == "count":
        return f"{round(v):,}"
    if kind == "money":
        return f"{v:,.0f}" if abs(v) >= 100 else f"{v:,.2f}"
    if kind == "bps":
        return f"{v:,.1f}{NARROW}bps"
    if kind == "basis":
        return f"{1e4 * v:,.1f}{NARROW}bps"
    if kind == "seconds":
        return seconds(v)
    decimals = {"ratio": 2, "fine": 4, "p": 3, "three": 3}
    if kind in decimals:
        return f"{v:,.{decimals[kind]}f}"
    if v == round(v) and abs(v) < 1e15:
        return f"{v:,.0f}"
    return f"{v:,.2f}" if abs(v) >= 100 else f"{v:.3g}" if abs(v) >= 0.001 else f"{v:.2g}"


def threshold(value: Any, kind: str = "number") -> str | None:
    """A number somebody chose: without the decimals it does not need.

    >>> threshold(0.25, "percent"), threshold(0.0, "fine"), threshold(0.5, "ratio"), threshold(0.0258, "fine")
    ('25\\u202f%', '0', '0.50', '0.0258')
    """
    v = finite(value)
    if v == 0:
        return "0"
    text = number(v, kind)
    if text is not None and kind == "percent":
        return text.replace(f".0{NARROW}%", f"{NARROW}%")
    if text is not None and kind in ("fine", "p") and "." in text:
        return text.rstrip("0").rstrip(".")
    return text


def interval(pair: Any, kind: str = "number") -> str | None:
    """``[lo, hi]`` in the units of its value, ``None`` where there is none.

    >>> interval([-0.1, 0.25], "ratio")
    '[−0.10, 0.25]'
    """
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        return None
    lo, hi = number(pair[0], kind), number(pair[1], kind)
    if lo is None and hi is None:
        return None
    lo, hi = lo or MINUS + "∞", hi or "∞"
    for unit in (NARROW + "%", NARROW + "bps"):
        if lo.endswith(unit) and hi.endswith(unit):
            lo = lo.removesuffix(unit)
    return f"[{lo}, {hi}]"


def count(value: Any) -> str:
    """A whole number with thousands, for text where it is known to exist."""
    return f"{int(value):,}"


def plural(n: int, one: str, many: str = "") -> str:
    """``"1 fold"``, ``"9 folds"``."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def seconds(value: float) -> str:
    """A duration a reader can feel.

    >>> seconds(0.0042), seconds(12.34), seconds(247.0)
    ('4 ms', '12.3 s', '4 min 7 s')
    """
    if value < 0.1:
        return f"{1000 * value:.0f}{NARROW}ms".replace(NARROW, " ")
    if value < 100:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s"


def date(value: Any) -> str | None:
    """The day of an ISO text, a datetime or int64 ns since 1970, as ``23 Mar 2020``.

    >>> date("2020-03-23T14:30:00Z"), date(0)
    ('23 Mar 2020', '1 Jan 1970')
    """
    if value is None:
        return None
    if isinstance(value, int):
        day = datetime.fromtimestamp(value // 1_000_000_000, tz=UTC)
    elif isinstance(value, datetime):
        day = value
    else:
        try:
            day = datetime.fromisoformat(str(value))
        except ValueError:
            return str(value)
    return f"{day.day} {day:%b %Y}"


def join(items: Sequence[str], last: str = "and") -> str:
    """``"a, b and c"``."""
    if len(items) <= 1:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def class_word(labeler: str, key: str) -> str:
    """What a class of labels means: -1 of a triple barrier is ``stop``."""
    words = CLASS_WORDS["barrier" if "barrier" in labeler.lower() else ""]
    return words.get(key, key)
