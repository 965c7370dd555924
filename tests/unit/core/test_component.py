"""Registries: built by name, refused with the nearest name, recorded and rebuilt."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from alphatrade.core import component as components
from alphatrade.core.component import Registry, config_of, did_you_mean
from alphatrade.core.errors import ConfigError
from alphatrade.execution import Costs


@dataclass(frozen=True)
class Line:
    slope: float = 1.0
    name: str = "straight"

    def __post_init__(self) -> None:
        if self.slope < 0.0:
            raise ValueError(f"slope is at least 0, found {self.slope}")


@dataclass(frozen=True)
class Curve:
    source: str = "here"
    inner: Line = field(default_factory=Line)
    parts: tuple[int, ...] = (1, 2)


@pytest.fixture
def registry() -> Registry[Any]:
    made: Registry[Any] = Registry("shape", "alphatrade.test_shapes")
    made.register("line")(Line)
    made.register("curve")(Curve)
    return made


def test_the_nearest_name_is_suggested_and_without_one_all_are_listed() -> None:
    assert did_you_mean("lightgmb", ["lightgbm", "logistic"]) == "; did you mean 'lightgbm'?"
    assert did_you_mean("x", ["b", "a"]) == "; known: a, b"


def test_a_component_is_built_from_its_name_or_its_fields(registry: Registry[Any]) -> None:
    assert registry.build("line") == Line()
    assert registry.build({"kind": "line", "slope": 2.0}) == Line(2.0)
    assert Line.kind == "line"  # type: ignore[attr-defined]
    assert list(registry) == ["curve", "line"]
    assert "line" in registry
    assert "circle" not in registry


def test_building_does_not_change_what_it_was_given(registry: Registry[Any]) -> None:
    config = {"kind": "line", "slope": 2.0}
    registry.build(config)
    assert config == {"kind": "line", "slope": 2.0}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("lime", "unknown shape 'lime'; did you mean 'line'"),
        ({"kind": "line", "slop": 1.0}, "unknown setting 'slop' of shape 'line'; did you mean 'slope'"),
        ({"slope": 1.0}, "a shape needs the key 'kind'"),
        ({"kind": "line", "slope": -1.0}, "shape 'line': slope is at least 0, found -1.0"),
        ({"kind": "line", "slope": "steep"}, "shape 'line'"),
    ],
)
def test_what_cannot_be_built_says_why(registry: Registry[Any], config: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        registry.build(config)


def test_one_name_stands_for_one_class(registry: Registry[Any]) -> None:
    registry.register("line")(Line)
    with pytest.raises(ValueError, match="'line' is already registered"):
        registry.register("line")(Curve)


def test_third_parties_are_read_when_a_name_is_first_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made: Registry[Any] = Registry("shape", "alphatrade.test_shapes")
    read = []

    class Point(EntryPoint):
        def load(self) -> Any:
            read.append(self.name)
            return made.register("line")(Line)

    def points(group: str) -> list[EntryPoint]:
        return [Point("line", "elsewhere:Line", group)]

    monkeypatch.setattr(components, "entry_points", points)
    assert read == []
    assert made.names() == made.names() == ["line"]
    assert read == ["line"]


def test_a_configuration_is_plain_and_nested_ones_too() -> None:
    found = config_of(Curve())
    assert found["inner"]["slope"] == 1.0
    assert found["parts"] == [1, 2]
    assert json.loads(json.dumps(found)) == found


def test_a_component_that_is_shipped_is_recorded_by_its_fields_alone() -> None:
    assert "source" not in config_of(Costs.free())


def test_a_component_from_elsewhere_is_recorded_with_its_code_and_rebuilt(registry: Registry[Any]) -> None:
    config = config_of(Line(3.0))
    assert len(config["source"]) == 16
    assert registry.build(config) == Line(3.0)
    with pytest.raises(ConfigError, match="was recorded with code 0000"):
        registry.build({**config, "source": "0000"})


def test_what_is_not_plain_is_no_configuration() -> None:
    with pytest.raises(TypeError, match="a component must be a dataclass of plain values"):
        config_of({"a": object()})
