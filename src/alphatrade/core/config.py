"""Configuration in layers.

In: TOML (or YAML) files and ``ALPHATRADE__SECTION__KEY`` variables. Out: one plain dictionary, and a clear
``ConfigError`` for a key that does not exist. Never here: what the keys mean (each room's components say
that).

Later layers win: ``alphatrade.toml``, ``alphatrade.<environment>.toml``, ``alphatrade.local.toml``
(uncommitted), the study file, environment variables. Secrets are not configuration: adapters read them from
the environment.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from alphatrade.core.component import did_you_mean
from alphatrade.core.errors import ConfigError

__all__ = ["ENVIRONMENTS", "layers", "merge", "read_config", "validate"]

ENVIRONMENTS = ("development", "paper", "production")
PREFIX = "ALPHATRADE__"
M = TypeVar("M", bound=BaseModel)


def read_config(path: Path) -> dict[str, Any]:
    """Read one TOML or YAML file."""
    if not path.exists():
        raise ConfigError(f"no such file: {path}")
    text = path.read_text(encoding="utf-8")
    try:
        if path.suffix in (".yaml", ".yml"):
            import yaml

            found = yaml.safe_load(text) or {}
        else:
            found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError) as e:
        raise ConfigError(f"{path}: {e}") from e
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: expected sections with keys, found {type(found).__name__}")
    return found


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``over`` on top of ``base``, section by section.

    A section whose ``kind`` changes is replaced whole: the fields of one component mean nothing to another.

    >>> merge({"data": {"a": 1, "b": 2}}, {"data": {"b": 3}})
    {'data': {'a': 1, 'b': 3}}
    """
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        if both and value.get("kind", old.get("kind")) == old.get("kind"):  # type: ignore[union-attr]
            result[key] = merge(old, value)  # type: ignore[arg-type]
        else:
            result[key] = value
    return result


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, text in environ.items():
        if not name.startswith(PREFIX):
            continue
        *sections, key = name[len(PREFIX) :].lower().split("__")
        try:
            value: Any = json.loads(text)
        except json.JSONDecodeError:
            value = text
        at = result
        for s in sections:
            at = at.setdefault(s, {})
        at[key] = value
    return result


def layers(study: Path | None, folder: Path, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Merge all layers; ``folder`` is where ``alphatrade*.toml`` files are looked for."""
    environ = os.environ if environ is None else environ
    name = environ.get("ALPHATRADE_ENV", "development")
    if name not in ENVIRONMENTS:
        raise ConfigError(f"ALPHATRADE_ENV is {name!r}{did_you_mean(name, list(ENVIRONMENTS))}")
    result: dict[str, Any] = {}
    for file in ("alphatrade.toml", f"alphatrade.{name}.toml", "alphatrade.local.toml"):
        if (folder / file).exists():
            result = merge(result, read_config(folder / file))
    if study is not None:
        result = merge(result, read_config(study))
    return merge(result, _from_environment(environ))


def _known_keys(model: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    """Field names of the (nested) model at ``path``, for 'did you mean'."""
    for part in path:
        field = model.model_fields.get(str(part))
        kind = field.annotation if field is not None else None
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return []
        model = kind
    return list(model.model_fields)


def validate(model: type[M], config: Mapping[str, Any], where: str) -> M:
    """Check ``config`` against ``model``; every fault is named with its key and the nearest known one."""
    try:
        return model.model_validate(dict(config))
    except ValidationError as e:
        lines = []
        for fault in e.errors():
            key = ".".join(str(p) for p in fault["loc"])
            if fault["type"] == "extra_forbidden":
                known = _known_keys(model, fault["loc"][:-1])
                lines.append(f"unknown key {key!r}{did_you_mean(str(fault['loc'][-1]), known)}")
            else:
                lines.append(f"{key}: {fault['msg']}; found {fault['input']!r}")
        raise ConfigError(f"{where}: " + "; ".join(lines)) from e
