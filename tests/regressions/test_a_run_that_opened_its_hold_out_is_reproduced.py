"""The manifest pinned trials but no openings of the hold-out, so no DEPLOYABLE run was ever reproduced."""

from __future__ import annotations

from pathlib import Path

from alphatrade.core.trials import MemoryTrials
from alphatrade.data import synthetic_bars
from alphatrade.research import Study, run_study
from alphatrade.research.gate import GATES
from alphatrade.research.run import reproduce


def test_a_run_that_opened_its_hold_out_is_reproduced(tmp_path: Path) -> None:
    always = {g.name: 1e9 if g.op in ("<", "<=") else -1e9 for g in GATES}
    study = Study.model_validate(
        {
            "data": {"source": "synthetic", "market": "planted", "seed": 1},
            "features": {
                "names": ["close_location_1", "close_location_5", "body_1", "parkinson_5", "natr_5"]
            },
            "split": {"kind": "walk_forward", "test": "1y", "min_train": "2y"},
            "model": {"kind": "logistic"},
            "costs": {"preset": "free"},
            "gates": always,
        }
    )
    bars = synthetic_bars("planted", seed=1, symbols=4)
    run = run_study(study, bars, MemoryTrials(), runs=tmp_path)
    assert run.metrics["trials"]["openings"] == 1
    compared = reproduce(run.folder, bars, tmp_path / "again")
    assert compared["equal"], [p for p in compared["parts"] if not p["equal"]]
