"""Features against a second, plain implementation on each window, and what their definitions promise."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest
from scipy import stats

from alphatrade.core.bar import PRICES, BarInfo, Bars
from alphatrade.core.kernel import Graph
from alphatrade.core.kernel.lane import Lanes
from alphatrade.core.kernel.program import Program
from alphatrade.features import FeatureSet, Inputs, describe, features, parse
from alphatrade.features.kernel import weighted_mean, window_rank
from alphatrade.testing import calm_bars

N = 400


@pytest.fixture(scope="module")
def bars():
    return calm_bars(N, ("A",)).arrays("A").inputs


def computed(name: str, inputs: np.ndarray) -> np.ndarray:
    """A column in full precision."""
    graph = Graph()
    (column,) = parse(name)
    return run(graph, column.node(Inputs(graph)), inputs)


def run(graph, node, inputs):
    program = Program(graph, [node], wide=True)
    extra = np.empty((program.n_extra, inputs.shape[1]))
    ok = np.ones(inputs.shape[1], bool)
    Lanes(program, 64).run(0, inputs, ok, extra, np.empty((0, 0), np.float32))
    return extra[0]


def mad(x):
    return np.mean(np.abs(x - x.mean()))


def correlation(x, y):
    return np.corrcoef(x, y)[0, 1]


def yang_zhang(o, h, l, c, v):
    n = len(o) - 1
    k = 0.34 / (1.34 + (n + 1) / (n - 1))
    jump, move = np.log(o[1:] / c[:-1]), np.log(c[1:] / o[1:])
    satchell = rogers_satchell(o[1:], h[1:], l[1:], c[1:], v) ** 2
    return np.sqrt(jump.var(ddof=1) + k * move.var(ddof=1) + (1 - k) * satchell)


def rogers_satchell(o, h, l, c, v):
    return np.sqrt(np.mean(np.log(h / c) * np.log(h / o) + np.log(l / c) * np.log(l / o)))


def garman_klass(o, h, l, c, v):
    one = 0.5 * np.log(h / l) ** 2 - (2 * np.log(2) - 1) * np.log(c / o) ** 2
    return np.sqrt(one.mean())


def entropy(x):
    orders = Counter(tuple(np.argsort(x[k : k + 3], kind="stable")) for k in range(len(x) - 2))
    return stats.entropy(list(orders.values())) / np.log(6)


def hurst(c):
    lags = np.array([1, 2, 4, 8, 16])
    x = np.log(c)
    sizes = [np.sqrt(np.mean((x[16:] - x[16 - k : len(x) - k]) ** 2)) for k in lags]
    return np.polyfit(np.log(lags), np.log(sizes), 1)[0]


def roll(x):
    cov = np.cov(x[1:], x[:-1], ddof=0)[0, 1]
    return -2 * np.sign(cov) * np.sqrt(abs(cov))


def imbalance(c, v):
    r, n = np.diff(np.log(c)), len(c) // 2
    z = [r[k] / r[k - n + 1 : k + 1].std() for k in range(n - 1, 2 * n - 1)]
    return np.sum((2 * stats.norm.cdf(z) - 1) * v[-n:]) / np.sum(v[-n:])


def choppiness(h, l, c):
    n, before = len(c) - 1, c[:-1]
    reach = np.maximum(h[1:], before) - np.minimum(l[1:], before)
    return 100 * np.log10(reach.sum() / (h[1:].max() - l[1:].min())) / np.log10(n)


def amihud(c, v):
    return 1e6 * np.mean(np.abs(c[1:] / c[:-1] - 1) / (c[1:] * v[1:]))


def impact(c, v):
    r = np.diff(np.log(c))
    signed = np.sign(r) * v[1:]
    return np.cov(r, signed, ddof=0)[0, 1] / signed.var() * v[1:].mean()


def percent_rank(x):
    return (np.sum(x < x[-1]) + 0.5 * np.sum(x == x[-1])) / len(x)


def volatility_rank(c):
    r = np.diff(np.log(c))
    return percent_rank(np.array([r[k : k + 20].std() for k in range(200)]))


def logs(c):
    return np.diff(np.log(c))


def reversion(c):
    x = np.log(c)
    return -np.polyfit(x[:-1], np.diff(x), 1)[0]


def variance_ratio(c):
    x = np.log(c)
    return (x[5:] - x[:-5]).var() / (5 * np.diff(x)[-60:].var())


def trend_strength(c):
    return correlation(np.log(c), np.arange(len(c)))


def downside(r):
    return np.sum(r[r < 0] ** 2) / np.sum(r**2)


# Name: (bars of the window, value of its last bar).
CASES = {
    "sma_cross_5_20": (20, lambda o, h, l, c, v: c[-5:].mean() / c.mean() - 1),
    "slope_20": (20, lambda o, h, l, c, v: np.polyfit(np.arange(20), np.log(c), 1)[0]),
    "distance_high_20": (20, lambda o, h, l, c, v: c[-1] / h.max() - 1),
    "distance_low_20": (20, lambda o, h, l, c, v: c[-1] / l.min() - 1),
    "acceleration_10": (21, lambda o, h, l, c, v: np.log(c[20] / c[10]) - np.log(c[10] / c[0])),
    "up_share_20": (21, lambda o, h, l, c, v: np.mean(np.diff(c) > 0)),
    "parkinson_20": (20, lambda o, h, l, c, v: np.sqrt(np.mean(np.log(h / l) ** 2) / (4 * np.log(2)))),
    "garman_klass_20": (20, garman_klass),
    "rogers_satchell_20": (20, rogers_satchell),
    "yang_zhang_20": (21, yang_zhang),
    "volatility_20": (21, lambda o, h, l, c, v: logs(c).std()),
    "vwap_ratio_20": (20, lambda o, h, l, c, v: c[-1] / np.average((h + l + c) / 3, weights=v) - 1),
    "volume_ratio_20": (20, lambda o, h, l, c, v: v[-1] / v.mean()),
    "volume_zscore_20": (20, lambda o, h, l, c, v: (v[-1] - v.mean()) / v.std()),
    "obv_change_20": (21, lambda o, h, l, c, v: np.sum(np.sign(np.diff(c)) * v[1:]) / v[1:].sum()),
    "percent_rank_60": (60, lambda o, h, l, c, v: percent_rank(c)),
    "reversion_60": (61, lambda o, h, l, c, v: reversion(c)),
    "skew_60": (61, lambda o, h, l, c, v: stats.skew(logs(c))),
    "kurt_60": (61, lambda o, h, l, c, v: stats.kurtosis(logs(c))),
    "autocorr_60_5": (66, lambda o, h, l, c, v: correlation(logs(c)[5:], logs(c)[:-5])),
    "abs_autocorr_60_1": (62, lambda o, h, l, c, v: correlation(*np.abs([logs(c)[1:], logs(c)[:-1]]))),
    "variance_ratio_60_5": (65, lambda o, h, l, c, v: variance_ratio(c)),
    "hurst_100": (116, lambda o, h, l, c, v: hurst(c)),
    "entropy_60": (61, lambda o, h, l, c, v: entropy(logs(c))),
    "downside_60": (61, lambda o, h, l, c, v: downside(logs(c))),
    "max_ret_20": (21, lambda o, h, l, c, v: logs(c).max()),
    "min_ret_20": (21, lambda o, h, l, c, v: logs(c).min()),
    "amihud_20": (21, lambda o, h, l, c, v: amihud(c, v)),
    "illiquidity_ratio_5_60": (61, lambda o, h, l, c, v: amihud(c[-6:], v[-6:]) / amihud(c, v)),
    "roll_spread_60": (62, lambda o, h, l, c, v: roll(logs(c))),
    "close_location_5": (5, lambda o, h, l, c, v: np.mean((2 * c - h - l) / (h - l))),
    "body_5": (5, lambda o, h, l, c, v: np.mean((c - o) / (h - l))),
    "gap": (2, lambda o, h, l, c, v: o[1] / c[0] - 1),
    "volume_imbalance_20": (40, lambda o, h, l, c, v: imbalance(c, v)),
    "kyle_60": (61, lambda o, h, l, c, v: impact(c, v)),
    "volatility_ratio_5_60": (61, lambda o, h, l, c, v: logs(c)[-5:].std() / logs(c).std()),
    "volatility_rank_20_200": (220, lambda o, h, l, c, v: volatility_rank(c)),
    "efficiency_20": (21, lambda o, h, l, c, v: abs(c[-1] - c[0]) / np.sum(np.abs(np.diff(c)))),
    "trend_strength_60": (60, lambda o, h, l, c, v: trend_strength(c)),
    "choppiness_14": (15, lambda o, h, l, c, v: choppiness(h, l, c)),
}


@pytest.mark.parametrize("name", CASES)
def test_column_equals_its_definition_on_each_window(name, bars):
    size, value = CASES[name]
    found = computed(name, bars)
    rows = np.linspace(size - 1, N - 1, 25).astype(int)
    expected = [value(*bars[:5, i - size + 1 : i + 1]) for i in rows]
    np.testing.assert_allclose(found[rows], expected, rtol=1e-9, atol=1e-12)
    assert np.isnan(found[size - 2])


@pytest.mark.parametrize("w", [1, 2, 3, 7, 20, 63])
def test_weighted_mean_is_linear_in_age(w):
    x = np.random.default_rng(1).normal(100.0, 1.0, N)
    inputs = np.zeros((9, N))
    inputs[3], inputs[6] = x, 1.0
    graph = Graph()
    found = run(graph, weighted_mean(graph.input("close"), w), inputs)
    expected = np.convolve(x, np.arange(w, 0, -1.0), "valid") / (w * (w + 1) / 2)
    np.testing.assert_allclose(found[w - 1 :], expected, rtol=1e-13)


def test_rank_counts_ties_by_half():
    inputs = np.zeros((9, 4))
    inputs[3] = [1.0, 2.0, 2.0, 2.0]
    graph = Graph()
    found = run(graph, window_rank(graph.input("close"), w=3), inputs)
    np.testing.assert_allclose(found, [np.nan, np.nan, 2 / 3, 0.5])


def test_a_bar_without_volume_or_range_does_not_spread_nan(bars):
    quiet = bars.copy()
    quiet[4, 100] = 0.0
    quiet[:4, 100] = quiet[3, 100]
    for name in ("cmf_20", "amihud_20", "close_location_5", "volume_imbalance_20", "mfi_14"):
        assert not np.isnan(computed(name, quiet)[100:120]).any(), name


def test_still_prices_are_not_known_rather_than_zero():
    flat = np.zeros((9, N))
    flat[:4], flat[4] = 50.0, 10.0
    for name in ("rsi_14", "cci_20", "kama_10_2_30", "skew_60", "hurst_100", "efficiency_20", "dmi_14_adx"):
        assert np.isnan(computed(name, flat)).all(), name
    for name in ("volatility_20", "parkinson_20", "yang_zhang_20", "natr_14"):
        assert np.all(computed(name, flat)[30:] == 0.0), name


def test_entropy_is_zero_on_one_order_and_near_one_on_noise():
    rng = np.random.default_rng(5)
    inputs = np.zeros((9, N))
    inputs[3] = np.exp(np.cumsum(np.arange(N) * 1e-6))
    assert np.all(computed("entropy_60", inputs)[61:] == 0.0)
    inputs[3] = np.exp(np.cumsum(rng.normal(0, 0.01, N)))
    assert np.nanmean(computed("entropy_200", inputs)) > 0.97


def new_york(day: str, hours: list[str]) -> list[str]:
    return [f"{day}T{h}" for h in hours]


def calendar_table() -> pl.DataFrame:
    """Bars of the exchange's own sessions, a half day and the last day of a leap February among them."""
    stamps = [
        *new_york("2020-02-28", ["14:30", "20:45"]),
        *new_york("2020-11-27", ["14:30", "17:45"]),
        *new_york("2020-12-31", ["14:30", "20:45"]),
    ]
    start = pl.Series("timestamp", stamps).str.to_datetime("%Y-%m-%dT%H:%M", time_unit="ns", time_zone="UTC")
    frame = pl.DataFrame({"symbol": ["A"] * len(stamps), "timestamp": start})
    frame = frame.with_columns(
        (pl.col("timestamp") + pl.duration(minutes=15)).alias("available_at").cast(start.dtype),
        *(pl.lit(10.0).alias(p) for p in PRICES),
        pl.lit(2).cast(pl.UInt8).alias("status"),
        pl.lit(1.0).cast(pl.Float32).alias("confidence"),
    )
    schema = calm_bars(2, ("A",)).frame.schema
    bars = Bars(frame.select(schema.names()).cast(dict(schema)), BarInfo("15m", "XNYS", "test", "raw"))
    names = ["weekday", "day", "month", "quarter", "month_end", "quarter_end", "minutes_since_open",
             "minutes_to_close", "hour"]  # fmt: skip
    return FeatureSet(names).batch(bars)


