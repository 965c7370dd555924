"""Saved models: nothing is opened before its hash was checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alphatrade.core.errors import ModelError
from alphatrade.models import LightGBM, Logistic, load_model, load_regimes, model_hash
from alphatrade.models.artifact import write_files
from alphatrade.testing import model_sample


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    root = tmp_path_factory.mktemp("models")
    sample = model_sample()
    recipes = {"logistic": Logistic(), "lightgbm": LightGBM(rounds=5, num_threads=1)}
    return {
        kind: {p.name: p.read_bytes() for p in recipe.fit(sample).save(root / kind).iterdir()}
        for kind, recipe in recipes.items()
    }


def _written(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(params=["logistic", "lightgbm"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, files: dict[str, dict[str, bytes]]) -> Path:
    return _written(tmp_path, files[request.param])


def test_formats_are_text_and_hold_no_pickle(folder: Path) -> None:
    for path in folder.iterdir():
        text = path.read_bytes().decode("ascii")
        assert path.suffix in (".json", ".txt")
        assert "pickle" not in text


def test_card_is_complete_json(folder: Path) -> None:
    card = json.loads((folder / "card.json").read_text())
    for name in (
        "kind",
        "recipe",
        "features",
        "classes",
        "known_until",
        "class_returns",
        "base_rates",
        "data_hash",
    ):
        assert card[name], name
    assert set(card["versions"]) >= {"python", "lightgbm", "scikit-learn", "numpy"}
    assert card["validation"]["out_of_fold_log_loss"] > 0


def test_saving_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    fitted = Logistic(calibrate=False).fit(model_sample())
    assert model_hash(fitted.save(tmp_path / "a")) == model_hash(fitted.save(tmp_path / "b"))
    assert model_hash(fitted.save(tmp_path / "a")) == model_hash(tmp_path / "b")


def test_loaded_model_saves_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    assert model_hash(load_model(folder).save(tmp_path / "again")) == model_hash(folder)


def test_expected_hash_must_match(folder: Path) -> None:
    assert load_model(folder, model_hash(folder)).features
    with pytest.raises(ModelError, match="not the model that was asked for"):
        load_model(folder, "0" * 64)


def test_no_loader_sees_a_byte_before_the_hash_was_checked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import lightgbm

    from alphatrade.models import artifact

    def touched(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a loader was called")

    monkeypatch.setattr(lightgbm, "Booster", touched)
    monkeypatch.setattr(artifact.Card, "from_plain", touched)
    for name in ("card.json", "model.txt", "arrays.json", "calibration.json"):
        if (folder / name).exists():
            good = (folder / name).read_bytes()
            (folder / name).write_bytes(good + b" ")
            with pytest.raises(ModelError, match="the file changed after it was saved"):
                load_model(folder)
            (folder / name).write_bytes(good)


def test_missing_file_is_named(folder: Path) -> None:
    (folder / "card.json").unlink()
    with pytest.raises(ModelError, match=r"card\.json is listed .* but missing"):
        load_model(folder)


def test_unfinished_artifact_is_refused(folder: Path) -> None:
    (folder / "hashes.json").unlink()
    with pytest.raises(ModelError, match="holds no finished model"):
        load_model(folder)
    with pytest.raises(ModelError, match="holds no finished model"):
        load_model(folder / "nowhere")


def test_unlisted_files_are_not_read(folder: Path) -> None:
    (folder / "extra.txt").write_text("not ours")
    assert load_model(folder).features


@pytest.mark.parametrize("name", ["../card.json", "/etc/passwd", "a/b", ".."])
def test_listed_paths_outside_the_folder_are_refused(folder: Path, name: str) -> None:
    listing = json.loads((folder / "hashes.json").read_text())
    listing["files"][name] = "0" * 64
    (folder / "hashes.json").write_text(json.dumps(listing))
    with pytest.raises(ModelError, match="not a plain file name"):
        load_model(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other/2", "files": {}}'])
def test_unknown_formats_are_refused(folder: Path, text: str) -> None:
    (folder / "hashes.json").write_text(text)
    with pytest.raises(ModelError, match=r"not JSON|expected format"):
        load_model(folder)


def test_artifact_without_a_card_is_refused(folder: Path) -> None:
    (folder / "hashes.json").write_text('{"format": "alphatrade-model/1", "files": {}}')
    with pytest.raises(ModelError, match=r"lists no card\.json"):
        load_model(folder)


def _recarded(folder: Path, change: dict[str, Any]) -> Path:
    parts = {p.name: p.read_bytes() for p in folder.iterdir() if p.name not in ("hashes.json", "card.json")}
    card = json.loads((folder / "card.json").read_text())
    for key, value in change.items():
        card.pop(key) if value is None else card.__setitem__(key, value)
    return write_files(folder, {"card.json": json.dumps(card).encode(), **parts})


def test_model_of_an_unknown_kind_is_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match="unknown model 'oracle'"):
        load_model(_recarded(folder, {"recipe": {"kind": "oracle"}}))


def test_recipe_with_unknown_settings_is_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match="a recipe this version does not know"):
        load_model(_recarded(folder, {"recipe": {"kind": "logistic", "colour": 3}}))


def test_card_with_other_fields_is_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match="model card: expected the fields"):
        load_model(_recarded(folder, {"known_until": None}))
    with pytest.raises(ModelError, match="holds no model"):
        load_model(_recarded(folder, {"what": "regimes"}))
    with pytest.raises(ModelError, match="holds no regimes"):
        load_regimes(_recarded(folder, {"what": "model"}))


@pytest.mark.parametrize("kind", ["logistic", "lightgbm"])
def test_parts_with_good_hashes_but_bad_content_are_refused(
    kind: str, tmp_path: Path, files: dict[str, dict[str, bytes]]
) -> None:
    for part in set(files[kind]) - {"card.json", "hashes.json"}:
        for data in (b"", b"{}", b"nonsense"):
            good = {n: b for n, b in files[kind].items() if n != "hashes.json"}
            with pytest.raises(ModelError, match=r"damaged"):
                load_model(write_files(tmp_path, {**good, part: data}))


def test_saved_numbers_keep_every_bit(tmp_path: Path) -> None:
    fitted = Logistic().fit(model_sample())
    back = load_model(fitted.save(tmp_path))
    np.testing.assert_array_equal(back.weight, fitted.weight)  # type: ignore[attr-defined]
    assert back.card == fitted.card
