"""A feature of your own: ten lines, the proof that it is causal, and the same bits in batch and live."""

from dataclasses import dataclass
from typing import ClassVar

import alphatrade as at
from alphatrade.core.kernel import Node
from alphatrade.features import Feature, Inputs, features
from alphatrade.features.kernel import window_max, window_min
from alphatrade.testing import check_feature


@features.register("range_place")
@dataclass(frozen=True)
class RangePlace(Feature):
    """Place of the close from lowest low (0) to highest high (1) of ``n`` bars; NaN when they are equal."""

    n: int = 20
    family: ClassVar = "momentum"
    variants: ClassVar = ((20,), (60,))

    def graph(self, b: Inputs) -> Node:
        low, high = window_min(b.low, self.n), window_max(b.high, self.n)
        return (b.close - low) / (high - low)


def main() -> None:
    print(RangePlace(n=2).batch(high=[2.0, 4.0, 4.0], low=[1.0, 2.0, 3.0], close=[1.5, 4.0, 3.0]))

    check_feature(RangePlace(n=20))  # causal, any chunking, NaN leaves again, lookback and memory true
    print("check_feature found nothing wrong")

    bars = at.sample_bars()
    both = at.FeatureSet(["range_place_20", "rsi_14"])  # by name, like any other
    table = both.batch(bars)
    print(table.tail(3))

    live = both.start(warmup=bars.before("2013-01-01"))
    row = live.advance(bars.between("2013-01-02", "2013-01-03"))
    print(row)
    assert row.equals(table.join(row.select("symbol", "timestamp"), on=["symbol", "timestamp"], how="semi"))


if __name__ == "__main__":
    main()
