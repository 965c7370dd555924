"""A run: one recorded, reproducible execution of a study.

In: a study, its bars, the trial ledger. Out: a run folder, and a ``Run`` that reads it. Never here: loading
bars, drawing progress, judging (``evaluate``).

Order of writing, so that a kill at any moment leaves either a complete run or one that resumes:
``study.json``, one model folder a fold, tables, ``metrics.json``, ``report.html``, and last
``manifest.json``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alphatrade.core.bar import Bars
from alphatrade.core.errors import DataError
from alphatrade.core.progress import Progress, Stages
from alphatrade.core.provenance import code_hash, hash_config, versions
from alphatrade.core.trials import Trial, TrialLedger
from alphatrade.research.evaluate import Evaluation, evaluate
from alphatrade.research.folder import RunFolder, plain
from alphatrade.research.recipe import Recipe
from alphatrade.research.report import write_report
from alphatrade.research.study import Study
from alphatrade.research.walk import walk

__all__ = ["PinnedTrials", "Run", "execute", "run_name", "run_study"]

# Not compared by ``reproduce``: they say how long it took, not what came out.
TIMES = ("stages",)


@dataclass(frozen=True)
class Run:
    """A recorded run. ``recorded_before`` is True where nothing had to be computed."""

    folder: RunFolder
    recorded_before: bool = False

    @property
    def metrics(self) -> dict[str, Any]:
        return self.folder.metrics

    @property
    def deployable(self) -> bool:
        return bool(self.metrics["verdict"]["deployable"])

    @property
    def verdict(self) -> str:
        """``DEPLOYABLE``, or ``NOT DEPLOYABLE`` with each failed gate."""
        if self.deployable:
            return "DEPLOYABLE"
        failed = [g for g in self.metrics["verdict"]["gates"] if not g["passed"]]
        return "NOT DEPLOYABLE: " + "; ".join(f"{g['label']}: {g['why']}" for g in failed)


class PinnedTrials:
    """The ledger as it stood at a recorded run, for ``reproduce``.

    The same count deflates, and nothing is recorded.
    """

    def __init__(self, head: str, trials: list[Trial]) -> None:
        self._head, self._trials = head, trials

    def record(self, trial: Trial) -> bool:
        return False

    def trials(self, data_hash: str, kind: str = "trial") -> list[Trial]:
        return [t for t in self._trials if t.data_hash == data_hash and t.kind == kind]

    def head(self) -> str:
        return self._head


def run_name(study: Study, recipe: Recipe, bars: Bars) -> str:
    """``<name>-<eight digits>`` of configuration, gates, data and code."""
    identity = [recipe.hash, recipe.gates, bars.hash, code_hash(), versions()]
    return f"{study.name}-{hash_config(identity)[:8]}"


def run_study(
    study: Study,
    bars: Bars,
    ledger: TrialLedger,
    *,
    runs: Path,
    progress: Progress | None = None,
    fresh: bool = False,
) -> Run:
    """Execute ``study`` on ``bars`` and record it under ``runs``.

    A complete run is not computed again unless ``fresh``.
    """
    recipe = Recipe.from_study(study, bars.info)
    folder = RunFolder(runs / run_name(study, recipe, bars))
    if folder.complete and not fresh:
        return Run(folder, recorded_before=True)
    if fresh and folder.path.exists():
        folder.remove()
    folder.write_json("study.json", study.model_dump())
    execute(study, recipe, bars, ledger, folder, progress)
    return Run(folder)


def execute(
    study: Study,
    recipe: Recipe,
    bars: Bars,
    ledger: TrialLedger,
    folder: RunFolder,
    progress: Progress | None,
) -> None:
    """Walk, evaluate and write everything; the manifest comes last."""
    result = walk(bars, recipe, progress=progress, checkpoints=folder.path / "models")
    evaluation = evaluate(result, ledger, checkpoint=folder.path / "models" / "final")
    tables = {name: folder.write_table(name, table) for name, table in evaluation.tables.items()}
    metrics = {
        "name": study.name,
        **evaluation.metrics,
        "config": study.model_dump(),
        "versions": versions(),
        "stages": stage_list(result.stages),
    }
    folder.write_json("metrics.json", metrics)
    manifest = plain(_manifest(study, recipe, bars, evaluation, tables, folder, metrics))
    write_report(folder.path, manifest)
    folder.write_json("manifest.json", manifest)


def stage_list(stages: Stages) -> list[dict[str, Any]]:
    return [{"name": name, "seconds": round(s, 3)} for name, s in stages.seconds.items()]


def _manifest(
    study: Study,
    recipe: Recipe,
    bars: Bars,
    evaluation: Evaluation,
    tables: dict[str, str],
    folder: RunFolder,
    metrics: dict[str, Any],
) -> dict[str, Any]:
    return {
        "study": study.model_dump(),
        "config_hash": recipe.hash,
        "code_hash": code_hash(),
        "data_hash": bars.hash,
        "feature_hash": recipe.features.hash,
        "seed": study.seed,
        "versions": versions(),
        "ledger_head": evaluation.ledger_head,
        "trials": [vars(t) for t in evaluation.trials],
        "tables": tables,
        "models": folder.model_hashes(),
        "metrics_hash": metrics_hash(metrics),
    }


def metrics_hash(metrics: dict[str, Any]) -> str:
    """Digest of the figures, times apart."""
    return hash_config(plain({k: v for k, v in metrics.items() if k not in TIMES}))


def reproduce(
    recorded: RunFolder, bars: Bars, scratch: Path, progress: Progress | None = None
) -> dict[str, Any]:
    """Execute a recorded run again under ``scratch`` and compare every part that its manifest lists."""
    manifest = recorded.manifest
    study = Study.model_validate(manifest["study"])
    if bars.hash != manifest["data_hash"]:
        raise DataError(
            f"the data changed since the run: its hash was {manifest['data_hash']}, "
            f"the bars now have {bars.hash}. Restore the file the run was made from"
        )
    pinned = PinnedTrials(manifest["ledger_head"], [Trial(**t) for t in manifest["trials"]])
    recipe = Recipe.from_study(study, bars.info)
    again = RunFolder(scratch / recorded.name)
    execute(study, recipe, bars, pinned, again, progress)
    return _compare(manifest, again.manifest)


def _compare(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    parts = []
    for what in ("config_hash", "data_hash", "feature_hash", "versions", "code_hash"):
        parts.append({"what": what, "equal": old[what] == new[what], "note": ""})
    for group in ("tables", "models"):
        for name in sorted(old[group].keys() | new[group].keys()):
            equal = old[group].get(name) == new[group].get(name)
            parts.append({"what": f"{group}/{name}", "equal": equal, "note": ""})
    parts.append({"what": "metrics", "equal": old["metrics_hash"] == new["metrics_hash"], "note": ""})
    decisive = [p for p in parts if p["what"] not in ("versions", "code_hash")]
    for p in parts:
        if p["what"] in ("versions", "code_hash") and not p["equal"]:
            p["note"] = (
                "the run was made with other code or libraries; "
                "equal bits are promised on one machine and lock file"
            )
    return {"equal": all(p["equal"] for p in decisive), "parts": parts}
