"""Configuration in layers: which wins, and what a wrong key is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from alphatrade.core.config import layers, merge, read_config, validate
from alphatrade.core.errors import ConfigError
from alphatrade.research.study import Study, load_study


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_later_layers_win(tmp_path: Path) -> None:
    write(tmp_path, "alphatrade.toml", "seed = 1\ncash = 1.0\n[data]\nseed = 1\ncalendar = 'XNYS'")
    write(tmp_path, "alphatrade.paper.toml", "cash = 2.0\n[data]\nseed = 2")
    write(tmp_path, "alphatrade.local.toml", "[data]\nseed = 3")
    study = write(tmp_path, "study.toml", "name = 'x'\n[data]\nseed = 4")
    environ = {"ALPHATRADE_ENV": "paper", "ALPHATRADE__DATA__SEED": "5", "ALPHATRADE__HOLD_OUT": "0.3"}
    found = layers(study, tmp_path, environ)
    assert found == {
        "seed": 1,
        "cash": 2.0,
        "name": "x",
        "hold_out": 0.3,
        "data": {"seed": 5, "calendar": "XNYS"},
    }


def test_fields_of_another_component_are_not_inherited() -> None:
    base = {"model": {"kind": "lightgbm", "num_leaves": 15}}
    assert merge(base, {"model": {"kind": "logistic"}}) == {"model": {"kind": "logistic"}}
    assert merge(base, {"model": {"num_leaves": 7}}) == {"model": {"kind": "lightgbm", "num_leaves": 7}}


def test_yaml_and_toml_say_the_same(tmp_path: Path) -> None:
    toml = write(tmp_path, "a.toml", "name = 'x'\n[data]\nseed = 4\n")
    yaml = write(tmp_path, "a.yaml", "name: x\ndata:\n  seed: 4\n")
    assert read_config(toml) == read_config(yaml)


@pytest.mark.parametrize("text", ["name = ", "= 3", "[data"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, "broken.toml", text)
    with pytest.raises(ConfigError, match=r"broken\.toml"):
        read_config(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_study(tmp_path / "none.toml")


def test_an_unknown_environment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'production'"):
        layers(None, tmp_path, {"ALPHATRADE_ENV": "producton"})


def test_every_unknown_key_is_told_with_the_nearest_one() -> None:
    with pytest.raises(ConfigError) as e:
        validate(Study, {"labelz": {}, "data": {"pth": "x"}, "hold_out": 2.0}, "study.toml")
    text = str(e.value)
    assert "unknown key 'labelz'; did you mean 'labels'?" in text
    assert "unknown key 'data.pth'; did you mean 'path'?" in text
    assert "hold_out" in text


def test_data_are_looked_for_beside_the_study(tmp_path: Path) -> None:
    path = write(tmp_path, "study.toml", "[data]\npath = 'bars.csv'")
    assert load_study(path, tmp_path).data.path == str(tmp_path / "bars.csv")
