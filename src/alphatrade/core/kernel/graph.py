"""Kernels and the graph of their calls.

In: Python functions over columns. Out: ``Kernel`` (called with nodes, it adds a call to their graph and
returns the output nodes) and ``Graph``, in which equal calls are one call. Never here: compiling, planning,
running.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, overload

from numba import types

from alphatrade.core.bar import INPUTS
from alphatrade.core.errors import ConfigError
from alphatrade.core.kernel.address import KERNEL_ARGUMENTS
from alphatrade.core.kernel.entry import Compiled, Entry, kernel_entry, word_entry

__all__ = ["Call", "Combination", "Graph", "Kernel", "Node", "Wide", "combination", "kernel", "panel", "wide"]

Size = int | str | Callable[..., int]


class Wide(Compiled):
    """``count`` independent calls of a kernel of one input and one output in one loop; made by ``wide``."""

    def __init__(self, function: Callable[..., None], count: int) -> None:
        super().__init__(function)
        self.count = count
        if tuple(inspect.signature(function).parameters) != KERNEL_ARGUMENTS:
            raise ValueError(f"wide kernel {self.name}: expected the arguments {KERNEL_ARGUMENTS}")

    def _make_entry(self) -> Entry:
        return word_entry(self.function, types.void)


def wide(count: int) -> Callable[[Callable[..., None]], Wide]:
    """Make the form for ``count`` calls of a kernel: ``function(s, p, w, width, io, i0, i1)``, all addresses
    and counts.

    State and parameters of the calls lie one after the other, the slots of their inputs come before those of
    their outputs. It must give the bits of the calls alone.
    """
    return lambda function: Wide(function, count)


class Kernel(Compiled):
    """A chunk function over columns; made by ``kernel`` or ``panel``.

    Called with nodes and parameters it adds a call to the nodes' graph and returns its output node; ``all``
    returns the nodes of several outputs.
    """

    def __init__(
        self,
        function: Callable[..., None],
        state: Size = 0,
        start: tuple[float, ...] = (),
        hist: Size | Mapping[str, Size] = 0,
        wide: Wide | None = None,
        is_panel: bool = False,
    ) -> None:
        super().__init__(function)
        self.state, self.start, self.hist, self.wide, self.is_panel = state, start, hist, wide, is_panel
        self._read_signature()

    def _read_signature(self) -> None:
        names = list(inspect.signature(self.function).parameters)
        if "i0" not in names or names[names.index("i0") + 1 :][:1] != ["i1"]:
            raise ValueError(
                f"kernel {self.name}: expected (s, <parameters>, i0, i1, <inputs>, <outputs>), found {names}"
            )
        at = names.index("i0")
        head, columns = names[:at], names[at + 2 :]
        self.has_state = head[:1] == ["s"]
        if self.has_state is (self.state == 0):
            raise ValueError(
                f"kernel {self.name}: the argument s and a declared state go together; state={self.state!r}"
            )
        kinds = self.function.__annotations__
        numbers = head[1:] if self.has_state else head
        self.params = {n: "i" if kinds.get(n) in (int, "int") else "f" for n in numbers}
        self.inputs = tuple(n for n in columns if not n.startswith("out"))
        self.outputs = tuple(n for n in columns if n.startswith("out"))
        if columns != [*self.inputs, *self.outputs] or not self.inputs or not self.outputs:
            raise ValueError(
                f"kernel {self.name}: expected inputs, then outputs named out..., found {columns}"
            )
        if self.wide is not None and (len(self.inputs), len(self.outputs)) != (1, 1):
            raise ValueError(f"kernel {self.name}: only a kernel of one input and one output has a wide form")
        if self.is_panel and (self.has_state or "symbols" not in self.params):
            raise ValueError(f"panel kernel {self.name}: expected no state and a parameter 'symbols: int'")

    def _make_entry(self) -> Entry:
        columns = len(self.inputs) + len(self.outputs)
        return kernel_entry(self.function, self.has_state, "".join(self.params.values()), columns)

    def _size(self, size: Size, params: Mapping[str, float]) -> int:
        if isinstance(size, str):
            return int(params[size])
        if callable(size):
            wanted = inspect.signature(size).parameters
            return int(size(**{k: params[k] for k in wanted}))
        return int(size)

    def state_size(self, params: tuple[float, ...]) -> int:
        return self._size(self.state, dict(zip(self.params, params)))

    def history(self, params: tuple[float, ...]) -> dict[str, int]:
        """Rows before the first one that the kernel reads, of each input."""
        named = dict(zip(self.params, params))
        if isinstance(self.hist, Mapping):
            return {name: self._size(self.hist.get(name, 0), named) for name in self.inputs}
        return dict.fromkeys(self.inputs, self._size(self.hist, named))

    def _values(self, params: Mapping[str, float]) -> tuple[float, ...]:
        wanted = [n for n in self.params if not (self.is_panel and n == "symbols")]
        if sorted(wanted) != sorted(params):
            raise ValueError(f"kernel {self.name}: expected the parameters {wanted}, found {sorted(params)}")
        for n in wanted:
            if self.params[n] == "i" and int(params[n]) != params[n]:
                raise ValueError(f"kernel {self.name}: {n} counts rows, found {params[n]!r}")
        return tuple(float(params[n]) if n in params else 0.0 for n in self.params)

    def __call__(self, *nodes: Node, **params: float) -> Node:
        """The output node of a kernel with one output."""
        if len(self.outputs) != 1:
            raise TypeError(f"kernel {self.name} has the outputs {self.outputs}: use {self.name}.all(...)")
        return self.all(*nodes, **params)[0]

    def all(self, *nodes: Node, **params: float) -> tuple[Node, ...]:
        """All output nodes."""
        if len(nodes) != len(self.inputs):
            raise ValueError(
                f"kernel {self.name}: expected the inputs {self.inputs}, found {len(nodes)} nodes"
            )
        return nodes[0].graph.call(self, nodes, self._values(params))


@overload
def kernel(function: Callable[..., None]) -> Kernel: ...


@overload
def kernel(
    *,
    state: Size = 0,
    start: tuple[float, ...] = (),
    hist: Size | Mapping[str, Size] = 0,
    wide: Wide | None = None,
) -> Callable[[Callable[..., None]], Kernel]: ...


def kernel(
    function: Callable[..., None] | None = None,
    *,
    state: Size = 0,
    start: tuple[float, ...] = (),
    hist: Size | Mapping[str, Size] = 0,
    wide: Wide | None = None,
) -> Kernel | Callable[[Callable[..., None]], Kernel]:
    """Make a kernel of ``function(s, <parameters>, i0, i1, <inputs>, <outputs>)``, which fills
    ``out[i0:i1]``.

    Parameters
    ----------
    state : int, str or callable
        Length of ``s``, this call's own float64 state; the name of a parameter, or a function of parameters.
        Leave both out for a stateless kernel. It starts as ``start``, then zeros.
    hist : int, str, callable, or a mapping of those by input
        The kernel may read ``x[i - lag]`` for ``lag <= hist``. Rows before the first are NaN.
    wide : Wide, optional
        The same computation for several independent calls in one loop; the planner uses it where it can.

    Notes
    -----
    Parameters annotated ``int`` arrive as int64, all others as float64. Outputs are the columns whose names
    start with ``out``. A kernel must write every ``out[i0:i1]``, must leave its state alone where an input is
    NaN, and must give the same bits however the rows are cut into chunks.
    """

    def wrap(f: Callable[..., None]) -> Kernel:
        return Kernel(f, state, start, hist, wide)

    return wrap if function is None else wrap(function)


def panel(function: Callable[..., None]) -> Kernel:
    """Make a kernel over slices of ``function(symbols, <parameters>, i0, i1, <inputs>, <outputs>)``.

    Columns are time-major: slice ``t`` is ``x[t * symbols : (t + 1) * symbols]``, in the order of the
    symbols, NaN where a symbol is absent. It has no state and looks at one slice at a time.
    """
    return Kernel(function, is_panel=True)


class Combination:
    """Several calls under one name; ``all`` returns the nodes of its outputs, as a kernel's does."""

    def __init__(self, function: Callable[..., tuple[Node, ...]]) -> None:
        self.all = function
        self.name = self.__name__ = function.__name__
        self.__doc__ = function.__doc__
        self.__module__ = function.__module__

    def __call__(self, *nodes: Node, **params: float) -> Node:
        raise TypeError(f"{self.name} has several outputs: use {self.name}.all(...)")

    def __repr__(self) -> str:
        return f"<combination {self.__module__}:{self.name}>"


