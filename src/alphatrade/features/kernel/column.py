"""Elementwise kernels, differences and lags.

In: columns. Out: columns. Never here: windows and recurrences. NaN in, NaN out, in the same row.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import math

import numpy as np

from alphatrade.core.kernel import kernel, routine

__all__ = [
    "absolute",
    "clip",
    "day_of",
    "days_left",
    "delta",
    "directional",
    "floor",
    "fraction",
    "lagged",
    "log",
    "maximum",
    "minimum",
    "modulo",
    "negative_part",
    "positive_part",
    "power",
    "share_of",
    "sign",
    "square_root",
    "true_range",
    "up_probability",
]


@kernel(hist="lag")
def lagged(lag: int, i0, i1, x, out):
    """The value ``lag`` bars ago."""
    v, o = x[i0 - lag : i1 - lag], out[i0:i1]
    for j in range(o.size):
        o[j] = v[j]


@kernel(hist="lag")
def delta(lag: int, i0, i1, x, out):
    """Change over ``lag`` bars."""
    v, w, o = x[i0:i1], x[i0 - lag : i1 - lag], out[i0:i1]
    for j in range(o.size):
        o[j] = v[j] - w[j]


@kernel
def fraction(i0, i1, x, y, out):
    """x / y where 0 / 0 is 0; NaN where only y is zero."""
    a, b, o = x[i0:i1], y[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = a[j] / b[j] if b[j] != 0.0 else (0.0 if a[j] == 0.0 else np.nan)


@kernel
def share_of(i0, i1, x, y, out):
    """x / y, 0 where y is 0 but known."""
    a, b, o = x[i0:i1], y[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = a[j] / b[j] if b[j] != 0.0 else 0.0 * a[j]


@kernel
def up_probability(i0, i1, x, out):
    """Distribution function of the standard normal."""
    v, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = 0.5 * math.erfc(-v[j] * math.sqrt(0.5))


# ln 2 in two parts, the bits of sqrt(1/2) and of 1, and the polynomial of ln((1 + s) / (1 - s)) / s - 2.
_LN2, _LN2_REST = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_HALF_ROOT, _ONE, _FRACTION = 0x3FE6A09E667F3BCD, 0x3FF0000000000000, 0x000FFFFFFFFFFFFF
_P1, _P2, _P3, _P4 = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
)
_P5, _P6, _P7 = 1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01
_LEAST_NORMAL, _MOST = 2.2250738585072014e-308, 1.7976931348623157e308


@kernel
def log(i0, i1, x, out):
    """Natural logarithm to 0.8 units in the last place, NaN where x is not positive.

    The algorithm of fdlibm's ``log`` (Sun Microsystems, 1993) without its branches: so it runs on vectors,
    and with the same bits on every machine, which a system's own logarithm does not have.
    """
    v, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        is_small = v[j] < _LEAST_NORMAL
        bits = np.float64(v[j] * (2.0**54 if is_small else 1.0)).view(np.int64) + (_ONE - _HALF_ROOT)
        k = np.float64((bits >> 52) - 1023) - (54.0 if is_small else 0.0)
        f = np.int64((bits & _FRACTION) + _HALF_ROOT).view(np.float64) - 1.0
        s = f / (2.0 + f)
        z, h = s * s, 0.5 * f * f
        w = z * z
        p = w * (_P2 + w * (_P4 + w * _P6)) + z * (_P1 + w * (_P3 + w * (_P5 + w * _P7)))
        y = s * (h + p) + k * _LN2_REST - h + f + k * _LN2
        o[j] = (y if v[j] <= _MOST else v[j]) if v[j] > 0.0 else np.nan


@kernel
def square_root(i0, i1, x, out):
    """Square root, NaN where x is negative."""
    v, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = np.sqrt(v[j]) if v[j] >= 0.0 else np.nan


@kernel
def power(exponent, i0, i1, x, out):
    """x ** exponent, NaN where x is negative."""
    v, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = v[j] ** exponent if v[j] >= 0.0 else np.nan


@kernel
def absolute(i0, i1, x, out):
    v, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = abs(v[j])


@kernel
def sign(i0, i1, x, out):
    """-1, 0 or 1."""
    v, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = 1.0 if v[j] > 0.0 else (-1.0 if v[j] < 0.0 else 0.0 * v[j])


@kernel
def positive_part(i0, i1, x, out):
    """max(x, 0)."""
    v, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = v[j] if v[j] > 0.0 else 0.0 * v[j]


@kernel
def negative_part(i0, i1, x, out):
    """max(-x, 0)."""
    v, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = -v[j] if v[j] < 0.0 else 0.0 * v[j]


@kernel
def maximum(i0, i1, x, y, out):
    """The larger one, NaN where either is."""
    a, b, o = x[i0:i1], y[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = a[j] if a[j] > b[j] or a[j] != a[j] else b[j]


@kernel
def minimum(i0, i1, x, y, out):
    """The smaller one, NaN where either is."""
    a, b, o = x[i0:i1], y[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = a[j] if a[j] < b[j] or a[j] != a[j] else b[j]


@kernel
def clip(low, high, i0, i1, x, out):
    v, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = low if v[j] < low else (high if v[j] > high else v[j])


@kernel
def floor(i0, i1, x, out):
    v, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = np.floor(v[j])


@kernel
def modulo(m, i0, i1, x, out):
    """x - m floor(x / m), in [0, m)."""
    v, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = v[j] - m * np.floor(v[j] / m)


@routine
def _date(days):
    """Year, month, day of the month and weekday (Monday 0) of whole days since 1970."""
    # Hinnant, H. "chrono-compatible low-level date algorithms": civil_from_days.
    z = days + 719468
    era = z // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + 3 if mp < 10 else mp - 9
    year = yoe + era * 400 + (1 if month <= 2 else 0)
    return 1.0 * year, 1.0 * month, doy - (153 * mp + 2) // 5 + 1.0, 1.0 * ((days + 3) % 7)


@kernel
def day_of(i0, i1, x, out_year, out_month, out_day, out_weekday):
    """Year, month (1-12), day of the month and weekday (Monday 0) of local seconds since 1970."""
    known = year = month = date = weekday = np.nan
    for i in range(i0, i1):
        day = np.floor(x[i] / 86400.0)
        # Many rows share a day; a NaN differs from everything.
        if day != known:
            known = day
            if day == day:
                year, month, date, weekday = _date(int(day))
            else:
                year = month = date = weekday = np.nan
        out_year[i], out_month[i], out_day[i], out_weekday[i] = year, month, date, weekday


@kernel(hist={"close": 1})
def true_range(i0, i1, high, low, close, out):
    """Wilder's true range: the bar's range, extended to the close before it."""
    h, l, c, o = high[i0:i1], low[i0:i1], close[i0 - 1 : i1 - 1], out[i0:i1]
    for j in range(o.size):
        top = h[j] if h[j] > c[j] or c[j] != c[j] else c[j]
        bottom = l[j] if l[j] < c[j] or c[j] != c[j] else c[j]
        o[j] = top - bottom + 0.0 * c[j]


@kernel(hist=1)
def directional(i0, i1, high, low, out_plus, out_minus):
    """Wilder's directional movements: the larger of the high's rise and the low's fall, if it is positive."""
    h, l, before_h, before_l = high[i0:i1], low[i0:i1], high[i0 - 1 : i1 - 1], low[i0 - 1 : i1 - 1]
    plus, minus = out_plus[i0:i1], out_minus[i0:i1]
    for j in range(plus.size):
        rise, fall = h[j] - before_h[j], before_l[j] - l[j]
        plus[j] = (rise if rise > max(fall, 0.0) else 0.0) + 0.0 * (rise + fall)
    for j in range(minus.size):
        rise, fall = h[j] - before_h[j], before_l[j] - l[j]
        minus[j] = (fall if fall > max(rise, 0.0) else 0.0) + 0.0 * (rise + fall)


