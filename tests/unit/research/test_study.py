"""Studies: one file, checked before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from alphatrade.core.errors import ConfigError
from alphatrade.research import Study, load_study


def written(folder: Path, text: str, name: str = "study.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_relative_data_path_is_looked_for_beside_the_study(tmp_path: Path) -> None:
    path = written(tmp_path, "[data]\npath = 'bars.csv'", "studies/a.toml")
    assert load_study(path, tmp_path).data.path == str((tmp_path / "studies" / "bars.csv").resolve())


def test_an_absolute_data_path_stays(tmp_path: Path) -> None:
    there = tmp_path / "else" / "bars.csv"
    path = written(tmp_path, f"[data]\npath = '{there}'")
    assert load_study(path, tmp_path).data.path == str(there)


def test_toml_and_yaml_have_the_same_keys(tmp_path: Path) -> None:
    toml = written(tmp_path, "name = 'x'\nhold_out = 0.3\n[data]\nsource = 'sample'\n[gates]\nsharpe = 1.0")
    yaml = written(
        tmp_path, "name: x\nhold_out: 0.3\ndata: {source: sample}\ngates: {sharpe: 1.0}", "study.yaml"
    )
    assert load_study(toml, tmp_path) == load_study(yaml, tmp_path)


def test_settings_lie_under_the_study_and_variables_above_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, "seed = 1\ncash = 5.0\n[data]\nsource = 'sample'", "alphatrade.toml")
    path = written(tmp_path, "seed = 2\nthreads = 1")
    monkeypatch.setenv("ALPHATRADE__THREADS", "3")
    study = load_study(path, tmp_path)
    assert (study.seed, study.cash, study.threads, study.data.source) == (2, 5.0, 3, "sample")
    assert load_study(None, tmp_path).seed == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[modle]\nkind = 'logistic'", "unknown key 'modle'; did you mean 'model'"),
        ("[data]\nsorce = 'sample'", "unknown key 'data.sorce'; did you mean 'source'"),
        ("[data]\nsource = 'smaple'", "data.source: .*'sample'.*; found 'smaple'"),
        ("hold_out = 0.0", "hold_out: .*; found 0.0"),
        ("hold_out = 0.95", "hold_out: .*; found 0.95"),
        ("cash = -1.0", "cash: .*; found -1.0"),
        ("threads = 0", "threads: .*; found 0"),
        ("[gates]\nsharpe = 'high'", "gates.sharpe: .*; found 'high'"),
        ("[data]\nbars_per_year = 0", "data.bars_per_year: .*; found 0"),
        ("name = ", "study.toml: "),
        ("seed = 'x'\ncash = 'y'", "seed: .*; cash: "),
    ],
)
def test_a_wrong_study_is_told_every_fault(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_study(written(tmp_path, text), tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no such file: .*none.toml"):
        load_study(tmp_path / "none.toml", tmp_path)


def test_a_recorded_study_reads_back() -> None:
    study = Study.model_validate({"name": "x", "data": {"source": "synthetic", "market": "random"}})
    assert Study.model_validate(study.model_dump()) == study
