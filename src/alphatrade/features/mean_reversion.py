"""Mean reversion: how far the price is from where it was, in its own deviations.

In: prices. Out: features. Never here: fitted processes (``models``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import moments, square_root

__all__ = ["ZScore"]


@features.register("zscore")
@dataclass(frozen=True)
class ZScore(Feature):
    """Distance of the last close from its trailing mean, in trailing standard deviations.

    Parameters
    ----------
    n : int
        Window in bars, the current one included.

    Notes
    -----
    Population deviation (``ddof=0``), as in [1]_. NaN on a missing bar, until ``n`` real bars were seen
    (again after a gap longer than ``max_gap``), and where the deviation is zero.

    References
    ----------
    .. [1] Bollinger, J. (2001). *Bollinger on Bollinger Bands*. McGraw-Hill.

    Examples
    --------
    >>> ZScore(n=3).batch([1.0, 2.0, 3.0]).round(6)
    array([     nan,      nan, 1.224745])
    """

    n: int = 20
    family: ClassVar = "mean_reversion"
    variants: ClassVar = ((20,), (60,))
    lifts: ClassVar = True

    def graph(self, b: Inputs) -> Node:
        mean, var = moments.all(b.close, w=self.n)
        return (b.close - mean) / square_root(var)
