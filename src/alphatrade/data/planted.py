"""A market with a signal planted in it: the test that the street finds what is there.

In: a seed and the strength of the signal. Out: ``Bars``, and the latent signal for an oracle. Never here: a
feature that equals the signal; it can only be inferred from the traces it leaves in the bars.

The model, for each symbol, with s a first-order process of unit variance whose half-life is ``half_life``
bars::

    return[t+1]  = deviation[t+1] * (strength * s[t] + sqrt(1 - strength^2) * noise[t+1])
    volume[t]    : log surprise    += clarity * s[t] * sign(return[t])
    wicks[t]     : log(lower/upper) += clarity * s[t] * (1 - mix + mix * wide[t])
    range[t]     : log(wick size)   = spread * wide[t],   wide = +1 or -1 at random

So a high volume means up after an up bar and down after a down bar, and where the close lies in the range
means what it seems to in wide bars and, for ``mix`` near 1, the opposite in narrow ones. Each trace is
drowned in noise of unit deviation (times ``noise``); the signal's persistence is what lets a model average
it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alphatrade.core.bar import Bars
from alphatrade.data.synthetic import build_bars, draw_ar1, draw_log_volume, draw_paths, frame_of

__all__ = ["Planted", "oracle_sharpe", "planted", "planted_with_signal"]


@dataclass(frozen=True, eq=False)
class Planted:
    """``bars``, and ``signal`` (T, S), columns as ``bars.symbols``: row t drives bar t + 1."""

    bars: Bars
    signal: np.ndarray


def planted_with_signal(
    seed: int,
    *,
    symbols: int | Sequence[str] = 8,
    bars: int = 2500,
    frequency: str = "1d",
    calendar: str = "24/5",
    start: str = "2012-01-02",
    volatility: float = 0.25,
    correlation: float = 0.1,
    clustering: float = 0.2,
    strength: float = 0.25,
    clarity: float = 2.0,
    mix: float = 0.5,
    noise: float = 1.0,
    half_life: float = 10.0,
) -> Planted:
    """A market with a planted signal, and the signal.

    Parameters
    ----------
    strength : float
        Correlation of the signal with the next bar's noise, in [0, 1): what an oracle can earn.
    clarity : float
        How far one deviation of the signal moves a trace, in deviations of the trace's noise: what a model
        can see.
    mix : float
        0 where the wicks show the signal directly, 1 where only together with the range; in [0, 1].
    noise : float
        Deviation of the noise of the traces.
    half_life : float
        Bars after which half of the signal is left.

    The other parameters are those of ``synthetic.random_walk``.
    """
    if not (0 <= strength < 1 and clarity >= 0 and 0 <= mix <= 1 and noise > 0 and half_life > 0):
        raise ValueError(
            "expected strength in [0, 1), clarity >= 0, mix in [0, 1], noise > 0, half_life > 0; "
            f"found {strength}, {clarity}, {mix}, {noise}, {half_life}"
        )
    where = frame_of(symbols, bars, frequency, calendar, start, "planted")
    rng = np.random.default_rng(seed)
    paths = draw_paths(rng, where, volatility, correlation, clustering)
    shape = paths.noise.shape
    signal = draw_ar1(rng, shape, half_life)
    before = np.vstack([np.zeros((1, shape[1])), signal[:-1]])
    ret = paths.deviation * (strength * before + np.sqrt(1 - strength**2) * paths.noise)
    ret -= 0.5 * paths.deviation**2
    wide = rng.choice([-1.0, 1.0], shape)
    tilt = clarity * signal * (1.0 - mix + mix * wide) + noise * rng.standard_normal(shape)
    size = 0.6 * paths.deviation * np.exp(0.6 * wide + 0.15 * rng.standard_normal(shape))
    lower = size / (1.0 + np.exp(-tilt))
    surprise = 0.35 * (clarity * signal * np.sign(ret) + noise * rng.standard_normal(shape))
    log_volume = 0.5 * draw_log_volume(rng, ret, paths.deviation) + surprise
    made = build_bars(rng, where, ret, paths.deviation, (size - lower, lower), log_volume)
    return Planted(made, signal[:, np.argsort(np.array(where.symbols))])


def planted(seed: int, **settings: object) -> Bars:
    """The bars of ``planted_with_signal``.

    >>> planted(seed=1, symbols=2, bars=50)
    Bars(2 symbols, 100 rows, 1d, 2012-01-02T00:00:00Z to 2012-03-10T00:00:00Z)
    """
    return planted_with_signal(seed, **settings).bars  # type: ignore[arg-type]


def oracle_sharpe(
    market: Planted, periods_per_year: float, cost_bps: float = 5.0, threshold: float = 0.5
) -> float:
    """Sharpe ratio, a year and net of costs, of one who knows the signal.

    Holds +1/S or -1/S of equity in each symbol whose signal is beyond ``threshold``, from the close of the
    bar to that of the next, and keeps the position while the signal has its sign; pays ``cost_bps`` of every
    turnover.
    """
    s = market.signal
    close = market.bars.slices.bars[:, :, 3]
    ret = close[1:] / close[:-1] - 1.0
    weight = np.zeros_like(s)
    for t in range(len(s)):
        held = weight[t - 1] if t else np.zeros(s.shape[1])
        stay = np.where(held * s[t] > 0, held, 0.0)
        weight[t] = np.where(np.abs(s[t]) > threshold, np.sign(s[t]) / s.shape[1], stay)
    turnover = np.abs(np.diff(weight, axis=0, prepend=0.0)).sum(axis=1)
    net = (weight[:-1] * ret).sum(axis=1) - turnover[:-1] * cost_bps * 1e-4
    return float(net.mean() / net.std() * np.sqrt(periods_per_year))
