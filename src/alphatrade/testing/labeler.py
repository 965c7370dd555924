"""What every labeler must keep: spans that are true.

In: a labeler. Out: nothing, or an ``AssertionError`` that names the row. Never here: whether the labels are
any use.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from alphatrade.core.bar import SCHEMA, BarInfo, Bars, Status
from alphatrade.core.clock import iso
from alphatrade.labels import LABEL_SCHEMA, Labeler

__all__ = ["check_labeler", "label_bars"]

_MINUTE = 60_000_000_000
_PRICES = ("open", "high", "low", "close")


def label_bars(seed: int = 0, rows: int = 240) -> Bars:
    """Bars to try a labeler on: three symbols with missing rows, a halt, jumps, and a dead flat stretch.

    A bar is 15 minutes on a 24/7 market; the third symbol starts later and has fewer rows.
    """
    rng = np.random.default_rng(seed)
    parts = [_walk(rng, "AAA", rows, 0), _walk(rng, "BBB", rows, 0), _walk(rng, "CCC", rows // 2, rows // 4)]
    return Bars(pl.concat(parts), BarInfo("15m", calendar="24/7"))


def _walk(rng: np.random.Generator, symbol: str, rows: int, start: int) -> pl.DataFrame:
    jumps = np.where(rng.random(rows) < 0.02, rng.normal(0.0, 0.03, rows), 0.0)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.002, rows) + jumps))
    flat = slice(rows // 2, rows // 2 + 30)
    close[flat] = close[flat.start]
    before = np.concatenate([[100.0], close[:-1]])
    open_ = before * np.exp(rng.normal(0.0, 0.001, rows))
    spread = np.abs(rng.normal(0.0, 0.001, (2, rows)))
    open_[flat], spread[:, flat] = close[flat], 0.0
    prices = [
        open_,
        np.maximum(open_, close) * (1 + spread[0]),
        np.minimum(open_, close) * (1 - spread[1]),
        close,
    ]
    stamp = 15 * _MINUTE * (start + np.arange(rows, dtype=np.int64))
    missing = rng.random(rows) < 0.05
    missing[rows // 3 : rows // 3 + 4] = True
    for p in (*prices,):
        p[missing] = np.nan
    return pl.DataFrame(
        {
            "symbol": [symbol] * rows,
            "timestamp": stamp,
            "available_at": stamp + 15 * _MINUTE,
            **dict(zip(_PRICES, prices)),
            "volume": np.where(missing, np.nan, 1_000.0),
            "status": np.where(missing, Status.MISSING, Status.REAL),
            "confidence": np.where(missing, 0.0, 1.0),
        }
    ).cast(SCHEMA)  # type: ignore[arg-type]


def check_labeler(labeler: Labeler, bars: Bars | None = None, cuts: int = 12) -> None:
    """Check that a labeler's spans say all it has looked at.

    Parameters
    ----------
    labeler : Labeler
    bars : Bars, optional
        What to try it on; by default ``label_bars()``.
    cuts : int
        Moments at which the future is taken away, or replaced by another one.

    Raises
    ------
    AssertionError
        When rows or columns are not those of the contract; when an unknown outcome has a value, or a known
        one has not; when ``t1`` is not after ``t0``, no bar of the symbol, or beyond ``horizon_bars``; when
        an outcome changes with bars after its ``t1``, or is known without the bars up to it.

    Examples
    --------
    >>> from alphatrade.labels import FixedHorizon
    >>> check_labeler(FixedHorizon(5))
    """
    bars = label_bars() if bars is None else bars
    table = labeler.label(bars)
    _check_shape(table, bars)
    _check_spans(table, bars, labeler.horizon_bars)
    assert table.equals(labeler.label(bars)), "expected the same labels when asked twice"
    times = np.unique(table["t0"].to_physical().to_numpy())
    for cut in times[np.linspace(1, len(times) - 1, cuts).astype(int)]:
        _check_cut(labeler, bars, table, int(cut))


def _check_shape(table: pl.DataFrame, bars: Bars) -> None:
    assert dict(table.schema) == LABEL_SCHEMA, f"expected columns {LABEL_SCHEMA}, found {dict(table.schema)}"
    keys = bars.frame.select("symbol", t0="available_at")
    assert table.select("symbol", "t0").equals(keys), "expected one row for each bar row, in its order"
    missing = table.filter((bars.frame["status"] == Status.MISSING) & pl.col("label").is_not_null())
    assert missing.height == 0, f"a MISSING bar is no decision, found labels on {missing.height}"


def _check_spans(table: pl.DataFrame, bars: Bars, horizon: int) -> None:
    values = [c for c in LABEL_SCHEMA if c not in ("symbol", "t0")]
    unknown = table.filter(pl.col("label").is_null())
    for name in values:
        assert unknown[name].null_count() == unknown.height, f"an unknown label has a value in {name!r}"
    known = table.filter(pl.col("label").is_not_null())
    for name in values:
        assert known[name].null_count() == 0, f"a known label has no {name!r}"
    assert known.height > 0, "expected some known labels"
    assert (known["t1"] > known["t0"]).all(), "expected every outcome after its decision: t1 > t0"
    for name in ("ret", "touch_price", "entry_price"):
        assert known[name].is_finite().all(), f"expected finite values in {name!r}"
    real = bars.frame.filter(pl.col("status") != Status.MISSING).select(
        "symbol", "available_at", n=pl.int_range(pl.len()).over("symbol")
    )
    at = {k: real.rename({"available_at": k, "n": f"n_{k}"}) for k in ("t0", "t1")}
    both = known.join(at["t0"], on=["symbol", "t0"], how="left").join(
        at["t1"], on=["symbol", "t1"], how="left"
    )
    assert both["n_t1"].null_count() == 0, "expected t1 to be the available_at of a real bar of the symbol"
    length = (both["n_t1"] - both["n_t0"]).to_numpy()
    assert length.max() <= horizon, f"expected spans of at most {horizon} bars, found {length.max()}"
    assert (length == both["bars"].to_numpy()).all(), "expected bars to count the real bars from t0 to t1"


def _check_cut(labeler: Labeler, bars: Bars, table: pl.DataFrame, cut: int) -> None:
    """With no bars after ``cut``, and with other bars after it."""
    early = pl.col("t0").to_physical() <= cut
    done = pl.col("t1").to_physical() <= cut
    settled = table.filter(early & done.fill_null(False))
    past = labeler.label(bars.as_of(cut))
    found = past.filter(done.fill_null(False))
    assert found.equals(settled), f"labels known by {iso(cut)} change when later bars are not there yet"
    soon = past.filter(pl.col("label").is_not_null() & ~done.fill_null(False))
    assert soon.height == 0, "an outcome is known before its t1"
    open_ = past.height - found.height - past["label"].null_count()
    assert open_ == 0, f"{open_} labels are known without the bars up to their t1"
    other = labeler.label(_other_future(bars, cut)).filter(early & done.fill_null(False))
    assert other.equals(settled), f"labels known by {iso(cut)} change when later bars change"


def _other_future(bars: Bars, cut: int) -> Bars:
    """The same bars, but after ``cut`` prices are mirrored and scaled."""
    later = pl.col("available_at").to_physical() > cut
    turned = {"open": 1.0e4 / pl.col("open"), "high": 1.0e4 / pl.col("low")}
    turned |= {"low": 1.0e4 / pl.col("high"), "close": 1.0e4 / pl.col("close")}
    changed = [pl.when(later).then(1.3 * e).otherwise(pl.col(name)).alias(name) for name, e in turned.items()]
    return Bars(bars.frame.with_columns(changed), bars.info)
