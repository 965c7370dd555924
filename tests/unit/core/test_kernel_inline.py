"""Arrays that a compiled function borrows."""

from __future__ import annotations

import sys

import numpy as np

from alphatrade.core.kernel.compile import njit
from alphatrade.core.kernel.inline import borrow, inlined


@inlined
def _add(a: np.ndarray, i: int, x: float) -> None:
    a[i] += x


@njit
def _fill(a: np.ndarray) -> float:
    a = borrow(a)
    for i in range(a.shape[0]):
        _add(a, i, 1.0)
        _add(a[i:], 0, 1.0)
    return a[-1]


def test_a_borrowed_array_is_the_callers_array() -> None:
    a = np.zeros(5)
    assert _fill(a) == 2.0
    assert a.tolist() == [2.0] * 5


def test_borrowing_leaves_the_count_of_references_alone() -> None:
    a = np.zeros(5)
    before = sys.getrefcount(a)
    for _ in range(100):
        _fill(a)
    assert sys.getrefcount(a) == before
    assert a.sum() == 1000.0
