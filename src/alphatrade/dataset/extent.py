"""Extents: lengths of time as a person writes them, counted on the clock of a data set.

In: ``"1d"``, ``"26 bars"``, ``"1q"``, ``0.01``. Out: numbers of slices, and calendar borders. Never here:
rows.

A *slice* is one distinct decision time. A day is a day with data: ``1d`` is as many slices as an average
day of the data holds, so that a day's embargo over a weekend is not empty.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from alphatrade.core.session import DAY

__all__ = ["MONTHS", "Extent", "extent"]

MONTHS = {"mo": 1, "q": 3, "y": 12}
_UNITS = ("%", "bars", "d", "w", *MONTHS)
_TEXT = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(%|bars?|d|w|mo|q|y)\s*$")
_MONTH_DAYS = 365.25 / 12


@dataclass(frozen=True)
class Extent:
    """A number of ``bars``, ``%`` of all slices, days with data ``d``, weeks, or ``mo``, ``q``, ``y``."""

    number: float
    unit: str

    @property
    def months(self) -> int:
        """Length in calendar months; 0 when the extent is not a calendar one."""
        return int(self.number) * MONTHS.get(self.unit, 0)

    def slices(self, times: np.ndarray) -> int:
        """Number of slices, rounded up; ``times`` (T,) are the distinct decision times, ascending."""
        if self.number == 0 or not len(times):
            return 0
        return math.ceil(self.number * self._slices_each(times) - 1e-9)

    def _slices_each(self, times: np.ndarray) -> float:
        days = len(np.unique(times // DAY))
        calendar_days = max(float(times[-1] - times[0]) / DAY, 1.0)
        if self.unit == "bars":
            return 1.0
        if self.unit == "%":
            return len(times) / 100.0
        if self.unit == "d":
            return len(times) / days
        if self.unit == "w":
            return len(times) * min(7.0 / calendar_days, 1.0)
        return len(times) * min(MONTHS[self.unit] * _MONTH_DAYS / calendar_days, 1.0)


def extent(value: str | int | float, setting: str) -> Extent:
    """Read an extent: text, a whole number of bars, or a fraction below one of all slices.

    Examples
    --------
    >>> extent("26 bars", "embargo"), extent(0.01, "embargo")
    (Extent(number=26.0, unit='bars'), Extent(number=1.0, unit='%'))
    >>> extent("1 eon", "embargo")
    Traceback (most recent call last):
    ...
    ValueError: expected embargo such as '26 bars', '1d', '1q', 0.01 (%, bars, d, w, mo, q, y), found '1 eon'
    """
    if isinstance(value, str):
        found = _TEXT.match(value)
        if found:
            number, unit = float(found[1]), found[2]
            broken = unit in MONTHS and (number < 1 or number != int(number))
            if not broken:
                return Extent(number, "bars" if unit == "bar" else unit)
    elif not isinstance(value, bool) and math.isfinite(value) and value >= 0:
        if value < 1:
            return Extent(value * 100.0, "%")
        if value == int(value):
            return Extent(float(value), "bars")
    raise ValueError(
        f"expected {setting} such as '26 bars', '1d', '1q', 0.01 ({', '.join(_UNITS)}), found {value!r}"
    )
