"""The caps on a target: the one rule that sizing and limits share.

In: weights wanted and weights held. Out: weights no larger in size. Never here: why.
"""

from __future__ import annotations

import numpy as np

from alphatrade.core.kernel.compile import njit

__all__ = ["cap"]


@njit
def cap(want: np.ndarray, held: np.ndarray, max_position: float, max_gross: float) -> np.ndarray:
    """Cut each weight to ``max_position``, then all by one factor, so that gross is at most ``max_gross``.

    Parameters
    ----------
    want : (S,) float64
        Signed weights; NaN leaves a position as it is, and stays NaN.
    held : (S,) float64
        Weights held now: what is left as it is uses up gross before anything else.
    max_position, max_gross : float
        Fractions of equity.

    Returns
    -------
    (S,) float64
        The same signs, never a larger size.

    Examples
    --------
    >>> cap(np.array([0.5, -0.1, np.nan]), np.array([0.0, 0.0, 0.2]), 0.3, 0.4)
    array([ 0.15, -0.05,   nan])
    """
    out = np.empty_like(want)
    fixed = 0.0
    gross = 0.0
    for s in range(len(want)):
        w = want[s]
        if w != w:
            fixed += abs(held[s])
        else:
            w = min(max(w, -max_position), max_position)
            gross += abs(w)
        out[s] = w
    room = max(max_gross - fixed, 0.0)
    if gross > room:
        factor = room / gross
        for s in range(len(out)):
            out[s] *= factor
    return out
