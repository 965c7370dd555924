"""Fixed-order arithmetic of predictions: one row gives the same bits alone and among a million.

In: rows and learned numbers. Out: scores, probabilities, expected returns. Never here: BLAS (its last
bits depend on how many rows it is given), learning.
"""

from __future__ import annotations

import math

import numpy as np

from alphatrade.core.kernel.compile import njit

__all__ = ["blank", "expected", "linear_scores", "probabilities", "standardise"]


@njit
def standardise(
    x: np.ndarray,
    fill: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    mean: np.ndarray,
    scale: np.ndarray,
    out: np.ndarray,
) -> None:
    """``out = (clip(x, low, high) - mean) * scale`` with NaN replaced by ``fill`` first; all (n, F) or
    (F,).
    """
    for i in range(x.shape[0]):
        for f in range(x.shape[1]):
            v = np.float64(x[i, f])
            if v != v:
                v = fill[f]
            v = min(max(v, low[f]), high[f])
            out[i, f] = (v - mean[f]) * scale[f]


@njit
def linear_scores(z: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """(n, k) scores ``bias_c + sum_f weight[f, c] * z[f]``, summed in the order of f."""
    n, width = z.shape
    k = bias.shape[0]
    out = np.empty((n, k))
    for i in range(n):
        for c in range(k):
            out[i, c] = bias[c]
        for f in range(width):
            for c in range(k):
                out[i, c] += weight[f, c] * z[i, f]
    return out


@njit
def probabilities(scores: np.ndarray, anchor: np.ndarray, base: np.ndarray, slope: float) -> np.ndarray:
    """(n, k) probabilities ``softmax(base + slope * (log_softmax(scores) - anchor))``.

    ``anchor`` and ``base`` (k,) are logarithms of class rates. A class with ``anchor = -inf`` was never
    seen by whoever made the scores: it keeps its base rate's log-odds.
    """
    n, k = scores.shape
    out = np.empty((n, k))
    for i in range(n):
        top = -math.inf
        for c in range(k):
            if anchor[c] > -math.inf and scores[i, c] > top:
                top = scores[i, c]
        total = 0.0
        for c in range(k):
            if anchor[c] > -math.inf:
                total += math.exp(scores[i, c] - top)
        shift = top + math.log(total)
        top = -math.inf
        for c in range(k):
            deviation = scores[i, c] - shift - anchor[c] if anchor[c] > -math.inf else 0.0
            out[i, c] = base[c] + slope * deviation
            top = max(top, out[i, c])
        total = 0.0
        for c in range(k):
            out[i, c] = math.exp(out[i, c] - top)
            total += out[i, c]
        for c in range(k):
            out[i, c] /= total
    return out


@njit
def expected(probability: np.ndarray, value: np.ndarray) -> np.ndarray:
    """(n,) ``sum_c probability[:, c] * value[c]``, summed in the order of c."""
    n, k = probability.shape
    out = np.zeros(n)
    for i in range(n):
        for c in range(k):
            out[i] += probability[i, c] * value[c]
    return out


@njit
def blank(x: np.ndarray) -> np.ndarray:
    """(n,) True where every feature of a row is NaN."""
    out = np.ones(x.shape[0], np.bool_)
    for i in range(x.shape[0]):
        for f in range(x.shape[1]):
            if x[i, f] == x[i, f]:
                out[i] = False
                break
    return out
