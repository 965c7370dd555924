"""The bundled sample: four stocks, three splits, one real crash."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from alphatrade.adapters import sample_bars
from alphatrade.adapters.sample import SampleSource
from alphatrade.core.bar import Bars, Status
from alphatrade.core.errors import ConfigError
from alphatrade.data import account


@pytest.fixture(scope="module")
def bars() -> Bars:
    return sample_bars()


def test_the_sample_is_whole(bars: Bars) -> None:
    rows = account(bars)
    assert bars.symbols == ("AAPL", "GOOG", "IBM", "MSFT")
    assert (rows.rows_in, rows.stored, rows.missing) == (11_958, 11_958, 0)
    assert (bars.frame["status"] == Status.REAL).all()


def test_it_says_what_it_is_and_warns_of_its_winners(bars: Bars) -> None:
    assert bars.info.adjustment == "splits"
    assert len(bars.info.warnings) == 1
    assert "survivorship" in bars.info.warnings[0]


def test_no_split_is_left_and_the_real_crash_stays(bars: Bars) -> None:
    worst = {}
    for symbol in bars.symbols:
        own = bars.arrays(symbol)
        ret = own.inputs[3][1:] / own.inputs[3][:-1] - 1.0
        worst[symbol] = (ret.min(), own.timestamp[1:][ret.argmin()])
        assert ret.max() < 0.4
    fall, when = worst["AAPL"]
    assert fall == pytest.approx(-0.5187, abs=1e-3)
    assert np.datetime64(int(when), "ns").astype("M8[D]") == np.datetime64("2000-09-29")
    assert min(fall for symbol, (fall, _) in worst.items() if symbol != "AAPL") > -0.2


def test_volume_is_in_the_same_shares_as_prices(bars: Bars) -> None:
    """2000-06-20 closed at 101.25 on 4,476,700 shares, before two 2:1 splits."""
    day = bars.only(["AAPL"]).between("2000-06-20", "2000-06-21").frame.row(0, named=True)
    assert (day["close"], day["volume"]) == (101.25 / 4, 4_476_700 * 4)


def test_a_daily_bar_is_known_at_the_close_of_its_session(bars: Bars) -> None:
    half = bars.only(["IBM"]).between("2012-11-23", "2012-11-24").frame.row(0, named=True)
    assert (half["timestamp"].hour, half["available_at"].hour) == (14, 18)


def test_a_symbol_it_has_not_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"found 'FB' in data\.symbols"):
        SampleSource(("FB",))


def test_reading_it_imports_no_pandas_of_its_package() -> None:
    code = (
        "import sys; from alphatrade.adapters.sample import SampleSource; list(SampleSource().tables()); "
        "assert 'bokeh_sampledata' not in sys.modules and 'pandas' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_it_describes_itself_without_machine_paths() -> None:
    (layout,) = SampleSource().describe()
    assert str(layout).startswith("bokeh_sampledata/stocks.csv.gz: time from 'Date', symbol from 'Ticker'")
    assert "Adj Close" in layout.ignored
