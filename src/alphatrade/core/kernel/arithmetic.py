"""Arithmetic of columns: what the operators of ``Node`` call.

In: columns and numbers. Out: columns. Never here: anything that looks at another row.
"""

from __future__ import annotations

import numpy as np

from alphatrade.core.kernel.graph import Node, kernel

__all__ = ["affine", "inverse", "minus", "over", "plus", "reverse_minus", "times"]


@kernel
def add(i0, i1, x, y, out):  # type: ignore[no-untyped-def]
    a, b, o = x[i0:i1], y[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = a[j] + b[j]


@kernel
def subtract(i0, i1, x, y, out):  # type: ignore[no-untyped-def]
    a, b, o = x[i0:i1], y[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = a[j] - b[j]


@kernel
def multiply(i0, i1, x, y, out):  # type: ignore[no-untyped-def]
    a, b, o = x[i0:i1], y[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = a[j] * b[j]


@kernel
def divide(i0, i1, x, y, out):  # type: ignore[no-untyped-def]
    """x / y, NaN where y is zero."""
    a, b, o = x[i0:i1], y[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = a[j] / b[j] if b[j] != 0.0 else np.nan


@kernel
def affine(a, b, i0, i1, x, out):  # type: ignore[no-untyped-def]
    """a x + b."""
    v, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = a * v[j] + b


@kernel
def inverse(a, i0, i1, x, out):  # type: ignore[no-untyped-def]
    """a / x, NaN where x is zero."""
    v, o = x[i0:i1], out[i0:i1]
    for j in range(o.size):
        o[j] = a / v[j] if v[j] != 0.0 else np.nan


def plus(x: Node, y: Node | float) -> Node:
    return add(x, y) if isinstance(y, Node) else affine(x, a=1.0, b=y)


def minus(x: Node, y: Node | float) -> Node:
    return subtract(x, y) if isinstance(y, Node) else affine(x, a=1.0, b=-y)


def reverse_minus(x: Node, y: float) -> Node:
    return affine(x, a=-1.0, b=y)


def times(x: Node, y: Node | float) -> Node:
    return multiply(x, y) if isinstance(y, Node) else affine(x, a=y, b=0.0)


def over(x: Node, y: Node | float) -> Node:
    if isinstance(y, Node):
        return divide(x, y)
    if y == 0.0:
        raise ValueError("a column was divided by the number 0")
    return affine(x, a=1.0 / y, b=0.0)
