"""The stationary bootstrap: its resamples, its intervals' coverage, its p-values."""

from __future__ import annotations

import math
import os

import numpy as np
import pytest
from scipy.signal import lfilter

from alphatrade.metrics import (
    annual_return_interval,
    block_length,
    bootstrap_interval,
    bootstrap_p_value,
    long_run_variance,
    means_interval,
    sharpe,
    sharpe_interval,
    stationary_indices,
)
from alphatrade.metrics.bootstrap import _resample_sums

PROVE = os.environ.get("ALPHATRADE_PROVE") == "1"
RUNS = 2_000 if PROVE else 200
# Three standard errors of the share in 200 runs; the promise of +- 1.5 % needs the 2,000.
SLACK = 0.015 if PROVE else 0.05


def simulate(kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
    """A series of mean 0 and deviation 1."""
    if kind == "skewed":
        return rng.exponential(size=n) - 1.0
    if kind == "fat":
        return rng.standard_t(5, size=n) / math.sqrt(5 / 3)
    noise = rng.normal(size=n + 200)
    if kind == "overlapping":
        return np.convolve(noise, np.ones(20), "valid")[:n] / math.sqrt(20)
    phi = float(kind)
    return np.asarray(lfilter([math.sqrt(1 - phi**2)], [1, -phi], noise)[200:])


@pytest.mark.prove
@pytest.mark.parametrize("kind", ["0", "0.3", "0.6", "-0.3", "0.9", "overlapping", "skewed", "fat"])
@pytest.mark.parametrize("statistic", ["mean", "sharpe"])
def test_intervals_of_95_percent_cover_95_percent(kind: str, statistic: str) -> None:
    """Fewer than 30 effective observations make them too wide: 500 rows overlapping by 20 cover 97 %."""
    n = 1_000 if kind == "overlapping" else 500
    rng = np.random.default_rng(11)
    truth, hits = 0.1, 0
    for _ in range(RUNS):
        lo, hi = bootstrap_interval(truth + simulate(kind, n, rng), statistic, rng, resamples=500)
        hits += lo <= truth <= hi
    assert abs(hits / RUNS - 0.95) <= SLACK


@pytest.mark.prove
@pytest.mark.parametrize("kind", ["0", "0.6", "skewed"])
def test_p_values_of_no_effect_are_uniform(kind: str) -> None:
    rng = np.random.default_rng(5)
    p = np.array([bootstrap_p_value(simulate(kind, 300, rng), rng, resamples=500) for _ in range(RUNS)])
    for level in (0.05, 0.1, 0.5):
        assert abs(np.mean(p <= level) - level) <= (0.02 if PROVE else 0.08)


def test_resampled_sums_equal_sums_of_resampled_rows() -> None:
    """The prefix-sum kernel and the index kernel draw alike, and the sums have the moments theory gives."""
    x = np.arange(7.0)
    prefix = np.concatenate(([[0.0, 0.0]], np.cumsum(np.stack((np.ones(7), x), axis=1), axis=0)))
    total, product = _resample_sums(prefix, 3.0, 4_000, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    direct = np.array([x[stationary_indices(7, 3.0, rng)].sum() for _ in range(4_000)])
    assert (total[:, 0] == 7.0).all()
    assert total[:, 1].mean() == pytest.approx(direct.mean(), abs=0.3)
    assert total[:, 1].std() == pytest.approx(direct.std(), rel=0.05)
    assert (product == product.transpose(0, 2, 1)).all()


def test_blocks_are_consecutive_and_have_the_asked_mean_length() -> None:
    index = stationary_indices(50_000, 8.0, np.random.default_rng(0))
    joins = np.flatnonzero(np.diff(index) % 50_000 != 1)
    assert 50_000 / (len(joins) + 1) == pytest.approx(8.0, rel=0.05)
    assert index.min() >= 0
    assert index.max() < 50_000
    single = stationary_indices(1_000, 1.0, np.random.default_rng(0))
    assert len(np.unique(single)) == pytest.approx(632, abs=40)


def test_the_same_seed_gives_the_same_bits() -> None:
    x = np.random.default_rng(0).normal(size=400)
    a, b = (bootstrap_interval(x, "sharpe", np.random.default_rng(9)) for _ in range(2))
    assert a == b
    assert a != bootstrap_interval(x, "sharpe", np.random.default_rng(10))


def test_named_statistics_agree_with_plain_percentiles_where_both_are_good() -> None:
    x = np.random.default_rng(2).normal(0.05, 1.0, 2_000)
    for name, function in (("mean", np.mean), ("sharpe", lambda v: sharpe(v, 1))):
        fast = bootstrap_interval(x, name, np.random.default_rng(0), block=5.0)
        slow = bootstrap_interval(x, function, np.random.default_rng(0), block=5.0)
        assert fast.lo == pytest.approx(slow.lo, abs=0.008)
        assert fast.hi == pytest.approx(slow.hi, abs=0.008)


def test_annual_intervals_scale_the_periodic_ones() -> None:
    x = np.random.default_rng(2).normal(0.0005, 0.01, 1_000)
    lo, hi = sharpe_interval(x, 252, np.random.default_rng(0))
    assert lo < sharpe(x, 252) < hi
    per_bar = bootstrap_interval(x, "sharpe", np.random.default_rng(0))
    assert lo == pytest.approx(per_bar.lo * math.sqrt(252), rel=1e-12)
    growth = bootstrap_interval(x, "growth", np.random.default_rng(0))
    assert annual_return_interval(x, 252, np.random.default_rng(0)).lo == pytest.approx(
        math.expm1(252 * growth.lo), rel=1e-12
    )


def test_a_ratio_of_sums_agrees_with_its_delta_method() -> None:
    rng = np.random.default_rng(4)
    b = rng.uniform(1.0, 2.0, 3_000)
    a = 0.5 * b + rng.normal(0, 0.2, 3_000)
    lo, hi = means_interval(np.stack((a, b), axis=1), lambda m: m[..., 0] / m[..., 1], rng)
    ratio = a.mean() / b.mean()
    half = 1.96 * np.std(a - ratio * b) / b.mean() / math.sqrt(3_000)
    assert lo == pytest.approx(ratio - half, abs=0.1 * half)
    assert hi == pytest.approx(ratio + half, abs=0.1 * half)


def test_long_run_variance_of_an_autoregression_is_what_theory_says() -> None:
    x = simulate("0.6", 20_000, np.random.default_rng(0))
    assert long_run_variance(x) == pytest.approx((1 + 0.6) / (1 - 0.6), rel=0.1)
    assert long_run_variance(np.full(50, 0.1)) == 0.0
    alternating = np.tile([1.0, -1.0], 500)
    assert long_run_variance(alternating) >= 0.0


def test_blocks_grow_with_dependence_and_are_one_where_nothing_varies() -> None:
    rng = np.random.default_rng(0)
    lengths = [block_length(simulate(k, 1_000, rng)) for k in ("0", "0.6", "0.9")]
    assert lengths == sorted(lengths)
    assert block_length(np.ones(100)) == 1.0
    assert all(block_length(rng.normal(size=n)) >= 1.0 for n in range(2, 40))


@pytest.mark.parametrize("x", [np.full(200, 0.01), np.arange(9.0)])
def test_too_little_to_say_is_nan_and_shows_nothing(x: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    for statistic in ("mean", "sharpe"):
        assert all(math.isnan(v) for v in bootstrap_interval(x, statistic, rng))
    assert bootstrap_p_value(x, rng) == 1.0


def test_growth_after_ruin_has_no_interval() -> None:
    x = np.append(np.random.default_rng(0).normal(size=50) * 0.01, -1.0)
    assert all(math.isnan(v) for v in bootstrap_interval(x, "growth", np.random.default_rng(0)))


def test_mistakes_are_named() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="x: expected at least 2 values, found 0"):
        bootstrap_interval([], "mean", rng)
    with pytest.raises(ValueError, match="x: expected finite values"):
        bootstrap_p_value([1.0, math.nan], rng)
    with pytest.raises(ValueError, match="expected 'mean', 'sharpe', 'growth' or a function, found 'median'"):
        bootstrap_interval([1.0, 2.0], "median", rng)
    with pytest.raises(ValueError, match=r"rng: expected a numpy\.random\.Generator, found int"):
        bootstrap_interval([1.0, 2.0], "mean", 7)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="level: expected between 0 and 1, found 95"):
        bootstrap_interval([1.0, 2.0], "mean", rng, level=95)
    with pytest.raises(ValueError, match="at least 100, found 5"):
        bootstrap_interval([1.0, 2.0], "mean", rng, resamples=5)
