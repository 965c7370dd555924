"""Walk forward from a notebook: the same walk and the same judgement as a run, without a run folder.

In: bars and a recipe, or a forecast and a test sample. Out: ``WalkForward`` and scores; the ledger knows of
each. Never here: study files.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from alphatrade.core.bar import Bars
from alphatrade.core.opinion import Forecast
from alphatrade.core.progress import Progress
from alphatrade.core.provenance import versions
from alphatrade.core.trials import Trial, TrialLedger
from alphatrade.dataset import Sample
from alphatrade.metrics import Scores, classification_scores
from alphatrade.research.evaluate import Evaluation, evaluate
from alphatrade.research.folder import RunFolder
from alphatrade.research.measure import DAY
from alphatrade.research.recipe import Recipe
from alphatrade.research.walk import WalkForwardResult, walk

__all__ = ["WalkForward", "score", "walk_forward"]


@dataclass(frozen=True, eq=False)
class WalkForward:
    """A judged walk. ``metrics`` are the figures of a run's ``metrics.json``."""

    result: WalkForwardResult
    evaluation: Evaluation

    @property
    def metrics(self) -> dict[str, Any]:
        return self.evaluation.metrics

    @property
    def deployable(self) -> bool:
        return self.evaluation.deployable

    @property
    def verdict(self) -> str:
        """``DEPLOYABLE`` or ``NOT DEPLOYABLE``, and why."""
        word = "DEPLOYABLE" if self.deployable else "NOT DEPLOYABLE"
        return f"{word}: {self.metrics['verdict']['sentence']}"

    @property
    def equity(self) -> pl.DataFrame:
        """Out-of-sample wealth beside its baselines."""
        return self.evaluation.tables["equity"]

    def report(self, path: str | Path, name: str = "walk forward") -> Path:
        """Write the self-contained HTML report to ``path``."""
        from alphatrade.research.report import write_report

        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            folder = RunFolder(Path(scratch) / "run")
            stages = [{"name": n, "seconds": s} for n, s in self.result.stages.seconds.items()]
            whole = {"name": name, **self.metrics, "config": self.result.recipe.config()}
            folder.write_json("metrics.json", {**whole, "versions": versions(), "stages": stages})
            for table, rows in self.evaluation.tables.items():
                folder.write_table(table, rows)
            target.write_bytes(write_report(folder.path).read_bytes())
        return target


def walk_forward(
    bars: Bars, recipe: Recipe, trials: TrialLedger, *, progress: Progress | None = None
) -> WalkForward:
    """Walk, record the trial, judge."""
    result = walk(bars, recipe, progress=progress)
    return WalkForward(result, evaluate(result, trials))


def score(forecast: Forecast, test: Sample, trials: TrialLedger, base: np.ndarray | None = None) -> Scores:
    """Score a forecast on held-out rows and record that they were looked at.

    ``base`` (k,) are the class shares of the training rows; without them the test rows' own shares stand in,
    which is the harder comparison: they minimise the base rates' log loss. The configuration of the trial is
    the digest of the forecast itself.
    """
    shares = np.array([float(np.mean(test.y == c)) for c in forecast.classes]) if base is None else base
    rng = np.random.default_rng(0)
    found = classification_scores(
        forecast.probability, test.y, forecast.classes, shares, cluster=test.t0 // DAY, rng=rng
    )
    identity = hashlib.sha256(repr(forecast.classes).encode() + forecast.probability.tobytes()).hexdigest()[
        :32
    ]
    trials.record(Trial(identity, test.hash, "trial", float("nan"), len(test)))
    return found
