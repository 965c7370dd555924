"""Gates: what passes, what fails, and that nothing passes by absence."""

from __future__ import annotations

import math

import pytest

from alphatrade.core.errors import ConfigError
from alphatrade.research.gate import GATES, Measure, judge


def named(results, name):  # type: ignore[no-untyped-def]
    return next(r for r in results if r.name == name)


def test_a_gate_without_a_measure_fails() -> None:
    results = judge({}, {}, "development")
    assert results
    assert not any(r.passed for r in results)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_a_number_fails(value: float) -> None:
    for gate in GATES:
        result = named(judge({gate.name: Measure(value, (value, value))}, {}, gate.stage), gate.name)
        assert not result.passed


def test_a_gate_on_the_lower_end_needs_an_interval() -> None:
    good = named(judge({"skill": Measure(0.02, (0.001, 0.04))}, {}, "development"), "skill")
    straddling = named(judge({"skill": Measure(0.02, (-0.001, 0.04))}, {}, "development"), "skill")
    bare = named(judge({"skill": Measure(0.02)}, {}, "development"), "skill")
    assert (good.passed, straddling.passed, bare.passed) == (True, False, False)


def test_an_override_is_used_and_shown() -> None:
    result = named(judge({"sharpe": Measure(0.3)}, {"sharpe": 0.2}, "development"), "sharpe")
    assert result.passed
    assert result.overridden
    assert result.threshold == 0.2


def test_an_unknown_override_is_told_the_nearest_gate() -> None:
    with pytest.raises(ConfigError, match="did you mean 'drawdown'"):
        judge({}, {"drawdwn": 0.5}, "development")


def test_stages_are_judged_apart() -> None:
    names = {stage: [r.name for r in judge({}, {}, stage)] for stage in ("development", "holdout")}
    assert names["holdout"] == ["holdout_fresh", "holdout_halts", "holdout_sharpe", "holdout_skill"]
    assert names["development"] + names["holdout"] == [g.name for g in GATES]


@pytest.mark.parametrize(
    ("name", "threshold", "loosened"),
    [("sharpe", 0.4, True), ("sharpe", 0.6, False), ("drawdown", 0.3, True), ("drawdown", 0.2, False)],
)
def test_an_override_is_loosened_where_it_lets_more_through(
    name: str, threshold: float, loosened: bool
) -> None:
    result = named(judge({}, {name: threshold}, "development"), name)
    assert (result.overridden, result.loosened) == (True, loosened)
