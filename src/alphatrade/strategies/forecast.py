"""Trade what a model expects.

In: forecasts in the view. Out: signals. Never here: fitting, sizing, costs as money.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from alphatrade.core.kernel.compile import njit
from alphatrade.core.opinion import Signals
from alphatrade.strategies.base import Running, blank_signals, register
from alphatrade.strategies.view import View

__all__ = ["ForecastStrategy"]


@njit
def _confidence(side: float, probability: np.ndarray, sign: np.ndarray) -> float:
    """Share of the probability of all outcomes with a sign that falls on the signal's side."""
    mine = 0.0
    both = 0.0
    for k in range(len(sign)):
        if sign[k] != 0.0:
            both += probability[k]
            if sign[k] == side:
                mine += probability[k]
    return min(mine / both, 1.0) if both > 0.0 else 1.0


@njit
def _side(held: float, expected: float, enter: float, leave: float, short: bool) -> float:
    """Side after a forecast: keep while it lasts, enter when it is worth it, never flip without entering."""
    if held != 0.0 and held * expected >= leave:
        return held
    if expected >= enter:
        return 1.0
    if short and -expected >= enter:
        return -1.0
    return 0.0


@njit
def _decide(
    expected: np.ndarray,
    probability: np.ndarray,
    sign: np.ndarray,
    present: np.ndarray,
    rule: np.ndarray,
    memory: np.ndarray,
    side: np.ndarray,
    confidence: np.ndarray,
) -> None:
    """One slice; memory rows: side held, confidence at entry, bars since the last forecast."""
    enter, leave, short, horizon = rule[0], rule[1], rule[2] > 0.0, rule[3]
    for s in range(len(expected)):
        side[s] = math.nan
        confidence[s] = math.nan
        if not present[s]:
            continue
        held = memory[0, s]
        if expected[s] == expected[s]:
            now = _side(held, expected[s], enter, leave, short)
            if now != held and now != 0.0:
                memory[1, s] = _confidence(now, probability[s], sign)
            memory[2, s] = 0.0
        else:
            memory[2, s] += 1.0
            if held != 0.0 and memory[2, s] < horizon:
                continue
            now = 0.0
        memory[0, s] = now
        side[s] = now
        confidence[s] = memory[1, s] if now != 0.0 else 0.0


@register("forecast")
@dataclass(frozen=True)
class ForecastStrategy:
    """Hold a symbol while the model expects it to pay for its trading.

    Parameters
    ----------
    entry : float
        Expected return (fraction, over the label's horizon, before costs) from which a position is opened.
        NaN: ``cost_multiple`` times ``round_trip_cost``.
    exit : float
        A position is kept while its expected return, counted in its own direction, is at least this. At
        most ``entry``; the distance between the two keeps turnover low.
    cost_multiple, round_trip_cost : float
        Used when ``entry`` is NaN; the cost of buying and selling once, as a fraction of the notional.
    short : bool
        Also sell short, on the mirrored rule.
    horizon : int
        Bars, the label's horizon: how long a forecast is good for.

    Notes
    -----
    *Entry*: flat, and ``expected_return >= entry``: long (``<= -entry``: short). *Exit*: ``side *
    expected_return < exit``; the opposite side is entered in the same slice when its own entry rule holds.

    *No forecast* (NaN) on a bar that is there: a position is left as it is (side NaN) until ``horizon``
    such bars have passed since the last forecast, then closed (side 0). A flat symbol stays flat. On a
    missing bar nothing changes and nothing is counted.

    *Confidence* is the probability of the outcomes on the position's side divided by that of all outcomes
    with a side (label 0 has none), taken at entry and kept, so that a wobbling probability does not trade.
    It is no margin over the other side: a bet that wins twice what it loses is good at 40 %. Labels without
    a negative class (0 and 1) read 0 as the other side.

    Examples
    --------
    >>> from alphatrade.core.opinion import Forecast
    >>> running = ForecastStrategy(entry=0.01, exit=0.0).start(("A", "B"))
    >>> view = View(("A", "B"))
    >>> view.present[:] = True
    >>> view.forecast = Forecast((-1, 1), np.array([[0.4, 0.6], [0.5, 0.5]]), np.array([0.02, 0.005]))
    >>> running.decide(view).side
    array([1., 0.])
    """

    entry: float = math.nan
    exit: float = 0.0
    cost_multiple: float = 1.5
    round_trip_cost: float = math.nan
    short: bool = False
    horizon: int = 20

    def __post_init__(self) -> None:
        if math.isnan(self.entry) and not self.round_trip_cost >= 0.0:
            raise ValueError(
                f"found entry nan and round_trip_cost {self.round_trip_cost}: set entry, "
                "or round_trip_cost (a fraction, 0 or more) with cost_multiple"
            )
        if self.horizon < 1:
            raise ValueError(f"horizon must be at least 1 bar, found {self.horizon}")
        if not self.threshold >= max(self.exit, 0.0):
            raise ValueError(
                f"entry {self.threshold} is below 0 or below exit {self.exit}: raise entry or lower exit"
            )

    @property
    def threshold(self) -> float:
        """The expected return that opens a position."""
        return self.cost_multiple * self.round_trip_cost if math.isnan(self.entry) else self.entry

    @property
    def reads(self) -> tuple[str, ...]:
        return ()

    def start(self, symbols: tuple[str, ...], features: tuple[str, ...] = ()) -> Running:
        """Begin a session; the memory (3, S) is side, confidence at entry, bars since the last forecast."""
        memory = np.zeros((3, len(symbols)))
        rule = np.array([self.threshold, self.exit, float(self.short), float(self.horizon)])
        blank = blank_signals(len(symbols), horizon_bars=self.horizon, source="forecast")
        side, confidence = blank.side, blank.confidence
        signs: dict[tuple[int, ...], np.ndarray] = {}

        def decide(view: View) -> Signals:
            forecast = view.forecast
            sign = signs.get(forecast.classes)
            if sign is None:
                sign = signs[forecast.classes] = _signs(forecast.classes)
            expected = forecast.expected_return
            _decide(expected, forecast.probability, sign, view.present, rule, memory, side, confidence)
            return Signals(side, confidence, expected, view.volatility, self.horizon, "forecast")

        return Running(decide, memory=memory)


def _signs(classes: tuple[int, ...]) -> np.ndarray:
    sign: np.ndarray = np.sign(np.array(classes, float))
    if len(sign) and sign.min() >= 0.0:
        sign[sign == 0.0] = -1.0
    return sign
