"""Every registered model keeps its promises, and the check notices each broken one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from alphatrade.core.opinion import Forecast
from alphatrade.dataset import Sample
from alphatrade.models import FittedLogistic, Logistic, models
from alphatrade.testing import check_model, model_sample

# Small and on one thread, so that the check is quick; every other field as it comes.
QUICK: dict[str, dict[str, Any]] = {"lightgbm": {"rounds": 30, "num_threads": 1, "min_child_samples": 20}}


@pytest.mark.parametrize("kind", list(models))
def test_registered_model_keeps_its_promises(kind: str) -> None:
    check_model(models.build({"kind": kind, **QUICK.get(kind, {})}))


@pytest.mark.parametrize("kind", ["logistic", "lightgbm"])
def test_model_without_calibration_keeps_its_promises(kind: str) -> None:
    check_model(models.build({"kind": kind, "calibrate": False, **QUICK.get(kind, {})}))


def test_model_of_two_classes_keeps_its_promises() -> None:
    def two(sample: Sample) -> Sample:
        columns = {n: getattr(sample, n) for n in ("x", "ret", "weight", "t0", "t1", "symbol")}
        return Sample.of(y=np.where(sample.y > 0, 1, -1), symbols=sample.symbols, **columns)

    for kind in ("logistic", "lightgbm"):
        recipe = models.build({"kind": kind, **QUICK.get(kind, {})})
        check_model(recipe, two(model_sample(0)), two(model_sample(1, slices=50)))


class _Wrapped(FittedLogistic):
    """A fitted logistic regression with one promise broken."""


def _replaced(fitted: FittedLogistic, **card: Any) -> FittedLogistic:
    return dataclasses.replace(fitted, card=dataclasses.replace(fitted.card, **card))


class _Centred(_Wrapped):
    def scores(self, x: np.ndarray) -> np.ndarray:
        scores = super().scores(x)
        centred: np.ndarray = scores - scores.mean(axis=0)
        return centred


class _Careless(_Wrapped):
    def _rows(self, x: np.ndarray | Sample) -> np.ndarray:
        return np.ascontiguousarray(x if isinstance(x, np.ndarray) else x.x, dtype=np.float32)


class _Optimist(_Wrapped):
    def predict(self, x: np.ndarray | Sample) -> Forecast:
        f = super().predict(x)
        return Forecast(f.classes, f.probability, np.abs(f.expected_return))


class _Filling(_Wrapped):
    def predict(self, x: np.ndarray | Sample) -> Forecast:
        f = super().predict(x)
        return Forecast(f.classes, np.nan_to_num(f.probability), f.expected_return)


def _as(cls: type[_Wrapped]) -> Callable[[FittedLogistic, Sample], FittedLogistic]:
    def rebuild(f: FittedLogistic, sample: Sample) -> FittedLogistic:
        return cls(f.recipe, f.card, f.calibration, f.scaler, f.weight, f.bias)

    return rebuild


def _too_early(f: FittedLogistic, sample: Sample) -> FittedLogistic:
    return _replaced(f, known_until=int(sample.t0.max()))


def _scaled_on_everything(f: FittedLogistic, sample: Sample) -> FittedLogistic:
    """The oldest mistake: the scaler sees rows outside the sample."""
    mean = np.nanmean(sample.columns.x.astype(np.float64), axis=0)
    return dataclasses.replace(f, scaler=dataclasses.replace(f.scaler, mean=mean))


_draws = np.random.default_rng(0)


def _drawn(f: FittedLogistic, sample: Sample) -> FittedLogistic:
    return dataclasses.replace(f, bias=f.bias + 1e-9 * _draws.standard_normal(len(f.bias)))


BROKEN: dict[str, tuple[Callable[[FittedLogistic, Sample], FittedLogistic], str]] = {
    "careless": (_as(_Careless), "other feature names are refused"),
    "centred": (_as(_Centred), "chunks of 1"),
    "drawn": (_drawn, "two fits of one sample"),
    "filling": (_as(_Filling), "no expected return without probabilities"),
    "optimist": (_as(_Optimist), "expected_return is the sum"),
    "scaled": (_scaled_on_everything, "no row outside"),
    "early": (_too_early, "known_until is the last t1"),
}


@dataclass(frozen=True)
class Broken:
    kind: ClassVar[str] = "broken"

    how: str = "early"

    def fit(self, sample: Sample) -> FittedLogistic:
        fitted = Logistic(calibrate=False).fit(sample)
        card = dataclasses.replace(fitted.card, kind="broken", recipe={"kind": "broken", "how": self.how})
        return BROKEN[self.how][0](dataclasses.replace(fitted, card=card), sample)

    def restore(self, card: Any, parts: Any) -> FittedLogistic:
        return Logistic(calibrate=False).restore(card, parts)


@pytest.mark.parametrize("how", sorted(BROKEN))
def test_check_names_the_broken_promise(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(models._classes, "broken", Broken)
    with pytest.raises(AssertionError, match=BROKEN[how][1]):
        check_model(Broken(how))


def test_check_wants_a_frozen_registered_recipe() -> None:
    class Loose:
        kind = "loose"

        def fit(self, sample: Sample) -> FittedLogistic:
            return Logistic(calibrate=False).fit(sample)

    with pytest.raises(AssertionError, match="frozen dataclass"):
        check_model(Loose())  # type: ignore[arg-type]
