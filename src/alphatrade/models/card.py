"""The card of a fitted model: what it is, what it was trained on, and until when its labels reach.

In: a recipe and its training sample. Out: a ``Card``, which goes to and comes from plain JSON without
losing a bit. Never here: the learned numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from alphatrade.core.component import config_of
from alphatrade.core.errors import ModelError
from alphatrade.core.provenance import versions

if TYPE_CHECKING:
    from alphatrade.dataset import Sample

__all__ = ["Card", "class_rates", "make_card"]


@dataclass(frozen=True)
class Card:
    """Facts about a fitted model.

    Attributes
    ----------
    kind : str
        Name of the recipe in the registry.
    recipe : dict
        The recipe's configuration, as ``config_of`` gives it.
    features : tuple of str
        Columns of ``x``, in order.
    classes : tuple of int
        Label values in ascending order.
    known_from, known_until : int
        First decision (``t0``) and last moment of knowledge (``t1``) of the training labels, nanoseconds UTC.
    rows : int
        Training rows, those held back for early stopping and calibration included.
    base_rates : tuple of float
        Share of each class among the training rows, unweighted.
    class_returns : tuple of float
        Mean label return of each class over the training rows, unweighted: simple returns over the
        label's horizon, before costs. Weighted by ``base_rates`` they sum to the return of holding
        blindly.
    data_hash : str
        Digest of every number the fit was given.
    seed : int or None
        Seed of the recipe's draws; None when it draws nothing.
    versions : dict
        Libraries that decide bits.
    validation : dict
        What was measured on the rows held back inside the sample; empty when none were.
    """

    kind: str
    recipe: dict[str, Any]
    features: tuple[str, ...]
    classes: tuple[int, ...]
    known_from: int
    known_until: int
    rows: int
    base_rates: tuple[float, ...]
    class_returns: tuple[float, ...]
    data_hash: str
    seed: int | None
    versions: dict[str, str]
    validation: dict[str, float | int | None]

    def plain(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> Card:
        """Rebuild a card; ``ModelError`` unless it has exactly the fields of this version."""
        names = {f.name for f in fields(cls)}
        if set(values) != names:
            raise ModelError(
                f"model card: expected the fields {sorted(names)}, found {sorted(values)}: "
                "it was written by another version; retrain the model"
            )
        tuples = ("features", "classes", "base_rates", "class_returns")
        typed: dict[str, Any] = {k: tuple(v) if k in tuples else v for k, v in values.items()}
        return cls(**typed)


def class_rates(index: np.ndarray, k: int, weight: np.ndarray | None = None) -> np.ndarray:
    """(k,) share of each class index, weighted if ``weight`` is given.

    >>> class_rates(np.array([0, 1, 1, 1]), 2)
    array([0.25, 0.75])
    """
    total = np.bincount(index, weight, minlength=k).astype(np.float64)
    rates: np.ndarray = total / total.sum()
    return rates


def make_card(
    recipe: Any, sample: Sample, classes: np.ndarray, validation: dict[str, float | int | None]
) -> Card:
    """The card of ``recipe`` fitted on ``sample``."""
    index = np.searchsorted(classes, sample.y)
    rates = class_rates(index, len(classes))
    returns = np.bincount(index, sample.ret) / np.bincount(index)
    config = config_of(recipe)
    return Card(
        kind=config["kind"],
        recipe=config,
        features=tuple(sample.features),
        classes=tuple(int(c) for c in classes),
        known_from=int(sample.t0.min()),
        known_until=int(sample.t1.max()),
        rows=len(sample.y),
        base_rates=tuple(float(r) for r in rates),
        class_returns=tuple(float(r) for r in returns),
        data_hash=sample.hash,
        seed=getattr(recipe, "seed", None),
        versions=versions(),
        validation=validation,
    )
