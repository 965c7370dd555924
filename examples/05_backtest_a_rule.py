"""Rules without a model, and what costs do to them. Each backtest looks at the data and counts as a trial."""

import alphatrade as at
from alphatrade.strategies import BlindLong, RsiReversion, SmaCross

PER_YEAR = 252


def line(name: str, result: object) -> str:
    p = at.performance(result.ret, PER_YEAR)
    return (
        f"{name:<28} Sharpe {p.sharpe:5.2f}  return {p.annual_return:6.1%}  drawdown {p.max_drawdown:6.1%}  "
        f"trades {result.trades.height:4d}  costs {result.costs['total']:9,.0f}"
    )


def main() -> None:
    bars = at.sample_bars().before("2010-01-01")
    rules = [BlindLong(), SmaCross("sma_10", "sma_50"), SmaCross("sma_50", "sma_200"), RsiReversion()]
    for name, costs in (("without costs", at.Costs.free()), ("US equity costs", at.Costs.us_equity())):
        print(f"\n{name}")
        for rule in rules:
            result = at.backtest(bars, rule, costs=costs, trade_from="2001-01-01")
            print(line(type(rule).__name__ + (f" {rule.fast} {rule.slow}" if rule.reads[1:] else ""), result))
    print("\nassumptions:", *result.assumptions, sep="\n- ")
    print(f"\n{len(at.ledger().trials(bars.rows_hash))} trials on these bars")


if __name__ == "__main__":
    main()
