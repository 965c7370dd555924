"""What a notebook calls: the ledger knows of every look at held-out rows, and of nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import alphatrade as at
from alphatrade.adapters.ledger import SqlTrials
from alphatrade.app.facade import demo_study, quick_study, run_study
from alphatrade.core.bar import Bars
from alphatrade.core.errors import CausalityError, ConfigError
from alphatrade.data import synthetic_bars
from alphatrade.dataset import Fold
from alphatrade.models import FittedModel
from alphatrade.research import Study
from alphatrade.strategies import BlindLong, SmaCross

FEATURES = ["ret_1", "rsi_14", "zscore_20"]


@pytest.fixture(scope="module")
def bars() -> Bars:
    return synthetic_bars("random", seed=5, symbols=3, bars=700)


@pytest.fixture(scope="module")
def fold(bars: Bars) -> Fold:
    data = at.Dataset.join(at.FeatureSet(FEATURES).batch(bars), at.TripleBarrier().label(bars))
    return next(iter(data.split(at.WalkForward(train="all", test="1q", min_train="1y"))))


@pytest.fixture(scope="module")
def fitted(fold: Fold) -> FittedModel:
    return at.Logistic().fit(fold.train)


def test_a_demo_has_its_market_and_its_seed() -> None:
    assert demo_study().name == "demo"
    planted = demo_study("planted", 3)
    assert planted.name == "demo-planted-3"
    assert (planted.data.source, planted.data.market, planted.data.seed) == ("synthetic", "planted", 3)
    with pytest.raises(ValueError, match="market was 'plnted': expected 'sample', 'planted' or 'random'"):
        demo_study("plnted")


def test_a_quick_study_is_another_one_on_the_same_data() -> None:
    study = demo_study("random", 1)
    quick = quick_study(study)
    assert quick.name == "demo-random-1-quick"
    assert quick.model == {"kind": "logistic"}
    assert 0 < len(quick.features.names) < 10
    assert (quick.data, quick.labels, quick.split, quick.costs) == (
        study.data,
        study.labels,
        study.split,
        study.costs,
    )


def test_a_score_is_a_look_and_the_same_look_counts_once(
    own_ledger: SqlTrials, fold: Fold, fitted: FittedModel
) -> None:
    forecast = fitted.predict(fold.test)
    first, again = at.score(forecast, fold.test), at.score(forecast, fold.test)
    assert first == again
    assert first.base_rate > 0.0
    assert len(own_ledger.trials(fold.test.hash)) == 1
    assert len(own_ledger.all()) == 2


def test_a_backtest_of_a_rule_is_a_trial(own_ledger: SqlTrials, bars: Bars) -> None:
    rule = SmaCross("sma_5", "sma_20")
    result = at.backtest(bars, rule, costs=at.Costs.us_equity())
    assert result.trades.height > 0
    at.backtest(bars, rule, costs=at.Costs.us_equity())
    (trial,) = own_ledger.trials(bars.rows_hash)
    assert trial.n == len(result.time)
    at.backtest(bars, SmaCross("sma_5", "sma_50"), costs=at.Costs.us_equity())
    at.backtest(bars, rule, costs=at.Costs.free())
    assert len(own_ledger.trials(bars.rows_hash)) == 3


def test_a_model_is_not_backtested_on_its_own_training_bars(
    own_ledger: SqlTrials, bars: Bars, fitted: FittedModel
) -> None:
    with pytest.raises(CausalityError) as told:
        at.backtest(bars, model=fitted, costs=at.Costs.free())
    assert "in_sample=True" in str(told.value)
    assert own_ledger.all() == []


def test_a_look_in_sample_is_no_trial(own_ledger: SqlTrials, bars: Bars, fitted: FittedModel) -> None:
    result = at.backtest(bars, model=fitted, costs=at.Costs.free(), in_sample=True)
    assert result.in_sample
    assert own_ledger.all() == []


def test_a_model_trades_from_where_its_labels_end(
    own_ledger: SqlTrials, bars: Bars, fitted: FittedModel
) -> None:
    later = fitted.known_until + 1
    result = at.backtest(bars, model=fitted, costs=at.Costs.free(), trade_from=later)
    assert not result.in_sample
    assert result.time[0] >= later
    assert np.isfinite(result.equity).all()
    assert len(own_ledger.trials(bars.rows_hash)) == 1


def test_a_backtest_needs_something_to_follow(own_ledger: SqlTrials, bars: Bars) -> None:
    with pytest.raises(ValueError, match="expected a strategy, a model, or both, found neither"):
        at.backtest(bars, costs=at.Costs.free())
    assert own_ledger.all() == []


def test_a_walk_is_judged_counted_and_reported(own_ledger: SqlTrials, bars: Bars, tmp_path: Path) -> None:
    result = at.walk_forward(
        bars,
        at.FeatureSet(FEATURES),
        at.TripleBarrier(),
        at.Logistic(),
        at.WalkForward(train="all", test="1y", min_train="1y"),
        costs=at.Costs.us_equity(),
        strategy=BlindLong(),
    )
    assert result.verdict.startswith("NOT DEPLOYABLE: ")
    assert len(own_ledger.trials(bars.rows_hash)) == 1
    assert isinstance(result.equity, pl.DataFrame)
    html = result.report(tmp_path / "deep" / "report.html").read_text(encoding="utf-8")
    assert "NOT DEPLOYABLE" in html


def test_a_study_runs_is_recorded_and_reproduced_unless_tampered_with(
    own_ledger: SqlTrials, tmp_path: Path
) -> None:
    study = Study.model_validate(
        {
            "name": "small",
            "data": {"source": "sample", "start": "2007-01-01"},
            "features": {"names": FEATURES},
            "split": {"kind": "walk_forward", "train": "all", "test": "1y", "min_train": "3y"},
            "model": {"kind": "logistic"},
            "costs": {"preset": "us_equity"},
        }
    )
    run = at.run(study)
    assert run.folder.path.parent == tmp_path / "runs"
    assert run.verdict.startswith("NOT DEPLOYABLE: ")
    assert not run.recorded_before
    assert run_study(study).recorded_before
    assert len(own_ledger.all()) == 1
    assert at.reproduce("small")["equal"]
    assert len(own_ledger.all()) == 1
    manifest = run.folder.manifest
    manifest["tables"]["equity"] = "0" * 64
    run.folder.write_json("manifest.json", manifest)
    found = at.reproduce("small")
    assert not found["equal"]
    assert [p["what"] for p in found["parts"] if not p["equal"]] == ["tables/equity"]


def test_a_wrong_part_is_told_before_any_bar_is_read(own_ledger: SqlTrials) -> None:
    study = Study.model_validate(
        {"data": {"path": "nowhere.csv"}, "model": {"kind": "logitsic"}, "costs": {"preset": "free"}}
    )
    with pytest.raises(ConfigError, match="did you mean 'logistic'"):
        at.run(study)
    assert own_ledger.all() == []
