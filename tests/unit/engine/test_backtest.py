"""The backtest: the engine on stored bars, and what it refuses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import pytest

from alphatrade.core.clock import iso
from alphatrade.core.errors import CausalityError
from alphatrade.core.opinion import Signals, Target
from alphatrade.engine import Engine, Plan, SimulatedBroker, StoredFeed, backtest
from alphatrade.execution import Costs, Immediate, Simulator
from alphatrade.portfolio import EqualWeight, VolatilityTarget
from alphatrade.risk import Limits
from alphatrade.strategies import BlindLong, ForecastStrategy, Running, SmaCross

LOOSE = Limits(max_drawdown=1.0, daily_loss=1.0)
SIZING = VolatilityTarget(35_000.0, max_position=0.5)


def run(bars, strategy=None, **settings):
    strategy = strategy or ForecastStrategy(entry=0.01, short=True)
    settings = {
        "limits": LOOSE,
        "schedule": Immediate(),
        "costs": Costs.us_equity(),
        "warm_up": 5,
        **settings,
    }
    parts = [settings.pop(name) for name in ("limits", "schedule", "costs")]
    return backtest(bars, strategy, settings.pop("allocator", SIZING), *parts, **settings)


def same(a, b, until=None):
    """Two results agree to the last bit on the slices of the shorter."""
    for name in ("time", "equity", "exposure", "net", "turnover", "cost"):
        np.testing.assert_array_equal(getattr(a, name)[:until], getattr(b, name)[:until], err_msg=name)


def test_a_backtest_is_the_same_twice_and_trades(bars_of, forecasts_of):
    bars = bars_of()
    first, second = (run(bars, forecasts=forecasts_of(bars), known_until=0) for _ in range(2))
    same(first, second)
    assert first.events.equals(second.events)
    assert first.trades.height > 20
    assert first.costs["total"] == pytest.approx(first.cost[-1])
    assert first.costs["total"] > 0.0


def test_the_first_slices_do_not_depend_on_later_bars(bars_of, forecasts_of):
    bars = bars_of(n=300)
    forecasts = forecasts_of(bars)
    whole = run(bars, forecasts=forecasts, known_until=0)
    cut = int(whole.time[150])
    part = bars.as_of(cut)
    early = run(part, forecasts=forecasts.filter(pl.col("t0").to_physical() <= cut), known_until=0)
    same(whole, early, len(early.time))


def test_step_mode_and_the_simulators_chunk_mode_trade_the_same(bars_of, forecasts_of):
    """The engine's targets, given to the simulator in one chunk, end in the same equity, bit for bit."""
    bars = bars_of(5, 400)
    feed = StoredFeed(bars)
    result = run(bars, forecasts=forecasts_of(bars), known_until=0, schedule=Immediate(band=0.1))
    want = record_targets(feed, forecasts_of(bars), Immediate(band=0.1))
    chunk = Simulator(feed.symbols, Costs.us_equity(), schedule=Immediate(band=0.1)).run(bars.slices, want)
    np.testing.assert_array_equal(result.equity, chunk.equity)
    assert result.events.drop("order_id").equals(chunk.events.drop("order_id"))
    assert result.trades.equals(chunk.trades)


def record_targets(feed, forecasts, schedule):
    from alphatrade.engine import BatchForecasts

    broker = SimulatedBroker(feed.symbols, Costs.us_equity(), 1e6, schedule)
    plan = Plan(ForecastStrategy(entry=0.01, short=True), SIZING, LOOSE, schedule, warm_up=5)
    engine = Engine(
        feed.symbols, plan, broker, 1e6, models=BatchForecasts(forecasts, feed.time, feed.symbols)
    )
    want = []
    for slice in feed:
        engine.step(slice)
        assert engine.account.money[:2].tolist() == [broker.simulator.cash, broker.simulator.equity]
        assert engine.view.qty.tolist() == broker.simulator.qty.tolist()
        assert all(verdict.approved for verdict in engine.verdicts)
        want.append(engine.target.weight)
    return np.array(want)


def test_an_order_never_fills_in_the_bar_that_decided_it(bars_of):
    result = run(bars_of(absent=0.0), BlindLong(), allocator=EqualWeight(max_position=1.0))
    sent = result.events.filter(pl.col("kind") == "submitted").select("order_id", sent="slice")
    filled = result.events.filter(pl.col("kind") == "filled").join(sent, on="order_id")
    assert (filled["slice"] > filled["sent"]).all()
    assert result.equity[0] == 1_000_000.0


def test_forecasts_within_training_labels_are_refused_with_both_times(bars_of, forecasts_of):
    bars = bars_of()
    forecasts = forecasts_of(bars)
    first = int(forecasts["t0"].to_physical().min())
    with pytest.raises(CausalityError) as told:
        run(bars, forecasts=forecasts, known_until=first)
    assert iso(first) in str(told.value)
    assert "known until" in str(told.value)
    later = forecasts.filter(pl.col("t0").to_physical() > first)
    assert not run(bars, forecasts=later, known_until=first).in_sample
    assert run(bars, forecasts=forecasts, known_until=first, in_sample=True).in_sample


