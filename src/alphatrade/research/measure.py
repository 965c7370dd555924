"""Measures: what the gates compare.

In: a walk and the trials that count against it. Out: an ``Outcome`` with its series, and one ``Measure`` a
gate. Never here: thresholds (``gate``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from alphatrade.core.opinion import Forecast
from alphatrade.core.trials import Trial
from alphatrade.dataset import Sample
from alphatrade.engine import BacktestResult
from alphatrade.metrics import (
    Calibration,
    Interval,
    Performance,
    Scores,
    TradeScores,
    base_rate_error,
    bootstrap_interval,
    bootstrap_p_value,
    calibration,
    classification_scores,
    deflated_sharpe,
    performance,
    sharpe,
    sharpe_interval,
    sidak,
    trade_scores,
)
from alphatrade.research.baseline import blind_returns, hold_returns, mean_weights, returns_of, window_slices
from alphatrade.research.gate import Measure
from alphatrade.research.walk import WalkForwardResult

__all__ = ["Held", "Outcome", "Scored", "holdout_measures", "measures", "outcome", "scored", "shut_holdout"]

DAY = 86_400_000_000_000
# The bootstrap of the mean is too generous where a few trades make all of the return.
FEW_TRADES = 30


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of forecasts on labelled rows, and the calibration of the probability of the highest class."""

    scores: Scores
    calibration: Calibration
    rows: int
    effective_rows: float


@dataclass(frozen=True, eq=False)
class Outcome:
    """The out-of-sample result beside what it is held against; all series on the clock ``time`` (T,)."""

    per_year: float
    time: np.ndarray
    returns: np.ndarray
    hold: np.ndarray
    blind: np.ndarray
    oos: Performance
    sharpe_interval: Interval
    excess_interval: Interval
    in_sample: list[np.ndarray]
    in_sample_sharpes: list[float]
    trades: TradeScores
    halts: int
    scored: Scored
    p_value: float
    trials: list[Trial]
    deflated: float


@dataclass(frozen=True, eq=False)
class Held:
    """What the hold-out showed."""

    result: BacktestResult
    returns: np.ndarray
    performance: Performance
    scored: Scored


