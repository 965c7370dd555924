"""Labels: what happened after a decision, and when that became known.

In: bars.
Out: tables of outcomes with their spans, and a report on them.
Never here: features, rows to choose, anything a live system could call.
"""

from alphatrade.labels.atr import wilder_atr
from alphatrade.labels.barrier import TripleBarrier
from alphatrade.labels.base import LABEL_SCHEMA, Labeler, labelers, register
from alphatrade.labels.horizon import FixedHorizon
from alphatrade.labels.report import LabelReport, label_report

__all__ = [
    "LABEL_SCHEMA",
    "FixedHorizon",
    "LabelReport",
    "Labeler",
    "TripleBarrier",
    "label_report",
    "labelers",
    "register",
    "wilder_atr",
]
