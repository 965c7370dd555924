"""Data sets: joined rows, and the only doors through which they leave.

In: tables of features and labels.
Out: folds and hold-outs, purged by label spans and embargoed, with an account of every row.
Never here: anything estimated; splitters that touch rows; labels' making.
"""

from alphatrade.dataset.account import RowAccount
from alphatrade.dataset.columns import Columns
from alphatrade.dataset.dataset import Dataset
from alphatrade.dataset.hold_out import HoldOut
from alphatrade.dataset.sample import Fold, Sample
from alphatrade.dataset.splitter import Proposal, PurgedKFold, Splitter, WalkForward, register, splitters
from alphatrade.dataset.weight import balanced

__all__ = [
    "Columns",
    "Dataset",
    "Fold",
    "HoldOut",
    "Proposal",
    "PurgedKFold",
    "RowAccount",
    "Sample",
    "Splitter",
    "WalkForward",
    "balanced",
    "register",
    "splitters",
]
