"""Agreement with TA-Lib on complete data: rtol 1e-9 and atol 1e-9 of the median size.

Rows after ``memory_bars`` are compared, since TA-Lib starts some averages (MACD, DMI) otherwise.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alphatrade.core.kernel import Graph
from alphatrade.core.kernel.lane import Lanes
from alphatrade.core.kernel.program import Program
from alphatrade.features import Inputs, parse
from alphatrade.testing import calm_bars

talib = pytest.importorskip("talib")
N = 8000


@pytest.fixture(scope="module")
def bars():
    return calm_bars(N, ("A",)).arrays("A").inputs


def ours(name: str, inputs: np.ndarray) -> np.ndarray:
    """A column in full precision."""
    graph = Graph()
    (column,) = parse(name)
    program = Program(graph, [column.node(Inputs(graph))], wide=True)
    extra = np.empty((program.n_extra, inputs.shape[1]))
    Lanes(program, 512).run(0, inputs, np.ones(inputs.shape[1], bool), extra, np.empty((0, 0), np.float32))
    return extra[0]


def bollinger(c, band):
    return talib.BBANDS(c, 20, 2.0, 2.0, 0)[band]


def keltner(h, l, c, side):
    return talib.EMA(c, 20) + side * 2.0 * talib.ATR(h, l, c, 10)


def donchian(h, l, weight):
    return talib.MAX(h, 20) * weight + talib.MIN(l, 20) * (1.0 - weight)


def money_flow(h, l, c, v):
    return talib.SUM((2.0 * c - h - l) / (h - l) * v, 20) / talib.SUM(v, 20)


CASES = {
    **{f"sma_{n}": lambda o, h, l, c, v, n=n: talib.SMA(c, n) for n in (5, 10, 20, 50, 200)},
    **{f"ema_{n}": lambda o, h, l, c, v, n=n: talib.EMA(c, n) for n in (5, 10, 20, 50, 200)},
    "rsi_14": lambda o, h, l, c, v: talib.RSI(c, 14),
    "macd_12_26_9_line": lambda o, h, l, c, v: talib.MACD(c, 12, 26, 9)[0],
    "macd_12_26_9_signal": lambda o, h, l, c, v: talib.MACD(c, 12, 26, 9)[1],
    "macd_12_26_9_hist": lambda o, h, l, c, v: talib.MACD(c, 12, 26, 9)[2],
    "stoch_14_3_3_k": lambda o, h, l, c, v: talib.STOCH(h, l, c, 14, 3, 0, 3, 0)[0],
    "stoch_14_3_3_d": lambda o, h, l, c, v: talib.STOCH(h, l, c, 14, 3, 0, 3, 0)[1],
    "willr_14": lambda o, h, l, c, v: talib.WILLR(h, l, c, 14),
    "cci_20": lambda o, h, l, c, v: talib.CCI(h, l, c, 20),
    "dmi_14_adx": lambda o, h, l, c, v: talib.ADX(h, l, c, 14),
    "dmi_14_plus": lambda o, h, l, c, v: talib.PLUS_DI(h, l, c, 14),
    "dmi_14_minus": lambda o, h, l, c, v: talib.MINUS_DI(h, l, c, 14),
    "psar_0.02_0.2": lambda o, h, l, c, v: talib.SAR(h, l, 0.02, 0.2),
    "atr_14": lambda o, h, l, c, v: talib.ATR(h, l, c, 14),
    "natr_14": lambda o, h, l, c, v: talib.NATR(h, l, c, 14),
    "bollinger_band_20_2_upper": lambda o, h, l, c, v: bollinger(c, 0),
    "bollinger_band_20_2_mid": lambda o, h, l, c, v: bollinger(c, 1),
    "bollinger_band_20_2_lower": lambda o, h, l, c, v: bollinger(c, 2),
    "keltner_band_20_10_2_upper": lambda o, h, l, c, v: keltner(h, l, c, 1.0),
    "keltner_band_20_10_2_mid": lambda o, h, l, c, v: talib.EMA(c, 20),
    "keltner_band_20_10_2_lower": lambda o, h, l, c, v: keltner(h, l, c, -1.0),
    "donchian_20_upper": lambda o, h, l, c, v: donchian(h, l, 1.0),
    "donchian_20_mid": lambda o, h, l, c, v: donchian(h, l, 0.5),
    "donchian_20_lower": lambda o, h, l, c, v: donchian(h, l, 0.0),
    "obv": lambda o, h, l, c, v: talib.OBV(c, v),
    "mfi_14": lambda o, h, l, c, v: talib.MFI(h, l, c, v, 14),
    "cmf_20": lambda o, h, l, c, v: money_flow(h, l, c, v),
    "roc_10": lambda o, h, l, c, v: talib.ROC(c, 10),
    "aroon_25_up": lambda o, h, l, c, v: talib.AROON(h, l, 25)[1],
    "aroon_25_down": lambda o, h, l, c, v: talib.AROON(h, l, 25)[0],
    "trix_15": lambda o, h, l, c, v: talib.TRIX(c, 15),
    "ultosc_7_14_28": lambda o, h, l, c, v: talib.ULTOSC(h, l, c, 7, 14, 28),
    "ppo_12_26_9_line": lambda o, h, l, c, v: talib.PPO(c, 12, 26, 1),
    "wma_20": lambda o, h, l, c, v: talib.WMA(c, 20),
    "kama_10_2_30": lambda o, h, l, c, v: talib.KAMA(c, 10),
    "std_20": lambda o, h, l, c, v: talib.STDDEV(c, 20),
    # Beyond the 45 columns that every library has.
    "ad": lambda o, h, l, c, v: talib.AD(h, l, c, v),
    "bollinger_20_2_width": lambda o, h, l, c, v: 4 * talib.STDDEV(c, 20) / talib.SMA(c, 20),
    "zscore_20": lambda o, h, l, c, v: (c - talib.SMA(c, 20)) / talib.STDDEV(c, 20),
}
# TA-Lib waits for the slowest output of a function; here each comes as soon as it is known.
SOONER = {"macd_12_26_9_line", "stoch_14_3_3_k"}


def expected(name: str, inputs: np.ndarray) -> np.ndarray:
    return CASES[name](*(np.ascontiguousarray(inputs[k]) for k in range(5)))


def near_a_tie(inputs: np.ndarray) -> np.ndarray:
    """Whether a typical price repeats, but for rounding, in the 14 bars of a money flow index.

    Rounding then decides on which side a whole bar's money counts.
    """
    typical = inputs[1:4].sum(axis=0)
    tie = np.abs(np.diff(typical, prepend=0.0)) < 1e-12 * typical
    return np.convolve(tie, np.ones(14))[: len(tie)] > 0


def assert_equal_after_warm_up(name: str, inputs: np.ndarray) -> None:
    (column,) = parse(name)
    start = column.feature.memory_bars
    a, b = ours(name, inputs)[start:], expected(name, inputs)[start:]
    if name.startswith("mfi"):
        clear = ~near_a_tie(inputs)[start:]
        a, b = a[clear], b[clear]
    assert len(a) > 2000
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9 * np.median(np.abs(b)))


@pytest.mark.parametrize("name", CASES)
def test_column_equals_talib(name, bars):
    assert_equal_after_warm_up(name, bars)


@pytest.mark.parametrize("name", sorted(CASES.keys() - SOONER))
def test_first_values_come_in_the_rows_of_talib(name, bars):
    np.testing.assert_array_equal(np.isnan(ours(name, bars)), np.isnan(expected(name, bars)))


@cache
def real_bars(path: Path) -> np.ndarray:
    """Bars of one stock as a gap-free series, those without range left out (TA-Lib has no rule for them)."""
    frame = pl.read_parquet(path).filter(pl.col("symbol") == "AAPL", pl.col("rth")).sort("timestamp")
    frame = frame.filter(pl.col("high") > pl.col("low"), pl.col("volume") > 0)
    prices = frame.select("open", "high", "low", "close", "volume").to_numpy().T
    return np.concatenate([prices, np.zeros((4, prices.shape[1]))])


@pytest.mark.parametrize("name", CASES)
def test_column_equals_talib_on_a_real_stock(name, shared_data):
    assert_equal_after_warm_up(name, real_bars(shared_data("us_equity_15min_2020_2022.parquet")))
