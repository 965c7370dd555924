"""Bring in bars and vouch for them.

In: tables from sources (``BarSource``), and late, doubled or reordered bars from feeds.
Out: validated ``Bars`` with their quarantine, gaps marked; longer bars, slices, synthetic markets.
Never here: file formats and stores (``adapters``), features, anything that looks past ``available_at``.
"""

from alphatrade.data.adjust import Split, adjust_splits
from alphatrade.data.aggregate import aggregate
from alphatrade.data.gap import mark_missing, missing_share
from alphatrade.data.grid import Grid
from alphatrade.data.ingest import RowAccount, account, bars_from_frame, ingest, summary
from alphatrade.data.market import synthetic_bars
from alphatrade.data.planted import Planted, oracle_sharpe, planted, planted_with_signal
from alphatrade.data.quality import QUARANTINE, RULES
from alphatrade.data.sequencer import (
    Arrival,
    BarEvent,
    Sequencer,
    SequencerCounts,
    Slice,
    arrivals_of,
    replay,
)
from alphatrade.data.source import BarSource, FrameSource, Layout, RawTable, Reading
from alphatrade.data.store import BarStore, Receipt
from alphatrade.data.synthetic import gaps, jumps, random_walk, regimes

__all__ = [
    "QUARANTINE",
    "RULES",
    "Arrival",
    "BarEvent",
    "BarSource",
    "BarStore",
    "FrameSource",
    "Grid",
    "Layout",
    "Planted",
    "RawTable",
    "Reading",
    "Receipt",
    "RowAccount",
    "Sequencer",
    "SequencerCounts",
    "Slice",
    "Split",
    "account",
    "adjust_splits",
    "aggregate",
    "arrivals_of",
    "bars_from_frame",
    "gaps",
    "ingest",
    "jumps",
    "mark_missing",
    "missing_share",
    "oracle_sharpe",
    "planted",
    "planted_with_signal",
    "random_walk",
    "regimes",
    "replay",
    "summary",
    "synthetic_bars",
]
