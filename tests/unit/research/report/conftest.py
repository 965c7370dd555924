"""A made-up run folder with everything a report can show, for the tests of the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

DAY = 86_400_000_000_000
START = 10_957 * DAY  # 1 January 2000
FEATURES = (
    "rsi_14",
    "macd_12_26_9",
    "zscore_20@1h",
    "atr_14",
    "adx_14",
    "volume_zscore_60",
    "skew_60",
    "rank_ret_20",
    "obv_slope_20",
    "bollinger_width_20_2",
    "donchian_55",
    "kama_10_2_30",
    "parkinson_20",
    "yang_zhang_20",
    "amihud_20",
    "session_return",
    "hurst_120",
    "entropy_60",
    "cci_20",
    "stochastic_14_3",
    "roc_10",
    "vwap_distance",
    "gap",
    "range_5",
    "aroon_25",
)

STUDY = """\
[data]
kind = "sample"            # daily bars of AAPL, IBM, MSFT and GOOG
frequency = "1d"

[labels]
kind = "triple_barrier"
profit = 2.0
stop = 1.0
horizon = 20

[splitter]
kind = "walk_forward"
train = "3y"
test = "1q"
"""


def _curves(rng: np.random.Generator, n: int) -> pl.DataFrame:
    days = np.arange(n)
    time = START + ((days // 5 * 7 + days % 5) * DAY if n < 10_000 else days * DAY // 26)
    market = rng.normal(0.0008, 0.011, n) + 0.0002
    market[n // 2 : n // 2 + 60] -= 0.006
    exposure = np.clip(0.55 + 0.25 * np.sin(days / 90) + rng.normal(0, 0.04, n), 0, 1)
    blind = exposure.mean() * market
    strategy = exposure * market * 0.9 + rng.normal(-0.00004, 0.003, n)
    curve = {
        k: np.cumprod(1 + np.r_[0.0, r[1:]])
        for k, r in (("equity", strategy), ("hold", market), ("blind", blind))
    }
    drawdown = 1 - curve["equity"] / np.maximum.accumulate(curve["equity"])
    stamps = pl.Series("time", time).cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")
    return pl.DataFrame({"time": stamps, **curve, "exposure": exposure, "drawdown": drawdown})


def _monthly(equity: pl.DataFrame) -> list[dict[str, Any]]:
    ends = equity.group_by_dynamic("time", every="1mo").agg(pl.col("equity").last())
    ret = (ends["equity"] / ends["equity"].shift(1).fill_null(1.0) - 1).to_list()
    return [{"year": t.year, "month": t.month, "ret": r} for t, r in zip(ends["time"].to_list(), ret)]


def _performance(sharpe: float, ret: float, drawdown: float, trades: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "n": 2_640,
        "total_return": (1 + ret) ** 10 - 1,
        "annual_return": ret,
        "annual_return_interval": [ret - 0.09, ret + 0.09],
        "annual_volatility": 0.148,
        "sharpe": sharpe,
        "sharpe_interval": [sharpe - 0.62, sharpe + 0.61],
        "sortino": 1.4 * sharpe,
        "calmar": ret / drawdown,
        "max_drawdown": drawdown,
        "longest_drawdown": 412,
        "tail_ratio": 1.04,
        "skew": -0.31,
        "kurtosis": 6.2,
        "best": 0.061,
        "worst": -0.072,
        "positive_share": 0.524,
        "exposure": 0.55,
        "turnover": 14.2 if trades else None,
    }
    if trades:
        found["trades"] = {
            "n": 1_204,
            "win_rate": 0.392,
            "win_rate_lo": 0.366,
            "win_rate_hi": 0.418,
            "break_even": 0.381,
            "break_even_gross": 0.352,
            "payoff": 1.66,
            "profit_factor": 1.07,
            "expectancy_ret": 0.00042,
            "expectancy": 41.3,
            "mean_cost": 70.2,
            "mean_bars": 6.4,
            "mae": None,
        }
    return found


def _folds(rng: np.random.Generator, n: int) -> list[dict[str, Any]]:
    folds = []
    for k in range(n):
        month = 3 * k
        start = f"{2003 + month // 12}-{month % 12 + 1:02d}-01T00:00:00Z"
        end = f"{2003 + (month + 2) // 12}-{(month + 2) % 12 + 1:02d}-28T00:00:00Z"
        base = float(rng.uniform(0.58, 0.68))
        skill = float(rng.normal(0.001, 0.006))
        folds.append(
            {
                "fold": k,
                "train_start": "2000-01-03T00:00:00Z",
                "train_end": start,
                "test_start": start,
                "test_end": end,
                "train_rows": 2_900 + 240 * k,
                "test_rows": 248,
                "accuracy": base + float(rng.normal(0.004, 0.02)),
                "base_rate": base,
                "balanced_accuracy": 0.342,
                "mcc": 0.021,
                "auc": 0.5 + 4 * skill,
                "log_loss": 0.742 * (1 - skill),
                "log_loss_base": 0.742,
                "skill": skill,
                "sharpe_is": float(rng.normal(2.6, 0.4)),
                "sharpe_oos": float(rng.normal(0.4, 1.3)),
            }
        )
    return folds


def _gate(
    name: str, label: str, value: float | None, op: str, threshold: float, passed: bool, **more: Any
) -> dict[str, Any]:
    gate = {"name": name, "label": label, "value": value, "interval": None, "op": op, "threshold": threshold}
    return {**gate, "passed": passed, "why": "", "stage": "development", **more}


GATES = [
    _gate("oos_sharpe", "Sharpe, out of sample", 0.63, ">=", 0.5, True, interval=[0.01, 1.24]),
    _gate("max_drawdown", "Max drawdown", 0.213, "<=", 0.25, True, interval=[0.15, 0.34]),
    _gate("profit_factor", "Profit factor", 1.07, ">=", 1.1, False),
    _gate(
        "win_rate",
        "Win rate of trades",
        0.392,
        ">=",
        0.381,
        False,
        interval=[0.366, 0.418],
        why="the break-even rate after costs lies inside the interval",
    ),
    _gate("is_oos_sharpe_ratio", "Sharpe in sample over out of sample", 4.1, "<=", 2.0, False),
    _gate("mean_return_p", "Mean return above zero, deflated for 7 trials", 0.184, "<", 0.05, False),
    _gate("oos_rows", "Rows out of sample", 9_920, ">=", 500, True),
    _gate("effective_rows", "Effective rows", 612.4, ">=", 100, True, unit="count"),
    _gate("calibration", "Calibration error over its 95 % chance level", 0.82, "<=", 1.0, True),
    _gate(
        "log_loss_skill",
        "Log-loss skill over the base rate",
        0.0011,
        ">",
        0.0,
        False,
        interval=[-0.0018, 0.0041],
        why="the interval reaches below zero",
    ),
    _gate(
        "excess_over_blind",
        "Excess over the same exposure held blindly, a year",
        -0.012,
        ">",
        0.0,
        False,
        interval=[-0.051, 0.027],
        why="holding the same average exposure without a model earns as much",
    ),
    _gate("walk_forward", "Walk-forward folds", 40, ">=", 1, True, unit="count"),
]


def made_up_metrics(folds: int = 40) -> dict[str, Any]:
    """A complete ``metrics.json`` that is NOT DEPLOYABLE."""
    rng = np.random.default_rng(7)
    equity = _curves(rng, 2_640)
    return {
        "name": "sample-triple-barrier",
        "verdict": {
            "deployable": False,
            "sentence": "The strategy earns no more than the same exposure held blindly, and its forecasts "
            "say no more than the base rate. 6 of 12 gates fail.",
            "gates": GATES,
            "holdout_opened": False,
        },
        "data": {
            "symbols": ["AAPL", "GOOG", "IBM", "MSFT"],
            "frequency": "1d",
            "calendar": "XNYS",
            "feed": "bokeh_sampledata",
            "adjustment": "splits",
            "start": "2000-01-03T14:30:00Z",
            "end": "2013-03-01T21:00:00Z",
            "rows": 12_069,
            "missing": 4,
            "quarantined": {"high below low": 2, "duplicate": 0, "price is not finite": 1},
            "warnings": [
                "Survivorship: these four companies were chosen because they did well.",
                "Dividends are not included: total returns of IBM and MSFT are understated.",
            ],
            "hash": "9f2b6c1e7a40d5b38e0c6f1a2d4b7e98",
        },
        "rows": [
            {"reason": "entered", "rows": 12_069},
            {"reason": "missing bar", "rows": 4},
            {"reason": "warm-up", "rows": 1_020},
            {"reason": "label unknown", "rows": 80},
            {"reason": "hold-out", "rows": 2_193},
            {"reason": "after the last fold's training", "rows": 336},
            {"reason": "purged", "rows": 92},
            {"reason": "embargo", "rows": 4},
            {"reason": "training rows used (last fold)", "rows": 8_340},
        ],
        "labels": {
            "name": "triple_barrier(profit=2.0, stop=1.0, horizon=20)",
            "base_rates": {"-1": 0.638, "0": 0.033, "1": 0.329},
            "n": 10_969,
            "expectancy": 0.00021,
            "expectancy_interval": [-0.0004, 0.0008],
            "tie_share": 0.0113,
            "mean_bars": 6.42,
            "blind_warning": "A volatility-targeted long needs no forecast to reach a Sharpe of 1.2.",
        },
        "trials": {"count": 7, "openings": 0, "head": "b1946ac92492d2347c6235b4d2611184" * 2},
        "performance": {
            "periods_per_year": 252,
            "oos": _performance(0.63, 0.071, 0.213, True),
            "is": _performance(2.58, 0.382, 0.094, True),
            "hold": _performance(0.71, 0.142, 0.482, False),
            "blind": _performance(0.72, 0.083, 0.291, False),
            "holdout": None,
        },
        "scores": {
            "oos": {
                "accuracy": 0.6412,
                "rows": 9_920,
                "effective_rows": 612.4,
                "edge": 0.0032,
                "edge_interval": [-0.004, 0.0105],
                "accuracy_interval": [0.631, 0.651],
                "base_rate": 0.638,
                "balanced_accuracy": 0.3452,
                "mcc": 0.0213,
                "auc": 0.5117,
                "auc_interval": [0.503, 0.52],
                "log_loss": 0.7411,
                "log_loss_base": 0.7419,
                "skill": 0.0011,
                "skill_interval": [-0.0018, 0.0041],
            },
            "holdout": None,
            "folds": _folds(rng, folds),
        },
        "calibration": {
            "ece": 0.0212,
            "ece_chance_95": 0.0258,
            "class": 1,
            "bins": [
                {"forecast": f, "observed": f + d, "lo": f + d - w, "hi": f + d + w, "n": n}
                for f, d, w, n in (
                    (0.18, 0.06, 0.04, 420),
                    (0.24, 0.03, 0.025, 1_240),
                    (0.29, 0.012, 0.02, 2_610),
                    (0.33, -0.004, 0.017, 2_900),
                    (0.38, -0.021, 0.02, 1_710),
                    (0.43, -0.03, 0.03, 760),
                    (0.51, -0.08, 0.05, 280),
                )
            ],
        },
        "costs": {
            "commission": 18_240.0,
            "spread": 41_310.0,
            "slippage": 24_980.0,
            "total": 84_530.0,
            "turnover_per_year": 14.2,
            "cost_bps_of_turnover": 5.9,
            "cash": 1_000_000.0,
            "assumptions": [
                "Commission: 0.005 a share, at least 1.00 an order.",
                "Half spread: 2 bps of the price, on market orders.",
                "Slippage: 10 bps times the square root of the share of the bar's volume.",
            ],
        },
        "regimes": [
            {
                "regime": "calm",
                "share": 0.61,
                "bars": 1_610,
                "sharpe": 0.94,
                "sharpe_interval": [0.1, 1.8],
                "annual_return": 0.091,
                "max_drawdown": 0.12,
            },
            {
                "regime": "trending",
                "share": 0.27,
                "bars": 713,
                "sharpe": 0.41,
                "sharpe_interval": [-0.7, 1.5],
                "annual_return": 0.06,
                "max_drawdown": 0.15,
            },
            {
                "regime": "stress",
                "share": 0.12,
                "bars": 317,
                "sharpe": -0.38,
                "sharpe_interval": [-2.1, 1.3],
                "annual_return": -0.08,
                "max_drawdown": 0.21,
            },
        ],
        "monthly": _monthly(equity),
        "stages": [
            {"name": "load bars", "seconds": 0.31},
            {"name": "features", "seconds": 1.94},
            {"name": "labels", "seconds": 0.02},
            {"name": "fit and forecast", "seconds": 38.2},
            {"name": "simulate", "seconds": 0.41},
            {"name": "bootstrap", "seconds": 6.7},
        ],
        "config": {"data": {"kind": "sample"}, "labels": {"kind": "triple_barrier", "profit": 2.0}},
        "versions": {
            "python": "3.11.9",
            "numpy": "2.4.0",
            "numba": "0.63.0",
            "polars": "2.1.0",
            "lightgbm": "4.6.0",
        },
    }


def made_up_run(
    folder: Path, found: dict[str, Any] | None = None, n: int = 2_640, tables: bool = True
) -> Path:
    """Write a run folder of ``n`` equity rows and return it."""
    rng = np.random.default_rng(7)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metrics.json").write_text(
        json.dumps(made_up_metrics() if found is None else found), encoding="utf-8"
    )
    if not tables:
        return folder
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    manifest = {
        "config_hash": "5f3a9c",
        "data_hash": "9f2b6c1e7a40d5b38e0c6f1a2d4b7e98",
        "code": {"version": "0.1.0", "tree": "c0ffee12"},
        "seeds": {"model": 11, "bootstrap": 12},
        "study": {"name": "sample-triple-barrier"},
        "trials": [{"config_hash": f"{k:032x}", "sharpe": 0.1 * k} for k in range(7)],
        "ledger_head": "b1946ac92492d2347c6235b4d2611184" * 2,
        "threads": 2,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "tables").mkdir(exist_ok=True)
    _curves(rng, n).write_parquet(folder / "tables" / "equity.parquet")
    ret = rng.normal(0.001, 0.02, 1_204) + rng.choice([-0.012, 0.024], 1_204, p=[0.64, 0.36])
    pl.DataFrame({"symbol": ["AAPL"] * 1_204, "ret": ret}).write_parquet(folder / "tables" / "trades.parquet")
    mean = np.sort(rng.exponential(1.0, len(FEATURES)))[::-1]
    spread = rng.uniform(0.2, 0.6, len(FEATURES))
    importance = {"feature": FEATURES, "mean": mean, "low": mean * (1 - spread), "high": mean * (1 + spread)}
    pl.DataFrame(importance).write_parquet(folder / "tables" / "importance.parquet")
    return folder


@pytest.fixture
def metrics() -> Callable[..., dict[str, Any]]:
    """Makes a complete ``metrics.json``."""
    return made_up_metrics


@pytest.fixture
def write_run() -> Callable[..., Path]:
    """Writes a run folder."""
    return made_up_run
