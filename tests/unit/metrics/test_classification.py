"""Classification scores: accuracy beside its base rate, and intervals that know about dependence."""

from __future__ import annotations

import math
import os

import numpy as np
import pytest

from alphatrade.metrics import Scores, auc, classification_scores

PROVE = os.environ.get("ALPHATRADE_PROVE") == "1"
RUNS = 2_000 if PROVE else 200
SLACK = 0.015 if PROVE else 0.05
BASE = [0.63, 0.04, 0.33]


def test_always_naming_the_majority_has_no_edge_and_no_skill() -> None:
    y = np.random.default_rng(0).choice([-1, 0, 1], 1_000, p=BASE)
    s = classification_scores(np.tile(BASE, (1_000, 1)), y, (-1, 0, 1), BASE)
    assert s.accuracy == s.base_rate
    assert s.base_rate == pytest.approx(0.63, abs=0.05)
    assert (s.edge, s.mcc, s.skill, s.brier_skill, s.auc) == (0.0, 0.0, 0.0, 0.0, 0.5)
    assert s.balanced_accuracy == pytest.approx(1 / 3)


def test_the_base_rate_is_that_of_the_training_majority() -> None:
    """Training said -1 is frequent; here it is rare, and naming it would have been right once in four."""
    s = classification_scores([[0.1, 0.9]] * 4, [1, 1, 1, -1], (-1, 1), [0.8, 0.2])
    assert (s.base_rate, s.accuracy, s.edge) == (0.25, 0.75, 0.5)


def test_base_probabilities_may_differ_by_row() -> None:
    base = [[0.8, 0.2], [0.8, 0.2], [0.3, 0.7], [0.3, 0.7]]
    s = classification_scores([[0.5, 0.5]] * 4, [0, 1, 0, 1], (0, 1), base)
    assert s.base_rate == 0.5
    assert s.log_loss_base == pytest.approx(-np.mean(np.log([0.8, 0.2, 0.3, 0.7])))


def test_weights_count_like_copies() -> None:
    rng = np.random.default_rng(1)
    p = rng.dirichlet([2, 1, 2], 60)
    y = rng.integers(-1, 2, 60)
    copies = rng.integers(1, 4, 60)
    weighted = classification_scores(p, y, (-1, 0, 1), BASE, weight=copies)
    repeated = classification_scores(np.repeat(p, copies, axis=0), np.repeat(y, copies), (-1, 0, 1), BASE)
    for name in (
        "accuracy",
        "base_rate",
        "balanced_accuracy",
        "mcc",
        "auc",
        "log_loss",
        "skill",
        "brier_skill",
    ):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name), rel=1e-12), name


def test_a_class_that_never_occurs_has_no_area_and_no_recall() -> None:
    s = classification_scores([[0.6, 0.2, 0.2]] * 20, [-1, 0] * 10, (-1, 0, 1), BASE,
                              cluster=np.arange(20), rng=np.random.default_rng(0))  # fmt: skip
    assert math.isnan(s.auc)
    assert s.auc_interval is not None
    assert math.isnan(s.auc_interval.lo)
    assert s.balanced_accuracy == 0.5


def test_a_certain_forecast_that_fails_costs_much_but_not_everything() -> None:
    s = classification_scores([[1.0, 0.0], [1.0, 0.0]], [0, 1], (0, 1), [0.5, 0.5])
    assert s.log_loss == pytest.approx(-math.log(1e-15) / 2)


