"""Gates: what a result must show before anyone may trade it.

In: measured values with intervals. Out: one ``GateResult`` each, with value, threshold and reason. Never
here: measuring. Gates are data (``GATES``); a study may override a threshold, and the report shows that it
did. A result judged by a loosened gate is never DEPLOYABLE.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from alphatrade.core.component import did_you_mean
from alphatrade.core.errors import ConfigError

__all__ = ["GATES", "Gate", "GateResult", "Measure", "check_overrides", "judge"]

Stage = Literal["development", "holdout"]


@dataclass(frozen=True)
class Measure:
    """A measured value, its 95 % interval if it has one, and a word on how it came about."""

    value: float
    interval: tuple[float, float] | None = None
    note: str = ""


@dataclass(frozen=True)
class Gate:
    """``use`` names what is compared with ``threshold``: the value, or the lower end of its interval."""

    name: str
    label: str
    op: Literal[">=", "<=", ">", "<"]
    threshold: float
    use: Literal["value", "lower"] = "value"
    stage: Stage = "development"


@dataclass(frozen=True)
class GateResult:
    name: str
    label: str
    value: float | None
    interval: tuple[float, float] | None
    op: str
    threshold: float
    passed: bool
    why: str
    stage: str
    overridden: bool
    loosened: bool = False
    use: str = "value"

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


GATES: tuple[Gate, ...] = (
    Gate("oos_rows", "Out-of-sample rows", ">=", 500),
    Gate("oos_effective_rows", "Effective out-of-sample rows (uniqueness-weighted)", ">=", 100),
    Gate("sharpe", "Out-of-sample Sharpe ratio, net, annual", ">=", 0.5),
    Gate("trades", "Round trips (fewer say nothing about a mean)", ">=", 30),
    Gate("halts", "Kill switch tripped", "<=", 0),
    Gate("drawdown", "Maximum drawdown", "<=", 0.25),
    Gate("profit_factor", "Profit factor of trades", ">=", 1.1),
    Gate("win_rate", "Win-rate margin: above 45 %, or of its lower bound above break-even", ">=", 0.0),
    Gate("overfit", "In-sample Sharpe over out-of-sample Sharpe", "<=", 2.0),
    Gate("p_value", "p-value of the mean net return, deflated for trials", "<", 0.05),
    Gate(
        "deflated_sharpe", "Deflated Sharpe ratio (probability that the true Sharpe is above luck)", ">", 0.95
    ),
    Gate("calibration", "Calibration error over its 95 % chance level", "<=", 1.0),
    Gate("skill", "Log-loss skill over the base rate", ">", 0.0, use="lower"),
    Gate("excess", "Annual return above the same exposure held blindly", ">", 0.0, use="lower"),
    Gate("holdout_fresh", "Earlier openings of this hold-out", "<=", 0, stage="holdout"),
    Gate("holdout_halts", "Kill switch tripped on the hold-out", "<=", 0, stage="holdout"),
    Gate("holdout_sharpe", "Hold-out Sharpe ratio, net, annual", ">", 0.0, stage="holdout"),
    Gate("holdout_skill", "Hold-out log-loss skill over the base rate", ">", 0.0, stage="holdout"),
)


def check_overrides(overrides: Mapping[str, float]) -> None:
    """``ConfigError`` for a gate that does not exist, before anything is computed."""
    names = [g.name for g in GATES]
    for name in overrides:
        if name not in names:
            raise ConfigError(f"gates: unknown gate {name!r}{did_you_mean(name, names)}")


def judge(measures: Mapping[str, Measure], overrides: Mapping[str, float], stage: Stage) -> list[GateResult]:
    """Compare each gate of a stage with its measure.

    A gate without a finite measure fails: nothing passes by absence.
    """
    check_overrides(overrides)
    return [_judge_one(g, measures.get(g.name), overrides) for g in GATES if g.stage == stage]


def _judge_one(gate: Gate, measure: Measure | None, overrides: Mapping[str, float]) -> GateResult:
    threshold = overrides.get(gate.name, gate.threshold)
    value = None if measure is None or not math.isfinite(measure.value) else measure.value
    interval = None if measure is None else measure.interval
    passed, why = False, (measure.note if measure and measure.note else "not measured")
    if value is not None and measure is not None:
        compared = value if gate.use == "value" else (interval[0] if interval is not None else math.nan)
        passed = _compare(compared, gate.op, threshold)
        why = measure.note
    return GateResult(
        gate.name,
        gate.label,
        value,
        interval,
        gate.op,
        threshold,
        passed,
        why,
        gate.stage,
        gate.name in overrides,
        _is_looser(gate, threshold),
        gate.use,
    )


def _is_looser(gate: Gate, threshold: float) -> bool:
    return threshold < gate.threshold if gate.op in (">=", ">") else threshold > gate.threshold


def _compare(value: float, op: str, threshold: float) -> bool:
    if not math.isfinite(value):
        return False
    holds = {
        ">=": value >= threshold,
        "<=": value <= threshold,
        ">": value > threshold,
        "<": value < threshold,
    }
    return bool(holds[op])
