"""Volume: who pushes.

In: prices and volume. Out: features. Never here: lines summed since the stream's start: their level means
nothing, so they are differenced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from alphatrade.core.kernel import Node
from alphatrade.features.base import Feature, Inputs, features
from alphatrade.features.kernel import delta, sign, window_sum

__all__ = ["ObvChange"]


@features.register("obv_change")
@dataclass(frozen=True)
class ObvChange(Feature):
    """Change of Granville's on-balance volume over ``n`` bars, as a share of their volume. Range [-1, 1].

    Notes
    -----
    ``sum(sign(close - close[1]) volume) / sum(volume)``: OBV itself depends on where the data begin. NaN
    without volume.
    """

    n: int = 20
    family: ClassVar = "volume"
    variants: ClassVar = ((20,), (5,), (10,))

    def graph(self, b: Inputs) -> Node:
        # The first change of the window needs the close before it.
        signed = sign(delta(b.close, lag=1)) * b.volume
        return window_sum(signed, self.n) / window_sum(b.volume, self.n)

    @property
    def lookback(self) -> int:
        return self.n + 1
