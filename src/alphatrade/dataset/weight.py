"""Sample weights: how much of a row is its own.

In: label spans of one symbol, or a sample's labels. Out: weights. Never here: weights of a whole
data set that depend on its outcomes; class balance is a training sample's own.
"""

from __future__ import annotations

import numpy as np

from alphatrade.core.kernel.compile import njit
from alphatrade.dataset.sample import Sample

__all__ = ["average_uniqueness", "balanced", "uniqueness"]


@njit
def average_uniqueness(first: np.ndarray, last: np.ndarray, bars: int) -> np.ndarray:
    """Mean, over the bars a label depends on, of one over the number of labels that depend on that bar.

    Parameters
    ----------
    first, last : ndarray (n,) of int64
        A label decided at bar ``first`` depends on bars ``first + 1`` to ``last``; ``last > first``.
    bars : int
        Number of bars.

    Notes
    -----
    López de Prado (2018), *Advances in Financial Machine Learning*, section 4.4. One pass to count, one to
    sum: O(n + bars).

    Examples
    --------
    >>> average_uniqueness(np.array([0, 1]), np.array([2, 3]), 4)      # they share bar 2
    array([0.75, 0.75])
    """
    count = np.zeros(bars + 2, np.int64)
    for i in range(len(first)):
        count[first[i] + 1] += 1
        count[last[i] + 1] -= 1
    # total[b]: sum of 1 / concurrency over bars before b; bars without labels add nothing.
    total = np.zeros(bars + 2)
    alive = 0
    for b in range(bars + 1):
        alive += count[b]
        total[b + 1] = total[b] + (1.0 / alive if alive > 0 else 0.0)
    out = np.empty(len(first))
    for i in range(len(first)):
        out[i] = (total[last[i] + 1] - total[first[i] + 1]) / (last[i] - first[i])
    return out


def uniqueness(t0: np.ndarray, t1: np.ndarray, symbol: np.ndarray, symbols: int) -> np.ndarray:
    """Average uniqueness of every span among those of its own symbol.

    Parameters
    ----------
    t0, t1 : ndarray (n,) of int64
        Spans in any order. A symbol's bars are taken to be its distinct ``t0`` and ``t1``.
    symbol : ndarray (n,) of int32
        Codes below ``symbols``.

    Returns
    -------
    ndarray (n,) of float64
        In (0, 1]; its sum is the effective number of rows. Rows of different symbols count as independent,
        which flatters panels of correlated symbols.
    """
    out = np.empty(len(t0))
    order = np.argsort(symbol, kind="stable")
    borders = np.searchsorted(symbol[order], np.arange(symbols + 1))
    for s in range(symbols):
        rows = order[borders[s] : borders[s + 1]]
        if len(rows):
            clock = _clock(t0[rows], t1[rows])
            first, last = np.searchsorted(clock, t0[rows]), np.searchsorted(clock, t1[rows])
            out[rows] = average_uniqueness(first, last, len(clock))
    return out


def _clock(t0: np.ndarray, t1: np.ndarray) -> np.ndarray:
    """Distinct times of one symbol; most ``t1`` are some ``t0``, so only the rest is merged in."""
    starts = np.unique(t0)
    at = np.minimum(np.searchsorted(starts, t1), len(starts) - 1)
    rest = t1[starts[at] != t1]
    return np.union1d(starts, rest) if len(rest) else starts


def balanced(sample: Sample) -> Sample:
    """The sample with weights such that every class weighs the same, and the total stays as it was.

    Compute it on a training sample only: class shares are estimated.

    Examples
    --------
    >>> balanced(Sample.of(x=[[0.0]] * 4, y=[1, -1, -1, -1])).weight.round(3).tolist()
    [2.0, 0.667, 0.667, 0.667]
    """
    classes, code = np.unique(sample.y, return_inverse=True)
    mass = np.bincount(code, weights=sample.weight)
    if bool((mass == 0).any()):
        raise ValueError(f"a class of {classes.tolist()} has no weight: balance needs some of each")
    return sample.reweighted(sample.weight * (sample.weight.sum() / (len(classes) * mass))[code])
