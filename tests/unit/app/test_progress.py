"""Progress bars: one line a stage."""

from __future__ import annotations

import io

from rich.console import Console

from alphatrade.app.progress import Bars


def shown(terminal: bool) -> str:
    out = io.StringIO()
    with Bars(Console(file=out, force_terminal=terminal, width=100, color_system=None)) as bars:
        bars.update("training", 0, 4)
        bars.update("training", 4, 4)
        bars.update("figures", 1, 2)
    return out.getvalue()


def test_each_stage_has_one_line_with_its_count_and_the_time_left() -> None:
    lines = [line for line in shown(terminal=False).splitlines() if line.strip()]
    assert len(lines) == 2
    assert lines[0].startswith("training ")
    assert "4/4" in lines[0]
    assert "left" in lines[0]
    assert "1/2" in lines[1]


def test_a_terminal_is_drawn_anew_as_the_work_goes_on() -> None:
    assert "\x1b[" in shown(terminal=True)