def test_each_forecast_is_held_against_its_own_model(bars_of, forecasts_of):
    bars = bars_of()
    forecasts = forecasts_of(bars).with_columns(known_until=pl.col("t0").to_physical() - 1)
    assert not run(bars, forecasts=forecasts).in_sample
    late = forecasts.with_columns(
        known_until=pl.when(pl.int_range(pl.len()) == 7)
        .then(pl.col("t0").to_physical())
        .otherwise(pl.col("known_until"))
    )
    with pytest.raises(CausalityError, match=iso(int(late["t0"].to_physical()[7]))):
        run(bars, forecasts=late)


def test_forecasts_need_known_until(bars_of, forecasts_of):
    bars = bars_of()
    with pytest.raises(ValueError, match="pass known_until"):
        run(bars, forecasts=forecasts_of(bars))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.with_columns(symbol=pl.lit("ZZ")), "forecasts of ZZ but no bars"),
        (lambda f: pl.concat([f, f[:1]]), "two rows of one symbol and moment"),
        (lambda f: f.with_columns(t0=pl.col("t0").dt.offset_by("1s")), "moments without a bar"),
        (lambda f: f.drop("expected_return"), "needs symbol, t0 and expected_return"),
    ],
)
def test_a_forecast_table_that_does_not_fit_the_bars_is_refused(bars_of, forecasts_of, change, message):
    bars = bars_of()
    with pytest.raises(ValueError, match=message):
        run(bars, forecasts=change(forecasts_of(bars)), known_until=0)


def test_features_are_served_by_name_and_refused_on_other_bars(bars_of):
    bars = bars_of()
    rng = np.random.default_rng(0)
    table = bars.frame.select("symbol", "timestamp", "available_at").with_columns(
        sma_10=pl.Series(rng.random(len(bars)), dtype=pl.Float32),
        sma_50=pl.Series(rng.random(len(bars)), dtype=pl.Float32),
    )
    assert run(bars, SmaCross(), features=table).trades.height > 5
    with pytest.raises(ValueError, match="pass features="):
        run(bars, SmaCross())
    with pytest.raises(ValueError, match="did you mean 'sma_10'"):
        run(bars, SmaCross(fast="sma_11"), features=table)
    with pytest.raises(ValueError, match="compute the features on the same bars"):
        run(bars, SmaCross(), features=table[:-1])


def test_before_trade_from_bars_are_only_watched(bars_of):
    bars = bars_of()
    whole = run(bars, BlindLong())
    late = run(bars, BlindLong(), trade_from=int(whole.time[50]))
    np.testing.assert_array_equal(late.time, whole.time[50:])
    assert late.equity[0] == 1_000_000.0
    assert late.exposure[0] == 0.0
    assert late.exposure[1] > 0.0
    assert int(late.events["time"].to_physical().min()) >= int(whole.time[50])
    with pytest.raises(ValueError, match="after the last bar"):
        run(bars, BlindLong(), trade_from=int(whole.time[-1]) + 1)


def test_a_drawdown_trips_the_kill_switch_and_the_account_stays_flat(bars_of):
    bars = bars_of(1, 400, absent=0.0, volatility=0.03, seed=3)
    result = run(
        bars,
        BlindLong(),
        allocator=EqualWeight(max_position=1.0),
        limits=Limits(max_drawdown=0.1, daily_loss=1.0),
        cash=10_000.0,
    )
    assert "limits.max_drawdown 0.1" in result.halt.reason
    at = int(np.searchsorted(result.time, result.halt.time))
    assert result.exposure[at] > 0.0
    assert (result.exposure[at + 1 :] == 0.0).all()
    assert result.open_trades.height == 0


def test_a_sessions_loss_closes_everything_until_the_next_session(bars_of):
    bars = bars_of(1, 300, absent=0.0, volatility=0.01, minutes=60)
    tight = Limits(max_drawdown=1.0, daily_loss=0.02)
    result = run(bars, BlindLong(), allocator=EqualWeight(max_position=1.0), limits=tight, cash=10_000.0)
    days = (result.time - 1) // (86_400 * 10**9)
    assert result.halt is None
    for day in np.unique(days)[1:]:
        here = np.flatnonzero(days == day)
        loss = 1.0 - result.equity[here] / result.equity[here[0] - 1]
        if (loss >= 0.02).any():
            first = here[np.argmax(loss >= 0.02)]
            assert (result.exposure[first + 1 : here[-1] + 1] == 0.0).all()
    assert 0 < (result.exposure == 0.0).mean() < 1


def test_a_denied_order_is_counted_with_its_reason(bars_of):
    @dataclass(frozen=True)
    class Doubler(Immediate):
        def slice(self, target, view):
            doubled = Target(np.where(np.isnan(target.weight), np.nan, 4.0 * target.weight))
            return super().slice(doubled, view)

    result = run(
        bars_of(1, absent=0.0), BlindLong(), allocator=EqualWeight(max_position=1.0), schedule=Doubler()
    )
    assert sum(result.denied.values()) > 0
    assert all("limits.max_" in reason for reason in result.denied)
    assert result.exposure.max() <= 1.1


def test_a_strategy_of_ones_own_needs_only_reads_and_start(bars_of):
    @dataclass(frozen=True)
    class Flip:
        """Long on even slices."""

        reads: tuple[str, ...] = ()

        def start(self, symbols, features=()):
            n, ones = np.zeros(1), np.ones(len(symbols))

            def decide(view):
                n[0] += 1
                return Signals(ones * (n[0] % 2), ones, ones, view.volatility, 1, "flip")

            return Running(decide, n=n)

    assert run(bars_of(), Flip(), allocator=EqualWeight()).trades.height > 100
