"""Recurrences with a memory of their own: adaptive average, parabolic stop, lines summed since a start.

In: columns. Out: columns. Never here: exponential averages (``recursive``), windows. A NaN leaves the state
alone.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from alphatrade.core.kernel import kernel, routine

__all__ = ["adaptive", "cumulative", "on_balance", "parabolic", "session_first", "session_sum"]

_NEVER = -1e18


@kernel(state=2, hist={"x": 1})
def adaptive(s, fast, slow, i0, i1, x, speed, out):
    """Average whose weight is ``(slow + speed (fast - slow))^2``, started with the value before the first
    speed.
    """
    started, e = s[0], s[1]
    for i in range(i0, i1):
        k = slow + speed[i] * (fast - slow)
        if started == 0.0 and k == k and x[i - 1] == x[i - 1]:
            started, e = 1.0, x[i - 1]
        if started == 0.0 or k != k or x[i] != x[i]:
            out[i] = np.nan
            continue
        e += k * k * (x[i] - e)
        out[i] = e
    s[0], s[1] = started, e


# State of the parabolic stop: bars seen (0, 1, 2), side (1 long, -1 short), stop, extreme, acceleration, and
# the last high and low.


@routine
def _begin(s, high, low):
    """Side and stop on the second bar: short where the low fell further than the high rose."""
    fall, rise = s[6] - low, high - s[5]
    s[1] = -1.0 if fall > 0.0 and fall > rise else 1.0
    s[2], s[3] = (s[6], high) if s[1] > 0.0 else (s[5], low)
    s[5], s[6] = high, low


@routine
def _beyond(side, level, a, b):
    """The level, or where it lies inside a bar's range, that range's end: the stop never enters the last two
    bars.
    """
    return min(level, a, b) if side > 0.0 else max(level, a, b)


@routine
def _follow(s, step, most, high, low):
    """The stop valid for this bar; the state moves on to the next one."""
    side = s[1]
    best, worst = (high, low) if side > 0.0 else (low, high)
    before = s[6] if side > 0.0 else s[5]
    if side * (worst - s[2]) <= 0.0:
        # Reversal inside the bar: the stop jumps to the old trend's extreme.
        side, now = -side, _beyond(-side, s[3], s[5] if side > 0.0 else s[6], best)
        s[1], s[3], s[4] = side, worst, step
        s[2] = _beyond(side, now + step * (worst - now), s[5] if side < 0.0 else s[6], best)
    else:
        now = s[2]
        if side * (best - s[3]) > 0.0:
            s[3], s[4] = best, min(s[4] + step, most)
        s[2] = _beyond(side, now + s[4] * (s[3] - now), before, worst)
    s[5], s[6] = high, low
    return now


@kernel(state=7)
def parabolic(s, step, most, i0, i1, high, low, out):
    """Wilder's parabolic stop."""
    for i in range(i0, i1):
        out[i] = np.nan
        if high[i] != high[i] or low[i] != low[i]:
            continue
        if s[0] == 0.0:
            s[0], s[5], s[6] = 1.0, high[i], low[i]
            continue
        if s[0] == 1.0:
            s[0], s[4] = 2.0, step
            _begin(s, high[i], low[i])
        out[i] = _follow(s, step, most, high[i], low[i])


@kernel(state=1)
def cumulative(s, i0, i1, x, out):
    """Sum of all values so far."""
    for i in range(i0, i1):
        if x[i] == x[i]:
            s[0] += x[i]
        out[i] = s[0] + 0.0 * x[i]


@kernel(state=3)
def on_balance(s, i0, i1, close, volume, out):
    """Volume of rises minus volume of falls, from the first bar's volume on."""
    for i in range(i0, i1):
        out[i] = np.nan
        if close[i] != close[i] or volume[i] != volume[i]:
            continue
        if s[0] == 0.0 or close[i] > s[1]:
            s[2] += volume[i]
        elif close[i] < s[1]:
            s[2] -= volume[i]
        s[0], s[1] = 1.0, close[i]
        out[i] = s[2]


@kernel(state=2, start=(_NEVER,))
def session_sum(s, i0, i1, x, session, out):
    """Sum of the values since ``session`` last changed."""
    for i in range(i0, i1):
        out[i] = np.nan
        if x[i] != x[i] or session[i] != session[i]:
            continue
        if session[i] != s[0]:
            s[0], s[1] = session[i], 0.0
        s[1] += x[i]
        out[i] = s[1]


@kernel(state=2, start=(_NEVER,))
def session_first(s, i0, i1, x, session, out):
    """First known value since ``session`` last changed."""
    for i in range(i0, i1):
        if x[i] == x[i] and session[i] == session[i] and session[i] != s[0]:
            s[0], s[1] = session[i], x[i]
        out[i] = s[1] if session[i] == s[0] else np.nan
