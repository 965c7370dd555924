"""Extents."""

from __future__ import annotations

import numpy as np
import pytest

from alphatrade.dataset.extent import extent

DAY = 86_400_000_000_000
HOURLY = np.arange(24 * 28) * DAY // 24


@pytest.mark.parametrize(
    ("value", "slices"),
    [
        (0, 0),
        (5, 5),
        ("5 bars", 5),
        ("1 bar", 1),
        (0.01, 7),
        ("10%", 68),
        ("1d", 24),
        ("2w", 337),
        ("0.5d", 12),
        ("1y", 672),
    ],
)
def test_extents_count_slices_rounded_up(value: str | int | float, slices: int) -> None:
    assert extent(value, "embargo").slices(HOURLY) == slices


@pytest.mark.parametrize(
    "value", ["", "d", "-1d", "1.5q", "0q", "1h30", -1, 1.5, float("nan"), float("inf"), True]
)
def test_what_is_no_extent_is_refused_with_the_setting_named(value: str | int | float) -> None:
    with pytest.raises(ValueError, match="expected embargo such as"):
        extent(value, "embargo")


def test_no_times_no_slices() -> None:
    assert extent("1d", "embargo").slices(np.array([], np.int64)) == 0
    assert extent("1d", "embargo").slices(np.array([5])) == 1
