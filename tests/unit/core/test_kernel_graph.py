"""Kernels, their graph and its plan."""

from __future__ import annotations

import pytest

from alphatrade.core.errors import ConfigError
from alphatrade.core.kernel import Graph, kernel, panel
from alphatrade.core.kernel.graph import Kernel
from alphatrade.core.kernel.program import Program
from alphatrade.features.kernel import cross_mean, ema, lagged, moments, window_mean, window_sum


def test_equal_calls_are_one_node():
    graph = Graph()
    assert window_mean(graph.input("close"), 20) is window_mean(graph.input("close"), 20)
    assert graph.input("close") + 1.0 is graph.input("close") + 1.0
    assert lagged(graph.input("close"), lag=1) is not lagged(graph.input("close"), lag=2)


def test_windows_of_one_column_share_their_passes():
    graph = Graph()
    close = graph.input("close")
    both = Program(graph, [window_sum(close, 16), window_sum(close, 24)])
    # 2, 4, 8, 16 for the first; the second adds 8 + 16 and nothing else.
    assert len(both.stages[0].rows) == 5


def names(program: Program) -> list[str]:
    return [row.kernel.name for row in program.stages[0].rows]


def test_averages_go_through_the_wide_form_and_one_alone_does_not():
    graph = Graph()
    averages = [ema(graph.input("close"), n) for n in range(2, 13)]
    assert names(Program(graph, averages[:1])) == ["exponential"]
    assert names(Program(graph, averages[:9])) == ["exponential8", "exponential"]
    assert names(Program(graph, averages)) == ["exponential8", "exponential8"]


def test_averages_of_averages_wait_for_their_like():
    graph = Graph()
    close = graph.input("close")
    once = [ema(close, n) for n in (3, 4, 5)]
    program = Program(graph, [ema(once[0] - once[1], 9), ema(once[2], 5), *once])
    assert names(program) == ["exponential8", "subtract", "exponential8"]


def test_history_belongs_to_the_column_that_is_read():
    graph = Graph()
    close = graph.input("close")
    plan = Program(graph, [lagged(close, lag=7), lagged(close, lag=3)]).stages[0]
    assert plan.hist == [7, 0, 0]


def test_a_panel_splits_the_program_into_stages():
    graph = Graph()
    close = graph.input("close")
    program = Program(graph, [window_mean(close - cross_mean(close), 5), close])
    assert len(program.stages) == 2
    assert len(program.panels) == 1


def test_a_panel_cannot_be_lifted():
    inner = Graph().lift("1h")
    with pytest.raises(ConfigError, match="compares symbols"):
        cross_mean(inner.input("close"))


def test_nodes_of_different_timeframes_do_not_mix():
    graph = Graph()
    inner = graph.lift("1h").input("close")
    with pytest.raises(ValueError, match="another timeframe"):
        graph.input("close") + inner
    assert graph.hold(inner) is graph.hold(inner)


def test_a_wrong_parameter_names_the_expected_ones():
    with pytest.raises(ValueError, match=r"expected the parameters \['lag'\], found \['w'\]"):
        lagged(Graph().input("close"), w=3)
    with pytest.raises(ValueError, match="counts rows"):
        lagged(Graph().input("close"), lag=2.5)


def test_several_outputs_are_asked_for_by_all():
    close = Graph().input("close")
    with pytest.raises(TypeError, match=r"use moments\.all"):
        moments(close, w=5)
    assert len(moments.all(close, w=5)) == 2


@pytest.mark.parametrize(
    ("options", "function", "message"),
    [
        ({}, lambda x, out: None, "expected"),
        ({}, lambda s, i0, i1, x, out: None, "go together"),
        ({"state": 1}, lambda i0, i1, x, out: None, "go together"),
        ({}, lambda i0, i1, out, x: None, "inputs, then outputs"),
        ({}, lambda i0, i1, x: None, "inputs, then outputs"),
    ],
)
def test_a_malformed_kernel_is_refused_when_declared(options, function, message):
    with pytest.raises(ValueError, match=message):
        Kernel(function, **options)


def test_a_panel_kernel_needs_the_number_of_symbols():
    with pytest.raises(ValueError, match="symbols: int"):
        panel(lambda i0, i1, x, out: None)


def test_kernel_reads_sizes_from_parameters():
    @kernel(state=lambda w: 2 * w, hist={"y": "lag"})
    def two(s, w: int, lag: int, i0, i1, x, y, out):
        out[i0] = x[i0]

    assert two.state_size((5.0, 3.0)) == 10
    assert two.history((5.0, 3.0)) == {"x": 0, "y": 3}
