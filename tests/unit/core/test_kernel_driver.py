"""The driver: tiles, gaps, memory it must not touch."""

from __future__ import annotations

import numpy as np
import pytest

from alphatrade.core.kernel import Graph
from alphatrade.core.kernel.lane import Lanes, Panel
from alphatrade.core.kernel.program import Program
from alphatrade.features.kernel import cross_rank, ema, lagged, moments, window_max, window_mean

N = 700


def rows(n: int = N, seed: int = 0) -> np.ndarray:
    """Inputs of quarter-hour bars in one long session a day."""
    inputs = np.abs(np.random.default_rng(seed).normal(10.0, 1.0, (9, n)))
    start = 900.0 * np.arange(n)
    day = np.floor(start / 86_400.0) * 86_400.0
    inputs[5:] = start, start + 900.0, day, day + 86_400.0
    return inputs


def build() -> Program:
    graph = Graph()
    close = graph.input("close")
    mean, var = moments.all(close, w=20)
    held = graph.hold(window_mean(graph.lift("1h").input("close"), 3))
    return Program(graph, [window_mean(close, 50), ema(close, 10), mean, var, window_max(close, 33), held])


def run(
    program: Program, inputs: np.ndarray, ok: np.ndarray, tile: int, chunk: int | None = None
) -> np.ndarray:
    lanes, n = Lanes(program, tile), inputs.shape[1]
    parts = []
    for i in range(0, n, chunk or n):
        part = np.ascontiguousarray(inputs[:, i : i + (chunk or n)])
        out = np.empty((len(program.outputs), part.shape[1]), np.float32)
        extra = np.empty((program.n_extra, part.shape[1]))
        lanes.run(0, part, ok[i : i + part.shape[1]].copy(), extra, out)
        parts.append(out)
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize("tile", [8, 64, 1024])
@pytest.mark.parametrize("chunk", [1, 13, None])
def test_tile_and_chunk_sizes_do_not_change_a_bit(tile, chunk):
    program, inputs, ok = build(), rows(), np.random.default_rng(1).random(N) > 0.1
    expected = run(program, inputs, ok, 512)
    found = run(program, inputs, ok, tile, chunk)
    assert np.array_equal(expected.view(np.uint32), found.view(np.uint32))


def test_missing_rows_are_dropped_rows():
    program, inputs, ok = build(), rows(), np.random.default_rng(1).random(N) > 0.1
    with_missing = run(program, inputs, ok, 512)
    without = run(program, np.ascontiguousarray(inputs[:, ok]), np.ones(ok.sum(), bool), 512)
    assert np.isnan(with_missing[:, ~ok]).all()
    assert np.array_equal(with_missing[:, ok].view(np.uint32), without.view(np.uint32))


def test_a_lost_session_restarts_windows_and_fewer_lost_rows_do_not():
    graph = Graph()
    program = Program(graph, [lagged(graph.input("close"), lag=1)])
    ok = np.ones(N, bool)
    ok[100:196] = False  # a session of 96 rows: the longest absence a window may span
    ok[300:397] = False  # one row more
    out = run(program, rows(), ok, 512)[0]
    assert not np.isnan(out[196])
    assert np.isnan(out[397])
    assert not np.isnan(out[398])


def test_a_long_absence_without_rows_restarts_windows():
    graph = Graph()
    program = Program(graph, [lagged(graph.input("close"), lag=1)])
    inputs = rows()
    inputs[5:, 300:] += 6.9 * 86_400.0
    inputs[5:, 500:] += 7.1 * 86_400.0
    out = run(program, inputs, np.ones(N, bool), 512)[0]
    assert not np.isnan(out[300])
    assert np.isnan(out[500])


def test_gap_classes_restart_alone():
    graph = Graph()
    tight, loose = graph.input("close", 1.0), graph.input("close", 3.0)
    program = Program(graph, [lagged(tight, lag=1), lagged(loose, lag=1)])
    ok = np.ones(N, bool)
    ok[100:250] = False
    out = run(program, rows(), ok, 512)
    assert np.isnan(out[0, 250])
    assert not np.isnan(out[1, 250])


def test_nothing_is_written_outside_the_blocks():
    program, n = build(), 257
    inputs, ok = rows(n), np.ones(n, bool)
    ok[::9] = False
    canary = np.float32(-12345.0)
    guarded = np.full((len(program.outputs) + 2, n), canary, np.float32)
    extra = np.full((program.n_extra + 2, n), -12345.0)
    lanes = Lanes(program, 64)
    before = inputs.copy()
    lanes.run(0, inputs, ok, extra[1:-1], guarded[1:-1])
    assert (guarded[[0, -1]] == canary).all()
    assert (extra[[0, -1]] == -12345.0).all()
    assert not (guarded[1:-1] == canary).any()
    assert np.array_equal(inputs, before)


def test_state_can_be_saved_and_restored():
    program, inputs, ok = build(), rows(), np.ones(N, bool)
    whole = run(program, inputs, ok, 64)
    first, second = Lanes(program, 64), Lanes(program, 64)
    outs = [np.empty((len(program.outputs), k), np.float32) for k in (333, N - 333)]
    parts = [np.ascontiguousarray(inputs[:, :333]), np.ascontiguousarray(inputs[:, 333:])]
    first.run(0, parts[0], ok[:333], np.empty((program.n_extra, 333)), outs[0])
    second.restore(first.save())
    second.run(0, parts[1], ok[333:], np.empty((program.n_extra, N - 333)), outs[1])
    assert np.array_equal(np.concatenate(outs, axis=1).view(np.uint32), whole.view(np.uint32))


def test_reset_forgets_everything():
    program, inputs, ok = build(), rows(), np.ones(N, bool)
    lanes = Lanes(program, 64)
    outs = [np.empty((len(program.outputs), N), np.float32) for _ in range(2)]
    for out in outs:
        lanes.reset()
        lanes.run(0, inputs, ok, np.empty((program.n_extra, N)), out)
    assert np.array_equal(outs[0].view(np.uint32), outs[1].view(np.uint32))


def test_blocks_of_wrong_shape_are_refused():
    program = build()
    with pytest.raises(ValueError, match="expected ok of shape"):
        Lanes(program, 64).run(0, rows(), np.ones(3, bool), np.empty((1, N)), np.empty((6, N), np.float32))


def test_absent_symbols_are_not_ranked():
    graph = Graph()
    program = Program(graph, [cross_rank(graph.input("close"))])
    panel = Panel(program.panels[0], 3, tile=2)
    extras = [np.full((program.n_extra, 3), float(k)) for k in (5, 1, 3)]
    order = np.array([[0, 0, 0], [1, -1, 1], [2, 1, -1]], np.int32)
    panel.run(order, extras)
    ranks = [e[-1] for e in extras]
    assert ranks[0].tolist() == pytest.approx([5 / 6, 0.75, 0.75])
    assert ranks[1][:2].tolist() == pytest.approx([1 / 6, 0.25])


def test_a_number_that_is_not_finite_leaves_as_nan():
    graph = Graph()
    program = Program(graph, [graph.input("close") * 1e300])
    inputs = rows(4)
    inputs[3] = 1e300, 1.0, 1e-300, np.nan
    out = run(program, inputs, np.ones(4, bool), 8)[0]
    assert np.isnan(out[[0, 1, 3]]).all()
    assert out[2] == pytest.approx(1.0)
