"""Window statistics against numpy on each window."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from alphatrade.core.kernel import Graph
from alphatrade.core.kernel.lane import Lanes
from alphatrade.core.kernel.program import Program
from alphatrade.features.kernel import (
    bars_since_max,
    bars_since_min,
    comoments,
    day_of,
    moments,
    shape,
    trend,
    window_max,
    window_min,
    window_sum,
)

N = 400


def columns(make, x, y=None):
    """Values of nodes over a column put where the close is (and another where the open is)."""
    graph = Graph()
    nodes = make(graph.input("close")) if y is None else make(graph.input("close"), graph.input("open"))
    nodes = nodes if isinstance(nodes, tuple) else (nodes,)
    program = Program(graph, nodes, wide=True)
    n = len(x)
    inputs = np.zeros((9, n))
    inputs[3] = x
    if y is not None:
        inputs[0] = y
    inputs[5], inputs[6] = np.arange(n), np.arange(n) + 1.0
    inputs[8] = 1e9
    extra = np.empty((program.n_extra, n))
    Lanes(program, 64).run(0, inputs, np.ones(n, bool), extra, np.empty((0, n), np.float32))
    return extra[: len(nodes)]


def each(x, w, statistic):
    rolled = np.lib.stride_tricks.sliding_window_view(x, w)
    return np.concatenate([np.full(w - 1, np.nan), [statistic(v) for v in rolled]])


def series(name):
    rng = np.random.default_rng(3)
    walk = 100.0 * np.exp(np.cumsum(rng.normal(0, 0.01, N)))
    spiky = rng.lognormal(9, 1, N)
    spiky[::53] *= 1e5
    return {"walk": walk, "spikes": spiky, "far": 5000.0 + 0.001 * rng.normal(size=N)}[name]


@pytest.mark.parametrize("name", ["walk", "spikes", "far"])
@pytest.mark.parametrize("w", [2, 20, 63])
def test_mean_and_variance_keep_their_digits(name, w):
    x = series(name)
    mean, var = columns(lambda c: moments.all(c, w=w), x)
    exact = x.astype(np.longdouble)
    np.testing.assert_allclose(mean, each(exact, w, np.mean).astype(float), rtol=1e-13)
    np.testing.assert_allclose(var, each(exact, w, np.var).astype(float), rtol=1e-9)


def test_variance_of_constant_prices_is_exactly_zero():
    _, var = columns(lambda c: moments.all(c, w=20), np.full(N, 77.7))
    assert (var[19:] == 0.0).all()


def test_covariance_equals_numpy():
    x, y = series("walk"), series("spikes")
    cov, vx, vy = columns(lambda a, b: comoments.all(a, b, w=30), x, y)
    pairs = [np.cov(x[i - 29 : i + 1], y[i - 29 : i + 1], ddof=0) for i in range(29, N)]
    np.testing.assert_allclose(cov[29:], [p[0, 1] for p in pairs], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(vx[29:], [p[0, 0] for p in pairs], rtol=1e-9)
    np.testing.assert_allclose(vy[29:], [p[1, 1] for p in pairs], rtol=1e-9)


def test_skewness_and_kurtosis_equal_scipy():
    x = np.diff(np.log(series("walk")), prepend=np.nan)[1:]
    skew, kurt = columns(lambda c: shape.all(c, w=25), x)
    np.testing.assert_allclose(skew, each(x, 25, stats.skew), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(kurt, each(x, 25, stats.kurtosis), rtol=1e-9, atol=1e-12)


def test_line_equals_least_squares():
    x = series("walk")
    mean, slope, r2 = columns(lambda c: trend.all(c, w=17), x)
    fits = [stats.linregress(np.arange(17), x[i - 16 : i + 1]) for i in range(16, N)]
    np.testing.assert_allclose(slope[16:], [f.slope for f in fits], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(r2[16:], [f.rvalue**2 for f in fits], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(mean, each(x, 17, np.mean), rtol=1e-13)
    weights = np.arange(1, 18) / np.arange(1, 18).sum()
    np.testing.assert_allclose(mean + slope * 16 / 6, each(x, 17, lambda v: v @ weights), rtol=1e-12)


def test_a_flat_line_has_slope_zero_and_no_r_squared():
    _, slope, r2 = columns(lambda c: trend.all(c, w=17), np.full(N, 77.7))
    assert (slope[16:] == 0.0).all()
    assert np.isnan(r2).all()


@pytest.mark.parametrize("w", [1, 2, 7, 16, 50])
def test_sums_and_extremes_equal_numpy(w):
    x = series("walk")
    total, high, low, since_high, since_low = columns(
        lambda c: (
            window_sum(c, w),
            window_max(c, w),
            window_min(c, w),
            bars_since_max(c, w),
            bars_since_min(c, w),
        ),
        x,
    )
    np.testing.assert_allclose(total, each(x, w, np.sum), rtol=1e-14)
    np.testing.assert_array_equal(high, each(x, w, np.max))
    np.testing.assert_array_equal(low, each(x, w, np.min))
    np.testing.assert_array_equal(since_high, each(x, w, lambda v: w - 1 - np.argmax(v)))
    np.testing.assert_array_equal(since_low, each(x, w, lambda v: w - 1 - np.argmin(v)))


@pytest.mark.parametrize("w", [5, 16])
def test_a_window_with_a_nan_is_not_known_and_the_next_one_is(w):
    x = series("walk").copy()
    x[100] = np.nan
    for make in (
        lambda c: window_sum(c, w),
        lambda c: window_max(c, w),
        lambda c: bars_since_max(c, w),
        lambda c: moments.all(c, w=w),
        lambda c: trend.all(c, w=w),
        lambda c: shape.all(c, w=w),
    ):
        for column in columns(make, x):
            assert np.isnan(column[100 : 100 + w]).all()
            assert not np.isnan(column[100 + w :]).any()


def test_dates_are_those_of_the_calendar():
    days = np.array(["1969-12-31", "1970-01-01", "2000-02-29", "2024-02-29", "2100-03-01"], "M8[D]")
    year, month, day, weekday = columns(lambda c: day_of.all(c), days.astype(np.int64) * 86_400.0 + 3_600.0)
    assert year.tolist() == [1969, 1970, 2000, 2024, 2100]
    assert month.tolist() == [12, 1, 2, 2, 3]
    assert day.tolist() == [31, 1, 29, 29, 1]
    assert weekday.tolist() == [2, 3, 1, 3, 0]
