"""The row account: every row that entered, and why it is not where it might have been.

In: counts. Out: an account whose sum is exact, or an error. Never here: rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

__all__ = ["RowAccount"]


@dataclass(frozen=True)
class RowAccount:
    """How ``entered`` rows became ``left`` rows.

    Parameters
    ----------
    entered : int
        Rows that came in.
    removed : mapping of str to int
        Rows taken away, by reason, in order.
    left : int
        Rows that remain. ``entered`` is the sum of all others.

    Examples
    --------
    >>> a = RowAccount(10, {"warm-up": 3}, 7).less("no label", 2)
    >>> a.left, a.removed["no label"]
    (5, 2)
    >>> RowAccount(10, {"warm-up": 3}, 6)
    Traceback (most recent call last):
    ...
    ValueError: the row account does not add up: 10 entered, 3 removed, 6 left
    """

    entered: int
    removed: Mapping[str, int]
    left: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "removed", MappingProxyType(dict(self.removed)))
        gone = sum(self.removed.values())
        if self.entered - gone != self.left or min([self.left, *self.removed.values()]) < 0:
            raise ValueError(
                f"the row account does not add up: {self.entered} entered, {gone} removed, {self.left} left"
            )

    def less(self, reason: str, rows: int) -> RowAccount:
        """The account after ``rows`` more were taken away for ``reason``."""
        removed = {**self.removed, reason: self.removed.get(reason, 0) + rows}
        return RowAccount(self.entered, removed, self.left - rows)

    def listed(self, last: str = "left") -> list[dict[str, str | int]]:
        """``entered``, each reason, and what is left under the name ``last``, as a run records it."""
        pairs = [("entered", self.entered), *self.removed.items(), (last, self.left)]
        return [{"reason": reason, "rows": rows} for reason, rows in pairs]

    @property
    def table(self) -> pl.DataFrame:
        """Columns ``reason`` and ``rows``."""
        return pl.DataFrame(self.listed(), schema={"reason": pl.String, "rows": pl.Int64})