@routine
def _days_left(y, m, day):
    """Calendar days from a date until the last day of its month and of its quarter."""
    last = 3.0 * np.ceil(m / 3.0)
    leap = y % 4.0 == 0.0 and (y % 100.0 != 0.0 or y % 400.0 == 0.0)
    rest_month = rest_quarter = 0.0
    for k in range(int(m), int(last) + 1):
        length = 30.0 if k == 4 or k == 6 or k == 9 or k == 11 else 31.0
        if k == 2:
            length = 29.0 if leap else 28.0
        rest_quarter = length - day if k == int(m) else rest_quarter + length
        rest_month = rest_quarter if k == int(m) else rest_month
    return rest_month, rest_quarter


@kernel
def days_left(i0, i1, year, month, day, out_month, out_quarter):
    """Calendar days until the last day of the month and of the quarter."""
    y = m = d = rest_month = rest_quarter = np.nan
    for i in range(i0, i1):
        # Many rows share a day; a NaN differs from everything.
        if year[i] != y or month[i] != m or day[i] != d:
            y, m, d = year[i], month[i], day[i]
            rest_month = rest_quarter = np.nan
            if y == y and m == m and d == d:
                rest_month, rest_quarter = _days_left(y, m, d)
        out_month[i], out_quarter[i] = rest_month, rest_quarter
