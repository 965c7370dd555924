"""Any interleaving of a stream with duplicates and reordering within the grace gives the clean slices."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from alphatrade.core.bar import Bars
from alphatrade.core.session import SECOND
from alphatrade.data import Arrival, Grid, Sequencer, arrivals_of, gaps, replay

GRACE = 30 * SECOND
GRID = Grid("XNYS", "15m")
BARS: Bars = gaps(
    3, symbols=3, bars=60, frequency="15m", calendar="XNYS", start="2021-11-24", lost=0.1, outages=0
)
CLEAN = list(arrivals_of(BARS))
FIRST, LAST = BARS.start, BARS.end


def check_equals_history(sequencer: Sequencer, arrivals: list[Arrival]) -> None:
    slices = list(replay(arrivals, sequencer, until=LAST + GRACE))
    want = BARS.slices
    assert [s.time for s in slices] == want.time.tolist()
    np.testing.assert_array_equal(np.stack([s.bars for s in slices]), want.bars)
    np.testing.assert_array_equal(np.stack([s.present for s in slices]), np.isfinite(want.bars[:, :, 3]))


def disturbed(seed: int, share: float) -> list[Arrival]:
    """Every bar delayed within the grace, some sent again, any time later: in the order of arrival."""
    rng = np.random.default_rng(seed)
    stream = []
    for a in CLEAN:
        first = int(rng.integers(0, GRACE + 1))
        stream.append(Arrival(a.symbol, a.timestamp, a.values, a.arrived_at + first))
        while rng.random() < share / 2:
            # Not after the end of the test's clock, which would go on to slices history does not have.
            again = min(a.arrived_at + first + int(rng.integers(0, 40 * 60 * SECOND)), LAST + GRACE)
            stream.append(Arrival(a.symbol, a.timestamp, a.values, again))
    return sorted(stream, key=lambda a: (a.arrived_at, rng.random()))


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_duplicates_and_reordering_within_the_grace_change_nothing(seed: int, share: float) -> None:
    stream = disturbed(seed, share)
    sequencer = Sequencer(BARS.symbols, GRID, GRACE, start=FIRST)
    check_equals_history(sequencer, stream)
    c = sequencer.counts
    assert (c.late, c.refused, c.corrected) == (0, 0, 0)
    assert c.accepted == len(CLEAN)
    assert c.duplicate == len(stream) - len(CLEAN)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_lateness_costs_its_own_bar_only_and_every_arrival_is_counted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    late = rng.random(len(CLEAN)) < 0.2
    delay = np.where(late, rng.integers(GRACE + 1, 3 * GRACE, len(CLEAN)), rng.integers(0, GRACE, len(CLEAN)))
    stream = [Arrival(a.symbol, a.timestamp, a.values, a.arrived_at + int(d)) for a, d in zip(CLEAN, delay)]
    sequencer = Sequencer(BARS.symbols, GRID, GRACE, start=FIRST)
    slices = list(replay(sorted(stream, key=lambda a: a.arrived_at), sequencer, until=LAST + GRACE))
    got = {(BARS.symbols[k], s.timestamp) for s in slices for k in np.flatnonzero(s.present)}
    assert got == {(a.symbol, a.timestamp) for a, is_late in zip(CLEAN, late) if not is_late}
    c = sequencer.counts
    assert (c.late, c.accepted) == (late.sum(), (~late).sum())
    assert c.arrived == c.accepted + c.duplicate + c.corrected + c.late + c.refused