def test_calendar_features_of_known_days():
    table = calendar_table()
    assert table["weekday"].to_list() == [4, 4, 4, 4, 3, 3]
    assert table["day"].to_list() == [28, 28, 27, 27, 31, 31]
    assert table["month"].to_list() == [2, 2, 11, 11, 12, 12]
    assert table["quarter"].to_list() == [1, 1, 4, 4, 4, 4]
    assert table["month_end"].to_list() == [1, 1, 3, 3, 0, 0]
    assert table["quarter_end"].to_list() == [32, 32, 34, 34, 0, 0]
    assert table["minutes_since_open"].to_list() == [15, 390, 15, 210, 15, 390]
    assert table["minutes_to_close"].to_list() == [375, 0, 195, 0, 375, 0]
    assert table["hour"].to_list() == [9.75, 16, 9.75, 13, 9.75, 16]


def test_month_and_quarter_ends_agree_with_numpy_for_every_day():
    days = np.arange(np.datetime64("1996-01-01"), np.datetime64("2025-01-01"))
    inputs = np.zeros((9, len(days)))
    inputs[7] = days.astype(np.int64) * 86_400.0
    inputs[8] = inputs[7] + 86_400.0
    inputs[5], inputs[6] = inputs[7], inputs[8]
    month = days.astype("M8[M]")
    last = (month + 1).astype("M8[D]") - 1
    quarter = month.astype(np.int64) // 3 * 3 + 3
    last_of_quarter = quarter.astype("M8[M]").astype("M8[D]") - 1
    np.testing.assert_array_equal(computed("month_end", inputs), (last - days).astype(int))
    np.testing.assert_array_equal(computed("quarter_end", inputs), (last_of_quarter - days).astype(int))
    np.testing.assert_array_equal(computed("weekday", inputs), (days.astype(int) + 3) % 7)