def clustered(
    rng: np.random.Generator, days: int, rows: int, noise: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities, outcomes and days; rows of a day share a mood, seen, and a shock, unseen."""
    z = rng.normal(size=(days, 1)) + rng.normal(size=(days, rows))
    shock = rng.normal(size=(days, 1)) * noise
    shock[1:] += 0.5 * shock[:-1]
    y = (0.5 * z + shock + rng.normal(size=(days, rows)) > 0).astype(int).ravel()
    p = 1 / (1 + np.exp(-0.8 * z.ravel()))
    return np.stack((1 - p, p), axis=1), y, np.repeat(np.arange(days), rows)


@pytest.fixture(scope="module")
def truth() -> Scores:
    """The scores themselves, from a sample so large that it has no error to speak of."""
    p, y, _ = clustered(np.random.default_rng(0), 40_000, 20, 0.5)
    return classification_scores(p, y, (0, 1), [0.5, 0.5])


@pytest.mark.prove
def test_intervals_cover_although_rows_of_a_day_and_of_the_next_depend(truth: Scores) -> None:
    rng = np.random.default_rng(2)
    names = ("accuracy", "balanced_accuracy", "mcc", "auc", "skill", "brier_skill")
    hits = dict.fromkeys(names, 0)
    for _ in range(RUNS):
        p, y, day = clustered(rng, 250, 20, 0.5)
        s = classification_scores(p, y, (0, 1), [0.5, 0.5], cluster=day, rng=rng, resamples=400)
        for name in names:
            lo, hi = getattr(s, f"{name}_interval")
            hits[name] += lo <= getattr(truth, name) <= hi
    for name in names:
        assert abs(hits[name] / RUNS - 0.95) <= SLACK, (name, hits[name] / RUNS)


def test_rows_taken_for_independent_would_be_believed_too_much() -> None:
    rng = np.random.default_rng(3)
    p, y, day = clustered(rng, 300, 20, 1.0)
    widths = []
    for cluster in (day, rng.permutation(6_000)):
        s = classification_scores(p, y, (0, 1), [0.5, 0.5], cluster=cluster, rng=rng)
        assert s.auc_interval is not None
        widths.append(s.auc_interval.hi - s.auc_interval.lo)
    assert widths[0] > 1.5 * widths[1]


def test_the_linear_area_interval_agrees_with_resampling_whole_days() -> None:
    rng = np.random.default_rng(4)
    p, y, day = clustered(rng, 150, 20, 0.7)
    s = classification_scores(p, y, (0, 1), [0.5, 0.5], cluster=day, rng=rng, block=1.0)
    rows = np.arange(3_000).reshape(150, 20)
    draws = []
    for _ in range(600):
        picked = rows[rng.integers(0, 150, 150)].ravel()
        draws.append(auc(p[picked, 1], y[picked]))
    lo, hi = np.quantile(draws, (0.025, 0.975))
    assert s.auc_interval is not None
    assert s.auc_interval.lo == pytest.approx(lo, abs=0.2 * (hi - lo))
    assert s.auc_interval.hi == pytest.approx(hi, abs=0.2 * (hi - lo))


def test_area_counts_ties_as_half_and_ignores_the_scale_of_scores() -> None:
    rng = np.random.default_rng(0)
    score, hit = rng.integers(0, 5, 80), rng.random(80) < 0.4
    pairs = [(a > b) + 0.5 * (a == b) for a in score[hit] for b in score[~hit]]
    assert auc(score, hit) == pytest.approx(np.mean(pairs), rel=1e-12)
    assert auc(np.exp(score), hit) == auc(score, hit)
    assert math.isnan(auc(score, np.ones(80, dtype=bool)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y": []}, "y: expected at least one row"),
        ({"y": [0, 2]}, r"y: expected only classes \[0, 1\], found \[2\]"),
        ({"y": [0.5, 0.5]}, "y: expected 2 integers"),
        ({"classes": (1, 0)}, "ascending order, found"),
        ({"probability": [[0.5, math.nan]] * 2}, "2 with NaN: drop rows without a forecast"),
        ({"probability": [[0.5, 0.6]] * 2}, "sum to 1"),
        ({"probability": [[0.5, 0.5]]}, r"probability: expected shape \(2, 2\)"),
        ({"base_probability": [1.0]}, "base_probability: expected shape"),
        ({"weight": [0.0, 0.0]}, "weight: expected 2 values"),
        ({"cluster": [0, 1]}, "rng: expected a numpy"),
        ({"cluster": [0.0, 1.0], "rng": np.random.default_rng(0)}, "cluster: expected 2 integers"),
    ],
)
def test_mistakes_are_named(changes: dict[str, object], message: str) -> None:
    good = {"probability": [[0.5, 0.5]] * 2, "y": [0, 1], "classes": (0, 1), "base_probability": [0.5, 0.5]}
    with pytest.raises(ValueError, match=message):
        classification_scores(**{**good, **changes})  # type: ignore[arg-type]
