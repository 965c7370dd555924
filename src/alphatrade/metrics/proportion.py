"""Shares and how sure they are.

In: counts, or 0/1 outcomes with the cluster each belongs to. Out: Wilson intervals and design effects. Never
here: what the share is of.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from alphatrade.metrics.check import codes, series

__all__ = ["design_effect", "wilson"]


def wilson(k: float, n: float, level: float = 0.95, effect: float = 1.0) -> tuple[float, float]:
    """Wilson's score interval of a share: ``k`` of ``n``, counted as ``n / effect`` independent ones.

    (NaN, NaN) for ``n = 0``.

    References
    ----------
    .. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. *JASA*
       22.

    Examples
    --------
    >>> [round(v, 4) for v in wilson(15, 20)]
    [0.5313, 0.8881]
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"level: expected between 0 and 1, found {level}")
    if not (0 <= k <= n and effect >= 1.0):
        raise ValueError(f"expected 0 <= k <= n and effect >= 1, found k={k}, n={n}, effect={effect}")
    if n == 0:
        return math.nan, math.nan
    z2 = float(ndtri(0.5 + level / 2.0)) ** 2
    size, share = n / effect, k / n
    centre = (share + z2 / (2.0 * size)) / (1.0 + z2 / size)
    half = math.sqrt(z2 * (share * (1.0 - share) / size + z2 / (4.0 * size * size))) / (1.0 + z2 / size)
    return max(0.0, centre - half), min(1.0, centre + half)


def design_effect(x: ArrayLike, cluster: ArrayLike) -> float:
    """Variance of the mean of ``x`` with dependence inside clusters, over that with none; at least 1.

    Notes
    -----
    Sum over clusters of the squared sum of deviations, times c / (c - 1) for c clusters, over the sum of
    squared deviations. 1 where ``x`` does not vary or there is a single cluster, which says nothing about
    dependence.
    """
    values = series(x, "x")
    group = codes(cluster, "cluster", len(values))
    _, index = np.unique(group, return_inverse=True)
    centred = values - values.mean()
    independent = float(np.sum(centred**2))
    clusters = int(index.max()) + 1
    if independent == 0.0 or clusters < 2:
        return 1.0
    together = float(np.sum(np.bincount(index, weights=centred) ** 2)) * clusters / (clusters - 1)
    return max(1.0, together / independent)
