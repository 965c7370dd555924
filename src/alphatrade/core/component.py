"""Components and their registries.

In: a frozen dataclass with one verb. Out: a ``Registry`` per kind of component that builds it by name from
plain configuration. Never here: the components themselves, and any knowledge of what they do.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from typing import Any, Generic, TypeVar

from alphatrade.core.errors import ConfigError

__all__ = ["Registry", "config_of", "did_you_mean"]

T = TypeVar("T")


def did_you_mean(name: str, known: list[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the closest known name, or the list of known names.

    >>> did_you_mean("rsj", ["rsi", "macd"])
    "; did you mean 'rsi'?"
    """
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(sorted(known))}"


def config_of(component: Any) -> dict[str, Any]:
    """Return the plain configuration of a component: its kind and its fields (nested components too)."""
    if dataclasses.is_dataclass(component) and not isinstance(component, type):
        fields = {f.name: config_of(getattr(component, f.name)) for f in dataclasses.fields(component)}
        kind = getattr(type(component), "kind", type(component).__name__)
        return {"kind": kind, **fields, **_source_of(type(component))}
    if isinstance(component, list | tuple):
        return [config_of(c) for c in component]  # type: ignore[return-value]
    if isinstance(component, dict):
        return {str(k): config_of(v) for k, v in component.items()}
    if component is None or isinstance(component, str | int | float | bool):
        return component  # type: ignore[return-value]
    raise TypeError(f"a component must be a dataclass of plain values, found {component!r}")


def _source_of(cls: type[Any]) -> dict[str, str]:
    """Digest of the source of a class that AlphaTrade does not ship.

    Other code under one name is another component.
    """
    if cls.__module__.split(".")[0] == "alphatrade":
        return {}
    try:
        text = inspect.getsource(cls)
    except (OSError, TypeError):
        members = (getattr(v, "__code__", None) for v in vars(cls).values())
        text = repr([(c.co_code, c.co_consts, c.co_names) for c in members if c is not None])
    return {"source": hashlib.sha256(text.encode()).hexdigest()[:16]}


class Registry(Generic[T]):
    """Classes of one kind of component, by name.

    Parameters
    ----------
    what : str
        What the registry holds, for messages: ``"feature"``, ``"model"``.
    group : str
        Entry point group through which third parties register, for example ``alphatrade.features``.

    Notes
    -----
    ``register(name)`` sets the class attribute ``kind``. Unknown names and unknown fields raise
    ``ConfigError`` with the nearest known one.
    """

    def __init__(self, what: str, group: str) -> None:
        self.what = what
        self.group = group
        self._classes: dict[str, type[T]] = {}
        self._entry_points_read = False

    def register(self, name: str) -> Callable[[type[T]], type[T]]:
        def add(cls: type[T]) -> type[T]:
            if name in self._classes and self._classes[name] is not cls:
                raise ValueError(f"{self.what} {name!r} is already registered: choose another name")
            cls.kind = name  # type: ignore[attr-defined]
            self._classes[name] = cls
            return cls

        return add

    def _read_entry_points(self) -> None:
        if not self._entry_points_read:
            self._entry_points_read = True
            for point in entry_points(group=self.group):
                point.load()

    def names(self) -> list[str]:
        self._read_entry_points()
        return sorted(self._classes)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __contains__(self, name: object) -> bool:
        return name in self.names()

    def get(self, name: str) -> type[T]:
        self._read_entry_points()
        if name not in self._classes:
            raise ConfigError(f"unknown {self.what} {name!r}{did_you_mean(name, list(self._classes))}")
        return self._classes[name]

    def build(self, config: Mapping[str, Any] | str) -> T:
        """Build a component from ``"name"``, ``{"kind": "name", **fields}``, or what ``config_of`` wrote.

        A recorded component that AlphaTrade does not ship is refused when its code is another by now.
        """
        if isinstance(config, str):
            config = {"kind": config}
        fields = dict(config)
        if "kind" not in fields:
            raise ConfigError(f"a {self.what} needs the key 'kind'; found {sorted(fields)}")
        name = fields.pop("kind")
        cls = self.get(name)
        known = [f.name for f in dataclasses.fields(cls) if f.init]  # type: ignore[arg-type]
        if "source" in fields and "source" not in known:
            self._check_source(name, cls, fields.pop("source"))
        for key in fields:
            if key not in known:
                raise ConfigError(
                    f"unknown setting {key!r} of {self.what} {name!r}{did_you_mean(key, known)}"
                )
        try:
            return cls(**fields)
        except (TypeError, ValueError) as e:
            raise ConfigError(f"{self.what} {name!r}: {e}") from e

    def _check_source(self, name: str, cls: type[T], recorded: str) -> None:
        found = _source_of(cls).get("source")
        if found != recorded:
            raise ConfigError(
                f"{self.what} {name!r} was recorded with code {recorded}, the registered class has {found}: "
                "restore that code, or run again"
            )
