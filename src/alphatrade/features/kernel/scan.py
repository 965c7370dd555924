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
    for i in range(i0, i1):
        v, mine = x[i - w + 1 : i + 1], x[i]
        below, equal, known = 0, 0, 0
        for k in range(w):
            below += v[k] < mine
            equal += v[k] == mine
            known += v[k] == v[k]
        out[i] = (below + 0.5 * equal) / w if known == w else np.nan


_PATTERNS = 6


@routine
def _pattern(a, b, c):
    """Which of the six orders three values have, equal ones by age; 6 where one is not known."""
    if a != a or b != b or c != c:
        return _PATTERNS
    if a <= b:
        return 0 if b <= c else (1 if a <= c else 2)
    return 3 if a <= c else (4 if b <= c else 5)


@kernel(state=8, hist="w")
def ordinal_entropy(s, w: int, i0, i1, x, out):
    """Entropy of the orders of three neighbours in the last ``w`` values, as a share of the largest, ln 6.

    State: counts of the patterns, of unknown ones, and whether these have begun. Counts are whole numbers:
    adding and taking away is exact.
    """
    patterns = w - 2
    if s[7] == 0.0:
        s[_PATTERNS], s[7] = patterns, 1.0
    for i in range(i0, i1):
        s[_pattern(x[i - 2], x[i - 1], x[i])] += 1.0
        s[_pattern(x[i - w], x[i - w + 1], x[i - w + 2])] -= 1.0
        total = 0.0
        for k in range(_PATTERNS):
            share = s[k] / patterns
            total -= share * np.log(share) if share > 0.0 else 0.0
        out[i] = total / np.log(6.0) if s[_PATTERNS] == 0.0 else np.nan
