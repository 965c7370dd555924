"""A paper session that stops and goes on: live features, one journal entry a slice, replay at start."""

from pathlib import Path
from tempfile import TemporaryDirectory

import alphatrade as at
from alphatrade.adapters.journal import SqlJournal
from alphatrade.core.bar import Bars
from alphatrade.engine import Engine, FeatureStream, PaperSession, Plan, SimulatedBroker, StoredFeed
from alphatrade.execution import Immediate
from alphatrade.strategies import SmaCross

CASH = 1_000_000.0
PLAN = Plan(SmaCross("sma_10", "sma_50"), at.VolatilityTarget(252), at.Limits(max_position=0.25), Immediate())


def session(history: Bars, bars: Bars, journal: SqlJournal) -> PaperSession:
    """The parts a live session has: features that remember, a broker, an engine, a feed, a journal."""
    live = at.FeatureSet(PLAN.strategy.reads).start(warmup=history)
    feed = StoredFeed(bars, clock=True)
    engine = Engine(
        feed.symbols,
        PLAN,
        SimulatedBroker(feed.symbols, at.Costs.us_equity(), CASH),
        CASH,
        features=FeatureStream(live, PLAN.strategy.reads, feed.symbols),
    )
    return PaperSession(engine, feed, journal)


def main() -> None:
    bars = at.synthetic_bars("random", seed=4, symbols=3, bars=800, calendar="XNYS")
    history, traded = bars.before("2013-01-01"), bars.between("2013-01-01", "2014-06-01")

    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'paper.sqlite'}"
        first = session(history, bars.between("2013-01-01", "2013-06-01"), SqlJournal(url))
        print(f"first session: {first.run()} slices, equity {first.engine.view.equity:,.2f}, then it stops")
        again = session(history, traded, SqlJournal(url))  # a new process would do the same
        print(f"after a restart: {again.run()} slices, equity {again.engine.view.equity:,.2f}")

    whole = session(history, traded, SqlJournal("sqlite://"))
    whole.run()
    assert whole.engine.view.equity == again.engine.view.equity
    assert (whole.engine.view.qty == again.engine.view.qty).all()
    print("a session that never stopped ends the same")


if __name__ == "__main__":
    main()
