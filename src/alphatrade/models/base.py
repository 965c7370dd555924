"""What a model is: a recipe that can only fit, and a fitted model that can only predict.

In: nothing at run time. Out: the protocols ``Model`` and ``FittedModel``, the registry of recipes, and
the check that a model is shown the columns it was trained on. Never here: a learner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

import numpy as np

from alphatrade.core.component import Registry
from alphatrade.core.errors import ModelError

if TYPE_CHECKING:
    from alphatrade.core.opinion import Forecast
    from alphatrade.dataset import Sample
    from alphatrade.models.card import Card

__all__ = ["FittedModel", "Model", "models", "register", "require_features"]


@runtime_checkable
class FittedModel(Protocol):
    """A model after training: frozen, and a transducer over rows.

    ``card`` says what it was trained on; ``card.known_until`` is the last moment its training labels
    used, so bars at or before it are its own training bars. ``predict`` treats every row by itself: one
    row or a million at once give the same bits.
    """

    @property
    def card(self) -> Card: ...

    @property
    def features(self) -> tuple[str, ...]:
        """Columns of ``x``, in order."""
        ...

    @property
    def classes(self) -> tuple[int, ...]:
        """Label values in ascending order: the columns of ``Forecast.probability``.

        Empty for a model of returns, whose ``Forecast.expected_return`` is the prediction itself.
        """
        ...

    @property
    def known_until(self) -> int:
        """Nanoseconds UTC: when the last training label became known."""
        ...

    def predict(self, x: np.ndarray | Sample) -> Forecast:
        """Answer for each row of ``x`` (n, F) float32, NaN where a feature is not known."""
        ...

    def start(self, warmup: np.ndarray | None = None) -> np.ndarray:
        """Start state, after ``warmup`` rows; an empty array for models without memory."""
        ...

    def advance(self, state: np.ndarray, x: np.ndarray) -> Forecast:
        """Answer for the next rows and update ``state`` in place."""
        ...

    def importance(self) -> np.ndarray:
        """(F,) how much each feature matters, at least 0, in the model's own unit."""
        ...

    def parts(self) -> dict[str, bytes]:
        """The learned numbers as native files, by file name."""
        ...

    def save(self, folder: Path) -> Path:
        """Write card, parts and hashes into ``folder``."""
        ...


@runtime_checkable
class Model(Protocol):
    """A recipe: a frozen dataclass whose fields are its configuration.

    ``fit`` may look at every row of the sample it is given, and at nothing else. ``restore`` rebuilds
    what ``fit`` returned from its card and parts, whose hashes were checked before.
    """

    kind: ClassVar[str]

    def fit(self, sample: Sample) -> FittedModel: ...

    def restore(self, card: Card, parts: Mapping[str, bytes]) -> FittedModel: ...


models: Registry[Model] = Registry("model", "alphatrade.models")
register = models.register


def require_features(expected: Sequence[str], found: Sequence[str]) -> None:
    """Raise ``ModelError`` naming the difference, unless both are the same names in the same order.

    >>> try:
    ...     require_features(("rsi_14", "atr_14"), ("rsi_14", "adx_14"))
    ... except ModelError as e:
    ...     print(e)
    expected the features of the training; missing atr_14; not in training: adx_14 (set the study's features)
    """
    want, have = tuple(expected), tuple(found)
    if want == have:
        return
    told = []
    for what, names in (("missing", set(want) - set(have)), ("not in training:", set(have) - set(want))):
        if names:
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            told.append(f"{what} {', '.join(sorted(names)[:5])}{more}")
    if not told:
        at = next(i for i, (a, b) in enumerate(zip(want, have)) if a != b)
        told.append(
            f"same names in another order, first at column {at}: expected {want[at]}, found {have[at]}"
        )
    raise ModelError(f"expected the features of the training; {'; '.join(told)} (set the study's features)")
