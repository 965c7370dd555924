"""A strategy of your own, checked against the contract of strategies and traded through the engine."""

from dataclasses import dataclass

import numpy as np

import alphatrade as at
from alphatrade.core.opinion import Signals
from alphatrade.strategies import Running, View, register
from alphatrade.testing import check_strategy


@register("near_high")
@dataclass(frozen=True)
class NearHigh:
    """Long while the close is within ``reach`` of its highest high, else flat; no opinion where unknown."""

    feature: str = "distance_high_200"
    reach: float = 0.05

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.feature,)

    def start(self, symbols: tuple[str, ...], features: tuple[str, ...] = ()) -> Running:
        at_column = features.index(self.feature)
        unknown, sure = np.full(len(symbols), np.nan), np.ones(len(symbols))

        def decide(view: View) -> Signals:
            x = view.feature[:, at_column]
            known = view.present & ~np.isnan(x)
            side = np.where(known, np.where(x >= -self.reach, 1.0, 0.0), np.nan)
            return Signals(side, sure, unknown, view.volatility, 1, "near_high")

        return Running(decide)


def main() -> None:
    check_strategy(NearHigh())
    print("check_strategy found nothing wrong")
    bars = at.sample_bars().before("2010-01-01")
    result = at.backtest(bars, NearHigh(), costs=at.Costs.us_equity(), trade_from="2001-01-01")
    p = at.performance(result.ret, 252)
    print(f"Sharpe {p.sharpe:.2f}, return a year {p.annual_return:.1%}, drawdown {p.max_drawdown:.1%}")
    print(result.trades.select("symbol", "entry_time", "exit_time", "pnl", "bars").head(5))
    print("denied orders:", result.denied)


if __name__ == "__main__":
    main()
