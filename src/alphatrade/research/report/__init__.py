"""The report of a run: one HTML file that opens from disk, and its summary for the terminal.

In: a run folder (``metrics.json``, ``tables/*.parquet``, ``manifest.json``, ``study.toml``). Out:
``report.html``. Never here: computing a metric or deciding a gate; the report shows what the run recorded
and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alphatrade.research.report.compare import compare_report
    from alphatrade.research.report.page import write_report
    from alphatrade.research.report.terminal import verdict_lines

__all__ = ["compare_report", "verdict_lines", "write_report"]

_HOME = {"compare_report": "compare", "verdict_lines": "terminal", "write_report": "page"}


def __getattr__(name: str) -> Any:
    """Import on first use: jinja2, polars and rich stay out of ``import alphatrade``."""
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
