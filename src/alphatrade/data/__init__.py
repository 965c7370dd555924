"""Bring in bars and vouch for them.

In: tables from sources (``BarSource``), and late, doubled or reordered bars from feeds.
Out: validated ``Bars`` with their quarantine, gaps marked, aggregated, ordered into slices; synthetic markets.
Never here: file formats and stores (``adapters``), features, anything that looks past a bar's ``available_at``.
"""

from alphatrade.data.adjust import Split, adjust_splits
from alphatrade.data.gap import mark_missing, missing_share
from alphatrade.data.grid import Grid
from alphatrade.data.ingest import RowAccount, account, bars_from_frame, ingest
from alphatrade.data.quality import QUARANTINE, RULES
from alphatrade.data.source import BarSource, FrameSource, Layout, Progress, RawTable, Reading

__all__ = [
    "QUARANTINE",
    "RULES",
    "BarSource",
    "FrameSource",
    "Grid",
    "Layout",
    "Progress",
    "RawTable",
    "Reading",
    "RowAccount",
    "Split",
    "account",
    "adjust_splits",
    "bars_from_frame",
    "ingest",
    "mark_missing",
    "missing_share",
]
