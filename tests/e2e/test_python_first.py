"""The lines a notebook begins with, from a Parquet file of 15-minute bars to a verdict; all public names."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import alphatrade
from alphatrade.app import names
from alphatrade.data import synthetic_bars

SHARED = "us_equity_15min_2020_2022.parquet"
SYMBOLS = ("AAPL", "XOM")

LINES = """
import alphatrade as at

bars = at.load_bars("us_equity_15min.parquet")            # validated Bars; bad rows are in bars.quarantine
features = at.FeatureSet.catalogue()                      # or at.FeatureSet(["rsi_14", "macd_12_26_9", "adx_14@1h"])
table = features.batch(bars)                              # polars: symbol, timestamp, available_at, one column per feature

live = features.start(warmup=bars.before("2022-01-01"))   # the same kernels, one chunk at a time
row = live.advance(bars.between("2022-01-03 14:30", "2022-01-03 14:45"))

labels = at.TripleBarrier(profit=2.0, stop=1.0, horizon=20, entry="next_open").label(bars)
#                                                           polars: symbol, t0, t1, label, ret, touch_price
data = at.Dataset.join(table, labels)
dev, holdout = data.hold_out(0.2)
for fold in dev.split(at.PurgedKFold(5, embargo="1d")):   # fold.train.spans and fold.test.spans: symbol, t0, t1
    fitted = at.LightGBM().fit(fold.train)
    print(at.score(fitted.predict(fold.test), fold.test))  # accuracy beside its base rate, MCC, AUC, Brier skill, intervals

result = at.walk_forward(bars, features, at.TripleBarrier(profit=2.0, stop=1.0, horizon=20), at.LightGBM(),
                         at.WalkForward(train="2y", test="1q"), costs=at.Costs.us_equity())   # out of sample by construction
result.report("report.html")

run = at.run("study.toml")                                # everything above from one file, recorded and reproducible
print(run.verdict)                                        # DEPLOYABLE, or NOT DEPLOYABLE with each failed gate
"""  # noqa: E501

AFTER = """
import polars as pl

assert {"symbol", "timestamp", "available_at", *features.names} == set(table.columns)
assert len(table) == len(bars)
assert len(row) == len(bars.symbols)
assert row.equals(table.filter(pl.col("timestamp") == row["timestamp"][0]))
assert {"symbol", "t0", "t1", "label", "ret", "touch_price"} <= set(labels.columns)
assert fold.train.spans.columns == fold.test.spans.columns == ["symbol", "t0", "t1"]
assert fold.number == 4
assert "DEPLOYABLE" in run.verdict
assert not run.deployable
at.FeatureSet(["rsi_14", "macd_12_26_9", "rsi_14@1h"]).batch(bars)
"""

STUDY = """
name = "small"

[data]
path = "us_equity_15min.parquet"

[features]
names = ["rsi_14", "zscore_20", "macd_12_26_9", "rsi_14@1h"]

[split]
kind = "walk_forward"
train = "all"
test = "1q"

[model]
kind = "logistic"

[costs]
preset = "us_equity"
"""


def real_bars(path: Path) -> pl.DataFrame:
    """A few symbols of the development data, as they are, pre-market rows included."""
    return pl.scan_parquet(path).filter(pl.col("symbol").is_in(SYMBOLS)).collect()


def made_up_bars() -> pl.DataFrame:
    """Two years of 15-minute bars that never were, in the layout of the real ones."""
    walk = synthetic_bars(
        "random", seed=1, symbols=SYMBOLS, bars=13_000, frequency="15m", calendar="XNYS", start="2020-10-05"
    )
    return walk.frame.select("timestamp", "symbol", "open", "high", "low", "close", "volume")


def check(frame: pl.DataFrame, folder: Path) -> None:
    frame.write_parquet(folder / "us_equity_15min.parquet")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    env = os.environ | {"ALPHATRADE_HOME": str(folder / "home"), "ALPHATRADE_RUNS": str(folder / "runs")}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LINES + AFTER],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "NOT DEPLOYABLE" in (folder / "report.html").read_text(encoding="utf-8")
    assert done.stdout.count("beside a base rate of") == 5


def test_the_first_lines_work_as_written(tmp_path: Path, shared_data: Callable[[str], Path]) -> None:
    """On real bars where the development data lie beside the checkout, otherwise on made-up ones."""
    try:
        frame = real_bars(shared_data(SHARED))
    except pytest.skip.Exception:
        frame = made_up_bars()
    check(frame, tmp_path)


@pytest.mark.parametrize("name", names.PUBLIC)
def test_a_public_name_is_there(name: str) -> None:
    assert getattr(alphatrade, name) is not None


def test_an_unknown_name_is_told_the_nearest() -> None:
    with pytest.raises(AttributeError, match="did you mean 'FeatureSet'"):
        _ = alphatrade.FeaturesSet
