"""The verdict in the terminal."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from rich.console import Console

from alphatrade.research.report import verdict_lines

Metrics = Callable[..., dict[str, Any]]


def said(found: dict[str, Any], width: int = 220) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None)
    for line in verdict_lines(found):
        console.print(line)
    return " ".join(out.getvalue().split())


def test_every_gate_is_printed_with_value_interval_and_threshold(metrics: Metrics) -> None:
    text = said(metrics())
    assert text.startswith("NOT DEPLOYABLE sample-triple-barrier")
    assert "✓ pass Max drawdown 21.3 % [15.0, 34.0 %] ≤ 25 %" in text
    assert "✗ fail Profit factor 1.07 ≥ 1.10" in text
    assert "(the interval reaches below zero)" in text
    assert text.endswith("6 of 12 gates passed")


def test_the_hold_out_stands_under_its_own_heading(metrics: Metrics) -> None:
    found = metrics()
    gate = found["verdict"]["gates"][0] | {
        "name": "holdout_sharpe",
        "label": "Hold-out Sharpe",
        "stage": "holdout",
    }
    found["verdict"]["gates"] = [*found["verdict"]["gates"], gate]
    assert "Hold-out: opened once ✓ pass Hold-out Sharpe" in said(found)


def test_a_missing_value_is_not_a_zero(metrics: Metrics) -> None:
    found = metrics()
    found["verdict"]["gates"] = [found["verdict"]["gates"][4] | {"value": None, "overridden": True}]
    assert "not available ≤ 2.00 (set by the study)" in said(found)


def test_in_sample_is_said_first(metrics: Metrics) -> None:
    assert said(metrics() | {"in_sample": True}).startswith("IN SAMPLE")


def test_markup_in_names_is_printed_as_it_is(metrics: Metrics) -> None:
    assert "[red]x[/red]" in said(metrics() | {"name": "[red]x[/red]"})
