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


@routine
def _beyond(side, level, a, b):
    """The level, or where it lies inside a bar's range, that range's end: the stop never enters the last two
    bars.
    """
    return min(level, a, b) if side > 0.0 else max(level, a, b)


@routine
def _follow(side, stop, extreme, speed, step, most, best, worst, best_before, worst_before):
    """This bar's stop, and side, stop, extreme and acceleration for the next bar.

    Best and worst are the bar's ends in the direction of the side: high and low for a long one.
    """
    if side * (worst - stop) <= 0.0:
        # Reversal inside the bar: the stop jumps to the old trend's extreme.
        now = _beyond(-side, extreme, best_before, best)
        later = _beyond(-side, now + step * (worst - now), best_before, best)
        return now, -side, later, worst, step
    if side * (best - extreme) > 0.0:
        extreme, speed = best, min(speed + step, most)
    return stop, side, _beyond(side, stop + speed * (extreme - stop), worst_before, worst), extreme, speed


# State: bars seen (0, 1, 2), side (1 long, -1 short), stop, extreme, acceleration, and the last high and low.
@kernel(state=7)
def parabolic(s, step, most, i0, i1, high, low, out):
    """Wilder's parabolic stop; the first side is short where the low fell further than the high rose."""
    seen, side, stop, extreme, speed, h0, l0 = s[0], s[1], s[2], s[3], s[4], s[5], s[6]
    for i in range(i0, i1):
        h, l, now = high[i], low[i], np.nan
        if h != h or l != l:
            out[i] = np.nan
            continue
        if seen == 1.0:
            side = -1.0 if l0 > l and l0 - l > h - h0 else 1.0
            stop, extreme = (l0, h) if side > 0.0 else (h0, l)
            speed, h0, l0 = step, h, l
        if seen > 0.0 and side > 0.0:
            now, side, stop, extreme, speed = _follow(side, stop, extreme, speed, step, most, h, l, h0, l0)
        elif seen > 0.0:
            now, side, stop, extreme, speed = _follow(side, stop, extreme, speed, step, most, l, h, l0, h0)
        out[i] = now
        seen, h0, l0 = min(seen + 1.0, 2.0), h, l
    s[0], s[1], s[2], s[3], s[4], s[5], s[6] = seen, side, stop, extreme, speed, h0, l0


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
    started, before, total = s[0], s[1], s[2]
    for i in range(i0, i1):
        c, v = close[i], volume[i]
        if c != c or v != v:
            out[i] = np.nan
            continue
        # Without a branch: which way a price goes cannot be guessed, and a wrong guess costs more.
        total += v * ((c > before) * 1.0 - (c < before) * 1.0) if started > 0.0 else v
        started, before = 1.0, c
        out[i] = total
    s[0], s[1], s[2] = started, before, total


@kernel(state=2, start=(_NEVER,))
def session_sum(s, i0, i1, x, session, out):
    """Sum of the values since ``session`` last changed."""
    known, total = s[0], s[1]
    for i in range(i0, i1):
        v, at = x[i], session[i]
        if v != v or at != at:
            out[i] = np.nan
            continue
        total = v if at != known else total + v
        known = at
        out[i] = total
    s[0], s[1] = known, total


@kernel(state=2, start=(_NEVER,))
def session_first(s, i0, i1, x, session, out):
    """First known value since ``session`` last changed."""
    for i in range(i0, i1):
        # Written to the state only then: a branch that is always foreseen, not a choice in every row.
        if session[i] != s[0] and x[i] == x[i] and session[i] == session[i]:
            s[0], s[1] = session[i], x[i]
        out[i] = s[1] if session[i] == s[0] else np.nan
