"""Performance: definitions against slow, obvious twins, and what happens at the edges."""

from __future__ import annotations

import math
import statistics
import time

import numpy as np
import pytest

from alphatrade.metrics import drawdown, monthly_returns, performance, relative, sharpe, wealth

RETURNS = [0.02, -0.01, 0.03, -0.05, 0.00, 0.01, 0.04, -0.02]
DAY = 86_400_000_000_000


def twin_drawdown(returns: list[float]) -> tuple[float, int]:
    """Deepest fall and longest time below a peak, one period at a time."""
    value = peak = 1.0
    deepest, longest, run = 0.0, 0, 0
    for r in returns:
        value *= 1.0 + r
        peak = max(peak, value)
        run = run + 1 if value < peak else 0
        longest = max(longest, run)
        deepest = max(deepest, 1.0 - value / peak)
    return deepest, longest


def test_ratios_follow_their_definitions() -> None:
    p = performance(RETURNS, 252)
    mean, sd = statistics.fmean(RETURNS), statistics.stdev(RETURNS)
    assert p.sharpe == pytest.approx(mean / sd * math.sqrt(252), rel=1e-12)
    assert p.annual_volatility == pytest.approx(sd * math.sqrt(252), rel=1e-12)
    downside = math.sqrt(sum(min(r, 0.0) ** 2 for r in RETURNS) / len(RETURNS))
    assert p.sortino == pytest.approx(mean / downside * math.sqrt(252), rel=1e-12)
    total = math.prod(1.0 + r for r in RETURNS)
    assert p.total_return == pytest.approx(total - 1.0, rel=1e-12)
    assert p.annual_return == pytest.approx(total ** (252 / 8) - 1.0, rel=1e-12)
    assert p.calmar == pytest.approx(p.annual_return / p.max_drawdown, rel=1e-12)
    assert (p.best, p.worst, p.positive_share, p.n) == (0.04, -0.05, 0.5, 8)


def test_drawdown_counts_the_start_as_a_peak() -> None:
    assert performance([-0.1, 0.05], 252).max_drawdown == pytest.approx(0.1)
    rng = np.random.default_rng(1)
    for _ in range(20):
        x = rng.normal(0, 0.02, 200).tolist()
        p = performance(x, 252)
        deepest, longest = twin_drawdown(x)
        assert p.max_drawdown == pytest.approx(deepest, rel=1e-12)
        assert p.longest_drawdown == longest


def test_a_series_that_never_trades_has_no_ratio_and_no_drawdown() -> None:
    p = performance(np.zeros(10), 252)
    assert (p.total_return, p.annual_return, p.annual_volatility, p.max_drawdown) == (0.0, 0.0, 0.0, 0.0)
    assert all(math.isnan(v) for v in (p.sharpe, p.sortino, p.calmar, p.skew, p.kurtosis, p.tail_ratio))


def test_equal_returns_have_no_sharpe_even_when_rounding_makes_them_differ() -> None:
    equity = 1.001 ** np.arange(1, 200)
    assert math.isnan(sharpe(np.diff(equity) / equity[:-1], 252))


def test_one_return_has_a_total_but_no_deviation() -> None:
    p = performance([0.01], 252)
    assert p.total_return == pytest.approx(0.01)
    assert math.isnan(p.sharpe)
    assert math.isnan(p.annual_volatility)


def test_wealth_that_was_lost_stays_lost() -> None:
    assert wealth([0.5, -1.2, 3.0]).tolist() == [1.5, 0.0, 0.0]
    p = performance([0.5, -1.2, 3.0], 252)
    assert (p.total_return, p.annual_return, p.max_drawdown) == (-1.0, -1.0, 1.0)


@pytest.mark.parametrize(
    ("returns", "message"),
    [
        ([], "at least 1 values, found 0"),
        ([0.1, math.nan], "1 NaN or infinite of 2, the first at index 1"),
        ([[0.1]], "one dimension"),
    ],
)
def test_bad_returns_are_refused_by_name(returns: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=f"returns: .*{message}"):
        performance(returns, 252)


def test_periods_per_year_must_be_positive() -> None:
    with pytest.raises(ValueError, match="periods_per_year: expected a positive number, found 0"):
        performance([0.1], 0)


def test_exposure_and_turnover_are_averaged_and_annualised() -> None:
    p = performance([0.0, 0.1], 252, exposure=[0.5, 1.0], turnover=[0.0, 0.02])
    assert (p.exposure, p.turnover) == (0.75, pytest.approx(2.52))
    ruined = performance([0.1, -1.0, 0.0], 252, exposure=[1.0, 3.0, math.nan], turnover=[math.nan] * 3)
    assert ruined.exposure == 2.0
    assert math.isnan(ruined.turnover)
    with pytest.raises(ValueError, match="returns and exposure: expected the same length, found 2 and 1"):
        performance([0.0, 0.1], 252, exposure=[1.0])


def test_relative_recovers_the_line_that_made_the_returns() -> None:
    rng = np.random.default_rng(0)
    b = rng.normal(0, 0.01, 500)
    r = relative(0.0004 + 1.3 * b, b, 252)
    assert (r.beta, r.correlation) == (pytest.approx(1.3), pytest.approx(1.0))
    assert r.alpha == pytest.approx(0.0004 * 252)
    assert r.information_ratio == pytest.approx(r.excess / r.tracking_error)


def test_a_benchmark_that_does_not_vary_has_no_beta() -> None:
    r = relative([0.01, 0.02], [0.0, 0.0], 252)
    assert math.isnan(r.beta)
    assert math.isnan(r.alpha)
    assert r.excess == pytest.approx(0.015 * 252)
    same = relative([0.01, 0.02], [0.01, 0.02], 252)
    assert math.isnan(same.information_ratio)


def test_drawdown_needs_wealth_to_start_with() -> None:
    with pytest.raises(ValueError, match="positive first value"):
        drawdown([0.0, 1.0])


def test_months_multiply_to_the_whole() -> None:
    rng = np.random.default_rng(0)
    stamps = np.arange(400) * DAY
    equity = wealth(rng.normal(0, 0.01, 400))
    months = monthly_returns(stamps, equity, start=1.0)
    assert months.columns == ["year", "month", "ret"]
    assert months.height == 14
    assert math.prod(1.0 + r for r in months["ret"]) == pytest.approx(equity[-1], rel=1e-12)
    with pytest.raises(ValueError, match="ascending"):
        monthly_returns(stamps[::-1], equity)


def test_seventy_two_thousand_returns_are_measured_in_under_15_ms() -> None:
    x = np.random.default_rng(0).normal(0, 0.001, 72_000)
    performance(x, 6552)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        performance(x, 6552, exposure=np.abs(x), turnover=np.abs(x))
        took.append(time.perf_counter() - start)
    assert min(took) < 0.015
