"""A record of a component from elsewhere holds a digest of its code, which ``build`` took for a setting."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from alphatrade.core.component import Registry, config_of
from alphatrade.core.errors import ConfigError


@dataclass(frozen=True)
class Part:
    size: int = 3


def made() -> Registry[Part]:
    registry: Registry[Part] = Registry("part", "alphatrade.no_such_group")
    registry.register("part")(Part)
    return registry


def test_a_component_from_elsewhere_is_built_from_its_record() -> None:
    registry = made()
    record = config_of(Part(size=5))
    assert record["source"]
    assert registry.build(record) == Part(size=5)


def test_a_record_of_other_code_is_refused() -> None:
    with pytest.raises(ConfigError, match="recorded with code 0000"):
        made().build({"kind": "part", "size": 5, "source": "0000"})
