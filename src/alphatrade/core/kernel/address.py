"""Raw addresses: what turns numbers into pointers.

In: arrays. Out: their addresses, and the intrinsics through which compiled code reads and calls what lies at
an address. Never here: arithmetic, planning, compilation (``entry``). Nothing here checks anything: whoever
builds a table of addresses keeps the arrays alive and the indices inside;
``tests/unit/core/test_kernel_driver.py`` puts canaries around them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing import signature
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

__all__ = [
    "KERNEL_ARGUMENTS",
    "address",
    "array_at",
    "call",
    "floats",
    "floats32",
    "ints",
    "ints32",
    "invoke",
    "octets",
]

# The one C signature of every kernel is ``void(s, p, w, width, io, i0, i1)``, seven int64: addresses of its
# state, its parameters (float64) and the workspace, the workspace's row length, the address of its slots
# (int64), and the columns to compute.
KERNEL_ARGUMENTS = ("s", "p", "w", "width", "io", "i0", "i1")


def address(array: np.ndarray) -> int:
    """Address of an array's first element; the caller keeps the array alive. 0 for an empty one."""
    if not array.flags.c_contiguous:
        raise ValueError("expected a C-contiguous array: use numpy.ascontiguousarray")
    return int(array.__array_interface__["data"][0]) if array.size else 0


@intrinsic
def call(typingctx, function, s, p, w, width, io, i0, i1):  # type: ignore[no-untyped-def]
    """Call the kernel at an address."""

    def codegen(context, builder, sig, args):  # type: ignore[no-untyped-def]
        word = ir.IntType(64)
        kind = ir.FunctionType(ir.VoidType(), [word] * len(KERNEL_ARGUMENTS))
        builder.call(builder.inttoptr(args[0], kind.as_pointer()), args[1:])
        return context.get_dummy_value()

    return signature(types.void, *[types.int64] * (len(KERNEL_ARGUMENTS) + 1)), codegen


@intrinsic
def invoke(typingctx, function, *words):  # type: ignore[no-untyped-def]
    """Call the part at an address with int64 arguments."""
    count = len(words)

    def codegen(context, builder, sig, args):  # type: ignore[no-untyped-def]
        word = ir.IntType(64)
        given = [args[0], *cgutils.unpack_tuple(builder, args[1], count)]
        kind = ir.FunctionType(word, [word] * count)
        return builder.call(builder.inttoptr(given[0], kind.as_pointer()), given[1:])

    return signature(types.int64, types.int64, types.StarArgTuple([types.int64] * count)), codegen


def _view(dtype: Any) -> Any:
    """Make an intrinsic that views memory as a one-dimensional array which owns nothing (no reference
    counts).
    """
    kind = types.Array(dtype, 1, "C")

    @intrinsic
    def view(typingctx, where, size):  # type: ignore[no-untyped-def]
        def codegen(context, builder, sig, args):  # type: ignore[no-untyped-def]
            return array_at(context, builder, kind, args[0], args[1])._getvalue()

        return signature(kind, types.int64, types.int64), codegen

    return view


def array_at(context: Any, builder: Any, kind: Any, where: Any, size: Any) -> Any:
    """Build an array at an address, which owns nothing, inside an intrinsic."""
    item = context.get_abi_sizeof(context.get_data_type(kind.dtype))
    width = context.get_constant(types.intp, item)
    array = make_array(kind)(context, builder)
    data = builder.inttoptr(where, context.get_data_type(kind.dtype).as_pointer())
    populate_array(
        array,
        data=data,
        shape=cgutils.pack_array(builder, [size]),
        strides=cgutils.pack_array(builder, [width]),
        itemsize=width,
        meminfo=None,
    )
    return array


floats = _view(types.float64)
floats32 = _view(types.float32)
ints = _view(types.int64)
ints32 = _view(types.int32)
octets = _view(types.uint8)
