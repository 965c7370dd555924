"""The slope: recovered when it is known, small when nothing is, honest about correlated rows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from alphatrade.models.calibration import Calibration, Shrinkage, log_loss, time_blocks

BASE = np.array([0.64, 0.03, 0.33])


def _draw(
    rng: np.random.Generator, slope: float, slices: int = 400, symbols: int = 5, spread: float = 0.5
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Scores whose truth lies at ``slope``: labels are drawn from base + slope * deviation."""
    n = slices * symbols
    deviation = spread * rng.standard_normal((n, 3))
    truth = softmax(np.log(BASE) + slope * deviation, axis=1)
    index = (rng.random((n, 1)) > truth.cumsum(axis=1)[:, :2]).sum(axis=1)
    t0 = np.repeat(np.arange(slices), symbols)
    return np.log(BASE) + deviation, index, t0, t0 + 5


def test_slope_is_recovered_within_its_error() -> None:
    rng = np.random.default_rng(0)
    hits, slopes = 0, []
    for _ in range(60):
        found = Shrinkage().fit(*_draw(rng, 0.5), BASE, BASE)
        assert found.estimate is not None
        assert found.error is not None
        hits += abs(found.estimate - 0.5) <= 2 * found.error
        slopes.append(found.slope)
    # Deviations are taken about log_softmax, so the truth is 0.5 up to the curvature of the shift.
    assert hits >= 54
    assert 0.2 < np.mean(slopes) < 0.5


def test_model_that_was_penalised_too_much_is_sharpened_up_to_the_highest_slope() -> None:
    draw = _draw(np.random.default_rng(1), 1.3, slices=4000)
    found = Shrinkage().fit(*draw, BASE, BASE)
    assert found.slope == pytest.approx(1.3, abs=0.1)
    assert Shrinkage(highest=1.0).fit(*draw, BASE, BASE).slope == 1.0


def test_model_with_honest_scores_is_left_nearly_alone() -> None:
    found = Shrinkage().fit(*_draw(np.random.default_rng(1), 1.0, slices=4000), BASE, BASE)
    assert found.slope == pytest.approx(1.0, abs=0.1)


def test_model_without_skill_answers_the_base_rates_mostly() -> None:
    rng = np.random.default_rng(2)
    slopes = [Shrinkage().fit(*_draw(rng, 0.0), BASE, BASE).slope for _ in range(60)]
    assert np.mean(np.array(slopes) == 0.0) > 0.75
    assert np.max(slopes) < 0.3


def test_inverted_model_answers_the_base_rates() -> None:
    found = Shrinkage().fit(*_draw(np.random.default_rng(3), -1.0), BASE, BASE)
    assert found.slope == 0.0
    assert found.estimate == 0.0


def test_copies_of_rows_at_the_same_time_add_no_confidence() -> None:
    scores, index, t0, t1 = _draw(np.random.default_rng(4), 0.5, slices=200, symbols=1)
    once = Shrinkage().fit(scores, index, t0, t1, BASE, BASE)
    often = Shrinkage().fit(*(np.repeat(a, 50, axis=0) for a in (scores, index, t0, t1)), BASE, BASE)
    assert once.error is not None
    assert often.error == pytest.approx(once.error, rel=1e-6)
    assert often.slope == pytest.approx(once.slope, rel=1e-6)


def test_one_block_of_time_vouches_for_nothing() -> None:
    scores, index, t0, _ = _draw(np.random.default_rng(5), 1.0)
    found = Shrinkage().fit(scores, index, t0, t0 + 1000, BASE, BASE)
    assert (found.blocks, found.error, found.slope) == (1, None, 0.0)
    assert found.estimate is not None
    assert found.estimate > 0.5


def test_few_blocks_cost_more() -> None:
    scores, index, t0, t1 = _draw(np.random.default_rng(6), 0.7)
    errors = [Shrinkage(blocks=b).fit(scores, index, t0, t1, BASE, BASE).error for b in (2, 20)]
    assert None not in errors


def test_deviations_zero_takes_the_best_fit() -> None:
    draw = _draw(np.random.default_rng(7), 0.5)
    best = Shrinkage(deviations=0.0).fit(*draw, BASE, BASE)
    assert best.slope == best.estimate
    losses = [
        log_loss(Calibration(best.base, best.anchor, s).apply(draw[0]), draw[1]) for s in (0.9, 1.0, 1.1)
    ]
    at = [best.slope * f for f in (0.9, 1.0, 1.1)]
    losses = [log_loss(Calibration(best.base, best.anchor, s).apply(draw[0]), draw[1]) for s in at]
    assert losses[1] == min(losses)


def test_weighted_training_moves_back_to_plain_base_rates() -> None:
    """A model without information, trained on weighted rows, answers the weighted rates; the forecast is
    the plain ones.
    """
    weighted = np.array([0.7, 0.01, 0.29])
    calibration = Calibration(tuple(BASE), tuple(weighted), 0.8)
    np.testing.assert_allclose(calibration.apply(np.log(weighted)[None]), [BASE], rtol=1e-13)


def test_class_the_scorer_never_saw_does_not_break_the_fit() -> None:
    scores, index, t0, t1 = _draw(np.random.default_rng(8), 0.5)
    rates = np.array([0.66, 0.0, 0.34])
    found = Shrinkage().fit(scores, index, t0, t1, rates, rates)
    assert 0.0 <= found.slope <= 1.0
    assert np.isfinite(found.moved(BASE, BASE).apply(scores)).all()


def test_constant_scores_have_no_slope() -> None:
    _, index, t0, t1 = _draw(np.random.default_rng(9), 0.5)
    found = Shrinkage().fit(np.tile(np.log(BASE), (len(index), 1)), index, t0, t1, BASE, BASE)
    assert found.slope == 0.0


def test_blocks_are_never_shorter_than_the_longest_label() -> None:
    t0 = np.arange(0, 1000)
    assert np.unique(time_blocks(t0, t0 + 1, 20)).size == 20
    assert np.unique(time_blocks(t0, t0 + 250, 20)).size == 4


def test_plain_values_rebuild_the_calibration() -> None:
    found = Shrinkage().fit(*_draw(np.random.default_rng(10), 0.5), BASE, BASE)
    assert Calibration.from_plain(found.plain()) == found


@pytest.mark.parametrize("wrong", [{"deviations": -1.0}, {"deviations": float("nan")}, {"blocks": 1}])
def test_senseless_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Shrinkage(**wrong)  # type: ignore[arg-type]
