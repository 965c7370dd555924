"""Runs side by side.

In: complete run folders. Out: a plain table of settings that differ and of headline figures. Never here:
judging which run is better: picking the best of several is itself a trial.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alphatrade.research.folder import RunFolder

__all__ = ["compare_runs"]

_FIGURES = (
    ("OOS Sharpe", ("performance", "oos", "sharpe")),
    ("OOS annual return", ("performance", "oos", "annual_return")),
    ("OOS maximum drawdown", ("performance", "oos", "max_drawdown")),
    ("buy and hold Sharpe", ("performance", "hold", "sharpe")),
    ("accuracy", ("scores", "oos", "accuracy")),
    ("base rate", ("scores", "oos", "base_rate")),
    ("log-loss skill", ("scores", "oos", "skill")),
    ("trials", ("trials", "count")),
)


def _flat(config: Any, prefix: str = "") -> dict[str, Any]:
    if not isinstance(config, dict):
        return {prefix: config}
    result: dict[str, Any] = {}
    for key, value in config.items():
        result |= _flat(value, f"{prefix}.{key}" if prefix else str(key))
    return result


def _at(metrics: Any, path: Sequence[str]) -> Any:
    for key in path:
        metrics = metrics.get(key) if isinstance(metrics, dict) else None
    return round(metrics, 4) if isinstance(metrics, float) else metrics


def compare_runs(runs: Sequence[RunFolder]) -> dict[str, Any]:
    """Return ``{"runs": names, "rows": [{"what", "values"}]}``: verdict, differing settings, figures."""
    if len(runs) < 2:
        raise ValueError(f"expected two or more runs to compare, found {len(runs)}")
    metrics = [r.metrics for r in runs]
    verdicts = ["DEPLOYABLE" if m["verdict"]["deployable"] else "NOT DEPLOYABLE" for m in metrics]
    rows: list[dict[str, Any]] = [{"what": "verdict", "values": verdicts}]
    configs = [_flat(m["config"]) for m in metrics]
    for key in dict.fromkeys(k for c in configs for k in c):
        values = [c.get(key) for c in configs]
        if any(v != values[0] for v in values):
            rows.append({"what": f"setting {key}", "values": values})
    rows += [{"what": what, "values": [_at(m, path) for m in metrics]} for what, path in _FIGURES]
    return {"runs": [r.name for r in runs], "rows": rows}
