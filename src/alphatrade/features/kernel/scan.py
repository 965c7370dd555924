"""Statistics that look at each value of a window: O(w) a row, but no state and complete forgetting.

In: columns. Out: columns. Never here: what sums can tell (``window``, ``moment``).
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np

from alphatrade.core.kernel import kernel, routine

__all__ = ["mean_deviation", "ordinal_entropy", "window_rank"]


@kernel(hist={"x": lambda w: w - 1})
def mean_deviation(w: int, i0, i1, x, mean, out):
    """Mean distance of the last ``w`` values from the newest ``mean``."""
    m, o = mean[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = 0.0
    for k in range(w):
        v = x[i0 - k : i1 - k]
        for j in range(o.size):
            o[j] += abs(v[j] - m[j])
    for j in range(o.size):
        o[j] /= w


@kernel(hist=lambda w: w - 1)
def window_rank(w: int, i0, i1, x, out):
    """Share of the last ``w`` values below the newest, ties and itself by half: in (0, 1)."""
    mine, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = 0.5 + 0.0 * mine[j]
    for k in range(1, w):
        v = x[i0 - k : i1 - k]
        for j in range(o.size):
            o[j] += 1.0 if v[j] < mine[j] else (0.5 if v[j] == mine[j] else 0.0 * v[j])
    for j in range(o.size):
        o[j] /= w


_PATTERNS = 6


@routine
def _pattern(a, b, c):
    """Which of the six orders three values have, equal ones by age; 6 where one is not known."""
    if a != a or b != b or c != c:
        return _PATTERNS
    if a <= b:
        return 0 if b <= c else (1 if a <= c else 2)
    return 3 if a <= c else (4 if b <= c else 5)


# State: counts of the patterns, of unknown ones, whether these have begun, and for every count its part of
# the entropy. Counts are whole numbers: adding and taking away is exact.
@kernel(state=lambda w: 8 + w, hist="w")
def ordinal_entropy(s, w: int, i0, i1, x, out):
    """Entropy of the orders of three neighbours in the last ``w`` values, as a share of the largest, ln 6."""
    patterns = w - 2
    if s[7] == 0.0:
        s[_PATTERNS], s[7] = patterns, 1.0
        for k in range(1, patterns + 1):
            s[8 + k] = k / patterns * np.log(k / patterns)
    for i in range(i0, i1):
        s[_pattern(x[i - 2], x[i - 1], x[i])] += 1.0
        s[_pattern(x[i - w], x[i - w + 1], x[i - w + 2])] -= 1.0
        total = 0.0
        for k in range(_PATTERNS):
            total -= s[8 + min(max(int(s[k]), 0), patterns)]
        out[i] = total / np.log(6.0) if s[_PATTERNS] == 0.0 else np.nan
