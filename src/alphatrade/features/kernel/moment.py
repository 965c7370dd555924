"""Centred moments over windows: two stacks, nothing is ever subtracted from a running sum.

In: columns. Out: mean, variance, covariance, skewness, kurtosis and line of the last ``w`` rows, population
form (``ddof=0``). Never here: sums that need no centre (``window``).

Every ``w`` rows the window's suffix sums are rebuilt about its newest value; rows that come later are added
to running sums, and a window is one suffix plus the running sums. The centre lies inside every window it
serves, so a jump, or a price far from zero, costs no digits; constant prices have variance exactly 0. The
rebuild costs ``w`` operations in one row. The last bit depends on where the series starts, not on how it is
cut.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from alphatrade.core.kernel import kernel, routine

__all__ = ["comoments", "moments", "shape", "trend"]


@routine
def _centre(w, i, x):
    """Newest known value of the window that ends at i; 0 if there is none."""
    for k in range(i, i - w, -1):
        if x[k] == x[k]:
            return x[k]
    return 0.0


# State: rows since the rebuild, centre(s), running sums, then suffix sums over the last k rows of the block,
# k = 0..w.


@kernel(state=lambda w: 4 + 2 * (w + 1), hist=lambda w: w - 1)
def moments(s, w: int, i0, i1, x, out_mean, out_var):
    """Mean and population variance."""
    a1, a2 = s[4 : 5 + w], s[5 + w : 6 + 2 * w]
    age, c, f1, f2 = int(s[0]), s[1], s[2], s[3]
    for i in range(i0, i1):
        if age == 0:
            c, f1, f2 = _centre(w, i, x), 0.0, 0.0
            a1[0] = a2[0] = 0.0
            for k in range(w):
                d = x[i - k] - c
                a1[k + 1] = a1[k] + d
                a2[k + 1] = a2[k] + d * d
        else:
            d = x[i] - c
            f1 += d
            f2 += d * d
        t1, t2 = a1[w - age] + f1, a2[w - age] + f2
        var = (t2 - t1 * t1 / w) / w
        out_mean[i] = c + t1 / w
        out_var[i] = 0.0 if var < 0.0 else var
        age = age + 1 if age + 1 < w else 0
    s[0], s[1], s[2], s[3] = age, c, f1, f2


@kernel(state=lambda w: 8 + 5 * (w + 1), hist=lambda w: w - 1)
def comoments(s, w: int, i0, i1, x, y, out_cov, out_var_x, out_var_y):
    """Population covariance and variances of two columns, over rows where both windows are full."""
    n = w + 1
    ax, ay = s[8 : 8 + n], s[8 + n : 8 + 2 * n]
    axx, ayy, axy = s[8 + 2 * n : 8 + 3 * n], s[8 + 3 * n : 8 + 4 * n], s[8 + 4 * n : 8 + 5 * n]
    age, cx, cy = int(s[0]), s[1], s[2]
    fx, fy, fxx, fyy, fxy = s[3], s[4], s[5], s[6], s[7]
    for i in range(i0, i1):
        if age == 0:
            cx, cy = _centre(w, i, x), _centre(w, i, y)
            fx = fy = fxx = fyy = fxy = 0.0
            ax[0] = ay[0] = axx[0] = ayy[0] = axy[0] = 0.0
            for k in range(w):
                u, v = x[i - k] - cx, y[i - k] - cy
                ax[k + 1], ay[k + 1] = ax[k] + u, ay[k] + v
                axx[k + 1], ayy[k + 1], axy[k + 1] = axx[k] + u * u, ayy[k] + v * v, axy[k] + u * v
        else:
            u, v = x[i] - cx, y[i] - cy
            fx += u
            fy += v
            fxx += u * u
            fyy += v * v
            fxy += u * v
        at = w - age
        tx, ty = ax[at] + fx, ay[at] + fy
        vx, vy = (axx[at] + fxx - tx * tx / w) / w, (ayy[at] + fyy - ty * ty / w) / w
        hole = 0.0 * (tx + ty)
        out_cov[i] = (axy[at] + fxy - tx * ty / w) / w
        out_var_x[i] = (0.0 if vx < 0.0 else vx) + hole
        out_var_y[i] = (0.0 if vy < 0.0 else vy) + hole
        age = age + 1 if age + 1 < w else 0
    s[0], s[1], s[2] = age, cx, cy
    s[3], s[4], s[5], s[6], s[7] = fx, fy, fxx, fyy, fxy


@kernel(state=lambda w: 6 + 4 * (w + 1), hist=lambda w: w - 1)
def shape(s, w: int, i0, i1, x, out_skew, out_kurt):
    """Skewness and excess kurtosis of the population, NaN where the variance is 0."""
    n = w + 1
    a1, a2, a3, a4 = s[6 : 6 + n], s[6 + n : 6 + 2 * n], s[6 + 2 * n : 6 + 3 * n], s[6 + 3 * n : 6 + 4 * n]
    age, c, f1, f2, f3, f4 = int(s[0]), s[1], s[2], s[3], s[4], s[5]
    for i in range(i0, i1):
        if age == 0:
            c = _centre(w, i, x)
            f1 = f2 = f3 = f4 = 0.0
            a1[0] = a2[0] = a3[0] = a4[0] = 0.0
            for k in range(w):
                d = x[i - k] - c
                a1[k + 1], a2[k + 1] = a1[k] + d, a2[k] + d * d
                a3[k + 1], a4[k + 1] = a3[k] + d * d * d, a4[k] + d * d * d * d
        else:
            d = x[i] - c
            f1 += d
            f2 += d * d
            f3 += d * d * d
            f4 += d * d * d * d
        at = w - age
        m = (a1[at] + f1) / w
        e2, e3, e4 = (a2[at] + f2) / w, (a3[at] + f3) / w, (a4[at] + f4) / w
        var = e2 - m * m
        # What rounding leaves of a variance is none: relative to the second moment about the centre.
        if var > 1e-13 * e2:
            out_skew[i] = (e3 - 3.0 * m * e2 + 2.0 * m * m * m) / (var * np.sqrt(var))
            out_kurt[i] = (e4 - 4.0 * m * e3 + 6.0 * m * m * e2 - 3.0 * m * m * m * m) / (var * var) - 3.0
        else:
            out_skew[i] = out_kurt[i] = np.nan
        age = age + 1 if age + 1 < w else 0
    s[0], s[1], s[2], s[3], s[4], s[5] = age, c, f1, f2, f3, f4


@kernel(state=lambda w: 5 + 3 * (w + 1), hist=lambda w: w - 1)
def trend(s, w: int, i0, i1, x, out_mean, out_slope, out_r2):
    """Least-squares line over the last ``w`` rows: mean, slope per bar, R squared (NaN for a flat line).

    The line's last value is ``mean + slope (w - 1) / 2``; the linearly weighted mean is ``mean + slope (w -
    1) / 6``.
    """
    n = w + 1
    a1, a2, at = s[5 : 5 + n], s[5 + n : 5 + 2 * n], s[5 + 2 * n : 5 + 3 * n]
    age, c, f1, f2, ft = int(s[0]), s[1], s[2], s[3], s[4]
    spread = w * (w * w - 1.0) / 12.0
    for i in range(i0, i1):
        if age == 0:
            c, f1, f2, ft = _centre(w, i, x), 0.0, 0.0, 0.0
            a1[0] = a2[0] = at[0] = 0.0
            for k in range(w):
                d = x[i - k] - c
                a1[k + 1], a2[k + 1], at[k + 1] = a1[k] + d, a2[k] + d * d, at[k] - k * d
        else:
            d = x[i] - c
            f1 += d
            f2 += d * d
            ft += age * d
        t1, t2, tt = a1[w - age] + f1, a2[w - age] + f2, at[w - age] + ft
        cov = tt - t1 * (2.0 * age - w + 1.0) / 2.0
        total = t2 - t1 * t1 / w
        out_mean[i] = c + t1 / w
        out_slope[i] = cov / spread if w > 1 else np.nan
        out_r2[i] = min(cov * cov / (spread * total), 1.0) if total > 1e-13 * t2 else np.nan
        age = age + 1 if age + 1 < w else 0
    s[0], s[1], s[2], s[3], s[4] = age, c, f1, f2, ft
