"""Trap: a regime that is revised when later bars arrive (a smoothed HMM state, say) trades on the future."""

from __future__ import annotations

import numpy as np

from alphatrade.models import VolatilityTrend


def test_later_bars_never_revise_a_regime() -> None:
    rng = np.random.default_rng(0)
    close = 100 * np.exp((0.01 * rng.standard_normal((500, 2))).cumsum(axis=0))
    from alphatrade.models import FittedRegimes

    fitted = FittedRegimes(VolatilityTrend(), 20, 60, 0.006, 0.008, 0, "")
    whole = fitted.advance(fitted.start(2), close)
    assert len(np.unique(whole)) > 3
    for end in (100, 250, 499):
        shocked = close.copy()
        shocked[end:] *= np.linspace(1, 5, 500 - end)[:, None]
        np.testing.assert_array_equal(fitted.advance(fitted.start(2), shocked)[:end], whole[:end])
