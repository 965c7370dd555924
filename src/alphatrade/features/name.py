"""Names of feature columns: ``<kind>_<params>[_<output>][@<timeframe>]``.

In: a name such as ``rsi_14``, ``macd_12_26_9_signal``, ``zscore_20@1h``. Out: ``Column``s. Never here: what
they compute.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from alphatrade.core.component import did_you_mean
from alphatrade.core.errors import ConfigError
from alphatrade.core.kernel import Node
from alphatrade.core.session import DAY, duration
from alphatrade.features.base import Feature, Inputs, features

__all__ = ["Column", "check_timeframe", "columns_of", "parse"]


@dataclass(frozen=True)
class Column:
    """One output of a feature, on its own bars (``timeframe`` None) or on closed longer ones."""

    feature: Feature
    output: int = 0
    timeframe: str | None = None

    @property
    def name(self) -> str:
        base = self.feature.columns[self.output]
        return base if self.timeframe is None else f"{base}@{self.timeframe}"

    @property
    def timeframes(self) -> tuple[str, ...]:
        """Timeframes that must be longer than the bars'."""
        mine = () if self.timeframe is None else (self.timeframe,)
        about = getattr(self.feature, "of", None)
        return mine if about is None else (*mine, *(t for c in parse(about) for t in c.timeframes))

    def node(self, b: Inputs) -> Node:
        """This column in the graph of ``b``."""
        if self.timeframe is None:
            return self.feature.nodes(Inputs(b.graph, b.max_gap))[self.output]
        inner = b.graph.lift(self.timeframe)
        nodes = self.feature.nodes(Inputs(inner, self.feature.max_gap))
        return b.graph.hold(nodes[self.output], b.max_gap)


def check_timeframe(timeframe: str) -> str:
    """Return a timeframe that divides a day, or raise ``ConfigError``."""
    span = duration(timeframe)
    if span > DAY or DAY % span:
        raise ConfigError(
            f"expected a timeframe that divides a day, such as 30m, 1h or 1d; found {timeframe!r}"
        )
    return timeframe


def _kind_of(text: str) -> str:
    known = features.names()
    found = [k for k in known if text == k or text.startswith(k + "_")]
    if not found:
        # Compare without parameters, so that rsj_14 finds rsi.
        stem = "_".join(part for part in text.split("_") if not part.replace(".", "").isdigit())
        raise ConfigError(f"unknown feature {text!r}{did_you_mean(stem, known)}")
    return max(found, key=len)


def _value(text: str, kind: Any) -> Any:
    return int(text) if kind in ("int", int) else float(text)


def _build(cls: type[Feature], text: str, params: str) -> Feature:
    fields = [f for f in dataclasses.fields(cls) if f.init]
    tokens = params.split("_") if params else []
    usage = "_".join([cls.kind, *(f"<{f.name}>" for f in fields)])
    if tokens and len(tokens) != len(fields):
        raise ConfigError(f"feature {text!r}: expected {usage}, found {len(tokens)} parameters")
    try:
        return cls(**{f.name: _value(t, f.type) for f, t in zip(fields, tokens)})
    except ValueError as e:
        raise ConfigError(f"feature {text!r}: expected {usage}: {e}") from e


def _split_output(cls: type[Feature], params: str) -> tuple[str, int | None]:
    """Take an output's suffix off the parameters."""
    for k, suffix in enumerate(cls.outputs):
        if suffix and (params == suffix or params.endswith("_" + suffix)):
            return params[: -len(suffix)].rstrip("_"), k
    return params, None


def columns_of(feature: Feature, timeframe: str | None = None) -> list[Column]:
    """All columns of a feature."""
    return [Column(feature, k, timeframe) for k in range(len(feature.outputs))]


def parse(text: str) -> list[Column]:
    """Columns of a name: one, or all of a feature with several outputs when the name does not say which.

    >>> [c.name for c in parse("rsi_14@1h")]
    ['rsi_14@1h']
    >>> [c.name for c in parse("macd_12_26_9")]
    ['macd_12_26_9_line', 'macd_12_26_9_signal', 'macd_12_26_9_hist']
    """
    kind = _kind_of(text.partition("@")[0])
    cls = features.get(kind)
    if any(f.name == "of" for f in dataclasses.fields(cls)):
        # It is about another column, whose own name (timeframe included) is all the rest.
        rest = text[len(kind) + 1 :]
        try:
            return columns_of(cls(rest) if rest else cls())  # type: ignore[call-arg]
        except ValueError as e:
            raise ConfigError(f"feature {text!r}: {e}") from e
    base, at, timeframe = text.partition("@")
    params, output = _split_output(cls, base[len(kind) + 1 :])
    feature = _build(cls, text, params)
    columns = columns_of(feature, check_timeframe(timeframe) if at else None)
    return columns if output is None else [columns[output]]
