"""Find out: train, walk forward, judge, record, report.

In: bars, a study or its components, the trial ledger. Out: runs with their verdicts; reports. Never here:
drawing terminals, reading vendors' data, trading live. Imports happen on first use, so that listing runs does
not load a compiler.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alphatrade.research.folder import RunFolder, find_run, list_runs
    from alphatrade.research.judge import WalkForward, score, walk_forward
    from alphatrade.research.paper_run import PaperResult, paper
    from alphatrade.research.recipe import Recipe
    from alphatrade.research.run import Run, reproduce, run_study
    from alphatrade.research.study import Study, load_study

__all__ = [
    "PaperResult",
    "Recipe",
    "Run",
    "RunFolder",
    "Study",
    "WalkForward",
    "find_run",
    "list_runs",
    "load_study",
    "paper",
    "reproduce",
    "run_study",
    "score",
    "walk_forward",
]

_HOME = {
    "PaperResult": "paper_run",
    "Recipe": "recipe",
    "Run": "run",
    "RunFolder": "folder",
    "Study": "study",
    "WalkForward": "judge",
    "find_run": "folder",
    "list_runs": "folder",
    "load_study": "study",
    "paper": "paper_run",
    "reproduce": "run",
    "run_study": "run",
    "score": "judge",
    "walk_forward": "judge",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
