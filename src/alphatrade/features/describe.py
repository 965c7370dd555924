"""The catalogue in words.

In: the registry. Out: a plain record a column. Never here: formatting.
"""

from __future__ import annotations

import inspect
from typing import Any

from alphatrade.features.base import Feature, features
from alphatrade.features.name import columns_of

__all__ = ["describe"]


def _definition(cls: type[Feature]) -> str:
    """First sentence of a docstring, as one line."""
    paragraph = inspect.cleandoc(cls.__doc__ or "").split("\n\n")[0]
    return " ".join(paragraph.split())


def describe() -> list[dict[str, Any]]:
    """Every column of the catalogue, and those of features that stay out of it, with their usual parameters.

    Returns
    -------
    list of dict
        ``name``, ``kind``, ``family``, ``lookback`` (bars until the first value), ``memory`` (``window``,
        ``decaying`` or ``anchored``), ``units``, ``definition`` and ``catalogue`` (False for levels, in price
        units or anchored, that a model over several symbols cannot use).

    Examples
    --------
    >>> next(d["definition"] for d in describe() if d["name"] == "obv")[:27]
    'On-balance volume of Granvi'
    """
    found = []
    for kind in features:
        cls = features.get(kind)
        for variant in cls.variants or ((),):
            feature = cls(*variant)
            found += [
                {
                    "name": column.name,
                    "kind": kind,
                    "family": feature.family,
                    "lookback": feature.lookback,
                    "memory": feature.memory,
                    "units": feature.units,
                    "definition": _definition(cls),
                    "catalogue": bool(cls.variants),
                }
                for column in columns_of(feature)
            ]
    return sorted(found, key=lambda d: (d["family"], d["name"]))
