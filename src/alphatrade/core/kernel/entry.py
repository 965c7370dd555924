"""From a Python function to an address: kernels behind their one C signature, and parts of the driver.

In: functions. Out: compiled functions with an address, from the cache where it holds them. Never here: what
is compiled when (``build``), what a kernel declares (``graph``).

A kernel is compiled as written, over arrays and numbers; the function with the C signature that builds these
from addresses is made directly beside it, in one library: compiled as a function of its own it would take as
long again. The columns a kernel writes are never ones it reads, and the compiler is told so.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from types import FunctionType
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import compiler, typed_passes
from numba.core.ccallback import CFunc
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import register_pass
from numba.core.lowering import Lower

from alphatrade.core.kernel.address import KERNEL_ARGUMENTS, array_at
from alphatrade.core.kernel.compile import KernelCache, kernel_stamp

__all__ = ["Compiled", "Entry", "Part", "kernel_entry", "word_entry"]

# State arrays have no known end inside a kernel: their declared size is checked by the interpreter in the
# tests.
_STATE_LENGTH = 1 << 30
_COLUMN = types.Array(types.float64, 1, "C")
_WORD, _REAL = ir.IntType(64), ir.DoubleType()


def _kernel_arguments(context: Any, builder: Any, argtypes: Any, words: Any) -> list[Any]:
    """A kernel's own arguments from those of the C signature."""
    s, p, w, width, io, i0, i1 = words
    params, slots = (builder.inttoptr(at, kind.as_pointer()) for at, kind in ((p, _REAL), (io, _WORD)))
    stride = builder.mul(width, ir.Constant(_WORD, 8))
    edges = len(argtypes) - 1 - [*argtypes[::-1]].index(types.int64)
    values: list[Any] = []
    for k, kind in enumerate(argtypes[: edges - 1]):
        if kind == _COLUMN:
            length = context.get_constant(types.int64, _STATE_LENGTH)
            values.append(array_at(context, builder, _COLUMN, s, length)._getvalue())
            continue
        number = builder.load(builder.gep(params, [ir.Constant(_WORD, k - (argtypes[0] == _COLUMN))]))
        values.append(builder.fptosi(number, _WORD) if kind == types.int64 else number)
    values += [i0, i1]
    for k in range(len(argtypes) - edges - 1):
        slot = builder.load(builder.gep(slots, [ir.Constant(_WORD, k)]))
        where = builder.add(w, builder.mul(slot, stride))
        values.append(array_at(context, builder, _COLUMN, where, width)._getvalue())
    return values


class _Lower(Lower):  # type: ignore[misc]
    """Lowering whose C function has int64 arguments only, and holds the function's body."""

    def lower_normal_function(self, fndesc: Any) -> None:
        super().lower_normal_function(fndesc)
        # Nobody else calls it: once it is part of the C function it need not exist alone.
        self.function.linkage = "internal"
        is_kernel = _COLUMN in fndesc.argtypes
        count = len(KERNEL_ARGUMENTS) if is_kernel else len(fndesc.argtypes)
        result = ir.VoidType() if is_kernel else self.context.get_value_type(fndesc.restype)
        kind = ir.FunctionType(result, [_WORD] * count)
        entry = ir.Function(self.module, kind, fndesc.llvm_cfunc_wrapper_name)
        self._write_entry(ir.IRBuilder(entry.append_basic_block("entry")), entry, is_kernel)

    def _write_entry(self, builder: Any, entry: Any, is_kernel: bool) -> None:
        context, fndesc = self.context, self.fndesc
        given = list(entry.args)
        if is_kernel:
            given = _kernel_arguments(context, builder, fndesc.argtypes, given)
        status, out = context.call_conv.call_function(
            builder, self.function, fndesc.restype, fndesc.argtypes, given
        )
        self._tell_error(builder, status)
        if is_kernel:
            builder.ret_void()
        else:
            builder.ret(out)

    def create_cfunc_wrapper(self) -> None:
        """Made with the body already."""

    def _tell_error(self, builder: Any, status: Any) -> None:
        """Write out an exception: a C function cannot raise it."""
        with builder.if_then(status.is_error, likely=False):
            python = self.context.get_python_api(builder)
            held = python.gil_ensure()
            self.context.call_conv.raise_error(builder, python, status)
            name = self.context.insert_const_string(self.module, self.fndesc.qualname)
            text = python.string_from_string(name)
            python.err_write_unraisable(text)
            python.decref(text)
            python.gil_release(held)


