"""Measure, never decide.

In: arrays of returns, equity, trades, forecasts and outcomes.
Out: performance, trade, classification, calibration and ranking scores, and how sure they are: intervals,
p-values, deflation. Never here: a threshold, a verdict, counting trials, reading files; any knowledge of
models, strategies or markets.
"""

from __future__ import annotations

from alphatrade.metrics.inference import (
    Interval,
    annual_return_interval,
    benjamini_hochberg,
    benjamini_yekutieli,
    block_length,
    bootstrap_interval,
    bootstrap_p_value,
    deflated_sharpe,
    deflated_sharpe_ratio,
    expected_max_sharpe,
    holm,
    long_run_variance,
    means_interval,
    minimum_track_record,
    probabilistic_sharpe_ratio,
    sharpe_interval,
    sidak,
    stationary_indices,
)
from alphatrade.metrics.performance import (
    Performance,
    Relative,
    annual_return,
    drawdown,
    monthly_returns,
    performance,
    relative,
    sharpe,
    wealth,
)
from alphatrade.metrics.proportion import design_effect, wilson
from alphatrade.metrics.trade import TradeScores, trade_scores, trade_scores_by

__all__ = [
    "Interval",
    "Performance",
    "Relative",
    "TradeScores",
    "annual_return",
    "annual_return_interval",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "block_length",
    "bootstrap_interval",
    "bootstrap_p_value",
    "deflated_sharpe",
    "deflated_sharpe_ratio",
    "design_effect",
    "drawdown",
    "expected_max_sharpe",
    "holm",
    "long_run_variance",
    "means_interval",
    "minimum_track_record",
    "monthly_returns",
    "performance",
    "probabilistic_sharpe_ratio",
    "relative",
    "sharpe",
    "sharpe_interval",
    "sidak",
    "stationary_indices",
    "trade_scores",
    "trade_scores_by",
    "wealth",
    "wilson",
]
