"""The verdict on markets whose truth is known: noise is refused, a planted signal is found.

``make test`` judges a tenth of the markets; ``make prove`` all of them, and writes ``docs/proofs/worlds.md``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.proof import write_proof

from alphatrade.app.facade import demo_study
from alphatrade.app.wiring import load_study_bars
from alphatrade.core.trials import MemoryTrials
from alphatrade.data.planted import oracle_sharpe, planted_with_signal
from alphatrade.research.evaluate import Evaluation, evaluate
from alphatrade.research.recipe import Recipe
from alphatrade.research.walk import walk

WHOLE = os.environ.get("ALPHATRADE_PROVE") == "1"
SEEDS = range(20 if WHOLE else 2)


@dataclass(frozen=True)
class World:
    seed: int
    evaluation: Evaluation

    @property
    def row(self) -> list[str]:
        e = self.evaluation
        oos = e.metrics["performance"]["oos"]
        lo, hi = oos["sharpe_interval"]
        failed = ", ".join(g.name for g in e.gates if not g.passed) or "none"
        verdict = "DEPLOYABLE" if e.deployable else "NOT DEPLOYABLE"
        return [str(self.seed), verdict, f"{oos['sharpe']:.2f} [{lo:.2f}, {hi:.2f}]", failed]


def judged(market: str) -> list[World]:
    worlds = []
    for seed in SEEDS:
        study = demo_study(market, seed).model_copy(update={"threads": 1})
        bars = load_study_bars(study.data)
        result = walk(bars, Recipe.from_study(study, bars.info))
        worlds.append(World(seed, evaluate(result, MemoryTrials())))
    return worlds


def report(market: str, worlds: list[World], words: str) -> None:
    if WHOLE:
        found = sum(w.evaluation.deployable for w in worlds)
        head = ["seed", "verdict", "OOS Sharpe [95 %], 1 trial", "gates failed"]
        write_proof(
            Path("docs/proofs") / f"worlds-{market}.md",
            f"Verdicts on {market} markets",
            f"{words} DEPLOYABLE: {found} of {len(worlds)}.",
            head,
            [w.row for w in worlds],
        )


@pytest.mark.prove
def test_random_walks_are_deployable_at_most_once_in_twenty() -> None:
    worlds = judged("random")
    report("random", worlds, "Random walks, seeds 0 to 19, the study of `alphatrade demo --market random`.")
    assert sum(w.evaluation.deployable for w in worlds) <= len(worlds) // 20


@pytest.mark.prove
def test_a_planted_signal_is_deployable_in_nine_of_ten_markets() -> None:
    worlds = judged("planted")
    report(
        "planted", worlds, "Planted signal, seeds 0 to 19, the study of `alphatrade demo --market planted`."
    )
    assert sum(w.evaluation.deployable for w in worlds) >= round(0.9 * len(worlds))


def test_an_oracle_earns_a_sharpe_above_two_and_a_half_out_of_sample() -> None:
    for seed in range(20):
        market = planted_with_signal(seed)
        assert oracle_sharpe(market, market.bars.info.periods_per_year, cost_bps=5.0) > 2.5