@register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(typed_passes.BaseNativeLowering):  # type: ignore[misc]
    _name = "alphatrade_entry_lowering"

    @property
    def lowering_class(self) -> Any:
        return _Lower


class _Compiler(compiler.CompilerBase):  # type: ignore[misc]
    """Numba's usual pipeline with our lowering."""

    def define_pipelines(self) -> list[Any]:
        self.state.flags.noalias = True
        self.state.flags.forceinline = True
        made = compiler.DefaultPassBuilder.define_nopython_pipeline(self.state, "entry")
        made.passes = [
            (_Lowering, text) if step is typed_passes.NativeLowering else (step, text)
            for step, text in made.passes
        ]
        made.finalize()
        return [made]


class Entry(CFunc):
    """A function of a C signature, compiled or loaded from the cache by ``compile``."""

    _wrapper_address: int | None
    _cache: Any
    _sig: Any
    _targetdescr: Any

    def __init__(self, function: Callable[..., Any], argtypes: Any, result: Any) -> None:
        file = function.__code__.co_filename
        is_stored = Path(file).exists()
        # Symbols of all loaded functions share one namespace: one name must mean one source.
        where = f"{file}:{function.__code__.co_firstlineno}:{kernel_stamp(file) if is_stored else id(self)}"
        digest = hashlib.sha256(where.encode()).hexdigest()[:16]
        named = FunctionType(
            function.__code__,
            function.__globals__,
            f"entry_{function.__name__}_{digest}",
            function.__defaults__,
            function.__closure__,
        )
        named.__qualname__ = named.__name__
        options = {"error_model": "numpy"}
        super().__init__(named, (argtypes, result), locals={}, options=options, pipeline_class=_Compiler)
        if is_stored:
            self._cache = KernelCache(named)

    def compile(self) -> None:
        with global_compiler_lock:
            # Another thread may have done it meanwhile.
            if not self.is_loaded:
                super().compile()

    @property
    def is_loaded(self) -> bool:
        return self._wrapper_address is not None

    @property
    def is_cached(self) -> bool:
        """Whether the disk holds it, compiled from the present sources for this machine."""
        if not isinstance(self._cache, KernelCache):
            return False
        context = self._targetdescr.target_context
        key = self._cache._index_key(self._sig, context.codegen())
        return key in self._cache._cache_file._load_index()


def kernel_entry(function: Callable[..., Any], state: bool, params: str, columns: int) -> Entry:
    """A kernel behind the one C signature.

    ``params`` has an ``i`` or ``f`` for each parameter.
    """
    numbers = [types.int64 if k == "i" else types.float64 for k in params]
    kinds = [_COLUMN] * state + numbers + [types.int64] * 2 + [_COLUMN] * columns
    return Entry(function, tuple(kinds), types.void)


def word_entry(function: Callable[..., Any], result: Any = types.int64) -> Entry:
    """A function of int64 arguments as it is."""
    return Entry(function, (types.int64,) * function.__code__.co_argcount, result)


class Compiled:
    """A function with an address, compiled or loaded when that is first asked for."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.name = function.__name__
        self._entry: Entry | None = None
        if Path(function.__code__.co_filename).exists():
            # Taken now: when this is compiled the file may be another.
            kernel_stamp(function.__code__.co_filename)
        self.__doc__ = function.__doc__
        self.__name__, self.__module__ = self.name, function.__module__

    @property
    def identity(self) -> str:
        return f"{self.__module__}:{self.name}"

    def _make_entry(self) -> Entry:
        return word_entry(self.function)

    @property
    def entry(self) -> Entry:
        if self._entry is None:
            self._entry = self._make_entry()
        return self._entry

    @property
    def is_ready(self) -> bool:
        """Whether no compilation is needed: already in memory, or on disk."""
        return self.entry.is_loaded or self.entry.is_cached

    @property
    def address(self) -> int:
        """Address of the compiled function; compiles it, or loads it, the first time."""
        if not self.entry.is_loaded:
            self.entry.compile()
        return int(self.entry.address)  # type: ignore[arg-type]

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} {self.identity}>"


class Part(Compiled):
    """A piece of the driver that is called by its address: compiled alone, never inlined, so quickly.

    Made from a function of int64 arguments that returns an int64. Python calls it as any function; other
    threads run meanwhile.
    """

    @cached_property
    def _call(self) -> Callable[..., int]:
        count = self.function.__code__.co_argcount
        return ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_int64] * count)(self.address)

    def __call__(self, *words: int) -> int:
        return self._call(*words)
