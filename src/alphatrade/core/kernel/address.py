"""Raw addresses: the only module that turns numbers into pointers.

In: arrays, kernels. Out: their addresses, and the intrinsics through which compiled code reads them. Never
here: arithmetic, planning. Nothing here checks anything: whoever builds a table of addresses keeps the arrays
alive and the indices inside; ``tests/unit/core/test_kernel_driver.py`` puts canaries around them.

The one C signature of every kernel is ``void(s, p, w, width, io, i0, i1)``, seven int64: addresses of its
state, its parameters (float64), the workspace, the workspace's row length, the address of its slots (int64),
and the columns to compute.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.ccallback import CFunc
from numba.core.typing import signature
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

from alphatrade.core.kernel.compile import KernelCache

__all__ = [
    "Part",
    "address",
    "call",
    "entry_of",
    "floats",
    "floats32",
    "ints",
    "invoke",
    "is_cached",
    "octets",
]

_ARITY = 7
_SIGNATURE = signature(types.void, *[types.int64] * _ARITY)
# State arrays have no known end inside a kernel: their declared size is checked by the interpreter in the
# tests.
_STATE_LENGTH = 1 << 30


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
        kind = ir.FunctionType(ir.VoidType(), [word] * _ARITY)
        builder.call(builder.inttoptr(args[0], kind.as_pointer()), args[1:])
        return context.get_dummy_value()

    return signature(types.void, *[types.int64] * (_ARITY + 1)), codegen


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


class Part:
    """A piece of the driver that is called by its address: compiled alone, never inlined, so quickly.

    Made from a function of int64 arguments that returns an int64.
    """

    def __init__(self, function: Callable[..., int]) -> None:
        count = function.__code__.co_argcount
        options = {"error_model": "numpy"}
        made: Any = CFunc(function, ((types.int64,) * count, types.int64), locals={}, options=options)
        made._cache = KernelCache(function)
        self._entry = made
        self.__doc__ = function.__doc__

    @property
    def address(self) -> int:
        if self._entry._wrapper_address is None:
            self._entry.compile()
        return int(self._entry.address)


def _view(dtype: Any) -> Any:
    """Make an intrinsic that views memory as a one-dimensional array which owns nothing (no reference
    counts).
    """
    kind = types.Array(dtype, 1, "C")

    @intrinsic
    def view(typingctx, where, size):  # type: ignore[no-untyped-def]
        def codegen(context, builder, sig, args):  # type: ignore[no-untyped-def]
            return _array(context, builder, kind, args[0], args[1])._getvalue()

        return signature(kind, types.int64, types.int64), codegen

    return view


def _array(context: Any, builder: Any, kind: Any, where: Any, size: Any) -> Any:
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
octets = _view(types.uint8)


@intrinsic(prefer_literal=True)
def _arguments(typingctx, layout, s, p, w, width, io, i0, i1):  # type: ignore[no-untyped-def]
    """Build a kernel's arguments.

    ``layout`` is ``"<s or nothing>,<i or f per parameter>,<number of columns>"``.
    """
    state, params, columns = layout.literal_value.split(",")
    column = types.Array(types.float64, 1, "C")
    numbers = [types.int64 if k == "i" else types.float64 for k in params]
    kinds = [column] * bool(state) + numbers + [types.int64] * 2 + [column] * int(columns)

    def codegen(context, builder, sig, args):  # type: ignore[no-untyped-def]
        _, s, p, w, width, io, i0, i1 = args
        word, real = ir.IntType(64), ir.DoubleType()
        values = []
        if state:
            length = context.get_constant(types.int64, _STATE_LENGTH)
            values.append(_array(context, builder, column, s, length)._getvalue())
        params_at = builder.inttoptr(p, real.as_pointer())
        for k, number in enumerate(params):
            value = builder.load(builder.gep(params_at, [ir.Constant(word, k)]))
            values.append(builder.fptosi(value, word) if number == "i" else value)
        values += [i0, i1]
        slots = builder.inttoptr(io, word.as_pointer())
        stride = builder.mul(width, ir.Constant(word, 8))
        for k in range(int(columns)):
            slot = builder.load(builder.gep(slots, [ir.Constant(word, k)]))
            where = builder.add(w, builder.mul(slot, stride))
            values.append(_array(context, builder, column, where, width)._getvalue())
        return context.make_tuple(builder, sig.return_type, values)

    return signature(types.Tuple(kinds), layout, *[types.int64] * _ARITY), codegen


def entry_of(function: Callable[..., Any], layout: str, name: str) -> Any:
    """Put a kernel function behind the one C signature.

    ``compile()`` compiles it, or loads it from the cache.
    """
    body = numba.njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(
        function
    )

    def entry(s, p, w, width, io, i0, i1):  # type: ignore[no-untyped-def]
        body(*_arguments(layout, s, p, w, width, io, i0, i1))

    # Symbols of all loaded kernels share one namespace.
    entry.__name__ = entry.__qualname__ = "entry_" + name.replace(".", "_")
    made: Any = CFunc(
        entry, (_SIGNATURE.args, _SIGNATURE.return_type), locals={}, options={"error_model": "numpy"}
    )
    if Path(function.__code__.co_filename).exists():
        made._cache = KernelCache(function)
    return made


def is_cached(entry: Any) -> bool:
    """Whether the disk holds this kernel, compiled from the present sources for this machine."""
    cache = entry._cache
    if not isinstance(cache, KernelCache):
        return False
    context = entry._targetdescr.target_context
    return cache._index_key(entry._sig, context.codegen()) in cache._cache_file._load_index()
