"""Calls that cost nothing: small functions of a large kernel, and the arrays they hand on.

In: functions that only compiled code calls; arrays that a caller holds. Out: the former as part of their
callers, the latter without reference counts. Never here: anything that outlives the call.

Numba counts references atomically wherever an array is passed on or sliced, and passes an array as seven
numbers: in a loop that calls small functions on every bar, both cost more than the bar (10 times, in the
simulator).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from alphatrade.core.kernel.compile import routine

__all__ = ["borrow", "inlined"]

F = TypeVar("F", bound=Callable[..., Any])


def inlined(function: F) -> F:
    """A ``routine`` that becomes part of each caller, and that Python cannot call."""
    compiled: F = routine(function, forceinline=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)
    return compiled


@intrinsic
def borrow(typingctx, array):  # type: ignore[no-untyped-def]
    """The same array, owned by nobody.

    For arguments of the function that calls it, within that call: nothing but the caller keeps their memory,
    so it must not be returned or stored.
    """
    if not isinstance(array, types.Array):
        return None

    def codegen(context, builder, sig, args):  # type: ignore[no-untyped-def]
        view = make_array(array)(context, builder, args[0])
        for owner in ("meminfo", "parent"):
            setattr(view, owner, context.get_constant_null(types.voidptr))
        return view._getvalue()

    return array(array), codegen
