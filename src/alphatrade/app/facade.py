"""What a notebook calls: the same few lines as the command line, with the ledger wired in.

In: components and bars. Out: results. Never here: computing them (``research`` does).
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from alphatrade.app.names import PUBLIC
from alphatrade.app.wiring import ledger, load_study_bars, runs_folder
from alphatrade.core.bar import Bars
from alphatrade.core.opinion import Forecast
from alphatrade.core.progress import Progress
from alphatrade.core.trials import TrialLedger
from alphatrade.dataset import Sample, Splitter
from alphatrade.execution import Costs
from alphatrade.features import FeatureSet
from alphatrade.labels import Labeler
from alphatrade.metrics import Scores
from alphatrade.models import Model
from alphatrade.research import Recipe, Run, Study, WalkForward, find_run, load_study
from alphatrade.research import reproduce as _reproduce
from alphatrade.research import run_study as _run_study
from alphatrade.research import score as _score
from alphatrade.research import walk_forward as _walk_forward

__all__ = [*PUBLIC, "demo_study", "quick_study", "run_study"]

QUICK_FEATURES = ["ret_1", "roc_10", "rsi_14", "zscore_20", "natr_14", "macd_12_26_9"]


def demo_study(market: str = "sample", seed: int = 0) -> Study:
    """The study behind ``alphatrade demo``."""
    if market not in ("sample", "planted", "random"):
        raise ValueError(f"market was {market!r}: expected 'sample', 'planted' or 'random'")
    name = "demo" if market == "sample" else f"demo-{market}-{seed}"
    data: dict[str, Any] = {"source": "sample"}
    if market != "sample":
        data = {"source": "synthetic", "market": market, "seed": seed}
    return Study.model_validate(
        {
            "name": name,
            "data": data,
            "labels": {"kind": "triple_barrier", "profit": 2.0, "stop": 1.0, "horizon": 20},
            "split": {"kind": "walk_forward", "train": "all", "test": "1q", "min_train": "2y"},
            "allocator": {"kind": "volatility_target", "max_position": 0.25},
            "costs": {"preset": "us_equity"},
        }
    )


def quick_study(study: Study) -> Study:
    """A smaller study of the same kind: few features, a small model. It is another configuration, and so another trial."""
    return study.model_copy(
        update={
            "name": f"{study.name}-quick",
            "features": study.features.model_copy(update={"names": QUICK_FEATURES, "exclude": []}),
            "model": {"kind": "logistic"},
        }
    )


def run_study(
    study: Study, *, runs: Path | None = None, progress: Progress | None = None, fresh: bool = False
) -> Run:
    """Load a study's bars, run it, record it."""
    bars = load_study_bars(study.data, progress)
    return _run_study(study, bars, ledger(), runs=runs or runs_folder(), progress=progress, fresh=fresh)


def run(study: str | Path | Study, *, runs: str | None = None, fresh: bool = False) -> Run:
    """Run a study file: everything from bars to verdict, recorded and reproducible."""
    loaded = study if isinstance(study, Study) else load_study(Path(study))
    return run_study(loaded, runs=runs_folder(runs), fresh=fresh)


def reproduce(name: str, *, runs: Path | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """Run a recorded run again and compare it bit for bit; ``equal`` and one entry a part."""
    recorded = find_run(runs or runs_folder(), name)
    study = Study.model_validate(recorded.manifest["study"])
    bars = load_study_bars(study.data, progress)
    with tempfile.TemporaryDirectory() as scratch:
        return _reproduce(recorded, bars, Path(scratch), progress)


def walk_forward(
    bars: Bars,
    features: FeatureSet,
    labeler: Labeler,
    model: Model,
    splitter: Splitter,
    *,
    costs: Costs,
    trials: TrialLedger | None = None,
    progress: Progress | None = None,
    **recipe: Any,
) -> WalkForward:
    """Walk forward and judge: out of sample by construction, one trial in the ledger.

    ``recipe`` takes ``strategy``, ``allocator``, ``limits``, ``hold_out``, ``cash``, ``seed`` and ``gates``.
    """
    whole = Recipe.make(bars.info, features, labeler, model, splitter, costs, **recipe)
    return _walk_forward(bars, whole, trials or ledger(), progress=progress)


def score(forecast: Forecast, test: Sample, *, trials: TrialLedger | None = None) -> Scores:
    """Honest scores of a forecast on held-out rows: accuracy beside its base rate. Looking counts as a trial."""
    return _score(forecast, test, trials or ledger())
