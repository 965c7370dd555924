"""One function a figure: data in, ``Figure`` with its sentence out.

In: a ``Run``. Out: ``Figure``, or ``None`` where the run holds nothing to draw. Never here: HTML pages,
style, or metrics the run did not record.
"""

from alphatrade.research.report.plots.account import costs, regimes, rows, stages
from alphatrade.research.report.plots.equity import equity
from alphatrade.research.report.plots.figure import Figure
from alphatrade.research.report.plots.folds import fold_accuracy, fold_sharpe, fold_skill
from alphatrade.research.report.plots.gate import gate_strip
from alphatrade.research.report.plots.model import base_rates, importance, reliability
from alphatrade.research.report.plots.overlay import COLOURS, overlay
from alphatrade.research.report.plots.trades import trade_returns

__all__ = [
    "COLOURS",
    "Figure",
    "base_rates",
    "costs",
    "equity",
    "fold_accuracy",
    "fold_sharpe",
    "fold_skill",
    "gate_strip",
    "importance",
    "overlay",
    "regimes",
    "reliability",
    "rows",
    "stages",
    "trade_returns",
]
