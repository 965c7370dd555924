"""The verdict: one trial a walk, one look at the hold-out, and none that a loosened gate bought."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from alphatrade.core.errors import CausalityError
from alphatrade.core.trials import MemoryTrials, Trial
from alphatrade.research import gate
from alphatrade.research.evaluate import Evaluation, evaluate
from alphatrade.research.gate import GATES, Gate
from alphatrade.research.run import PinnedTrials, metrics_hash
from alphatrade.research.walk import WalkForwardResult

# Gates that any walk passes, and the one that says whether the hold-out was seen.
EASY = (
    Gate("oos_rows", "Rows", ">=", 1),
    Gate("halts", "Halts", "<=", 1),
    Gate("holdout_fresh", "Earlier openings", "<=", 0, stage="holdout"),
    Gate("holdout_halts", "Halts on the hold-out", "<=", 1, stage="holdout"),
)


@pytest.fixture
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "GATES", EASY)


def openings(ledger: MemoryTrials, walked: WalkForwardResult) -> list[str]:
    return [t.config_hash for t in ledger.trials(walked.bars.rows_hash, "opening")]


def named(found: Evaluation, name: str) -> gate.GateResult:
    return next(g for g in found.gates if g.name == name)


def gated(walked: WalkForwardResult, **gates: float) -> WalkForwardResult:
    return replace(walked, recipe=replace(walked.recipe, gates=gates))


def test_a_walk_is_one_trial_however_often_it_is_judged(walked: WalkForwardResult) -> None:
    ledger = MemoryTrials()
    first, again = evaluate(walked, ledger), evaluate(walked, ledger)
    (trial,) = ledger.trials(walked.bars.rows_hash)
    assert trial.config_hash == walked.recipe.hash
    assert trial.n == len(walked.oos.time)
    assert math.isfinite(trial.sharpe)
    assert first.metrics["trials"]["count"] == again.metrics["trials"]["count"] == 1
    assert metrics_hash(first.metrics["verdict"]) == metrics_hash(again.metrics["verdict"])
    assert metrics_hash(first.metrics["performance"]) == metrics_hash(again.metrics["performance"])


def test_the_trial_is_counted_before_it_is_judged(walked: WalkForwardResult) -> None:
    ledger = MemoryTrials()
    ledger.record(Trial("another", walked.bars.rows_hash, "trial", 0.02, 300))
    ledger.record(Trial("another", "other bars", "trial", 0.02, 300))
    found = evaluate(walked, ledger)
    assert found.metrics["trials"]["count"] == 2
    assert [t.config_hash for t in found.trials] == ["another", walked.recipe.hash]


def test_the_hold_out_stays_shut_when_a_gate_fails(walked: WalkForwardResult) -> None:
    ledger = MemoryTrials()
    found = evaluate(walked, ledger)
    assert not all(g.passed for g in found.gates)
    assert openings(ledger, walked) == []
    assert [g.name for g in found.gates] == [g.name for g in GATES if g.stage == "development"]
    assert not found.deployable
    verdict = found.metrics["verdict"]
    assert not verdict["holdout_opened"]
    assert "so the hold-out stays shut" in verdict["sentence"]
    assert found.metrics["performance"]["holdout"] is None
    assert found.metrics["scores"]["holdout"] is None


def test_no_outcome_of_a_shut_hold_out_is_in_a_table(walked: WalkForwardResult) -> None:
    holdout = walked.prepared.holdout
    assert holdout is not None
    forecasts = evaluate(walked, MemoryTrials()).tables["forecasts"]
    known = forecasts.drop_nulls("t1")
    assert known["t1"].to_physical().max() < holdout.start  # type: ignore[operator]
    assert forecasts["t0"].to_physical().max() < walked.window[1]  # type: ignore[operator]


@pytest.mark.usefixtures("easy")
def test_gates_passed_open_the_hold_out_once(walked: WalkForwardResult) -> None:
    ledger = MemoryTrials()
    found = evaluate(walked, ledger)
    assert found.deployable
    assert found.metrics["verdict"]["sentence"] == "All 4 gates passed, the hold-out's too."
    assert openings(ledger, walked) == [walked.recipe.hash]
    again = evaluate(walked, ledger)
    assert again.deployable
    assert again.metrics["trials"]["openings"] == 1
    assert metrics_hash(again.metrics["performance"]) == metrics_hash(found.metrics["performance"])


@pytest.mark.usefixtures("easy")
def test_a_hold_out_that_another_configuration_saw_stays_shut(walked: WalkForwardResult) -> None:
    ledger = MemoryTrials()
    ledger.record(Trial("another", walked.bars.rows_hash, "opening", math.nan, 500))
    found = evaluate(walked, ledger)
    assert not found.deployable
    assert openings(ledger, walked) == ["another"]
    assert not named(found, "holdout_fresh").passed
    assert named(found, "holdout_fresh").value == 1
    assert not named(found, "holdout_halts").passed
    assert "failed on the hold-out: earlier openings is 1, needs <= 0" in found.metrics["verdict"]["sentence"]
    assert walked.prepared.holdout is not None
    with pytest.raises(CausalityError, match="second look"):
        walked.prepared.holdout.open(ledger, "a third", walked.bars.rows_hash)


@pytest.mark.usefixtures("easy")
def test_what_a_loosened_gate_lets_through_is_never_deployable(walked: WalkForwardResult) -> None:
    ledger = MemoryTrials()
    found = evaluate(gated(walked, halts=2.0), ledger)
    assert all(g.passed for g in found.gates)
    assert named(found, "halts").loosened
    assert not found.deployable
    assert found.metrics["verdict"]["sentence"] == (
        "It passes only because the study loosened 1 gates: Halts."
    )


@pytest.mark.usefixtures("easy")
def test_a_tightened_gate_may_deploy(walked: WalkForwardResult) -> None:
    assert evaluate(gated(walked, oos_rows=2.0), MemoryTrials()).deployable


@pytest.mark.usefixtures("easy")
def test_without_a_hold_out_nothing_is_deployable(walked: WalkForwardResult) -> None:
    bare = replace(walked, prepared=replace(walked.prepared, holdout=None))
    found = evaluate(bare, MemoryTrials())
    assert not found.deployable
    assert "there is no hold-out to confirm it" in found.metrics["verdict"]["sentence"]


def test_a_pinned_ledger_counts_what_it_held_and_takes_nothing_more(walked: WalkForwardResult) -> None:
    ledger = MemoryTrials()
    ledger.record(Trial("another", walked.bars.rows_hash, "trial", 0.02, 300))
    first = evaluate(walked, ledger)
    pinned = PinnedTrials(first.ledger_head, first.trials)
    ledger.record(Trial("a later one", walked.bars.rows_hash, "trial", 0.5, 300))
    assert not pinned.record(Trial("a later one", walked.bars.rows_hash, "trial", 0.5, 300))
    assert metrics_hash(evaluate(walked, pinned).metrics) == metrics_hash(first.metrics)
    assert evaluate(walked, ledger).metrics["trials"]["count"] == 3


@pytest.mark.usefixtures("easy")
def test_a_pinned_ledger_knows_who_opened_the_hold_out(walked: WalkForwardResult) -> None:
    ledger = MemoryTrials()
    first = evaluate(walked, ledger)
    assert [t.kind for t in first.trials] == ["trial", "opening"]
    again = evaluate(walked, PinnedTrials(first.ledger_head, first.trials))
    assert metrics_hash(again.metrics) == metrics_hash(first.metrics)
    assert again.deployable
