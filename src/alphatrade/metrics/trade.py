"""How a strategy's round trips did.

In: the trades table of a simulation (``symbol, entry_time, exit_time, side, qty, entry_price, exit_price,
pnl, ret, bars, cost``; ``mae`` and ``mfe`` where recorded). Out: ``TradeScores``, for all trades or by group.
Never here: making trades, or judging whether a win rate is good enough.

``pnl`` is money after all costs, ``cost`` the money they were, ``ret`` the trade's simple return after costs.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from alphatrade.metrics.proportion import design_effect, wilson

__all__ = ["TradeScores", "trade_scores", "trade_scores_by"]

NEEDED = ("entry_time", "pnl", "ret", "bars", "cost")
DAY = 86_400_000_000_000


@dataclass(frozen=True)
class TradeScores:
    """Figures of a table of round trips. NaN where there is nothing to divide by.

    Attributes
    ----------
    n : int
        Trades. All other figures are NaN when it is 0.
    win_rate, win_rate_lo, win_rate_hi : float
        Share of trades with ``pnl > 0`` after costs, and its Wilson interval. Trades entered on the same UTC
        day move together, so the interval counts ``n / design_effect`` independent ones.
    design_effect : float
        Variance of the win rate by days over that of independent trades, at least 1.
    payoff : float
        Mean win over mean loss, after costs.
    break_even : float
        Win rate at which those wins and losses cancel, ``1 / (1 + payoff)``: the win rate lies above it
        exactly when the expectancy is positive.
    payoff_gross, break_even_gross : float
        The same before costs (a 2:1 barrier has 2 and one third); ``break_even - break_even_gross`` is what
        costs ask for.
    profit_factor : float
        Sum of wins over sum of losses, after costs.
    expectancy, expectancy_ret : float
        Mean ``pnl`` (money) and mean ``ret`` (fraction) of a trade, after costs.
    mean_cost : float
        Mean cost of a trade, money.
    mean_bars : float
        Mean holding time, bars.
    mae, mfe : float
        Mean of the worst and of the best excursion, in the table's units; NaN when not recorded.
    """

    n: int
    win_rate: float = math.nan
    win_rate_lo: float = math.nan
    win_rate_hi: float = math.nan
    design_effect: float = math.nan
    payoff: float = math.nan
    break_even: float = math.nan
    payoff_gross: float = math.nan
    break_even_gross: float = math.nan
    profit_factor: float = math.nan
    expectancy: float = math.nan
    expectancy_ret: float = math.nan
    mean_cost: float = math.nan
    mean_bars: float = math.nan
    mae: float = math.nan
    mfe: float = math.nan


def _numbers(trades: pl.DataFrame, name: str) -> np.ndarray:
    values = trades[name].cast(pl.Float64).to_numpy()
    bad = ~np.isfinite(values)
    if bad.any():
        raise ValueError(f"trades: expected a finite {name!r} in every row, found {int(bad.sum())} without")
    return np.asarray(values)


def _payoff(pnl: np.ndarray) -> float:
    wins, losses = pnl[pnl > 0.0], pnl[pnl <= 0.0]
    if len(wins) == 0 or len(losses) == 0 or losses.sum() == 0.0:
        return math.nan
    return float(wins.mean() / -losses.mean())


def _profit_factor(pnl: np.ndarray) -> float:
    lost = -float(pnl[pnl < 0.0].sum())
    return float(pnl[pnl > 0.0].sum()) / lost if lost > 0.0 else math.nan


def trade_scores(trades: pl.DataFrame, level: float = 0.95) -> TradeScores:
    """Measure a table of round trips.

    Parameters
    ----------
    trades : polars.DataFrame
        Columns as the module's docstring says; more do no harm.
    level : float
        Of the win rate's interval.

    Examples
    --------
    >>> table = pl.DataFrame({"entry_time": [0, 1, 2], "pnl": [4.0, -2.0, -2.0], "ret": [0.04, -0.02, -0.02],
    ...                       "bars": [3, 1, 2], "cost": [0.0, 0.0, 0.0]})
    >>> s = trade_scores(table)
    >>> s.payoff, round(s.break_even, 4), s.profit_factor, s.expectancy
    (2.0, 0.3333, 1.0, 0.0)
    """
    missing = [c for c in NEEDED if c not in trades.columns]
    if missing:
        raise ValueError(f"trades: expected columns {list(NEEDED)}, {missing} not among {trades.columns}")
    if trades.height == 0:
        return TradeScores(n=0)
    pnl, cost = _numbers(trades, "pnl"), _numbers(trades, "cost")
    wins = pnl > 0.0
    days = trades["entry_time"].to_physical().cast(pl.Int64).to_numpy() // DAY
    effect = design_effect(wins, days)
    lo, hi = wilson(int(wins.sum()), len(wins), level, effect)
    payoff, gross = _payoff(pnl), _payoff(pnl + cost)
    return TradeScores(
        n=len(pnl),
        win_rate=float(wins.mean()),
        win_rate_lo=lo,
        win_rate_hi=hi,
        design_effect=effect,
        payoff=payoff,
        break_even=1.0 / (1.0 + payoff),
        payoff_gross=gross,
        break_even_gross=1.0 / (1.0 + gross),
        profit_factor=_profit_factor(pnl),
        expectancy=float(pnl.mean()),
        expectancy_ret=float(_numbers(trades, "ret").mean()),
        mean_cost=float(cost.mean()),
        mean_bars=float(_numbers(trades, "bars").mean()),
        mae=float(_numbers(trades, "mae").mean()) if "mae" in trades.columns else math.nan,
        mfe=float(_numbers(trades, "mfe").mean()) if "mfe" in trades.columns else math.nan,
    )


def trade_scores_by(trades: pl.DataFrame, key: str | pl.Expr, level: float = 0.95) -> pl.DataFrame:
    """Measure trades by group: a row of ``TradeScores`` for every value of ``key``, which becomes the column
    ``group``.

    ``key`` is a column or an expression, such as ``pl.col("entry_time").dt.hour()``. Rows are in order of the
    group.
    """
    expression = pl.col(key) if isinstance(key, str) else key
    keyed = trades.with_columns(expression.alias("group"))
    rows = [
        {"group": group[0], **dataclasses.asdict(trade_scores(part, level))}
        for group, part in sorted(keyed.group_by("group"), key=lambda pair: (pair[0][0] is None, pair[0][0]))
    ]
    fields = [f.name for f in dataclasses.fields(TradeScores)]
    return pl.DataFrame(rows) if rows else pl.DataFrame(schema=["group", *fields])
