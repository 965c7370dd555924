"""What must never pass: a model on its own training bars, and a blind long on hand-picked winners."""

from __future__ import annotations

import re

import pytest

import alphatrade as at
from alphatrade.core.errors import CausalityError
from alphatrade.core.trials import MemoryTrials
from alphatrade.research.evaluate import evaluate
from alphatrade.research.recipe import Recipe
from alphatrade.research.study import Study
from alphatrade.research.walk import walk

FEATURES = ["ret_1", "roc_10", "rsi_14", "zscore_20", "natr_14"]


@pytest.fixture
def own_home(tmp_path, monkeypatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("ALPHATRADE_HOME", str(tmp_path))


@pytest.mark.usefixtures("own_home")
def test_a_model_is_not_backtested_on_its_own_training_bars() -> None:
    bars = at.synthetic_bars("random", seed=1, symbols=3, bars=700)
    table = at.FeatureSet(FEATURES).batch(bars)
    data = at.Dataset.join(table, at.TripleBarrier().label(bars))
    fold = next(data.split(at.WalkForward(train="all", test="1q", min_train="1y")))
    model = at.Logistic().fit(fold.train)
    with pytest.raises(CausalityError) as refusal:
        at.backtest(bars, model=model, costs=at.Costs.us_equity())
    assert len(re.findall(r"\d{4}-\d\d-\d\dT", str(refusal.value))) == 2, "it does not name both times"
    shown = at.backtest(bars, model=model, costs=at.Costs.us_equity(), in_sample=True)
    assert shown.in_sample
    honest = at.backtest(bars, model=model, costs=at.Costs.us_equity(), trade_from=model.known_until + 1)
    assert not honest.in_sample


def test_a_blind_volatility_targeted_long_of_the_sample_does_not_pass() -> None:
    study = Study.model_validate(
        {
            "name": "blind",
            "data": {"source": "sample"},
            "features": {"names": FEATURES},
            "split": {"kind": "walk_forward", "train": "all", "test": "1q", "min_train": "4y"},
            "model": {"kind": "logistic"},
            "strategy": {"kind": "blind_long"},
            "allocator": {
                "kind": "volatility_target",
                "annual_volatility": 0.12,
                "max_position": 0.5,
                "max_gross": 1.0,
                "by_confidence": False,
            },
            "limits": {"max_drawdown": 1.0, "daily_loss": 1.0},
            "costs": {"preset": "us_equity"},
        }
    )
    bars = at.sample_bars()
    found = evaluate(walk(bars, Recipe.from_study(study, bars.info)), MemoryTrials())
    gates = {g.name: g for g in found.gates}
    sharpe, drawdown = gates["sharpe"].value, gates["drawdown"].value
    assert sharpe is not None
    assert drawdown is not None
    print(f"blind long: Sharpe {sharpe:.2f}, drawdown {drawdown:.1%}")
    assert 0.8 < sharpe < 1.6, "it is meant to look good"
    assert drawdown < 0.25, "it is meant to look good"
    assert not found.deployable
    assert not gates["excess"].passed, "holding blindly was taken for skill"
    assert not gates["skill"].passed
    assert not found.metrics["verdict"]["holdout_opened"]