def combination(function: Callable[..., tuple[Node, ...]]) -> Combination:
    """Make a function of nodes and parameters, which calls kernels, look like a kernel of several outputs."""
    return Combination(function)


@dataclass(frozen=True, eq=False, slots=True)
class Call:
    """One kernel, its parameters and its input columns; ``gap`` as in ``Graph.input``."""

    kernel: Kernel
    params: tuple[float, ...]
    inputs: tuple[Node, ...]
    gap: float


class Node:
    """A column of a graph. Arithmetic with nodes and numbers gives nodes; ``x / 0`` is NaN."""

    __slots__ = ("call", "field", "gap", "graph", "index", "output")

    def __init__(
        self, graph: Graph, call: Call | None, output: int, field: tuple[Any, ...], gap: float
    ) -> None:
        self.graph, self.call, self.output, self.field, self.gap = graph, call, output, field, gap
        self.index = len(graph.nodes)
        graph.nodes.append(self)

    def _pair(self, name: str, other: Node | float) -> Node:
        from alphatrade.core.kernel import arithmetic

        return getattr(arithmetic, name)(self, other)  # type: ignore[no-any-return]

    def __add__(self, other: Node | float) -> Node:
        return self._pair("plus", other)

    __radd__ = __add__

    def __sub__(self, other: Node | float) -> Node:
        return self._pair("minus", other)

    def __rsub__(self, other: float) -> Node:
        return self._pair("reverse_minus", other)

    def __mul__(self, other: Node | float) -> Node:
        return self._pair("times", other)

    __rmul__ = __mul__

    def __truediv__(self, other: Node | float) -> Node:
        return self._pair("over", other)

    def __neg__(self) -> Node:
        return self._pair("times", -1.0)

    def __repr__(self) -> str:
        if self.call is None:
            return f"<{'.'.join(map(str, self.field))}>"
        return f"<{self.call.kernel.name}{self.call.params}>"


