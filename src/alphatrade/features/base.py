"""The feature: a declared, causal computation over bars, never fitted.

In: a frozen dataclass that builds a graph of kernels. Out: the ``features`` registry and names of columns.
Never here: running (``feature_set``, ``live``), anything estimated on a training fold (``models``), anything
that looks ahead (``labels``).

A new feature is ten lines, in a module of this room or in a package of yours with an entry point in the group
``alphatrade.features``::

    @features.register("room_above")
    @dataclass(frozen=True)
    class RoomAbove(Feature):
        \"\"\"Fall of the close from the highest high of ``n`` bars: ``close / max(high) - 1``. Range [-1,
        0].\"\"\"

        n: int = 20
        family: ClassVar = "trend"
        variants: ClassVar = ((20,), (60,))

        def graph(self, b: Inputs) -> Node:
            return b.close / window_max(b.high, self.n) - 1.0

Its columns are ``room_above_20`` and ``room_above_60``;
``alphatrade.testing.check_feature(RoomAbove())`` proves that it is causal, bit-equal for any chunking,
live or batch, that NaN does not stay in it for ever, and that ``lookback`` and ``memory`` are true. Combine
the functions of ``alphatrade.features.kernel`` and arithmetic before writing a kernel; equal sub-expressions
of all features are computed once.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from alphatrade.core.component import Registry
from alphatrade.core.kernel import Graph, Node
from alphatrade.features.kernel import delta, lagged, log, true_range

__all__ = ["Feature", "Inputs", "Memory", "features"]

Memory = Literal["window", "decaying", "anchored"]


class Inputs:
    """What a feature may read of a bar, and columns that many share.

    Attributes
    ----------
    open, high, low, close, volume : Node
        Of the bar.
    bar_start, bar_end, session_open, session_close : Node
        Seconds of the exchange's local wall clock.
    ret, log_ret : Node
        Return of the close over one bar, simple and logarithmic.
    log_close, typical, true_range : Node
        Logarithm of the close; mean of high, low and close; Wilder's true range.
    """

    def __init__(self, graph: Graph, max_gap: float = 1.0) -> None:
        self.graph, self.max_gap = graph, max_gap

    def _input(self, name: str) -> Node:
        return self.graph.input(name, self.max_gap)

    @property
    def open(self) -> Node:
        return self._input("open")

    @property
    def high(self) -> Node:
        return self._input("high")

    @property
    def low(self) -> Node:
        return self._input("low")

    @property
    def close(self) -> Node:
        return self._input("close")

    @property
    def volume(self) -> Node:
        return self._input("volume")

    @property
    def bar_start(self) -> Node:
        return self._input("bar_start")

    @property
    def bar_end(self) -> Node:
        return self._input("bar_end")

    @property
    def session_open(self) -> Node:
        return self._input("session_open")

    @property
    def session_close(self) -> Node:
        return self._input("session_close")

    @property
    def ret(self) -> Node:
        return self.close / lagged(self.close, lag=1) - 1.0

    @property
    def log_close(self) -> Node:
        return log(self.close)

    @property
    def log_ret(self) -> Node:
        return delta(self.log_close, lag=1)

    @property
    def typical(self) -> Node:
        return (self.high + self.low + self.close) * (1.0 / 3.0)

    @property
    def true_range(self) -> Node:
        return true_range(self.high, self.low, self.close)

    def feature(self, name: str) -> Node:
        """A column of another feature, by its name: ``"ret_20"``, ``"rsi_14@1h"``."""
        from alphatrade.features.name import parse

        columns = parse(name)
        if len(columns) > 1:
            raise ValueError(f"{name} has the columns {[c.name for c in columns]}: name one of them")
        return columns[0].node(self)


@dataclass(frozen=True)
class Feature:
    """Base of all features: a frozen dataclass whose fields are its parameters.

    Subclasses define ``graph`` and, as class variables, what is true of every instance.

    Attributes
    ----------
    family : str
        trend, momentum, volatility, volume, mean_reversion, statistical, calendar, cross_section, ...
    units : str
        Of the values: ``ratio`` (a plain number), ``price``, ``log``, ``hours``, ...
    memory : str
        ``window`` (``memory_bars`` bars decide the value), ``decaying`` (what lies before them weighs less
        than 1e-9) or ``anchored`` (to a session or a date).
    max_gap : float
        Sessions that may be lost before windows start afresh.
    outputs : tuple of str
        Suffixes of the columns: ``("",)`` for one, and a suffix each for several.
    variants : tuple of tuples
        Field values of the instances in the catalogue; the first is the default one.
    lifts : bool
        Whether the catalogue of a longer timeframe holds it.
    shortest : int
        Fewest bars an ``int`` field may count.

    Notes
    -----
    ``int`` fields count bars. Fields appear in the column's name in order.
    """

    kind: ClassVar[str] = ""
    family: ClassVar[str] = ""
    units: ClassVar[str] = "ratio"
    memory: ClassVar[Memory] = "window"
    max_gap: ClassVar[float] = 1.0
    outputs: ClassVar[tuple[str, ...]] = ("",)
    variants: ClassVar[tuple[tuple[Any, ...], ...]] = ((),)
    lifts: ClassVar[bool] = False
    shortest: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if len(self.outputs) > 1 and "" in self.outputs:
            raise TypeError(
                f"{type(self).__name__}: each of several outputs needs a suffix, found {self.outputs}"
            )
        for f in dataclasses.fields(self):
            value = getattr(self, f.name)
            if f.type in ("int", int) and (not isinstance(value, int) or value < self.shortest):
                raise ValueError(
                    f"{f.name} counts bars: expected an integer of at least {self.shortest}, found {value!r}"
                )
            if f.type in ("float", float) and not math.isfinite(value):
                raise ValueError(f"expected a finite {f.name}, found {value!r}")
            if f.type in ("float", float):
                # 2 and 2.0 are one feature.
                object.__setattr__(self, f.name, float(value))

    def graph(self, b: Inputs) -> Node | tuple[Node, ...]:
        """Nodes of the outputs, in the order of ``outputs``."""
        raise TypeError(f"{type(self).__name__} does not define graph(self, b)")

    @property
    def lookback(self) -> int:
        """Bars until the first value, the current one included, on complete data.

        By default the longest window.
        """
        counts = [getattr(self, f.name) for f in dataclasses.fields(self) if f.type in ("int", int)]
        return max(counts, default=1)

    @property
    def memory_bars(self) -> int:
        """Bars after which a start elsewhere gives the same value; decaying features say it themselves."""
        if self.memory == "decaying":
            raise TypeError(f"{type(self).__name__} is decaying: it must define memory_bars")
        return self.lookback

    @property
    def name(self) -> str:
        """``<kind>_<params>``."""
        values = (getattr(self, f.name) for f in dataclasses.fields(self))
        return "_".join([self.kind, *(f"{v:g}" if isinstance(v, float) else str(v) for v in values)])

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the output columns."""
        return tuple(f"{self.name}_{o}" if o else self.name for o in self.outputs)

    def nodes(self, b: Inputs) -> tuple[Node, ...]:
        """Outputs as a tuple, counted."""
        made = self.graph(b)
        found = made if isinstance(made, tuple) else (made,)
        if len(found) != len(self.outputs):
            raise TypeError(
                f"{type(self).__name__} declares the outputs {self.outputs}; its graph has {len(found)}"
            )
        return found

    def batch(self, close: Sequence[float] | None = None, **inputs: Sequence[float]) -> np.ndarray:
        """Values on plain columns of one symbol, unrounded: for documentation and for trying things out.

        Parameters
        ----------
        close, open, high, low, volume : sequence of float
            Only the columns the feature reads are needed. Rows are consecutive daily bars of 24 hours.

        Returns
        -------
        numpy.ndarray
            ``(n,)``, or ``(outputs, n)`` for several outputs; float64.
        """
        from alphatrade.features.single import compute

        given = inputs if close is None else {"close": close, **inputs}
        return compute(self, given)


features: Registry[Feature] = Registry("feature", "alphatrade.features")
