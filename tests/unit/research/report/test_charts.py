"""Scales, thinning, plots and their sentences."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphatrade.research.report import plots, words
from alphatrade.research.report.charts import Drawing, HBar, hbars
from alphatrade.research.report.plots.account import row_balance
from alphatrade.research.report.read import Run
from alphatrade.research.report.scale import (
    Scale,
    extent,
    log_ticks,
    nice_ticks,
    plain_ticks,
    thin,
    time_ticks,
)
from alphatrade.research.report.tables import monthly_table

Metrics = Callable[..., dict[str, Any]]

DAY = 86_400_000_000_000


def run_of(tables: dict[str, pl.DataFrame] | None = None, **parts: Any) -> Run:
    """A run that holds the given parts only."""
    verdict = {"deployable": False, "sentence": "", "gates": []}
    return Run(Path("run"), {"name": "x", "verdict": verdict, **parts}, tables or {})


def equity_of(values: list[float], **more: Any) -> Run:
    time = [k * DAY for k in range(len(values))]
    return run_of({"equity": pl.DataFrame({"time": time, "equity": values, **more})})


finite = st.floats(-1e9, 1e9, allow_nan=False)


@given(st.lists(finite, min_size=1, max_size=400), st.integers(1, 40))
@settings(deadline=None)
def test_thinning_keeps_ends_and_extremes_in_order(values: list[float], buckets: int) -> None:
    y = np.array(values)
    x = np.arange(len(y), dtype=np.float64)
    px, py = thin(x, y, buckets)
    assert (px[0], px[-1]) == (x[0], x[-1])
    assert (py.min(), py.max()) == (y.min(), y.max())
    assert (np.diff(px) > 0).all()
    assert len(px) <= 2 * buckets + 2
    assert (py == y[px.astype(int)]).all()


def test_thinning_keeps_a_gap_a_gap() -> None:
    y = np.r_[np.ones(50), np.full(50, np.nan), np.ones(50)]
    _, py = thin(np.arange(150.0), y, 15)
    assert np.isnan(py).any()
    assert (~np.isnan(py)).any()


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 9))
@settings(deadline=None)
def test_ticks_lie_inside_and_are_few(lo: float, span: float, count: int) -> None:
    ticks = nice_ticks(lo, lo + span, count)
    assert 1 <= len(ticks) <= 2 * count + 1
    room = span * 1e-6
    assert all(lo - room <= t <= lo + span + room for t in ticks)
    assert len({label for _, label in plain_ticks(0.0, span, count)}) == len(plain_ticks(0.0, span, count))


@pytest.mark.parametrize("days", [0.2, 1, 3, 20, 90, 400, 1_000, 5_000, 20_000])
def test_time_ticks_are_few_and_distinct(days: float) -> None:
    start = 18_000 * DAY
    ticks = time_ticks(start, start + int(days * DAY), 7)
    assert 1 <= len(ticks) <= 7
    assert len({label for _, label in ticks}) == len(ticks)


def test_log_ticks_stay_few_over_many_decades() -> None:
    for top in (2.0, 30.0, 1e4, 1e9, 1e30):
        assert 2 <= len(log_ticks(0.9, top)) <= 8


def test_a_scale_refuses_an_empty_range_and_a_log_of_zero() -> None:
    with pytest.raises(ValueError, match="lo < hi"):
        Scale(1.0, 1.0, 0.0, 10.0)
    with pytest.raises(ValueError, match="positive"):
        Scale(0.0, 1.0, 0.0, 10.0, log=True)


def test_the_extent_of_nothing_and_of_a_constant_can_be_drawn() -> None:
    assert extent(np.array([np.nan])) == (0.0, 1.0)
    lo, hi = extent(np.array([3.0, 3.0]))
    assert lo < 3.0 < hi


def test_drawn_text_is_escaped() -> None:
    on = Drawing(10, 10)
    on.text(0, 0, "<b>&")
    on.rect(0, 0, 1, 1, "hit", '"><script>')
    svg = on.svg('a "label" <i>')
    assert "<b>" not in svg
    assert "<script>" not in svg
    assert "<i>" not in svg
    assert "&lt;b&gt;&amp;" in svg


def test_bars_left_of_zero_grow_to_the_left() -> None:
    svg = hbars([HBar("a", 0.0, -1.0, "-1"), HBar("b", 0.0, 1.0, "1")], 800, "x")
    widths = [float(w) for w in re.findall(r'width="([\d.]+)" height="13" class="bar"', svg)] or [
        float(w) for w in re.findall(r'class="bar"[^>]* width="([\d.]+)"', svg)
    ]
    assert len(widths) == 2
    assert abs(widths[0] - widths[1]) < 0.2


def test_the_equity_sentence_names_ends_and_the_deepest_fall() -> None:
    run = equity_of([1.0, 1.5, 1.2], hold=[1.0, 1.1, 1.3], drawdown=[0.0, 0.0, 0.2])
    figure = plots.equity(run)
    assert figure is not None
    assert figure.caption == (
        "The strategy turns 1 into 1.20, against 1.30 for holding the same symbols; "
        "its deepest fall, 20.0\u202f%, is reached on 3 Jan 1970."
    )


@pytest.mark.parametrize(
    "values", [[1.0, 1.0, 1.0], [1.0, 0.0, 0.0], [1.0, 1e12, 1e13], [1.0, float("nan"), 2.0], [1.0, 2.0]]
)
def test_odd_equity_curves_are_drawn(values: list[float]) -> None:
    figure = plots.equity(equity_of(values, drawdown=[0.0] * len(values), exposure=[0.0] * len(values)))
    assert figure is not None
    assert "nan" not in figure.svg
    assert "inf" not in figure.svg


def test_a_curve_without_two_rows_is_no_figure() -> None:
    assert plots.equity(equity_of([1.0])) is None
    assert plots.equity(run_of()) is None


def test_both_a_wide_and_a_narrow_picture_are_made() -> None:
    figure = plots.equity(equity_of([1.0, 1.1, 1.2]))
    assert figure is not None
    assert figure.svg.count("<svg") == 2
    assert 'class="chart wide"' in figure.svg
    assert 'class="chart narrow"' in figure.svg


def test_fold_sentences_count_folds() -> None:
    rows = [
        {"fold": 0, "accuracy": 0.6, "base_rate": 0.5, "skill": 0.01, "sharpe_is": 2.0, "sharpe_oos": 1.0},
        {"fold": 1, "accuracy": 0.5, "base_rate": 0.6, "skill": -0.01, "sharpe_is": None, "sharpe_oos": -1.0},
        {"fold": 2, "accuracy": None, "base_rate": 0.6, "skill": None, "sharpe_is": 1.0, "sharpe_oos": None},
    ]
    run = run_of(scores={"folds": rows})
    accuracy, skill, sharpe = plots.fold_accuracy(run), plots.fold_skill(run), plots.fold_sharpe(run)
    assert accuracy is not None
    assert skill is not None
    assert sharpe is not None
    assert accuracy.caption.startswith(
        "Accuracy beats its base rate in 1 of 2 folds, by 0.00 percentage points"
    )
    assert skill.caption.startswith("Skill is positive in 1 of 2 folds")
    # the second fold has no Sharpe in sample, so the average compares the first alone
    assert "goes from 2.00 to 1.00: the length" in sharpe.caption
    assert (
        "1 of 2 test folds ended at or below zero, and 1 fold without a Sharpe is left out." in sharpe.caption
    )


def test_a_model_that_only_names_the_commonest_outcome_is_called_so() -> None:
    rows = [{"fold": k, "accuracy": 0.6, "base_rate": 0.6} for k in range(3)]
    figure = plots.fold_accuracy(run_of(scores={"folds": rows}))
    assert figure is not None
    assert figure.caption == (
        "Accuracy is its base rate in all of 3 folds: the model only ever names the commonest outcome."
    )


def test_months_without_a_trade_are_flat_not_positive() -> None:
    found = [{"year": 2020, "month": m, "ret": r} for m, r in ((1, 0.0), (2, 0.1), (3, -0.1))]
    table = monthly_table(run_of(monthly=found))
    assert table is not None
    rows, caption = table
    assert caption.startswith("1 of 3 months is positive, 1 flat; the best is February 2020")
    assert [c.cls for c in rows[0].months[:3]] == ["num heat-flat", "num heat-up-4", "num heat-down-4"]
    assert rows[0].total.text == "−1.0"


def test_the_reliability_sentence_judges_against_chance() -> None:
    bins = [{"forecast": 0.3, "observed": 0.31, "lo": 0.25, "hi": 0.35, "n": 10}]
    good = plots.reliability(
        run_of(calibration={"ece": 0.01, "ece_chance_95": 0.02, "bins": bins, "class": 1})
    )
    bad = plots.reliability(
        run_of(calibration={"ece": 0.03, "ece_chance_95": 0.02, "bins": bins, "class": 1})
    )
    assert good is not None
    assert bad is not None
    assert "In 1 of 1 bin the diagonal" in good.caption
    assert "is no more than the 0.0200" in good.caption
    assert "is more than the 0.0200" in bad.caption


def test_classes_of_a_triple_barrier_have_their_names() -> None:
    run = run_of(labels={"name": "triple_barrier", "base_rates": {"-1": 0.64, "0": 0.03, "1": 0.33}})
    figure = plots.base_rates(run)
    assert figure is not None
    assert figure.caption.startswith("Answering “stop” every time would be right in 64.0\u202f%")


def test_a_single_regime_and_unknown_sharpes() -> None:
    one = plots.regimes(run_of(regimes=[{"regime": "calm", "sharpe": 1.0, "sharpe_interval": [0.5, 1.5]}]))
    assert one is not None
    assert one.caption == "Only the regime “calm” was seen: nothing is known of others."
    assert plots.regimes(run_of(regimes=[{"regime": "calm", "sharpe": None}])) is None


def test_a_regime_without_an_interval_is_drawn_without_one() -> None:
    rows = [
        {"regime": "calm", "sharpe": 2.0, "sharpe_interval": [1.5, 2.5]},
        {"regime": "stress", "sharpe": -1.0, "sharpe_interval": [None, None]},
    ]
    figure = plots.regimes(run_of(regimes=rows))
    assert figure is not None
    assert "interval" not in figure.caption


def test_regimes_whose_intervals_do_not_meet_are_told_apart() -> None:
    rows = [
        {"regime": "calm", "sharpe": 2.0, "sharpe_interval": [1.5, 2.5]},
        {"regime": "stress", "sharpe": -1.0, "sharpe_interval": [-2.0, 0.0]},
    ]
    figure = plots.regimes(run_of(regimes=rows))
    assert figure is not None
    assert figure.caption.endswith("their intervals do not meet.")


def test_free_trading_is_said_plainly() -> None:
    free = {"commission": 0.0, "spread": 0.0, "slippage": 0.0, "total": 0.0}
    figure = plots.costs(run_of(costs=free))
    assert figure is not None
    assert "holds only for free trading" in figure.caption


def test_the_row_account_balances_with_either_sign() -> None:
    account = [
        {"reason": "entered", "rows": 10},
        {"reason": "gap", "rows": -3},
        {"reason": "used", "rows": 7},
    ]
    assert row_balance(account) == 0
    assert row_balance([*account[:1], {"reason": "gap", "rows": 3}, account[2]]) == 0
    assert row_balance([*account[:1], {"reason": "gap", "rows": 2}, account[2]]) == 1


def test_importance_says_how_concentrated_it_is() -> None:
    table = pl.DataFrame({"feature": ["a", "b"], "mean": [3.0, 1.0], "low": [2.0, -0.1], "high": [4.0, 2.0]})
    figure = plots.importance(run_of({"importance": table}))
    assert figure is not None
    assert figure.caption.startswith("a matters most, and the first 2 features carry 100.0\u202f%")
    assert figure.caption.endswith("1 of those shown reaches zero in some fold.")
    nothing = plots.importance(run_of({"importance": table.with_columns(pl.lit(0.0).alias("mean"))}))
    assert nothing is not None
    assert nothing.caption.startswith("No feature carries any importance")


@pytest.mark.parametrize(
    ("op", "value", "good"), [(">=", 2.0, True), (">=", 0.5, False), ("<=", 0.5, True), ("<", 2.0, False)]
)
def test_right_of_the_upright_is_the_good_side_of_a_gate(op: str, value: float, good: bool) -> None:
    strip = plots.gate_strip({"name": "x", "value": value, "threshold": 1.0, "op": op, "passed": good})
    assert strip is not None
    (x,) = re.findall(r'cx="([\d.]+)"', strip)
    assert (float(x) > 75.0) is good


def test_a_gate_without_a_value_has_no_picture() -> None:
    assert (
        plots.gate_strip({"name": "x", "value": None, "threshold": 1.0, "op": ">=", "passed": False}) is None
    )


def test_trade_returns_count_every_trade() -> None:
    ret = [-0.9, -0.01, 0.0, 0.01, 0.02, 0.9]
    figure = plots.trade_returns(run_of({"trades": pl.DataFrame({"ret": ret})}))
    assert figure is not None
    told = [int(n.replace(",", "")) for n in re.findall(r"\n([\d,]+) trade", figure.svg)]
    assert sum(told) == len(ret)


def test_numbers_are_told_apart_from_their_absence() -> None:
    assert words.number(None, "ratio") is None
    assert words.number(float("nan"), "ratio") is None
    assert words.number(float("inf"), "ratio") is None
    assert words.number(True, "ratio") is None
    assert words.number(0.0, "ratio") == "0.00"
    assert words.number(-0.001, "ratio") == "0.00"
    assert words.interval([None, 0.3], "ratio") == "[−∞, 0.30]"
    assert words.interval(None) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("oos_effective_rows", "count"),
        ("sharpe", "ratio"),
        ("drawdown", "percent"),
        ("win_rate", "percent"),
        ("overfit", "ratio"),
        ("p_value", "p"),
        ("calibration", "ratio"),
        ("holdout_skill", "fine"),
        ("longest_drawdown", "count"),
        ("expectancy_ret", "basis"),
        ("never_heard_of", "number"),
    ],
)
def test_fields_are_shown_in_their_units(name: str, kind: str) -> None:
    assert words.kind_of(name) == kind


def test_the_fixture_account_is_exact(metrics: Metrics) -> None:
    assert row_balance(metrics()["rows"]) == 0