def scored(
    parts: list[tuple[Forecast, Sample, np.ndarray]],
    rng: np.random.Generator,
    trained_on: Sequence[Sample] = (),
) -> Scored:
    """Score forecasts on labelled rows, each part against the base rates of its own training rows.

    ``trained_on`` has the training rows of each part: from them comes how far the rates may be off by
    chance, which the chance level of the calibration counts.

    Rows decided on one day, and rows whose labels overlap, are not independent: intervals resample whole
    days.
    """
    classes = parts[0][0].classes
    probability = np.concatenate([f.probability for f, _, _ in parts])
    base = np.concatenate([np.broadcast_to(b, (len(s), len(classes))) for _, s, b in parts])
    y = np.concatenate([s.y for _, s, _ in parts])
    day = np.concatenate([s.t0 // DAY for _, s, _ in parts])
    scores = classification_scores(probability, y, classes, base, cluster=day, rng=rng)
    top = y == classes[-1]
    learned = _learned_error(parts, trained_on) if trained_on else 0.0
    chance = calibration(probability[:, -1], top, cluster=day, rng=rng, base_rate_error=learned)
    weight = float(sum(s.weight.sum() for _, s, _ in parts))
    return Scored(scores, chance, len(y), weight)


def _learned_error(parts: list[tuple[Forecast, Sample, np.ndarray]], trained_on: Sequence[Sample]) -> float:
    """Mean over parts, by their rows, of the base rate's standard error.

    Training windows overlap, so their errors go together and do not average out.
    """
    top = parts[0][0].classes[-1]
    errors = [base_rate_error(s.y == top, s.t0 // DAY) for s in trained_on]
    return float(np.average(errors, weights=[len(s) for _, s, _ in parts]))


def outcome(result: WalkForwardResult, trials: list[Trial], rng: np.random.Generator) -> Outcome:
    """Measure a walk out of sample, beside its baselines and its in-sample twin."""
    per_year = result.bars.info.periods_per_year
    slices = window_slices(result.bars, result.window)
    oos = result.oos
    hold = hold_returns(slices, result.recipe.costs, result.recipe.cash)
    cash = result.recipe.cash
    returns = returns_of(oos, cash)
    blind = blind_returns(slices, mean_weights(oos, slices))
    in_sample = [returns_of(f.in_sample, cash) for f in result.folds]
    parts = [(f.test_forecast, f.fold.test, np.array(f.fitted.card.base_rates)) for f in result.folds]
    excess = bootstrap_interval(returns - blind, "mean", rng)
    return Outcome(
        per_year=per_year,
        time=oos.time,
        returns=returns,
        hold=hold,
        blind=blind,
        oos=performance(returns, per_year, exposure=oos.exposure, turnover=oos.turnover),
        sharpe_interval=sharpe_interval(returns, per_year, rng),
        excess_interval=Interval(excess.lo * per_year, excess.hi * per_year),
        in_sample=in_sample,
        in_sample_sharpes=[sharpe(r, per_year) for r in in_sample],
        trades=trade_scores(pl.concat([oos.trades, oos.open_trades])),
        halts=int(oos.halt is not None),
        scored=scored(parts, rng, [f.fold.train for f in result.folds]),
        p_value=sidak(bootstrap_p_value(returns, rng), len(trials)),
        trials=trials,
        deflated=deflated_sharpe(returns, [t.sharpe for t in trials]),
    )


def _pair(interval: Interval | None) -> tuple[float, float] | None:
    return None if interval is None else (interval.lo, interval.hi)


def _win_rate(t: TradeScores) -> Measure:
    """Margin over whichever requirement is met: 45 %, or break-even with the interval's lower end."""
    if t.n == 0:
        return Measure(math.nan, None, "no trades")
    margin = max(t.win_rate - 0.45, t.win_rate_lo - t.break_even)
    note = (
        f"{t.win_rate:.1%} of {t.n:,} trades won [{t.win_rate_lo:.1%}, {t.win_rate_hi:.1%}]; "
        f"they break even at {t.break_even:.1%}, costs included"
    )
    return Measure(margin, None, note)


def _p_value(o: Outcome) -> Measure:
    if o.trades.n < FEW_TRADES:
        return Measure(
            math.nan,
            None,
            f"fewer than {FEW_TRADES} trades: {o.trades.n}",
        )
    return Measure(o.p_value, None, f"stationary bootstrap; {len(o.trials)} trial(s) on this data")


def _overfit(o: Outcome) -> Measure:
    known = [s for s in o.in_sample_sharpes if math.isfinite(s)]
    inside = float(np.mean(known)) if known else math.nan
    if not o.oos.sharpe > 0.0:
        return Measure(
            math.nan,
            None,
            f"the out-of-sample Sharpe {o.oos.sharpe:.2f} is not positive (in sample {inside:.2f})",
        )
    return Measure(
        inside / o.oos.sharpe,
        None,
        f"{inside:.2f} in sample (mean over folds), {o.oos.sharpe:.2f} out of sample",
    )


def _skill(s: Scored, where: str) -> Measure:
    skill = s.scores.skill
    text = f"log loss {s.scores.log_loss:.4f} beside {s.scores.log_loss_base:.4f} of the base rates, {where}"
    return Measure(skill, _pair(s.scores.skill_interval), text)


def measures(o: Outcome) -> dict[str, Measure]:
    """One measure for each development gate."""
    c = o.scored.calibration
    excess = float((o.returns - o.blind).mean() * o.per_year)
    traded = f"{o.trades.n:,} trades"
    return {
        "oos_rows": Measure(o.scored.rows, None, "labelled rows of all test windows"),
        "oos_effective_rows": Measure(o.scored.effective_rows, None, "overlapping labels count in part"),
        "sharpe": Measure(o.oos.sharpe, _pair(o.sharpe_interval), f"over {len(o.returns):,} bars"),
        "trades": Measure(o.trades.n, None, "closed ones, and those still open at the last close"),
        "halts": Measure(o.halts, None, "a halted account stays flat, which would flatter its drawdown"),
        "drawdown": Measure(o.oos.max_drawdown, None, "deepest fall from a peak"),
        "profit_factor": Measure(o.trades.profit_factor, None, traded),
        "win_rate": _win_rate(o.trades),
        "overfit": _overfit(o),
        "p_value": _p_value(o),
        "deflated_sharpe": Measure(o.deflated, None, f"{len(o.trials)} trial(s) on this data"),
        "calibration": Measure(
            c.ece / c.ece_chance_95,
            None,
            f"error {c.ece:.4f}; by chance a calibrated model that learned from as many rows reaches "
            f"{c.ece_chance_95:.4f}",
        ),
        "skill": _skill(o.scored, "out of sample"),
        "excess": Measure(
            excess, _pair(o.excess_interval), "mean exposure of each symbol, held all the time, without costs"
        ),
    }


def shut_holdout(openings: int) -> dict[str, Measure]:
    """Measures of a hold-out that other configurations have seen: it proves nothing and stays shut."""
    return {
        "holdout_fresh": Measure(openings, None, "other configurations have seen the hold-out of this data")
    }


def holdout_measures(held: Held) -> dict[str, Measure]:
    """One measure for each hold-out gate."""
    bars = len(held.returns)
    return {
        "holdout_fresh": Measure(0, None, "no other configuration has seen it"),
        "holdout_halts": Measure(int(held.result.halt is not None), None, ""),
        "holdout_sharpe": Measure(held.performance.sharpe, None, f"over {bars:,} bars"),
        "holdout_skill": _skill(held.scored, "on the hold-out"),
    }