class Graph:
    """All calls of a program, each distinct one once.

    Parameters
    ----------
    timeframe : str, optional
        Of the closed higher bars this graph reads; None for the bars themselves.
    """

    def __init__(self, timeframe: str | None = None) -> None:
        self.timeframe = timeframe
        self.nodes: list[Node] = []
        self.lifts: dict[str, Graph] = {}
        self._known: dict[Any, tuple[Node, ...]] = {}
        self._made: dict[Call, tuple[Node, ...]] = {}

    def _leaf(self, field: tuple[Any, ...], gap: float) -> Node:
        key = (field, gap)
        if key not in self._known:
            self._known[key] = (Node(self, None, 0, field, gap),)
        return self._known[key][0]

    def input(self, name: str, gap: float = 1.0) -> Node:
        """A row of the bars' inputs; ``gap`` is the longest absence, in sessions, that windows may span."""
        if name not in INPUTS:
            raise ConfigError(f"expected one of the inputs {INPUTS}, found {name!r}")
        return self._leaf((name,), gap)

    def call(self, kernel: Kernel, inputs: tuple[Node, ...], params: tuple[float, ...]) -> tuple[Node, ...]:
        """The output nodes of a call, the same ones for the same call."""
        if kernel.is_panel and self.timeframe is not None:
            raise ConfigError(
                f"{kernel.name} compares symbols on the clock of the bars, not at {self.timeframe}: "
                "lift the feature it compares instead"
            )
        for node in inputs:
            if node.graph is not self:
                raise ValueError(
                    f"kernel {kernel.name}: {node} belongs to another timeframe: bring it over with hold()"
                )
            if node.gap != inputs[0].gap:
                raise ValueError(
                    f"kernel {kernel.name}: inputs with max_gap {node.gap} and {inputs[0].gap} do not mix"
                )
        key = (kernel, params, tuple(n.index for n in inputs))
        if key not in self._known:
            call = Call(kernel, params, inputs, inputs[0].gap)
            made = tuple(Node(self, call, k, (), call.gap) for k in range(len(kernel.outputs)))
            self._known[key] = self._made[call] = made
        return self._known[key]

    def outputs_of(self, call: Call) -> tuple[Node, ...]:
        """All output nodes of a call."""
        return self._made[call]

    def lift(self, timeframe: str) -> Graph:
        """The graph over closed bars of a longer timeframe."""
        if self.timeframe is not None:
            raise ConfigError(f"a feature at {self.timeframe} cannot read bars of {timeframe}: lift it once")
        return self.lifts.setdefault(timeframe, Graph(timeframe))

    def hold(self, node: Node, gap: float = 1.0) -> Node:
        """The last closed value of a column of a lifted graph, on every row of this one."""
        if node.graph.timeframe is None or self.lifts.get(node.graph.timeframe) is not node.graph:
            raise ValueError(f"{node} is not a column of a lift of this graph")
        return self._leaf((node.graph.timeframe, node.index), gap)
