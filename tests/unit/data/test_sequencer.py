"""The sequencer, one rule at a time."""

from __future__ import annotations

import numpy as np
import pytest

from alphatrade.core.clock import parse_time
from alphatrade.core.session import SECOND
from alphatrade.data import Arrival, Grid, Sequencer, arrivals_of, random_walk, replay

MINUTE = 60 * SECOND
T0 = parse_time("2021-03-01 14:30")
END = T0 + 15 * MINUTE
GRID = Grid("XNYS", "15m")


def arrival(
    symbol: str = "A", bar: int = 0, delay: float = 1.0, close: float = 10.5, revision: int = 0
) -> Arrival:
    start = T0 + bar * 15 * MINUTE
    at = start + 15 * MINUTE + int(delay * SECOND)
    return Arrival(symbol, start, (10.0, 11.0, 9.0, close, 100.0), at, revision)


def make(grace: int = 5) -> Sequencer:
    return Sequencer(("A", "B"), GRID, grace * SECOND, start=T0)


def test_a_slice_closes_when_all_have_arrived() -> None:
    s = make()
    assert s.push(arrival("A")) == []
    (closed,) = s.push(arrival("B", delay=2.0))
    assert (closed.time, closed.timestamp, closed.closed_at) == (END, T0, END + 2 * SECOND)
    assert closed.present.all()
    assert closed.bars[:, 3].tolist() == [10.5, 10.5]


def test_a_slice_closes_at_the_end_of_its_grace_without_the_rest() -> None:
    s = make()
    s.push(arrival("B"))
    assert s.advance(END + 5 * SECOND - 1) == []
    (closed,) = s.advance(END + 5 * SECOND)
    assert closed.present.tolist() == [False, True]
    assert np.isnan(closed.bars[0]).all()
    assert s.counts.absent == 1


def test_the_clock_alone_closes_slices_in_which_nobody_came() -> None:
    s = make()
    closed = s.advance(END + 30 * MINUTE + 5 * SECOND)
    assert [(c.time - END) // (15 * MINUTE) for c in closed] == [0, 1, 2]
    assert not any(c.present.any() for c in closed)


def test_the_clock_follows_the_calendar_over_a_weekend() -> None:
    s = Sequencer(("A",), GRID, 0, start=parse_time("2021-03-05 20:45"))
    closed = s.advance(parse_time("2021-03-08 14:45"))
    assert [c.timestamp for c in closed] == [parse_time("2021-03-05 20:45"), parse_time("2021-03-08 14:30")]


def test_an_arrival_at_the_last_moment_of_the_grace_is_in_time() -> None:
    s = make()
    s.push(arrival("A"))
    (closed,) = s.push(arrival("B", delay=5.0))
    assert closed.present.all()


def test_a_late_bar_is_an_event_and_changes_no_slice() -> None:
    s = make()
    s.push(arrival("A"))
    (closed,) = s.advance(END + 5 * SECOND)
    assert s.push(arrival("B", delay=6.0)) == []
    assert np.isnan(closed.bars[1]).all()
    (event,) = s.take_events()
    assert (event.kind, event.arrival.symbol) == ("late", "B")
    assert s.take_events() == []
    assert s.counts.trouble_share == 0.5


def test_a_repeat_of_a_closed_bar_is_a_duplicate_and_other_values_are_a_correction() -> None:
    s = make()
    s.push(arrival("A"))
    (closed,) = s.push(arrival("B"))
    s.push(arrival("B", delay=30.0))
    assert s.counts.duplicate == 1
    s.push(arrival("B", delay=40.0, close=10.0))
    assert s.counts.corrected == 1
    assert closed.bars[1, 3] == 10.5
    s.push(arrival("B", delay=50.0, close=10.0))
    assert s.counts.duplicate == 2


def test_a_correction_within_the_grace_is_in_the_slice() -> None:
    s = make()
    s.push(arrival("A", delay=1.0))
    s.push(arrival("A", delay=2.0, close=10.25, revision=1))
    s.push(arrival("A", delay=3.0))
    (closed,) = s.push(arrival("B", delay=4.0))
    assert closed.bars[0, 3] == 10.25
    assert (s.counts.accepted, s.counts.corrected, s.counts.duplicate) == (2, 1, 1)


def test_slices_leave_in_order_even_when_a_later_one_is_complete_first() -> None:
    s = Sequencer(("A",), GRID, 40 * MINUTE, start=T0)
    assert s.push(arrival(bar=1)) == []
    closed = s.push(arrival(bar=0, delay=16 * 60.0))
    assert [c.timestamp for c in closed] == [T0, T0 + 15 * MINUTE]
    assert s.counts.out_of_order == 1


def test_what_is_no_bar_of_ours_is_refused_with_the_reason() -> None:
    s = make()
    s.push(arrival("Z"))
    s.push(Arrival("A", T0, (10.0, 9.0, 8.0, 10.0, 1.0), END))
    s.push(Arrival("A", T0, (10.0, 11.0, 9.0, float("nan"), 1.0), END))
    s.push(Arrival("A", T0 + MINUTE, (10.0, 11.0, 9.0, 10.0, 1.0), END + MINUTE))
    s.push(Arrival("A", T0, (10.0, 11.0, 9.0, 10.0, 1.0), END - 1))
    why = [e.why for e in s.take_events()]
    assert s.counts.refused == 5
    for text, part in zip(
        why, ("not subscribed", "not a bar", "not a bar", "no 15m bar", "not ended"), strict=True
    ):
        assert part in text


def test_every_arrival_is_counted_once() -> None:
    s = make()
    for a in (
        arrival(),
        arrival(),
        arrival("Z"),
        arrival("B"),
        arrival("B", delay=3, close=9.5),
        arrival(bar=-1),
    ):
        s.push(a)
    c = s.counts
    assert c.arrived == 6 == c.accepted + c.duplicate + c.corrected + c.late + c.refused


@pytest.mark.parametrize("calendar", ["XNYS", "24/7"])
def test_replayed_history_gives_the_slices_of_the_bars(calendar: str) -> None:
    bars = random_walk(5, symbols=3, bars=120, frequency="1h", calendar=calendar, start="2021-11-22")
    slices = list(replay(arrivals_of(bars), Sequencer(bars.symbols, Grid(calendar, "1h"), start=bars.start)))
    want = bars.slices
    assert [s.time for s in slices] == want.time.tolist()
    np.testing.assert_array_equal(np.stack([s.bars for s in slices]), want.bars)


def test_a_start_off_the_grid_is_refused() -> None:
    with pytest.raises(ValueError, match="no 15m bar of XNYS starts at"):
        Sequencer(("A",), GRID, 0, start=T0 + 1).advance(END)


def test_without_a_start_the_first_arrival_is_the_start() -> None:
    bars = random_walk(5, symbols=2, bars=30, frequency="1h", calendar="XNYS", start="2021-11-22")
    slices = list(replay(arrivals_of(bars), Sequencer(bars.symbols, Grid("XNYS", "1h"))))
    assert [s.time for s in slices] == bars.slices.time.tolist()
