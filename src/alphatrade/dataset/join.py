"""The join: features known at a moment, beside what happened after it.

In: a table of features and a table of labels. Out: columns in order of ``(t0, symbol)`` and an account of
the rows that were not used. Never here: choosing among usable rows.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from alphatrade.core.bar import TIME
from alphatrade.core.errors import DataError
from alphatrade.core.kernel.compile import njit
from alphatrade.dataset.account import RowAccount
from alphatrade.dataset.columns import Columns, frozen
from alphatrade.dataset.weight import uniqueness

__all__ = ["WEIGHTS", "join_columns"]

WEIGHTS = ("uniqueness", "equal")
_Types = dict[str, pl.DataType | type[pl.DataType]]
_KEYS: _Types = {"symbol": pl.String, "timestamp": TIME, "available_at": TIME}
_LABEL: _Types = {"symbol": pl.String, "t0": TIME, "t1": TIME, "label": pl.Int8, "ret": pl.Float64}


def _check(table: pl.DataFrame, wanted: _Types, what: str) -> None:
    found = {name: table.schema.get(name) for name in wanted}
    if found != wanted:
        raise ValueError(f"expected {what} with columns {wanted}, found {found}")


def _feature_names(features: pl.DataFrame) -> tuple[str, ...]:
    names = tuple(name for name in features.columns if name not in _KEYS)
    wrong = [name for name in names if features.schema[name] != pl.Float32]
    if wrong or not names:
        raise ValueError(
            f"expected float32 feature columns, found {wrong or 'none'}: make the table with FeatureSet.batch"
        )
    return names


def _matched(features: pl.DataFrame, labels: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Key rows of the features, in their order, with the label found for each; and the labels left over."""
    left = features.select("symbol", t0="available_at")
    right = labels.select(list(_LABEL))
    for table, what in ((left, "features"), (right, "labels")):
        if table.select("symbol", "t0").is_duplicated().any():
            raise ValueError(f"expected one row a symbol and moment in the {what}, found duplicates")
    if left.equals(right.select("symbol", "t0")):
        return right, 0
    alone = right.join(left, on=["symbol", "t0"], how="anti").height
    return left.join(right, on=["symbol", "t0"], how="left", maintain_order="left"), alone


@njit
def _fill(block: np.ndarray, rows: np.ndarray, out: np.ndarray) -> int:
    """Gather columns (F, n) into rows (m, F), 32 rows at a time so that both sides stay in cache.

    Returns -1, or the number of a column that holds an infinity.
    """
    bad = -1
    for start in range(0, len(rows), 32):
        end = min(start + 32, len(rows))
        for k in range(block.shape[0]):
            for i in range(start, end):
                value = block[k, rows[i]]
                if np.isinf(value):
                    bad = k
                out[i, k] = value
    return bad


def _matrix(features: pl.DataFrame, names: tuple[str, ...], rows: np.ndarray) -> np.ndarray:
    # Frozen, so that the kernel sees one type whether or not polars had to copy.
    block = frozen(features.select(names).to_numpy(order="fortran").T)
    out = np.empty((len(rows), len(names)), np.float32)
    bad = _fill(block, rows, out)
    if bad >= 0:
        raise DataError(
            f"feature {names[bad]!r} holds infinite values: expected finite ones, or NaN where not known. "
            "Exclude it (features.exclude) or correct its kernel"
        )
    return out


def _silent(features: pl.DataFrame, names: tuple[str, ...]) -> pl.Series:
    """True where no feature is known."""
    known = [pl.col(name).is_not_nan() & pl.col(name).is_not_null() for name in names]
    return features.select(silent=~pl.any_horizontal(known))["silent"]


def _reasons(keys: pl.DataFrame, silent: pl.Series, warmup_bars: int) -> pl.DataFrame:
    """One Boolean column a reason, none overlapping, and ``keep``."""
    state = keys.select("symbol", label=pl.col("label").is_not_null(), silent=silent).with_columns(
        warm=((~pl.col("silent")).cum_sum().over("symbol") == 0)
        | (pl.int_range(pl.len()).over("symbol") < warmup_bars)
    )
    return state.select(
        pl.col("warm").alias("warm-up"),
        (~pl.col("warm") & pl.col("silent")).alias("no features"),
        (~pl.col("warm") & ~pl.col("silent") & ~pl.col("label")).alias("no label"),
        (~pl.col("warm") & ~pl.col("silent") & pl.col("label")).alias("keep"),
    )


def join_columns(
    features: pl.DataFrame, labels: pl.DataFrame, weights: str, warmup_bars: int
) -> tuple[Columns, RowAccount]:
    """Join both tables and put the usable rows in order of ``(t0, symbol)``."""
    _check(features, _KEYS, "features")
    _check(labels, _LABEL, "labels")
    names = _feature_names(features)
    keys, alone = _matched(features, labels)
    state = _reasons(keys, _silent(features, names), warmup_bars)
    entered = features.height + alone
    account = RowAccount(entered, {}, entered).less("no features", alone)
    for reason in ("warm-up", "no features", "no label"):
        account = account.less(reason, int(state[reason].sum()))
    if account.left == 0:
        raise DataError(f"no row has both features and a label: {dict(account.removed)}")
    return _columns(features, names, keys, state["keep"].arg_true().to_numpy(), weights), account


def _columns(
    features: pl.DataFrame, names: tuple[str, ...], keys: pl.DataFrame, keep: np.ndarray, weights: str
) -> Columns:
    used = keys[keep]
    symbols = tuple(sorted(used["symbol"].unique().to_list()))
    code = used["symbol"].cast(pl.Enum(symbols)).to_physical().to_numpy().astype(np.int32)
    t0 = used["t0"].to_physical().to_numpy()
    order = np.lexsort((code, t0))
    code, t0 = code[order], t0[order]
    columns = Columns(
        x=_matrix(features, names, keep[order].astype(np.int64)),
        y=used["label"].to_numpy()[order],
        ret=used["ret"].to_numpy()[order],
        weight=np.ones(len(t0)),
        t0=t0,
        t1=used["t1"].to_physical().to_numpy()[order],
        symbol=code,
        symbols=symbols,
        features=names,
    )
    if weights == "equal":
        return columns
    return replace(columns, weight=uniqueness(columns.t0, columns.t1, columns.symbol, len(symbols)))
