"""Measure, never decide.

In: arrays of returns, equity, trades, forecasts and outcomes; a Generator where something is drawn.
Out: scores of all of these, and how sure they are: intervals, p-values, deflation, calibration by chance.
Never here: a threshold, a verdict, the count of trials, files; knowledge of models, strategies or markets.
"""

from __future__ import annotations

from alphatrade.metrics.calibration import Bin, Calibration, base_rate_error, calibration
from alphatrade.metrics.classification import Scores, auc, classification_scores
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
from alphatrade.metrics.ranking import Coefficients, Ranking, information_coefficients, ranking_scores
from alphatrade.metrics.trade import TradeScores, trade_scores, trade_scores_by

__all__ = [
    "Bin",
    "Calibration",
    "Coefficients",
    "Interval",
    "Performance",
    "Ranking",
    "Relative",
    "Scores",
    "TradeScores",
    "annual_return",
    "annual_return_interval",
    "auc",
    "base_rate_error",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "block_length",
    "bootstrap_interval",
    "bootstrap_p_value",
    "calibration",
    "classification_scores",
    "deflated_sharpe",
    "deflated_sharpe_ratio",
    "design_effect",
    "drawdown",
    "expected_max_sharpe",
    "holm",
    "information_coefficients",
    "long_run_variance",
    "means_interval",
    "minimum_track_record",
    "monthly_returns",
    "performance",
    "probabilistic_sharpe_ratio",
    "ranking_scores",
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