def test_session_features_start_afresh_with_the_session():
    inputs = calm_bars(96 * 2, ("A",)).arrays("A").inputs
    first = int(np.argmax(inputs[7] > inputs[7, 0]))
    o, h, l, c, v = inputs[:5]
    typical, day = (h + l + c) / 3, slice(first, first + 50)
    vwap = np.cumsum(typical[day] * v[day]) / np.cumsum(v[day])
    np.testing.assert_allclose(computed("session_vwap", inputs)[day], c[day] / vwap - 1, atol=1e-13)
    np.testing.assert_allclose(computed("session_ret", inputs)[day], c[day] / o[first] - 1, atol=1e-13)


FAMILIES = {
    "trend", "momentum", "volatility", "volume", "mean_reversion", "statistical", "microstructure",
    "calendar", "cross_section", "regime",
}  # fmt: skip


def test_the_catalogue_covers_all_families_with_scale_free_columns():
    found = [d for d in describe() if d["catalogue"]]
    assert {d["family"] for d in found} == FAMILIES
    assert len(found) >= 60
    assert len({d["kind"] for d in found}) >= 30
    assert {d["name"] for d in found} == set(FeatureSet.catalogue().names)
    assert not {d["units"] for d in found} & {"price", "shares", "1/currency"}


def test_every_feature_is_described():
    keys = {"name", "kind", "family", "lookback", "memory", "units", "definition", "catalogue"}
    for row in describe():
        assert set(row) == keys
        assert all(row[k] not in ("", None) for k in keys), row
        assert "\n" not in row["definition"]
    assert {d["kind"] for d in describe()} == set(features.names())


def test_scaling_prices_and_volumes_changes_no_column_of_the_catalogue():
    """A pooled model must not learn which symbol a row comes from by its price level."""
    bars = calm_bars(600, ("A", "B"))
    scaled = Bars(
        bars.frame.with_columns([pl.col(p) * 8.0 for p in PRICES[:4]] + [pl.col("volume") * 4.0]), bars.info
    )
    names = FeatureSet.catalogue()
    for symbol, block in names.block(bars).items():
        np.testing.assert_allclose(names.block(scaled)[symbol], block, rtol=1e-4, atol=1e-5)
