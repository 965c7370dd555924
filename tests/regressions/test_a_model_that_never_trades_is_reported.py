"""A walk without a trade crashed its report, whose curves all end at 1, and made numpy warn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from alphatrade.core.trials import MemoryTrials
from alphatrade.data import synthetic_bars
from alphatrade.dataset import WalkForward
from alphatrade.execution import Costs
from alphatrade.features import FeatureSet
from alphatrade.labels import TripleBarrier
from alphatrade.models import Logistic
from alphatrade.research import Recipe
from alphatrade.research.judge import walk_forward


def test_a_walk_without_trades_is_judged_and_reported(tmp_path: Path) -> None:
    bars = synthetic_bars("random", seed=3, symbols=2, bars=800)
    recipe = Recipe.make(
        bars.info,
        FeatureSet(["rsi_14", "zscore_20"]),
        TripleBarrier(),
        Logistic(),
        WalkForward(test="1y", min_train="1y"),
        replace(Costs.us_equity(), spread_bps=2000.0),
    )
    result = walk_forward(bars, recipe, MemoryTrials())
    assert result.result.oos.trades.is_empty()
    assert not result.deployable
    gates = {g["name"]: g for g in result.metrics["verdict"]["gates"]}
    assert gates["profit_factor"]["value"] is None
    assert not gates["profit_factor"]["passed"]
    assert "NOT DEPLOYABLE" in result.report(tmp_path / "report.html").read_text(encoding="utf-8")
