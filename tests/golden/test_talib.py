"""Agreement with TA-Lib on complete data: rtol 1e-9 and atol 1e-9 of the median size.

Rows after ``memory_bars`` are compared, since TA-Lib starts some averages (MACD) elsewhere.
"""

from __future__ import annotations

import numpy as np
import pytest

from alphatrade.core.kernel import Graph
from alphatrade.core.kernel.lane import Lanes
from alphatrade.core.kernel.program import Program
from alphatrade.features import Inputs, parse
from alphatrade.testing import calm_bars

talib = pytest.importorskip("talib")
N = 3000


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


CASES = {
    "sma_20": lambda o, h, l, c, v: talib.SMA(c, 20),
    "ema_20": lambda o, h, l, c, v: talib.EMA(c, 20),
    "rsi_14": lambda o, h, l, c, v: talib.RSI(c, 14),
    "macd_12_26_9_line": lambda o, h, l, c, v: talib.MACD(c, 12, 26, 9)[0],
    "macd_12_26_9_signal": lambda o, h, l, c, v: talib.MACD(c, 12, 26, 9)[1],
    "macd_12_26_9_hist": lambda o, h, l, c, v: talib.MACD(c, 12, 26, 9)[2],
    "atr_14": lambda o, h, l, c, v: talib.ATR(h, l, c, 14),
    "natr_14": lambda o, h, l, c, v: talib.NATR(h, l, c, 14),
    "roc_10": lambda o, h, l, c, v: talib.ROC(c, 10),
    "stoch_14_3_3_k": lambda o, h, l, c, v: talib.STOCH(h, l, c, 14, 3, 0, 3, 0)[0],
    "stoch_14_3_3_d": lambda o, h, l, c, v: talib.STOCH(h, l, c, 14, 3, 0, 3, 0)[1],
    "bollinger_20_2_width": lambda o, h, l, c, v: 4 * talib.STDDEV(c, 20) / talib.SMA(c, 20),
    "zscore_20": lambda o, h, l, c, v: (c - talib.SMA(c, 20)) / talib.STDDEV(c, 20),
}
# TA-Lib's deviation comes from running sums of squares, which lose digits.
LOOSE = {"bollinger_20_2_width": 1e-6, "zscore_20": 1e-6}


@pytest.mark.parametrize("name", CASES)
def test_column_equals_talib(name, bars):
    expected = CASES[name](*(np.ascontiguousarray(bars[k]) for k in range(5)))
    (column,) = parse(name)
    start = column.feature.memory_bars
    a, b = ours(name, bars)[start:], expected[start:]
    tolerance = LOOSE.get(name, 1e-9)
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * np.median(np.abs(b)))
    assert len(a) > 2000


@pytest.mark.parametrize("name", ["sma_20", "ema_20", "rsi_14", "atr_14", "natr_14", "roc_10"])
def test_first_values_come_in_the_rows_of_talib(name, bars):
    expected = CASES[name](*(np.ascontiguousarray(bars[k]) for k in range(5)))
    np.testing.assert_array_equal(np.isnan(ours(name, bars)), np.isnan(expected))
